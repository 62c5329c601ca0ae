//! Delivery: takes due notices from the outbox, sends them, tries again with growing pauses, gives up loudly.
//!
//! Several servers may share an outbox: a notice is claimed before it is sent, so it goes out once unless a server
//! dies between sending and noting it.

use std::time::Duration;

use lettre::message::Mailbox;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport, Message, Tokio1Executor};
use policy::model::ChannelKind;
use tokio::sync::watch;

use crate::app::App;
use crate::config::{Security, Sms, Smtp};
use crate::fault::Fault;
use crate::store::notices::{self, Stored};

/// How often the outbox is looked at.
const EVERY: Duration = Duration::from_secs(1);
/// How many are taken at once.
const TOGETHER: i64 = 16;
/// Nobody else tries a claimed notice for so long.
const CLAIM: Duration = Duration::from_mins(2);
/// After so many attempts a notice has failed: about a day of trying.
const ATTEMPTS: i64 = 12;

/// How messages leave this server.
pub struct Carriers {
    smtp: Option<(AsyncSmtpTransport<Tokio1Executor>, Mailbox)>,
    sms: Option<(reqwest::Client, Sms, Option<String>)>,
}

impl Carriers {
    /// Prepares what the configuration names; connects to nothing yet.
    pub fn new(app: &App) -> Result<Carriers, Fault> {
        let config = app.config();
        let smtp = config.smtp.as_ref().map(mail_server).transpose()?;
        let sms = match &config.sms {
            None => None,
            Some(sms) => {
                let client = reqwest::Client::builder()
                    .timeout(Duration::from_secs(20))
                    .redirect(reqwest::redirect::Policy::none())
                    .build()
                    .map_err(|error| Fault::broken("preparing the SMS gateway").because(error))?;
                let token = sms.token_file.as_deref().map(first_line).transpose()?;
                Some((client, sms.clone(), token))
            }
        };
        Ok(Carriers { smtp, sms })
    }

    async fn send(&self, notice: &Stored, body: &str) -> Result<(), String> {
        match notice.kind {
            ChannelKind::Email => {
                let (transport, from) = self.smtp.as_ref().ok_or("no `[smtp]` is configured")?;
                let to = notice.address.parse::<Mailbox>().map_err(|error| error.to_string())?;
                let message = Message::builder()
                    .from(from.clone())
                    .to(to)
                    .subject(&notice.subject)
                    .body(body.to_owned())
                    .map_err(|error| error.to_string())?;
                transport.send(message).await.map(drop).map_err(|error| error.to_string())
            }
            ChannelKind::Sms => {
                let (client, sms, token) = self.sms.as_ref().ok_or("no `[sms]` is configured")?;
                let mut request =
                    client.post(&sms.url).json(&serde_json::json!({ "to": notice.address, "text": body }));
                if let Some(token) = token {
                    request = request.bearer_auth(token);
                }
                let answer = request.send().await.map_err(|error| error.without_url().to_string())?;
                if answer.status().is_success() {
                    Ok(())
                } else {
                    Err(format!("the gateway answered {}", answer.status()))
                }
            }
            ChannelKind::Voice | ChannelKind::Post => {
                Err("this server has no carrier for that channel".to_owned())
            }
        }
    }
}

fn mail_server(smtp: &Smtp) -> Result<(AsyncSmtpTransport<Tokio1Executor>, Mailbox), Fault> {
    let doing = || format!("preparing the mail server `{}`", smtp.host);
    let builder = match smtp.security {
        Security::None => Ok(AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(&smtp.host)),
        Security::Starttls => AsyncSmtpTransport::<Tokio1Executor>::starttls_relay(&smtp.host),
        Security::Tls => AsyncSmtpTransport::<Tokio1Executor>::relay(&smtp.host),
    };
    let mut builder = builder
        .map_err(|error| Fault::broken(doing()).because(error))?
        .timeout(Some(Duration::from_secs(20)));
    if let Some(port) = smtp.port {
        builder = builder.port(port);
    }
    if let Some(user) = &smtp.user {
        let password = smtp.password_file.as_deref().map(first_line).transpose()?.unwrap_or_default();
        builder = builder.credentials(Credentials::new(user.clone(), password));
    }
    let from = smtp
        .from
        .parse()
        .map_err(|error| Fault::broken(doing()).because(error).help("set `from` to a mail address"))?;
    Ok((builder.build(), from))
}

fn first_line(path: &std::path::Path) -> Result<String, Fault> {
    let text = std::fs::read_to_string(path)
        .map_err(|error| Fault::broken(format!("reading `{}`", path.display())).because(error))?;
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

/// Delivers until told to stop. In demo mode nothing leaves: messages are marked as shown.
pub async fn run(app: App, carriers: Carriers, mut stop: watch::Receiver<bool>) {
    loop {
        match round(&app, &carriers).await {
            Ok(0) => {}
            Ok(_) => continue,
            Err(fault) => tracing::warn!(incident = fault.incident(), "delivering notices: {fault}"),
        }
        tokio::select! {
            () = tokio::time::sleep(EVERY) => {}
            _ = stop.changed() => return,
        }
    }
}

/// One look at the outbox; says how many notices were tried.
pub async fn round(app: &App, carriers: &Carriers) -> Result<usize, Fault> {
    let due = app.read(|view| notices::due(view.tx, view.now, TOGETHER)).await?;
    let count = due.len();
    for notice in due {
        let claimed = notice.clone();
        let mine = app.upkeep(move |view| notices::claim(view.tx, &claimed, view.now.plus(CLAIM))).await?;
        if mine {
            deliver(app, carriers, notice).await?;
        }
    }
    Ok(count)
}

async fn deliver(app: &App, carriers: &Carriers, notice: Stored) -> Result<(), Fault> {
    let outcome = if app.is_demo() {
        Ok(())
    } else {
        let id = notice.id.clone();
        let body = app.read(move |view| notices::body(view.tx, view.keys, &id)).await?;
        carriers.send(&notice, &body).await
    };
    let keep = app.is_demo();
    app.upkeep(move |view| match &outcome {
        Ok(()) => notices::sent(view.tx, &notice.id, view.now, keep),
        Err(error) => {
            let attempt = notice.attempts + 1;
            let pause = Duration::from_secs(30 << attempt.clamp(0, 8)).min(Duration::from_hours(2));
            let again = (attempt < ATTEMPTS).then(|| view.now.plus(pause));
            tracing::warn!(notice = notice.id, attempt, "a notice was not sent: {error}");
            notices::not_sent(view.tx, &notice.id, error, again, view.now)
        }
    })
    .await
}

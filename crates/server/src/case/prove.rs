//! Showing one piece of evidence in a case, at whatever door.
//!
//! Owns what is slow about it (comparing a password, verifying a signature), which is done before the decision, and
//! the handlers of the case page. What a proof is worth is `lifecycle::prove`'s.

use std::time::Duration;

use axum::extract::{Path, State};
use axum::response::Response;
use lifecycle::factor::password::Compared;
use lifecycle::id::{ChallengeId, Hash};
use lifecycle::prove::{self, Proved};
use lifecycle::{Account, Answer, Case, Change, Decision, DoorName, Env, Fact, Refusal, Time, What};
use policy::FactorKind;
use policy::model::Term;
use serde::Deserialize;
use zeroize::Zeroizing;

use super::ceremony::{self, Assertion};
use super::whose::Whose;
use super::{may_be_recorded, mine, refuse};
use crate::app::{App, Peer, View};
use crate::fault::Fault;
use crate::http::context::go;
use crate::http::{Answered, Ctx, Error, Posted};
use crate::page::{Tone, links};
use crate::store::{cases, notices};

/// One answer for everything that did not match, was tried too often or belongs to nobody: whoever does not know
/// anything yet learns nothing, not even that a name exists.
pub(crate) const NO_MATCH: &str = "That did not match. Check it and try again. After several attempts you must wait before the next one counts.";

/// What a form shows: which of them depends on what is proved.
#[derive(Deserialize)]
pub(crate) struct Fields {
    #[serde(default)]
    password: String,
    #[serde(default)]
    code: String,
    #[serde(default)]
    credential: String,
    channel: Option<String>,
}

/// A proof and what came of it.
pub(crate) struct Shown<T = Proved> {
    /// The case as it was before.
    pub(crate) case: Case,
    /// What followed.
    pub(crate) answer: Result<T, Refusal>,
}

/// Shows a piece of evidence in the case of this holder. `name` is an authenticator's in the policy.
pub(crate) async fn show(
    app: &App,
    peer: &Peer,
    holder: &Hash,
    is_wanted: fn(&Case) -> bool,
    name: &str,
    fields: Fields,
) -> Result<Shown, Error> {
    let model = app.policy().model();
    let kind = model.authenticator(name).map(|ix| model[ix].kind);
    let at = By { app, peer, holder, is_wanted };
    match (fields.channel, kind) {
        // A name that the policy does not have is no evidence, and not worth a line of the log.
        (Some(channel), _) if model.channel(&channel).is_none() => Err(Error::NotFound),
        (Some(channel), _) => at.issued_code(channel, fields.code).await,
        (None, Some(FactorKind::Password)) => at.password(fields.password).await,
        (None, Some(FactorKind::Totp)) => {
            at.decide(move |view, env, case, account| {
                Ok(prove::totp(case, account, view.policy(), &fields.code, env))
            })
            .await
        }
        (None, Some(FactorKind::RecoveryCodes)) => {
            at.decide(move |view, env, case, account| {
                Ok(prove::recovery_code(case, account, view.policy(), &fields.code, env))
            })
            .await
        }
        (None, Some(FactorKind::Passkey | FactorKind::SecurityKey)) => {
            let (holder, credential) = (holder.clone(), fields.credential);
            ceremony::judge(
                app,
                peer,
                Assertion { holder, is_wanted, credential, purpose: ceremony::PASSKEY, claimed: None },
            )
            .await
        }
        (
            None,
            None
            | Some(
                FactorKind::Hotp
                | FactorKind::ClientCertificate
                | FactorKind::Sms
                | FactorKind::Voice
                | FactorKind::Push,
            ),
        ) => Err(Error::NotFound),
    }
}

/// Who shows it.
struct By<'a> {
    app: &'a App,
    peer: &'a Peer,
    holder: &'a Hash,
    /// Does the route serve such a case?
    is_wanted: fn(&Case) -> bool,
}

impl By<'_> {
    /// Decides from the case and the account as they are inside the transaction: nothing is read before.
    async fn decide<T, F>(&self, mut decide: F) -> Result<Shown<T>, Error>
    where
        T: Send + 'static,
        F: FnMut(&mut View<'_, '_>, &mut Env<'_>, &Case, Option<&Account>) -> Result<Answer<T>, Fault>
            + Send
            + 'static,
    {
        may_be_recorded(self.app, self.peer, self.holder).await?;
        let (holder, is_wanted) = (self.holder.clone(), self.is_wanted);
        let shown = self.app.decide_held(self.holder, self.peer, move |view, env| {
            let held = view.held_locked(&holder)?.filter(|(case, _)| is_wanted(case));
            let Some((case, account)) = held else {
                let fact = Fact::about(What::EvidenceAttempted, lifecycle::Actor::Holder, None);
                return Ok(Decision::only(None, fact.refused(&Refusal::CaseNotOpen)));
            };
            let decision = decide(view, env, &case, account.as_ref())?;
            Ok(decision.map(|answer| Some(Shown { case, answer })))
        });
        let (strangers, now) = (self.app.strangers(), self.app.now());
        let shown = shown.await?.ok_or_else(|| {
            strangers.concerned_nothing(self.peer, now);
            Error::NoCase
        })?;
        if shown.answer.is_err() {
            strangers.weighed(self.holder, now);
        }
        Ok(shown)
    }

    /// The slow comparison takes as long where there is nothing to compare with.
    async fn password(&self, typed: String) -> Result<Shown, Error> {
        // Before the slow part: whoever is turned away costs no comparison.
        may_be_recorded(self.app, self.peer, self.holder).await?;
        let holder = self.holder.clone();
        let held = self.app.read(move |view| view.held(&holder)).await?;
        let (case, account) = held.filter(|(case, _)| (self.is_wanted)(case)).ok_or(Error::NoCase)?;
        let stored =
            prove::password_to_compare(&case, account.as_ref(), self.app.policy()).map(str::to_owned);
        let matches = self.app.passwords().verify(Zeroizing::new(typed), stored.clone()).await?;
        let compared = Compared::new(stored.as_deref().unwrap_or_default(), matches);
        self.decide(move |view, env, case, account| {
            Ok(prove::password(case, account, view.policy(), &compared, env))
        })
        .await
    }

    async fn issued_code(&self, channel: String, typed: String) -> Result<Shown, Error> {
        self.decide(move |view, env, case, account| {
            let issued = cases::issued_code(view.tx, &case.id, &channel)?;
            Ok(prove::issued_code(case, account, view.policy(), &channel, issued.as_ref(), &typed, env))
        })
        .await
    }
}

fn is_no_login(case: &Case) -> bool {
    case.door != DoorName::Login
}

/// POST `/case/prove/{what}`.
pub(crate) async fn prove(
    ctx: Ctx,
    State(app): State<App>,
    Path(what): Path<String>,
    Posted(fields): Posted<Fields>,
) -> Answered {
    mine(&app, &ctx).await?;
    let shown = show(&app, &ctx.peer, &ctx.holder()?, is_no_login, &what, fields).await?;
    Ok(match shown.answer {
        Ok(_) => go(links::CASE, None),
        Err(refusal) => no(&shown.case, &refusal, &links::case_tried(&what)),
    })
}

/// POST by script `/case/prove/{what}/options`.
pub(crate) async fn options(ctx: Ctx, State(app): State<App>, Whose(typed): Whose) -> Answered {
    mine(&app, &ctx).await?;
    ceremony::request_options(&app, &ctx.holder()?, is_no_login, &typed).await
}

#[derive(Deserialize)]
pub(crate) struct Wanted {
    channel: String,
}

/// That a code was sent is remembered beside the code itself, under this name: the page of a name that nobody has must
/// go on as if there were one.
pub(super) fn sent(channel: &str) -> String {
    format!("sent:{channel}")
}

/// So many messages go to one address of an account in an hour: whoever knows a name must not be able to flood
/// its owner's mailbox with codes, in however many cases.
const HOURLY: i64 = 6;
pub(super) const HOUR: Duration = Duration::from_hours(1);

pub(super) fn hour_ago(now: Time) -> Time {
    Time(now.0 - i64::try_from(HOUR.as_micros()).unwrap_or_default())
}

/// POST `/case/send`: sends the code of a channel, again if need be. The answer is the same whether there is an
/// address or not.
pub(crate) async fn send(
    ctx: Ctx,
    State(app): State<App>,
    Posted(Wanted { channel }): Posted<Wanted>,
) -> Answered {
    let holder = ctx.holder()?;
    let (case, _) = mine(&app, &ctx).await?;
    // Looked at first, so that what no page asks for is refused alike for every name.
    let model = app.policy().model();
    let asks = |term: &Term| matches!(term, Term::Issued(ix) if model[*ix].name == channel);
    if !case.requirement(model).is_some_and(|require| require.terms().any(asks)) {
        return Err(Error::NotFound);
    }
    let at = By { app: &app, peer: &ctx.peer, holder: &holder, is_wanted: |_| true };
    let to = channel.clone();
    let answer = at.decide(move |view, env, case, account| {
        let sent_lately = match account {
            Some(account) => notices::count_since(view.tx, &account.id, &channel, hour_ago(env.now))?,
            None => 0,
        };
        let mut decision = if sent_lately < HOURLY {
            prove::send_code(case, account, view.policy(), &channel, env)
        } else {
            let fact =
                Fact::of_case(What::CodeSent, lifecycle::Actor::Holder, case).with("channel", &channel);
            refuse(Refusal::Throttled(env.now.plus(HOUR)), fact)
        };
        // The page goes on to ask for the code, alike for those who cannot have got one.
        let is_quiet = match &decision.reply {
            Ok(()) | Err(Refusal::NotRecognised | Refusal::NoAddress | Refusal::Throttled(_)) => true,
            Err(Refusal::Disabled) => is_stranger(case),
            Err(_) => false,
        };
        if is_quiet && let Some(ix) = view.policy().model().channel(&channel) {
            let lives = prove::code_lifetime(view.policy().model()[ix].kind);
            decision.changes.push(Change::OpenChallenge {
                id: ChallengeId::fresh(env),
                case: case.id.clone(),
                purpose: sent(&channel),
                state: Vec::new(),
                expires_at: env.now.plus(lives).min(case.expires_at),
            });
            decision.reply = Ok(());
        }
        Ok(decision)
    });
    let answer = answer.await?.answer;
    if answer.is_ok() {
        // Sent or not: both leave a line in the log, and neither may be told from the other.
        app.strangers().weighed(&holder, app.now());
    }
    Ok(match answer {
        Ok(()) => {
            let text =
                format!("If we know your {}, a code is on its way there.", crate::wording::within(&to));
            go(links::CASE, Some((Tone::Good, &text)))
        }
        Err(refusal) => no(&case, &refusal, links::CASE),
    })
}

/// Whoever opened a recovery and has shown nothing.
fn is_stranger(case: &Case) -> bool {
    matches!(case.door, DoorName::Recover(_)) && case.evidence.is_empty()
}

/// A refusal on the case page. Whoever opened a recovery and has shown nothing hears one thing about everything.
fn no(case: &Case, refusal: &Refusal, to: &str) -> Response {
    let text = match refusal {
        // That a case is over holds for invented names, too.
        Refusal::CaseNotOpen => refusal.to_string(),
        _ if is_stranger(case) => NO_MATCH.to_owned(),
        other => other.to_string(),
    };
    go(to, Some((Tone::Bad, &text)))
}

//! The ways to a case that do not need a session: starting a recovery, joining one, an invitation, a stop link.

use askama::Template;

use super::{Frame, Link, When, links};

/// GET `/recover`: whose account? Field `name`.
#[derive(Template)]
#[template(path = "recover/start.html")]
pub struct RecoverStart {
    pub frame: Frame,
    pub name: String,
    pub error: Option<String>,
}

/// GET `/lost`: what to do first. Tells everybody the same, and does nothing.
#[derive(Template)]
#[template(path = "recover/lost.html")]
pub struct Lost {
    pub frame: Frame,
}

/// POST `/recover`: which way? Equal for unknown names.
#[derive(Template)]
#[template(path = "recover/doors.html")]
pub struct RecoverDoors {
    pub frame: Frame,
    pub name: String,
    /// None: nobody of this population can recover by themselves, and the page says whom to ask.
    pub doors: Vec<RecoverDoor>,
    pub error: Option<String>,
}

/// One recover door, explained by what it asks.
#[derive(Clone, Debug)]
pub struct RecoverDoor {
    /// The policy name, sent as `door`.
    pub name: String,
    /// `Self-service`.
    pub title: String,
    /// Each piece as a step: `Enter one of your recovery codes`.
    pub asks: Vec<String>,
    /// `24 hours`; `None`: at once.
    pub wait: Option<String>,
}

/// GET `/recover/join`: fields `name` and `reference`.
#[derive(Template)]
#[template(path = "recover/join.html")]
pub struct RecoverJoin {
    pub frame: Frame,
    pub name: String,
    pub reference: String,
    pub error: Option<String>,
}

/// GET `/enrol/{ticket}`: a button, so that a link scanner burns nothing.
#[derive(Template)]
#[template(path = "recover/enrol.html")]
pub struct EnrolTicket {
    pub frame: Frame,
    /// The invited person's name as shown.
    pub person: String,
    pub expires: When,
    /// What will be asked, one sentence each: `Your manager agrees`, `You add a passkey`.
    pub steps: Vec<String>,
    pub action: String,
}

/// GET `/stop/{token}`: was this not you?
#[derive(Template)]
#[template(path = "recover/stop.html")]
pub struct StopCase {
    pub frame: Frame,
    pub reference: String,
    /// What the case would do: `give somebody new ways to sign in to the account "alice"`.
    pub about: String,
    pub opened: When,
    /// When it takes effect unless it is stopped.
    pub effect: Option<When>,
    pub action: String,
}

/// A short page that ends a way: a stopped case, an expired or spent link.
#[derive(Template)]
#[template(path = "recover/end.html")]
pub struct WayEnd {
    pub frame: Frame,
    pub title: String,
    /// One paragraph each.
    pub text: Vec<String>,
    pub next: Option<Link>,
}

impl WayEnd {
    /// A ticket or stop link that is spent, revoked, expired or was never made: one answer for all of them.
    pub fn link_expired(frame: Frame) -> Self {
        let text = vec![
            "It may have been used already, have been taken back, or be too old.".to_owned(),
            "If you were invited, ask whoever invited you for a new link.".to_owned(),
        ];
        Self {
            frame,
            title: "This link no longer works".to_owned(),
            text,
            next: Some(Link::new(links::SIGN_IN, "Sign in")),
        }
    }

    /// After a stop link.
    pub fn stopped(frame: Frame, reference: &str) -> Self {
        let text = vec![
            format!("Case {reference} is stopped. Nothing about the account has changed."),
            "Somebody may have tried to take it over. Tell the people who look after your account, so that \
             they can look into it."
                .to_owned(),
        ];
        Self {
            frame,
            title: "Stopped".to_owned(),
            text,
            next: Some(Link::new(links::SIGN_IN, "Sign in and look at your account")),
        }
    }
}

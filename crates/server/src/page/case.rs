//! The case page: one attempt at one door, for enrolling, for changing factors and for recovering alike.
//!
//! Owns how a case looks at each stage. Which stage it is, and what may be done, is the case's own matter.

use askama::Template;

use super::{DoorKind, Frame, Link, When, ask::Ask, links};

/// GET `/case`.
#[derive(Template)]
#[template(path = "case/case.html")]
pub struct CasePage {
    pub frame: Frame,
    pub case: CaseFacts,
    pub stage: Stage,
}

/// What stands above every stage.
#[derive(Clone, Debug)]
pub struct CaseFacts {
    /// As people say it aloud: `R7K-2MQ`.
    pub reference: String,
    pub door: DoorKind,
    /// The door in plain words: `Get back in with help from the help desk`.
    pub title: String,
    /// The account's name.
    pub whose: String,
    pub opened: When,
    /// When the case lapses if it is not finished.
    pub expires: When,
    /// Who opened it, if not the person: `Hana of the help desk`.
    pub opened_by: Option<String>,
    /// The code that the person reads out to an approver, who must type it: nobody approves a case that its
    /// holder does not stand behind. `None` where no approver or agent is involved.
    pub check_code: Option<String>,
    /// Has this door a waiting time? The page then shows it among the steps.
    pub waits: bool,
}

/// The steps of a case as its reader meets them, in order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Step {
    Show,
    Wait,
    Set,
    Done,
}

impl CaseFacts {
    fn steps(&self) -> Vec<(Step, &'static str)> {
        let all = [
            (Step::Show, "Show who you are"),
            (Step::Wait, "Wait"),
            (Step::Set, "Set up how you sign in"),
            (Step::Done, "Done"),
        ];
        all.into_iter().filter(|(step, _)| self.waits || *step != Step::Wait).collect()
    }
}

/// Where the case stands.
#[derive(Clone, Debug)]
pub enum Stage {
    /// Evidence is being collected.
    Collect(Collect),
    /// Everything is shown, and the waiting time cannot begin: no notice would reach the member.
    Unheard,
    /// Everything is shown; the waiting time runs.
    Wait(Wait),
    /// The waiting time is over, or the minutes for binding ran out: the holder may go on.
    Ready,
    /// The door is open: factors are being bound in a restricted session.
    Bind(Binding),
    /// It took effect.
    Done(Done),
    /// It ended without effect.
    Closed(Closed),
}

impl Stage {
    /// `None` where the steps no longer matter.
    fn step(&self) -> Option<Step> {
        match self {
            Self::Collect(_) => Some(Step::Show),
            Self::Unheard | Self::Wait(_) => Some(Step::Wait),
            Self::Ready | Self::Bind(_) => Some(Step::Set),
            Self::Done(_) => Some(Step::Done),
            Self::Closed(_) => None,
        }
    }

    /// What the person is asked to show now.
    pub fn asks(&mut self) -> impl Iterator<Item = &mut Ask> {
        let paths = match self {
            Self::Collect(collect) => collect.paths.as_mut_slice(),
            _ => &mut [],
        };
        paths.iter_mut().flat_map(|path| &mut path.pieces).filter_map(|piece| match &mut piece.state {
            PieceState::Yours(ask) => Some(ask),
            _ => None,
        })
    }

    pub(super) fn is_open(&self) -> bool {
        matches!(self, Self::Collect(_) | Self::Unheard | Self::Wait(_) | Self::Ready | Self::Bind(_))
    }

    pub(super) fn is_binding(&self) -> bool {
        matches!(self, Self::Bind(_))
    }
}

#[derive(Clone, Debug)]
pub struct Collect {
    /// The alternatives; each alone is enough. Almost always one.
    pub paths: Vec<Path>,
    /// What comes after the evidence: `a wait of 24 hours, with notices to your own mail and your mobile`.
    pub afterwards: Option<String>,
}

/// One alternative of the door's requirement: all its pieces are needed.
#[derive(Clone, Debug)]
pub struct Path {
    pub pieces: Vec<Piece>,
}

#[derive(Clone, Debug)]
pub struct Piece {
    /// `Recovery code`, `Approval by your manager`.
    pub title: String,
    pub state: PieceState,
}

#[derive(Clone, Debug)]
pub enum PieceState {
    Proved {
        when: When,
        /// `by Mia Manager`; empty when the person showed it.
        how: String,
    },
    /// The person's to do now.
    Yours(Ask),
    /// Somebody else's to do.
    Waiting {
        /// `your manager`, `two people of the help desk`.
        on: String,
        /// What the person can do about it: `Call them and read out your check code.`
        advice: String,
        /// Of how many people, how many have agreed: `(1, 2)`. `None` where one is enough.
        progress: Option<(u32, u32)>,
    },
    /// Cannot be shown for this account, so this alternative is shut: `No recovery codes are left.`
    Impossible { why: String },
}

impl Collect {
    /// Can the page change while the person only waits?
    pub(super) fn awaits_others(&self) -> bool {
        let mut pieces = self.paths.iter().flat_map(|path| &path.pieces);
        pieces.any(|piece| matches!(piece.state, PieceState::Waiting { .. }))
    }
}

impl Path {
    pub(super) fn proved(&self) -> usize {
        self.pieces.iter().filter(|piece| matches!(piece.state, PieceState::Proved { .. })).count()
    }

    pub(super) fn is_possible(&self) -> bool {
        !self.pieces.iter().any(|piece| matches!(piece.state, PieceState::Impossible { .. }))
    }
}

#[derive(Clone, Debug)]
pub struct Wait {
    /// When it takes effect.
    pub until: When,
    /// Where notices went, masked, so that the person recognises them.
    pub told: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Binding {
    /// When this restricted session ends.
    pub until: When,
    /// What can be bound now.
    pub offers: Vec<Offer>,
    /// What this case has bound so far; takes effect on finishing.
    pub bound: Vec<Bound>,
    /// What still is missing before finishing: `Add a passkey, or a password and an authenticator app.`
    /// `None`: ready.
    pub missing: Option<String>,
    /// What finishing revokes: `Passkey on "Pixel 7"`.
    pub replaces: Vec<String>,
    /// Does finishing end all sessions of the account?
    pub ends_sessions: bool,
    /// Does each change take effect at once, in the member's own session? Finishing then only ends it.
    pub at_once: bool,
}

/// One thing that may be bound in this case.
#[derive(Clone, Debug)]
pub struct Offer {
    /// The policy name; the page links to [`links::case_bind`].
    pub name: String,
    pub title: String,
    pub kind: OfferKind,
    /// Shown first and larger: the best of those on offer.
    pub best: bool,
    /// Must it be added before finishing?
    pub needed: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum OfferKind {
    Passkey,
    SecurityKey,
    Password,
    Totp,
    RecoveryCodes,
    /// A mail address or phone number.
    Address,
}

impl OfferKind {
    pub(super) fn blurb(self) -> &'static str {
        match self {
            Self::Passkey => "Your fingerprint, face or screen lock. Nothing to type, nothing to give away.",
            Self::SecurityKey => "A key that you plug in or hold to your phone.",
            Self::Password => "Something you remember, or your password manager does.",
            Self::Totp => "An app on your phone that shows a new code every 30 seconds.",
            Self::RecoveryCodes => "Codes on paper for the day when your phone is gone.",
            Self::Address => "Where codes and notices reach you.",
        }
    }

    pub(super) fn class(self) -> &'static str {
        match self {
            Self::Passkey => "passkey",
            Self::SecurityKey => "security-key",
            Self::Password => "password",
            Self::Totp => "totp",
            Self::RecoveryCodes => "codes",
            Self::Address => "address",
        }
    }
}

#[derive(Clone, Debug)]
pub struct Bound {
    pub kind: OfferKind,
    /// `Passkey "This phone"`.
    pub title: String,
    /// Where it is taken back before it takes effect; `None` where it is in force already.
    pub take_back: Option<String>,
}

#[derive(Clone, Debug)]
pub struct Done {
    /// `You are back in.`
    pub title: String,
    /// What changed, one sentence each.
    pub changes: Vec<String>,
    pub next: Link,
}

#[derive(Clone, Debug)]
pub struct Closed {
    /// `Stopped by you`, `Lapsed`, `Denied`.
    pub title: String,
    pub text: String,
    pub next: Link,
}

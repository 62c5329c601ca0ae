//! Everything that a person sees: one plain view struct per page, each with its template.
//!
//! Owns the words, the order and the markup of pages, and the addresses they point at ([`links`]). Deliberately
//! knows nothing of accounts, cases or storage: a handler fills the fields, [`html`] renders. A view struct never
//! decides; what it is not given, it does not show. The fields are the contract with the handlers, so each is
//! documented where it stands.

pub mod account;
pub mod ask;
pub mod assets;
pub mod bind;
pub mod case;
pub mod console;
pub mod demo;
pub mod links;
pub mod problem;
mod qr;
pub mod recover;
pub mod sign_in;
mod when;

use askama::Template;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};

pub use when::{Paging, When};

/// What every page has around its own content.
#[derive(Clone, Debug)]
pub struct Frame {
    /// The organization's name, as the policy gives it.
    pub organization: String,
    /// Where a member asks for help: a mail address, or any other text.
    pub support: String,
    /// The token that every POST form returns in its field `csrf`.
    pub csrf: String,
    /// Who is signed in, if anybody is.
    pub person: Option<Person>,
    pub nav: Nav,
    /// What came of the last request, shown once above the page.
    pub flash: Option<Flash>,
    /// Demo mode: a banner says so, with a link to the mailbox page.
    pub demo: bool,
    /// The path of this page, so that the navigation can mark where the reader is.
    pub path: String,
}

impl Frame {
    /// The frame of a page for somebody who is not signed in.
    pub fn visitor(organization: &str, support: &str, csrf: &str, path: &str) -> Self {
        Self {
            organization: organization.to_owned(),
            support: support.to_owned(),
            csrf: csrf.to_owned(),
            person: None,
            nav: Nav::Plain,
            flash: None,
            demo: false,
            path: path.to_owned(),
        }
    }

    /// Is `support` something that a `mailto:` link can carry?
    fn support_is_mail(&self) -> bool {
        self.support.contains('@') && !self.support.contains([' ', '/', ':', '?'])
    }
}

/// The person whose session this is.
#[derive(Clone, Debug)]
pub struct Person {
    /// The name shown: `Alice Archer`.
    pub name: String,
    /// The name signed in with: `alice`.
    pub login: String,
    /// May this person open the console (or, for an approver, its queue)? The page then links to it.
    pub console: Option<Section>,
}

/// Which navigation a page carries.
#[derive(Clone, Debug)]
pub enum Nav {
    /// None: signing in, a case, an error.
    Plain,
    /// The member's own pages.
    Account,
    /// The console, with the sections that this person may open, in this order.
    Console(Vec<Tab>),
}

/// One section of the console in the navigation.
#[derive(Clone, Copy, Debug)]
pub struct Tab {
    pub section: Section,
    /// How many things wait there for this person; 0 shows no number.
    pub waiting: usize,
}

/// The sections of the console.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    Overview,
    Members,
    Cases,
    Approvals,
    Notices,
    Audit,
    Policy,
    Blast,
}

impl Section {
    /// All of them, in the order of the navigation.
    pub const ALL: [Self; 8] = [
        Self::Overview,
        Self::Members,
        Self::Cases,
        Self::Approvals,
        Self::Notices,
        Self::Audit,
        Self::Policy,
        Self::Blast,
    ];

    pub fn title(self) -> &'static str {
        match self {
            Self::Overview => "Overview",
            Self::Members => "Members",
            Self::Cases => "Cases",
            Self::Approvals => "Approvals",
            Self::Notices => "Notices",
            Self::Audit => "Audit log",
            Self::Policy => "Policy",
            Self::Blast => "Blast radius",
        }
    }

    pub fn href(self) -> &'static str {
        match self {
            Self::Overview => links::CONSOLE,
            Self::Members => links::CONSOLE_MEMBERS,
            Self::Cases => links::CONSOLE_CASES,
            Self::Approvals => links::CONSOLE_APPROVALS,
            Self::Notices => links::CONSOLE_NOTICES,
            Self::Audit => links::CONSOLE_AUDIT,
            Self::Policy => links::CONSOLE_POLICY,
            Self::Blast => links::CONSOLE_BLAST,
        }
    }

    /// Does a page at `path` belong to this section?
    fn holds(self, path: &str) -> bool {
        match self {
            Self::Overview => path == links::CONSOLE,
            other => path.starts_with(other.href()),
        }
    }
}

/// One sentence about what just happened.
#[derive(Clone, Debug)]
pub struct Flash {
    pub tone: Tone,
    pub text: String,
}

/// How something is meant, and so in which colour and with which sign it is shown. Never by colour alone.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tone {
    Plain,
    Good,
    Warn,
    Bad,
}

impl Tone {
    fn class(self) -> &'static str {
        match self {
            Self::Plain => "plain",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
        }
    }
}

/// A link with its words.
#[derive(Clone, Debug)]
pub struct Link {
    pub href: String,
    pub text: String,
}

impl Link {
    pub fn new(href: impl Into<String>, text: impl Into<String>) -> Self {
        Self { href: href.into(), text: text.into() }
    }
}

/// The doors of a control chain, in the order in which a person meets them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DoorKind {
    Enrol,
    Login,
    Bind,
    Recover,
    Offboard,
}

impl DoorKind {
    fn title(self) -> &'static str {
        match self {
            Self::Enrol => "Enrol",
            Self::Login => "Sign in",
            Self::Bind => "Change sign-in",
            Self::Recover => "Recover",
            Self::Offboard => "Leave",
        }
    }

    fn class(self) -> &'static str {
        match self {
            Self::Enrol => "enrol",
            Self::Login => "login",
            Self::Bind => "bind",
            Self::Recover => "recover",
            Self::Offboard => "offboard",
        }
    }
}

/// Renders a page as a response that nobody caches: every page holds something of one person.
pub fn html(status: StatusCode, page: &impl Template) -> Response {
    match page.render() {
        Ok(body) => (
            status,
            [(header::CONTENT_TYPE, "text/html; charset=utf-8"), (header::CACHE_CONTROL, "no-store")],
            body,
        )
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "cannot render a page");
            StatusCode::INTERNAL_SERVER_ERROR.into_response()
        }
    }
}

#[cfg(test)]
mod tests;

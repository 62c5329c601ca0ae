//! The members' list, and adding one.

use askama::Template;

use super::Verdict;
use crate::page::{Frame, Paging, bind::AddressKind, links};

/// GET `/console/members?q=&state=&page=`.
#[derive(Template)]
#[template(path = "console/members.html")]
pub struct Members {
    pub frame: Frame,
    /// The search as typed.
    pub search: String,
    pub filter: MemberFilter,
    pub rows: Vec<MemberRow>,
    pub paging: Paging,
    pub may_add: bool,
}

/// Field `state` of the list: `all` or a [`MemberState`]'s value.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberFilter {
    All,
    Only(MemberState),
}

/// Where a member stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum MemberState {
    /// Added, not invited.
    Added,
    /// An invitation is open.
    Invited,
    /// The invitation was taken up; the enrol door asks for more, or is open.
    Enrolling,
    Enrolled,
    Offboarded,
}

impl MemberState {
    pub const ALL: [Self; 5] =
        [Self::Added, Self::Invited, Self::Enrolling, Self::Enrolled, Self::Offboarded];

    /// The value of the field `state`.
    pub fn value(self) -> &'static str {
        match self {
            Self::Added => "added",
            Self::Invited => "invited",
            Self::Enrolling => "enrolling",
            Self::Enrolled => "enrolled",
            Self::Offboarded => "offboarded",
        }
    }

    pub(super) fn title(self) -> &'static str {
        match self {
            Self::Added => "Not invited",
            Self::Invited => "Invited",
            Self::Enrolling => "Enrolling",
            Self::Enrolled => "Enrolled",
            Self::Offboarded => "Left",
        }
    }

    pub(super) fn tone(self) -> &'static str {
        match self {
            Self::Added | Self::Offboarded => "plain",
            Self::Invited | Self::Enrolling => "warn",
            Self::Enrolled => "good",
        }
    }
}

impl MemberFilter {
    pub(super) fn is(self, state: MemberState) -> bool {
        self == Self::Only(state)
    }
}

#[derive(Clone, Debug)]
pub struct MemberRow {
    pub id: String,
    /// The name signed in with.
    pub login: String,
    /// The name shown.
    pub name: String,
    /// `None`: matches no population, and so has no door.
    pub population: Option<String>,
    pub state: MemberState,
    /// `passkey, recovery codes`; empty: none.
    pub factors: String,
    /// Of this member's own chain.
    pub verdict: Verdict,
}

/// GET and POST `/console/members/new`; fields `login`, `name`, `groups`, `manager` and one
/// `address.CHANNEL` per channel.
#[derive(Template)]
#[template(path = "console/add_member.html")]
pub struct AddMember {
    pub frame: Frame,
    pub login: String,
    pub name: String,
    /// Separated by spaces or commas.
    pub groups: String,
    /// The groups that populations name, as a hint.
    pub known_groups: Vec<String>,
    /// The manager's sign-in name; may be empty.
    pub manager: String,
    pub addresses: Vec<AddressField>,
    /// `(field, reason)`; the field `""` is for the whole form.
    pub errors: Vec<(String, String)>,
}

/// GET and POST `/console/members/{id}/change`; fields `name`, `groups` and `manager`. Each address is a form of
/// its own, with `channel` and `address`.
#[derive(Template)]
#[template(path = "console/change_member.html")]
pub struct ChangeMember {
    pub frame: Frame,
    pub id: String,
    pub login: String,
    /// The name shown until it is changed.
    pub whose: String,
    pub name: String,
    /// Separated by commas.
    pub groups: String,
    pub known_groups: Vec<String>,
    /// The manager's sign-in name; may be empty.
    pub manager: String,
    /// Empty once the member has an authenticator: then only a door changes an address.
    pub addresses: Vec<AddressField>,
    /// `(field, reason)`; the field `""` is for the whole form.
    pub errors: Vec<(String, String)>,
}

#[derive(Clone, Debug)]
pub struct AddressField {
    /// The channel's policy name.
    pub channel: String,
    /// `Own mail`.
    pub title: String,
    /// Mail or phone, for the keyboard on a phone.
    pub kind: AddressKind,
    pub value: String,
}

impl AddMember {
    pub(super) fn error(&self, field: &str) -> Option<&str> {
        error(&self.errors, field)
    }
}

impl ChangeMember {
    pub(super) fn error(&self, field: &str) -> Option<&str> {
        error(&self.errors, field)
    }
}

fn error<'e>(errors: &'e [(String, String)], field: &str) -> Option<&'e str> {
    errors.iter().find(|(at, _)| at == field).map(|(_, reason)| reason.as_str())
}

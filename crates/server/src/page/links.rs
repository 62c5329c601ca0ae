//! Every address that a page points at, in one place.
//!
//! Owns the scheme of paths; the route table follows it. A value that goes into a path is one segment and is
//! percent-encoded here, so that no name can climb out of it.

use std::fmt::Write as _;

pub const CSS: &str = "/assets/postern.css";
pub const JS: &str = "/assets/postern.js";
pub const LOGO: &str = "/assets/postern.svg";

/// GET: name first. POST: `name`.
pub const SIGN_IN: &str = "/sign-in";
/// GET: the choices of the sign-in under way.
pub const SIGN_IN_CASE: &str = "/sign-in/case";
/// POST: `credential` of a passkey that names its own account.
pub const SIGN_IN_PASSKEY: &str = "/sign-in/passkey";
/// POST by script: request options without an account.
pub const SIGN_IN_PASSKEY_OPTIONS: &str = "/sign-in/passkey/options";
pub const SIGN_OUT: &str = "/sign-out";

/// GET: whose account. POST: `name`.
pub const RECOVER: &str = "/recover";
/// POST: `name` and `door`: opens the case.
pub const RECOVER_OPEN: &str = "/recover/open";
/// GET and POST: `name` and `reference` of a case that an agent opened.
pub const RECOVER_JOIN: &str = "/recover/join";

/// GET: what to do when a device is gone.
pub const LOST: &str = "/lost";

/// GET: the case that this browser holds.
pub const CASE: &str = "/case";
/// POST: sends the code of `channel`, again if need be.
pub const CASE_SEND: &str = "/case/send";
/// POST: goes through the door once the waiting time is over.
pub const CASE_PROCEED: &str = "/case/proceed";
/// POST: gives up the case that this browser holds.
pub const CASE_LEAVE: &str = "/case/leave";
/// POST: what the case opens takes effect.
pub const CASE_FINISH: &str = "/case/finish";

pub const ACCOUNT: &str = "/account";
/// POST: opens a bind case.
pub const ACCOUNT_BIND: &str = "/account/bind";
/// POST: ends every session but this one.
pub const ACCOUNT_END_OTHERS: &str = "/account/sessions/end-others";
/// POST: ends every session, this one too.
pub const ACCOUNT_END_ALL: &str = "/account/sessions/end-all";

pub const CONSOLE: &str = "/console";
/// GET: list with `q`, `state` and `page`. POST: adds a member.
pub const CONSOLE_MEMBERS: &str = "/console/members";
pub const CONSOLE_MEMBERS_NEW: &str = "/console/members/new";
pub const CONSOLE_CASES: &str = "/console/cases";
pub const CONSOLE_APPROVALS: &str = "/console/approvals";
/// GET: with `member`, `kind` and `page`.
pub const CONSOLE_AUDIT: &str = "/console/audit";
pub const CONSOLE_NOTICES: &str = "/console/notices";
pub const CONSOLE_POLICY: &str = "/console/policy";
/// GET: with `falls` and `with`, both as `postern blast --falls` takes them.
pub const CONSOLE_BLAST: &str = "/console/blast";

pub const DEMO: &str = "/demo";
pub const DEMO_MAIL: &str = "/demo/mail";

/// POST: the proof by the authenticator of that policy name, in the sign-in under way.
pub fn sign_in_prove(authenticator: &str) -> String {
    format!("/sign-in/prove/{}", Segment(authenticator))
}

/// GET: the choices, after a proof by that one was refused.
pub fn sign_in_tried(authenticator: &str) -> String {
    format!("{SIGN_IN_CASE}?tried={}", Segment(authenticator))
}

/// GET: the case, after that proof was refused. `what` as in [`case_prove`].
pub fn case_tried(what: &str) -> String {
    format!("{CASE}?tried={}", Segment(what))
}

/// POST by script: request options for the passkeys or security keys of that policy name.
pub fn sign_in_options(authenticator: &str) -> String {
    format!("/sign-in/prove/{}/options", Segment(authenticator))
}

/// POST: a proof in the case that this browser holds. `what` is an authenticator's policy name, or `issued` for a
/// code that was sent over the field `channel`.
pub fn case_prove(what: &str) -> String {
    format!("/case/prove/{}", Segment(what))
}

/// POST by script: request options for a proof in the case.
pub fn case_prove_options(authenticator: &str) -> String {
    format!("/case/prove/{}/options", Segment(authenticator))
}

/// GET: the page that binds it. POST: binds it. `name` is a policy name of an authenticator or channel.
pub fn case_bind(name: &str) -> String {
    format!("/case/bind/{}", Segment(name))
}

/// POST by script: creation options.
pub fn case_bind_options(name: &str) -> String {
    format!("/case/bind/{}/options", Segment(name))
}

/// POST: `kept`, the person's word that the codes shown are kept.
pub fn case_bind_kept(name: &str) -> String {
    format!("/case/bind/{}/kept", Segment(name))
}

/// POST: takes back what the case has staged.
pub fn case_take_back(id: &str) -> String {
    format!("/case/staged/{}/take-back", Segment(id))
}

/// GET: shows a button. POST: spends the ticket. A link scanner that only reads burns nothing.
pub fn enrol(ticket: &str) -> String {
    format!("/enrol/{}", Segment(ticket))
}

/// GET: shows a button. POST: stops the case that a notice told of.
pub fn stop(token: &str) -> String {
    format!("/stop/{}", Segment(token))
}

/// GET: asks for the name. POST: `label`.
pub fn authenticator_rename(id: &str) -> String {
    format!("/account/authenticators/{}/rename", Segment(id))
}

/// GET: asks. POST: removes.
pub fn authenticator_remove(id: &str) -> String {
    format!("/account/authenticators/{}/remove", Segment(id))
}

/// GET: asks. POST: it signs in no more.
pub fn authenticator_lost(id: &str) -> String {
    format!("/account/authenticators/{}/lost", Segment(id))
}

/// POST.
pub fn session_end(id: &str) -> String {
    format!("/account/sessions/{}/end", Segment(id))
}

/// GET: asks. POST: the owner stops an open case of their own account.
pub fn account_stop_case(reference: &str) -> String {
    format!("/account/cases/{}/stop", Segment(reference))
}

/// GET: what falls with one thing.
pub fn console_blast(falls: &str) -> String {
    format!("{CONSOLE_BLAST}?falls={}", Segment(falls))
}

pub fn console_member(id: &str) -> String {
    format!("/console/members/{}", Segment(id))
}

/// GET: the form. POST: `name`, `groups` and `manager`.
pub fn console_change(id: &str) -> String {
    format!("/console/members/{}/change", Segment(id))
}

/// POST: `channel` and `address`, until the member enrols.
pub fn console_address(id: &str) -> String {
    format!("/console/members/{}/address", Segment(id))
}

/// GET: where the open invitation went. POST: a new invitation.
pub fn console_invite(id: &str) -> String {
    format!("/console/members/{}/invite", Segment(id))
}

/// POST: takes the open invitation back.
pub fn console_invite_revoke(id: &str) -> String {
    format!("/console/members/{}/invite/revoke", Segment(id))
}

/// POST: `door` and `reason`: opens a recovery case for the member.
pub fn console_recover(id: &str) -> String {
    format!("/console/members/{}/recover", Segment(id))
}

/// GET: asks, with `typed` and `reason`. POST: off-boards.
pub fn console_offboard(id: &str) -> String {
    format!("/console/members/{}/offboard", Segment(id))
}

/// GET: asks. POST: `reason`.
pub fn console_end_sessions(id: &str) -> String {
    format!("/console/members/{}/sessions/end", Segment(id))
}

/// GET: asks. POST: `reason`.
pub fn console_end_session(id: &str, session: &str) -> String {
    format!("/console/members/{}/sessions/{}/end", Segment(id), Segment(session))
}

pub fn console_case(reference: &str) -> String {
    format!("/console/cases/{}", Segment(reference))
}

/// POST: `verdict` (`approve` or `deny`), `check` and `reason`.
pub fn console_decide(reference: &str) -> String {
    format!("/console/cases/{}/decide", Segment(reference))
}

/// POST: `method`, `check` and `note`.
pub fn console_proofing(reference: &str) -> String {
    format!("/console/cases/{}/proofing", Segment(reference))
}

/// POST: `reason`.
pub fn console_stop_case(reference: &str) -> String {
    format!("/console/cases/{}/stop", Segment(reference))
}

/// POST.
pub fn console_notice_retry(id: &str) -> String {
    format!("/console/notices/{}/retry", Segment(id))
}

/// One path segment: everything but unreserved characters is percent-encoded (RFC 3986 section 2.3). `.` is
/// encoded where the whole segment is dots, because browsers resolve those away.
struct Segment<'a>(&'a str);

impl std::fmt::Display for Segment<'_> {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let dots = self.0.bytes().all(|byte| byte == b'.');
        for byte in self.0.bytes() {
            let plain =
                byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'~') || (byte == b'.' && !dots);
            if plain { out.write_char(char::from(byte))? } else { write!(out, "%{byte:02X}")? }
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_stays_one_segment() {
        assert_eq!(console_member("../a b/ü?#"), "/console/members/..%2Fa%20b%2F%C3%BC%3F%23");
        assert_eq!(console_case(".."), "/console/cases/%2E%2E");
        assert_eq!(stop("aZ0-_~.x"), "/stop/aZ0-_~.x");
    }
}

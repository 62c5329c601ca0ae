//! The pages of members and visitors.

use askama::Template as _;

use super::super::page::account::{
    AccountHome, Activity, AddressRow, AuthenticatorRow, CaseRow, CodesLeft, Confirm, SessionRow,
};
use super::super::page::ask::{Ask, AskKind};
use super::super::page::bind::Rename;
use super::super::page::case::OfferKind;
use super::super::page::demo::{DemoLanding, DemoMail, DemoMessage, DemoRole};
use super::super::page::problem::{Problem, ProblemKind};
use super::super::page::sign_in::{SignInChoices, SignInLater, SignInName, SignedOut};
use super::super::page::{Link, Person, Section, Tone, links};
use super::{Rendered, Say, flash, member, visitor, when};

pub(super) fn pages(say: Say) -> Vec<Rendered> {
    [sign_in(say), account(say), problems(say), demo(say)].into_iter().flatten().collect()
}

pub(super) fn ask(say: Say, title: &str, kind: AskKind) -> Ask {
    Ask { title: say(title), action: links::case_prove(&say("it")), kind, error: None, focus: false }
}

fn passkey(say: Say) -> Ask {
    ask(say, "Passkey", AskKind::Passkey { options: links::sign_in_options(&say("passkey")) })
}

fn sign_in(say: Say) -> Vec<Rendered> {
    let name = |error: Option<String>, next: &str| SignInName {
        frame: visitor(say, links::SIGN_IN),
        name: if error.is_some() { say("alice") } else { String::new() },
        error,
        next: next.to_owned(),
    };
    let choices = SignInChoices {
        frame: visitor(say, links::SIGN_IN_CASE),
        name: say("alice"),
        choices: vec![passkey(say), ask(say, "Password", AskKind::Password { name: say("alice") })],
        proved: Vec::new(),
        error: None,
    };
    let mut totp = ask(say, "Authenticator app", AskKind::Totp);
    totp.error =
        Some(say("That code did not match. Codes change every 30 seconds; enter the one shown now."));
    let second = SignInChoices {
        frame: visitor(say, links::SIGN_IN_CASE),
        name: say("alice"),
        choices: vec![
            totp,
            ask(say, "Token", AskKind::Hotp),
            ask(say, "Security key", AskKind::SecurityKey { options: links::sign_in_options(&say("key")) }),
        ],
        proved: vec![say("Password")],
        error: Some(say("That did not match.")),
    };
    let none = SignInChoices {
        frame: visitor(say, links::SIGN_IN_CASE),
        name: say("alice"),
        choices: Vec::new(),
        proved: Vec::new(),
        error: None,
    };
    let later = |again: Option<&str>| SignInLater {
        frame: visitor(say, links::SIGN_IN),
        name: say("alice"),
        again: again.map(when),
    };
    vec![
        ("sign-in", name(None, "/console/cases").render()),
        ("sign-in-error", name(Some(say("Enter the name that you sign in with.")), "").render()),
        ("sign-in-choices", choices.render()),
        ("sign-in-second", second.render()),
        ("sign-in-none", none.render()),
        ("sign-in-later", later(Some("2026-11-22T09:34:00Z")).render()),
        ("sign-in-disabled", later(None).render()),
        ("signed-out", SignedOut { frame: visitor(say, links::SIGN_OUT), why: None }.render()),
        (
            "session-ended",
            SignedOut {
                frame: visitor(say, links::SIGN_IN),
                why: Some(say("Your session ended after an hour without use.")),
            }
            .render(),
        ),
    ]
}

fn account(say: Say) -> Vec<Rendered> {
    let mut frame = member(say, links::ACCOUNT);
    frame.flash = Some(flash(say, Tone::Good, "“Pixel 7” is now called “My phone”."));
    frame.person =
        Some(Person { name: say("Alice Archer"), login: say("alice"), console: Some(Section::Approvals) });
    let home = AccountHome {
        frame,
        signed_in: say("You signed in with your passkey 5 minutes ago."),
        authenticators: authenticators(say),
        codes: Some(CodesLeft { left: 2, of: 10, made: Some(when("2026-10-01T09:30:00Z")) }),
        addresses: addresses(say),
        sessions: sessions(say),
        cases: vec![CaseRow { stop: Some(links::account_stop_case(&say("R7K-2MQ"))), ..case_row(say) }],
        activity: activity(say),
        approvals: 1,
        changing: true,
        may_bind: true,
    };
    let bare = AccountHome {
        frame: member(say, links::ACCOUNT),
        signed_in: String::new(),
        authenticators: Vec::new(),
        codes: Some(CodesLeft { left: 0, of: 0, made: None }),
        addresses: Vec::new(),
        sessions: Vec::new(),
        cases: Vec::new(),
        activity: Vec::new(),
        approvals: 0,
        changing: false,
        may_bind: false,
    };
    let confirm = |title: &str, typed: Option<String>, reason: bool| Confirm {
        frame: member(say, links::ACCOUNT),
        title: say(title),
        consequences: vec![
            say("It stops working at once."),
            say("Your other ways to sign in stay as they are."),
        ],
        action: links::authenticator_remove(&say("a1")),
        button: say("Remove it"),
        back: Link::new(links::ACCOUNT, say("Keep it")),
        error: typed.as_ref().map(|_| say("That is not the name.")),
        typed,
        reason,
    };
    vec![
        ("account", home.render()),
        ("account-bare", bare.render()),
        (
            "rename",
            Rename {
                frame: member(say, links::ACCOUNT),
                kind: say("Passkey"),
                label: say("Pixel 7"),
                action: links::authenticator_rename(&say("a1")),
                error: Some(say("A name has 1 to 64 characters.")),
            }
            .render(),
        ),
        ("remove", confirm("Remove the passkey “Pixel 7”?", None, false).render()),
        ("off-board", confirm("Off-board Alice Archer?", Some(say("alice")), true).render()),
    ]
}

pub(super) fn authenticators(say: Say) -> Vec<AuthenticatorRow> {
    let row = |kind, title: &str, label: &str, notes: Vec<String>, kept: Option<&str>| AuthenticatorRow {
        id: say("a1"),
        kind,
        title: say(title),
        label: if label.is_empty() { String::new() } else { say(label) },
        added: when("2026-08-01T09:30:00Z"),
        used: Some(when("2026-11-22T09:25:00Z")),
        notes,
        works: true,
        kept_because: kept.map(say),
    };
    let mut app =
        row(OfferKind::Totp, "Authenticator app", "", vec![say("disabled after 10 failures")], None);
    app.works = false;
    app.used = None;
    vec![
        row(OfferKind::Passkey, "Passkey", "My phone", vec![say("synced")], Some("Signing in needs it.")),
        row(OfferKind::SecurityKey, "Security key", "Blue key in the safe", vec![say("device-bound")], None),
        row(OfferKind::Password, "Password", "", Vec::new(), None),
        app,
    ]
}

pub(super) fn addresses(say: Say) -> Vec<AddressRow> {
    let row = |title: &str, address: String, confirmed, changeable| AddressRow {
        channel: say(title),
        title: say(title),
        address,
        confirmed,
        changeable,
    };
    vec![
        row("Work mail", say("alice.archer@example.com"), true, false),
        row("Own mail", say("alice@example.org"), true, true),
        row("Mobile", say("+49 151 5550 0142"), false, true),
        row("Post", String::new(), false, true),
    ]
}

pub(super) fn sessions(say: Say) -> Vec<SessionRow> {
    let row = |device: &str, by: &str, is_this| SessionRow {
        id: say("s1"),
        device: say(device),
        from: say("192.0.2.17"),
        by: say(by),
        assurance: say("AAL2, phishing-resistant"),
        started: when("2026-11-22T09:25:00Z"),
        seen: when("2026-11-22T09:29:30Z"),
        is_this,
    };
    vec![
        row("Firefox on Linux", "passkey", true),
        row("Safari on iPhone", "password and authenticator app", false),
    ]
}

pub(super) fn case_row(say: Say) -> CaseRow {
    CaseRow {
        reference: say("R7K-2MQ"),
        title: say("Recovery with the help desk"),
        member: String::new(),
        state: say("takes effect in 23 hours"),
        tone: Tone::Warn,
        opened: when("2026-11-22T08:30:00Z"),
        opened_by: say("Hana Help"),
        stop: None,
    }
}

pub(super) fn activity(say: Say) -> Vec<Activity> {
    let event = |at: &str, tone, text: &str| Activity { at: when(at), text: say(text), tone };
    vec![
        event("2026-11-22T09:25:00Z", Tone::Good, "You signed in with a passkey from 192.0.2.17."),
        event("2026-11-22T08:30:00Z", Tone::Warn, "Hana Help opened a recovery case for you."),
        event("2026-11-21T18:02:00Z", Tone::Bad, "Somebody entered a wrong password."),
        event("2026-08-01T09:30:00Z", Tone::Plain, "You added a passkey."),
    ]
}

fn problems(say: Say) -> Vec<Rendered> {
    let page = |kind| Problem::new(visitor(say, "/x"), kind).render();
    vec![
        ("problem-400", page(ProblemKind::BadRequest { reason: say("The field `name` is missing.") })),
        ("problem-403-form", page(ProblemKind::StaleForm)),
        ("problem-403", Problem::new(member(say, "/console"), ProblemKind::Forbidden).render()),
        ("problem-404", page(ProblemKind::NotFound)),
        ("problem-405", page(ProblemKind::OtherMethod)),
        ("problem-429", page(ProblemKind::TooMany { again: Some(when("2026-11-22T09:31:00Z")) })),
        ("problem-500", page(ProblemKind::Broken { incident: say("7F3K-92QX") })),
        ("problem-503", page(ProblemKind::Unavailable { incident: say("7F3K-92QX") })),
    ]
}

fn demo(say: Say) -> Vec<Rendered> {
    let role = |title: &str, who: &str, text: &str, enrolled| DemoRole {
        title: say(title),
        who: say(who),
        text: say(text),
        href: links::enrol(&say("t1cket")),
        enrolled,
    };
    let message = |channel: &str, subject: String, body: &str| DemoMessage {
        at: when("2026-11-22T09:25:00Z"),
        channel: say(channel),
        to: say("alice@example.org"),
        subject,
        body: say(body),
    };
    vec![
        (
            "demo",
            DemoLanding {
                frame: visitor(say, links::DEMO),
                roles: vec![
                    role("Administrator", "Ada Admin (ada)", "Adds members, off-boards them.", true),
                    role(
                        "Help desk",
                        "Hana Help (hana)",
                        "Opens recovery cases, records proofing, approves.",
                        false,
                    ),
                    role("Staff", "Alice Archer (alice)", "Signs in with a passkey, loses a phone.", false),
                    role(
                        "Contractor",
                        "Carl Contractor (carl)",
                        "Has a weaker chain, with a dated exception.",
                        false,
                    ),
                ],
                tour: vec![
                    say("Enrol as the administrator."),
                    say("Enrol as Alice, and approve her as her manager."),
                ],
            }
            .render(),
        ),
        (
            "demo-mail",
            DemoMail {
                frame: visitor(say, links::DEMO_MAIL),
                messages: vec![
                    message(
                        "own-mail",
                        say("Somebody recovers your account"),
                        "Hello Alice,\n\na case was opened for your account. Was it not you? Stop it here:\n\
                         http://localhost:8080/stop/abcdef0123456789.\n\nExample Ltd",
                    ),
                    message(
                        "mobile",
                        String::new(),
                        "Your code is 482 913. Nobody of Example Ltd will ask for it.",
                    ),
                ],
            }
            .render(),
        ),
        (
            "demo-mail-empty",
            DemoMail { frame: visitor(say, links::DEMO_MAIL), messages: Vec::new() }.render(),
        ),
    ]
}

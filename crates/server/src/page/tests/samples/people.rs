//! The pages of members and visitors.

use askama::Template as _;

use super::super::page::account::{
    AccountHome, Activity, AddressRow, AuthenticatorRow, CaseRow, CodesLeft, Confirm, SessionRow,
};
use super::super::page::ask::{Ask, AskKind};
use super::super::page::bind::{AddressKind, BindPage, RecoveryCodes, Rename, Setup};
use super::super::page::case::{
    Binding, Bound, CaseFacts, CasePage, Closed, Collect, Done, Offer, OfferKind, Path, Piece, PieceState,
    Stage, Wait,
};
use super::super::page::demo::{DemoLanding, DemoMail, DemoMessage, DemoRole};
use super::super::page::problem::{Problem, ProblemKind};
use super::super::page::recover::{
    EnrolTicket, RecoverDoor, RecoverDoors, RecoverJoin, RecoverStart, StopCase, WayEnd,
};
use super::super::page::sign_in::{SignInChoices, SignInLater, SignInName, SignedOut};
use super::super::page::{DoorKind, Link, Person, Section, Tone, links};
use super::{Rendered, Say, flash, member, visitor, when};

pub(super) fn pages(say: Say) -> Vec<Rendered> {
    [sign_in(say), recover(say), case(say), bind(say), account(say), problems(say), demo(say)]
        .into_iter()
        .flatten()
        .collect()
}

fn ask(say: Say, title: &str, kind: AskKind) -> Ask {
    Ask { title: say(title), action: links::case_prove(&say("it")), kind, error: None }
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

fn recover(say: Say) -> Vec<Rendered> {
    let start =
        RecoverStart { frame: visitor(say, links::RECOVER), name: say("alice"), error: Some(say("No.")) };
    let doors = RecoverDoors {
        frame: visitor(say, links::RECOVER),
        name: say("alice"),
        doors: vec![
            RecoverDoor {
                name: say("self-service"),
                title: say("By yourself"),
                asks: vec![
                    say("Enter one of your recovery codes"),
                    say("Enter a code that we send to your own mail"),
                ],
                wait: None,
            },
            RecoverDoor {
                name: say("assisted"),
                title: say("With the help desk"),
                asks: vec![say("Show who you are by video"), say("Two people of the help desk agree")],
                wait: Some(say("24 hours")),
            },
        ],
        error: Some(say("Choose one of these.")),
    };
    let no_doors = RecoverDoors {
        frame: visitor(say, links::RECOVER),
        name: say("alice"),
        doors: Vec::new(),
        error: None,
    };
    let join = RecoverJoin {
        frame: visitor(say, links::RECOVER_JOIN),
        name: say("alice"),
        reference: say("R7K-2MQ"),
        error: Some(say("No open case has this name and reference.")),
    };
    let enrol = EnrolTicket {
        frame: visitor(say, "/enrol/t"),
        person: say("Alice Archer"),
        expires: when("2026-11-24T09:30:00Z"),
        steps: vec![
            say("Your manager, Mia Manager, agrees"),
            say("You add a passkey, or a password and an app"),
        ],
        action: links::enrol(&say("t1cket")),
    };
    let stop = StopCase {
        frame: visitor(say, "/stop/t"),
        reference: say("R7K-2MQ"),
        about: say("give somebody new factors for the account “alice”"),
        opened: when("2026-11-22T08:00:00Z"),
        effect: Some(when("2026-11-23T08:00:00Z")),
        action: links::stop(&say("t0ken")),
    };
    vec![
        ("recover-start", start.render()),
        ("recover-doors", doors.render()),
        ("recover-no-doors", no_doors.render()),
        ("recover-join", join.render()),
        ("enrol-ticket", enrol.render()),
        ("stop", stop.render()),
        ("stopped", WayEnd::stopped(visitor(say, "/stop/t"), &say("R7K-2MQ")).render()),
        ("link-expired", WayEnd::link_expired(visitor(say, "/enrol/t")).render()),
    ]
}

fn facts(say: Say, door: DoorKind, title: &str) -> CaseFacts {
    CaseFacts {
        reference: say("R7K-2MQ"),
        door,
        title: say(title),
        whose: say("alice"),
        opened: when("2026-11-22T09:10:00Z"),
        expires: when("2026-11-29T09:10:00Z"),
        opened_by: Some(say("Hana Help")),
        check_code: Some(say("48 17")),
        waits: true,
    }
}

fn case(say: Say) -> Vec<Rendered> {
    let title = "Get back in with the help desk";
    let page = |stage: Stage| {
        let case = facts(say, DoorKind::Recover, title);
        CasePage { frame: visitor(say, links::CASE), case, stage }.render()
    };
    let piece = |title: &str, state: PieceState| Piece { title: say(title), state };
    let issued = AskKind::Issued {
        channel: say("own-mail"),
        to: say("a•••@example.org"),
        expires: when("2026-11-23T09:20:00Z"),
        digits: 6,
        again: Some(links::CASE_SEND.to_owned()),
    };
    let send = AskKind::Send { channel: say("mobile"), to: say("+49 ••• ••42") };
    let collect = Collect {
        paths: vec![Path {
            pieces: vec![
                piece(
                    "Recovery code",
                    PieceState::Proved { when: when("2026-11-22T09:20:00Z"), how: say("by you") },
                ),
                piece("Code by mail", PieceState::Yours(ask(say, "Code by mail", issued))),
                piece(
                    "Approval by the help desk",
                    PieceState::Waiting {
                        on: say("two people of the help desk"),
                        advice: say("Call them on the number you know, and read out your check code."),
                        progress: Some((1, 2)),
                    },
                ),
            ],
        }],
        afterwards: Some(say("a wait of 24 hours, with notices to your own mail and your mobile")),
    };
    let either = Collect {
        paths: vec![
            Path {
                pieces: vec![
                    piece(
                        "Recovery code",
                        PieceState::Yours(ask(say, "Recovery code", AskKind::RecoveryCode)),
                    ),
                    piece("Code by text message", PieceState::Yours(ask(say, "Code by text message", send))),
                ],
            },
            Path {
                pieces: vec![piece("Passkey", PieceState::Impossible { why: say("this account has none.") })],
            },
        ],
        afterwards: None,
    };
    let bind = Collect {
        paths: vec![Path {
            pieces: vec![piece(
                "A fresh sign-in",
                PieceState::Yours(ask(
                    say,
                    "A fresh sign-in",
                    AskKind::SignIn {
                        href: links::SIGN_IN.to_owned(),
                        why: say("You signed in 3 hours ago; this needs the last 10 minutes."),
                    },
                )),
            )],
        }],
        afterwards: None,
    };
    let fresh = CaseFacts {
        check_code: None,
        opened_by: None,
        waits: false,
        ..facts(say, DoorKind::Bind, "Change how you sign in")
    };
    vec![
        ("case-collect", page(Stage::Collect(collect))),
        ("case-either", page(Stage::Collect(either))),
        ("case-nothing", page(Stage::Collect(Collect { paths: Vec::new(), afterwards: None }))),
        (
            "case-fresh",
            CasePage { frame: member(say, links::CASE), case: fresh, stage: Stage::Collect(bind) }.render(),
        ),
        (
            "case-wait",
            page(Stage::Wait(Wait {
                until: when("2026-11-23T09:30:00Z"),
                told: vec![say("a•••@example.org"), say("+49 ••• ••42")],
            })),
        ),
        ("case-bind", page(Stage::Bind(binding(say, false)))),
        ("case-ready", page(Stage::Bind(binding(say, true)))),
        (
            "case-done",
            page(Stage::Done(Done {
                title: say("You are back in."),
                changes: vec![
                    say("Your new passkey works now."),
                    say("The passkey on “Pixel 7” no longer works."),
                ],
                next: Link::new(links::SIGN_IN, say("Sign in")),
            })),
        ),
        (
            "case-closed",
            page(Stage::Closed(Closed {
                title: say("Stopped"),
                text: say("Somebody who reads your notices stopped this case."),
                next: Link::new(links::RECOVER, say("Start again")),
            })),
        ),
    ]
}

fn binding(say: Say, ready: bool) -> Binding {
    let offer = |kind, title: &str, best| Offer { name: say(title), title: say(title), kind, best };
    Binding {
        until: when("2026-11-22T09:40:00Z"),
        offers: if ready {
            vec![offer(OfferKind::RecoveryCodes, "Recovery codes", false)]
        } else {
            vec![
                offer(OfferKind::Passkey, "Passkey", true),
                offer(OfferKind::SecurityKey, "Security key", false),
                offer(OfferKind::Password, "Password", false),
                offer(OfferKind::Totp, "Authenticator app", false),
                offer(OfferKind::Address, "Own mail", false),
            ]
        },
        bound: if ready {
            vec![Bound { id: say("b1"), kind: OfferKind::Passkey, title: say("Passkey “This phone”") }]
        } else {
            Vec::new()
        },
        missing: (!ready).then(|| say("Add a passkey, or a password and an authenticator app.")),
        replaces: if ready { vec![say("Passkey “Pixel 7”")] } else { Vec::new() },
        ends_sessions: ready,
    }
}

fn bind(say: Say) -> Vec<Rendered> {
    let page = |title: &str, setup: Setup, errors: Vec<String>| {
        let action = links::case_bind(&say("it"));
        let frame = visitor(say, links::CASE);
        BindPage { frame, reference: say("R7K-2MQ"), title: say(title), action, setup, errors }.render()
    };
    let options = links::case_bind_options(&say("passkey"));
    let words = ["R7QK-2M4T-9XWD-HC3P", "KJ8N-VB5Q-XT2M-4WRL", "QD3H-7YPK-MN6C-R9TX", "WX4C-TR7M-2HQP-KV5J"];
    let code = Setup::AddressCode {
        to: say("new@example.org"),
        digits: 6,
        expires: when("2026-11-23T09:30:00Z"),
        again: Some(links::case_bind(&say("own-mail"))),
    };
    let address =
        |kind| Setup::Address {
            kind, value: say("new@example.org"), now: Some(say("a•••@example.org"))
        };
    vec![
        (
            "bind-passkey",
            page(
                "Add a passkey",
                Setup::Passkey { options: options.clone(), label: say("This phone") },
                Vec::new(),
            ),
        ),
        (
            "bind-security-key",
            page("Add a security key", Setup::SecurityKey { options, label: say("Blue key") }, Vec::new()),
        ),
        (
            "bind-password",
            page(
                "Choose a password",
                Setup::Password { name: say("alice"), least: 8, replaces: true },
                vec![
                    say("It is among the most used passwords."),
                    say("It has 6 characters; 8 are the least."),
                ],
            ),
        ),
        (
            "bind-totp",
            page(
                "Add an authenticator app",
                Setup::Totp {
                    uri: say(
                        "otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP&issuer=Example",
                    ),
                    secret: say("JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"),
                    label: say("My phone"),
                },
                vec![say("That code did not match.")],
            ),
        ),
        ("bind-mail", page("Change your own mail", address(AddressKind::Mail), Vec::new())),
        ("bind-phone", page("Change your mobile", address(AddressKind::Phone), Vec::new())),
        ("bind-post", page("Change your postal address", address(AddressKind::Post), Vec::new())),
        ("bind-mail-code", page("Confirm your own mail", code, Vec::new())),
        (
            "recovery-codes",
            RecoveryCodes {
                frame: visitor(say, links::CASE),
                reference: say("R7K-2MQ"),
                name: say("alice"),
                host: say("id.example.com"),
                codes: words.iter().cycle().take(10).map(|code| say(code)).collect(),
                made: when("2026-11-22T09:30:00Z"),
                action: links::case_bind_kept(&say("codes")),
            }
            .render(),
        ),
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
    ]
}

fn account(say: Say) -> Vec<Rendered> {
    let mut frame = member(say, links::ACCOUNT);
    frame.flash = Some(flash(say, Tone::Good, "“Pixel 7” is now called “My phone”."));
    frame.person =
        Some(Person { name: say("Alice Archer"), login: say("alice"), console: Some(Section::Approvals) });
    let home = AccountHome {
        frame,
        signed_in: say("You signed in with a passkey 5 minutes ago."),
        authenticators: authenticators(say),
        codes: Some(CodesLeft { left: 2, of: 10, made: Some(when("2026-10-01T09:30:00Z")) }),
        addresses: addresses(say),
        sessions: sessions(say),
        cases: vec![CaseRow { stop: Some(links::account_stop_case(&say("R7K-2MQ"))), ..case_row(say) }],
        activity: activity(say),
        approvals: 1,
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

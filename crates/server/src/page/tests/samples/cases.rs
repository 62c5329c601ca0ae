//! The pages of a case: the ways to it, its stages, and binding in it.

use askama::Template as _;

use super::super::page::ask::AskKind;
use super::super::page::bind::{AddressKind, BindPage, RecoveryCodes, Setup};
use super::super::page::case::{
    Binding, Bound, CaseFacts, CasePage, Closed, Collect, Done, Offer, OfferKind, Path, Piece, PieceState,
    Short, Stage, Wait,
};
use super::super::page::recover::{
    EnrolTicket, Lost, RecoverDoor, RecoverDoors, RecoverJoin, RecoverStart, StopCase, WayEnd,
};
use super::super::page::{DoorKind, Link, links};
use super::people::ask;
use super::{Rendered, Say, member, visitor, when};

pub(super) fn pages(say: Say) -> Vec<Rendered> {
    [recover(say), case(say), bind(say)].into_iter().flatten().collect()
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
        steps: vec![say("Your manager agrees"), say("You add a passkey, or a password and an app")],
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
        ("lost", Lost { frame: visitor(say, links::LOST) }.render()),
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
        by_an_agent: true,
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
                piece("Recovery code", PieceState::Proved { when: when("2026-11-22T09:20:00Z") }),
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
        by_an_agent: false,
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
        ("case-go-on", page(Stage::Ready)),
        ("case-bind", page(Stage::Bind(binding(say, false)))),
        ("case-ready", page(Stage::Bind(binding(say, true)))),
        ("case-unheard", page(Stage::Unheard)),
        (
            "case-short",
            page(Stage::Short(Short {
                lacks: Some(say("recovery code")),
                next: Link::new(links::RECOVER, say("Start again")),
            })),
        ),
        (
            "case-done",
            page(Stage::Done(Done {
                title: say("You are back in."),
                changes: vec![
                    say("Your new passkey works now."),
                    say("The passkey on “Pixel 7” no longer works."),
                    say("Messages to your own mail now go to a•••@example.org."),
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
    let offer =
        |kind, title: &str, best| Offer { name: say(title), title: say(title), kind, best, needed: !best };
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
            vec![Bound {
                kind: OfferKind::Passkey,
                title: say("Passkey “This phone”"),
                take_back: Some(links::case_take_back("a1")),
            }]
        } else {
            Vec::new()
        },
        missing: (!ready).then(|| say("Add a passkey, or a password and an authenticator app.")),
        replaces: if ready { vec![say("Passkey “Pixel 7”")] } else { Vec::new() },
        ends_sessions: ready,
        at_once: false,
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
        ("bind-codes", page("Make recovery codes", Setup::Codes { count: 10, replaces: true }, Vec::new())),
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
    ]
}

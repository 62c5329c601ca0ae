//! The pages of the console.

use askama::Template as _;

use super::super::page::account::CaseRow;
use super::super::page::bind::AddressKind;
use super::super::page::console::cases::Waiting;
use super::super::page::console::{
    AddMember, AddressField, Approvals, Approve, AttackStep, Audit, AuditEvent, Case, CaseActs, Cases, Chain,
    ChainStep, ChangeMember, Checkpoint, DiagnosticRow, Evidence, EvidenceState, Figure, InvitationCreated,
    Level, MemberActs, MemberFilter, MemberPage, MemberRow, MemberState, Members, NoticeRow, NoticeState,
    Notices, OpenInvitation, Overview, PolicyPage, PopulationRow, ProofMethod, Proofed, RecoverWay,
    SourceFile, Verdict, WayIn,
};
use super::super::page::{DoorKind, Link, Paging, Tone, links};
use super::blast::blast;
use super::people::{activity, addresses, authenticators, case_row, sessions};
use super::{Rendered, Say, agent, when};

pub(super) fn pages(say: Say) -> Vec<Rendered> {
    [overview(say), members(say), member(say), cases(say), audit(say), notices(say), policy(say), blast(say)]
        .into_iter()
        .flatten()
        .collect()
}

fn checkpoint(say: Say) -> Checkpoint {
    Checkpoint {
        size: 1204,
        at: when("2026-11-22T09:29:00Z"),
        root: say("Wm9vZGxlcyBhcmUgZ29vZCBmb3IgdGhlIHNvdWwuLi4uLi4="),
        key: say("example.com/postern+1a2b3c4d+AZ0kqkN1cHBlciBrZXkgbWF0ZXJpYWwgZ29lcyBoZXJl"),
        note: say(
            "example.com/postern\n1204\nWm9vZGxlcyBhcmUgZ29vZCBmb3IgdGhlIHNvdWwuLi4uLi4=\n\n— example.com/postern sig",
        ),
    }
}

fn event(say: Say, seq: u64, tone: Tone, text: &str, kind: &str) -> AuditEvent {
    AuditEvent {
        seq,
        at: when("2026-11-22T09:25:00Z"),
        text: say(text),
        tone,
        kind: say(kind),
        json: say(r#"{"account":"alice","at":1795339500000000,"by":["passkey"],"fact":"signed-in","aal":2}"#),
        leaf: say("kC5b0qjT0mJrG5Yx1m6oHk0h1Zb5r0o0xW7cQb3gq8I="),
    }
}

fn case_rows(say: Say) -> Vec<CaseRow> {
    let row = |reference: &str, title: &str, member: &str, state: &str, tone| CaseRow {
        reference: say(reference),
        title: say(title),
        member: say(member),
        state: say(state),
        tone,
        ..case_row(say)
    };
    vec![
        row("R7K-2MQ", "Recovery with the help desk", "alice", "waits for 1 more approval", Tone::Warn),
        row("T4X-9PD", "Enrolment", "nina", "waits for her manager", Tone::Warn),
        row("H2C-5VN", "Recovery by themselves", "omar", "takes effect in 23 hours", Tone::Plain),
    ]
}

fn overview(say: Say) -> Vec<Rendered> {
    let figure = |value: &str, label: &str, href: &str, tone| Figure {
        value: say(value),
        label: say(label),
        href: href.to_owned(),
        tone,
    };
    let page = Overview {
        frame: agent(say, links::CONSOLE),
        figures: vec![
            figure("128", "members", links::CONSOLE_MEMBERS, Tone::Plain),
            figure("119", "enrolled", links::CONSOLE_MEMBERS, Tone::Good),
            figure("3", "open cases", links::CONSOLE_CASES, Tone::Plain),
            figure("2", "wait for you", links::CONSOLE_APPROVALS, Tone::Warn),
            figure("41", "live sessions", links::CONSOLE_MEMBERS, Tone::Plain),
        ],
        cases: case_rows(say),
        failing: 1,
        verdict: Verdict::NotWeaker,
        policy: say("4 populations, none weaker than its sign-in; 1 dated exception."),
        digest: say("3fa9c1d2"),
        checkpoint: Some(checkpoint(say)),
        recent: vec![
            event(
                say,
                1203,
                Tone::Good,
                "Alice signed in with a passkey (AAL2, phishing-resistant).",
                "signed-in",
            ),
            event(say, 1202, Tone::Warn, "Hana Help opened a recovery case for Alice.", "case-opened"),
            event(say, 1201, Tone::Bad, "A wrong password was entered for Omar.", "refused"),
        ],
    };
    let bare = Overview {
        frame: agent(say, links::CONSOLE),
        figures: Vec::new(),
        cases: Vec::new(),
        failing: 0,
        verdict: Verdict::Weaker,
        policy: say("1 population is weaker than its sign-in."),
        digest: say("3fa9c1d2"),
        checkpoint: None,
        recent: Vec::new(),
    };
    vec![("console", page.render()), ("console-bare", bare.render())]
}

fn members(say: Say) -> Vec<Rendered> {
    let row = |name: &str, login: &str, state, factors: &str, verdict| MemberRow {
        id: say(login),
        login: say(login),
        name: say(name),
        population: Some(say("staff")),
        state,
        factors: if factors.is_empty() { String::new() } else { say(factors) },
        verdict,
    };
    let paging = Paging {
        shown: say("21 to 40 of 128"),
        previous: Some("/console/members?page=1".to_owned()),
        next: Some("/console/members?page=3".to_owned()),
    };
    let mut stray = row("Zoe Zero", "zoe", MemberState::Added, "", Verdict::None);
    stray.population = None;
    let page = Members {
        frame: agent(say, links::CONSOLE_MEMBERS),
        search: say("a"),
        filter: MemberFilter::Only(MemberState::Enrolled),
        rows: vec![
            row(
                "Alice Archer",
                "alice",
                MemberState::Enrolled,
                "passkey, recovery codes",
                Verdict::NotWeaker,
            ),
            row(
                "Carl Contractor",
                "carl",
                MemberState::Enrolled,
                "password, authenticator app",
                Verdict::Weaker,
            ),
            row("Nina New", "nina", MemberState::Invited, "", Verdict::Contained),
            row("Liam Lost", "liam", MemberState::Enrolled, "passkey", Verdict::Contained),
            row("Otto Over", "otto", MemberState::Offboarded, "", Verdict::None),
            stray,
        ],
        paging,
        may_add: true,
    };
    let bare = Members {
        frame: agent(say, links::CONSOLE_MEMBERS),
        search: String::new(),
        filter: MemberFilter::All,
        rows: Vec::new(),
        paging: Paging::default(),
        may_add: false,
    };
    let field = |channel: &str, kind| AddressField {
        channel: say(channel),
        title: say(channel),
        kind,
        value: String::new(),
    };
    let add = AddMember {
        frame: agent(say, links::CONSOLE_MEMBERS_NEW),
        login: say("alice"),
        name: say("Alice Archer"),
        groups: say("staff"),
        known_groups: vec![say("staff"), say("domain-admins")],
        manager: say("mia"),
        addresses: vec![field("own-mail", AddressKind::Mail), field("mobile", AddressKind::Phone)],
        errors: vec![
            (String::new(), say("Nothing was added.")),
            ("login".to_owned(), say("There is a member of that name.")),
        ],
    };
    vec![("members", page.render()), ("members-bare", bare.render()), ("member-add", add.render())]
}

fn chain(say: Say, verdict: Verdict) -> Chain {
    let weak = verdict == Verdict::Weaker;
    let step = |door, name: &str, requirement: &str, words: &[&str], effort| ChainStep {
        door,
        name: if name.is_empty() { String::new() } else { say(name) },
        requirement: if requirement.is_empty() { String::new() } else { say(requirement) },
        alternatives: words.iter().map(|text| say(text)).collect(),
        wait: None,
        verdict: if matches!(door, DoorKind::Login | DoorKind::Offboard) {
            Verdict::None
        } else {
            Verdict::Contained
        },
        effort,
        on_weakest_way: false,
    };
    let mut recover = step(
        DoorKind::Recover,
        "self-service",
        "codes and issued(own-mail)",
        &["A recovery code and a code by mail"],
        Some(2),
    );
    recover.verdict = verdict;
    recover.on_weakest_way = true;
    let mut assisted = step(
        DoorKind::Recover,
        "assisted",
        "proofing(video) and approval(helpdesk, 2)",
        &["Video proofing, and two people of the help desk agree"],
        Some(14),
    );
    assisted.wait = Some(say("24 hours, with notices to own-mail and mobile"));
    assisted.verdict = Verdict::NotWeaker;
    let attack = |deed: &str, gain: &str| AttackStep {
        deed: say(deed),
        gains: if gain.is_empty() { Vec::new() } else { vec![say(gain)] },
    };
    Chain {
        population: say("staff"),
        verdict,
        summary: say(if weak {
            "A way around the second factor is easier than the second factor."
        } else {
            "No way around the second factor is weaker than the second factor."
        }),
        // Escaped by whoever draws it: the one text here that is not.
        picture: "<svg role=\"img\" aria-label=\"The control chain\"></svg>".to_owned(),
        steps: vec![
            step(
                DoorKind::Enrol,
                "",
                "invite(own-mail) and approval(manager)",
                &["An invitation by mail, and the manager agrees"],
                None,
            ),
            step(
                DoorKind::Login,
                "",
                "passkey or (password and totp)",
                &["A passkey", "A password and an authenticator app"],
                Some(2),
            ),
            step(
                DoorKind::Bind,
                "",
                "session(aal2, 10m)",
                &["Signed in at AAL2 in the last 10 minutes"],
                Some(2),
            ),
            recover,
            assisted,
            step(DoorKind::Offboard, "", "within 60s", &["Everything ends within 60 seconds"], None),
        ],
        ways: vec![WayIn {
            title: say("The weakest way in"),
            effort: 2,
            profile: if weak { say("holds only: passkey") } else { String::new() },
            steps: vec![
                attack("Lure Alice to a page that relays what she types", "This yields the recovery code."),
                attack("Have her read out a recovery code and the mailed code", ""),
                attack("Open the recover door and add a passkey of one's own", ""),
            ],
        }],
        login_effort: Some(if weak { 8 } else { 2 }),
    }
}

fn member(say: Say) -> Vec<Rendered> {
    let page = |state, chain, acts| MemberPage {
        frame: agent(say, "/console/members/alice"),
        id: say("alice"),
        login: say("alice"),
        name: say("Alice Archer"),
        state,
        groups: vec![say("staff"), say("finance")],
        population: Some(say("staff")),
        manager: Some((say("mia"), say("Mia Manager"))),
        added: when("2026-07-30T09:30:00Z"),
        enrolled: Some(when("2026-08-01T09:30:00Z")),
        offboarded: None,
        authenticators: authenticators(say),
        codes: None,
        addresses: addresses(say),
        unheard: vec![say("assisted")],
        sessions: sessions(say),
        cases: case_rows(say),
        activity: activity(say),
        chain,
        acts,
    };
    let acts = MemberActs {
        invite: vec![(say("own-mail"), say("a•••@example.org"))],
        invitation: Some(OpenInvitation {
            to: say("a•••@example.org"),
            expires: when("2026-11-24T09:30:00Z"),
            by: say("Ada Admin"),
        }),
        recover: vec![RecoverWay {
            name: say("assisted"),
            title: say("Assisted: proofing by video, and 2 of the help desk; then 24 hours"),
        }],
        end_sessions: true,
        offboard: true,
        change: true,
    };
    let change = ChangeMember {
        frame: agent(say, "/console/members/alice/change"),
        id: say("alice"),
        login: say("alice"),
        whose: say("Alice Archer"),
        name: say("Alice Archer"),
        groups: say("staff, finance"),
        known_groups: vec![say("staff"), say("domain-admins")],
        manager: say("mia"),
        addresses: vec![AddressField {
            channel: say("own-mail"),
            title: say("Own mail"),
            kind: AddressKind::Mail,
            value: say("alice@example.org"),
        }],
        errors: vec![("groups".to_owned(), say("The policy has no group “finance”."))],
    };
    let invited = InvitationCreated {
        frame: agent(say, "/console/members/alice"),
        id: say("alice"),
        name: say("Alice Archer"),
        to: say("a•••@example.org"),
        expires: when("2026-11-24T09:30:00Z"),
    };
    vec![
        ("member", page(MemberState::Enrolled, Some(chain(say, Verdict::NotWeaker)), acts).render()),
        (
            "member-weak",
            page(MemberState::Enrolled, Some(chain(say, Verdict::Weaker)), MemberActs::default()).render(),
        ),
        ("member-no-chain", page(MemberState::Added, None, MemberActs::default()).render()),
        ("invited", invited.render()),
        ("member-change", change.render()),
    ]
}

fn cases(say: Say) -> Vec<Rendered> {
    let list =
        |open, rows| Cases { frame: agent(say, links::CONSOLE_CASES), open, rows, paging: Paging::default() };
    let piece = |title: &str, state| Evidence { title: say(title), state };
    let approve = || Approve {
        role: say("for the help desk"),
        check: true,
        reason: say("knew the voice"),
        error: Some(say("The check code does not match.")),
    };
    let case = |acts| Case {
        frame: agent(say, "/console/cases/R7K-2MQ"),
        reference: say("R7K-2MQ"),
        door: DoorKind::Recover,
        title: say("Recovery with the help desk"),
        member: (say("alice"), say("Alice Archer"), say("alice")),
        state: say("waits for 1 more approval"),
        tone: Tone::Warn,
        opened: when("2026-11-22T08:30:00Z"),
        opened_by: say("Hana Help"),
        expires: Some(when("2026-11-29T08:30:00Z")),
        effect: Some(when("2026-11-23T08:30:00Z")),
        evidence: vec![
            piece(
                "Proofing by video",
                EvidenceState::Proved { at: when("2026-11-22T09:00:00Z"), by: say("by Hana Help") },
            ),
            piece("Approval by the help desk", EvidenceState::Missing { awaits: say("1 of 2") }),
            piece("Passkey", EvidenceState::Impossible { why: say("the member has none.") }),
        ],
        who: say("One more of the help desk, neither Hana nor the member."),
        history: activity(say),
        acts,
        error: Some(say("That is not the check code of this case.")),
        back: Link::new(links::CONSOLE_CASES, "Cases"),
    };
    let acts = CaseActs {
        approve: Some(approve()),
        proofing: vec![
            ProofMethod { value: say("in-person"), title: say("Met in person, papers checked") },
            ProofMethod { value: say("video"), title: say("By video, papers and face compared") },
        ],
        proofed: Proofed {
            method: say("video"),
            note: say("identity card"),
            error: Some(say("The check code does not match.")),
        },
        stop: true,
    };
    let waiting = |title: &str| Waiting {
        reference: say("T4X-9PD"),
        title: say(title),
        member: (say("Nina New"), say("nina")),
        opened: when("2026-11-22T08:30:00Z"),
        opened_by: say("somebody without a session"),
        approve: approve(),
        proved: vec![say("Invitation"), say("Recovery code")],
    };
    let queue = |waiting| Approvals {
        frame: agent(say, links::CONSOLE_APPROVALS),
        waiting,
        paging: Paging::default(),
    };
    vec![
        ("cases", list(true, case_rows(say)).render()),
        ("cases-bare", list(false, Vec::new()).render()),
        ("case-open", case(acts).render()),
        ("case-read-only", case(CaseActs::default()).render()),
        ("approvals", queue(vec![waiting("Enrolment"), waiting("Recovery with the help desk")]).render()),
        ("approvals-bare", queue(Vec::new()).render()),
    ]
}

fn audit(say: Say) -> Vec<Rendered> {
    let page = |events, checkpoint| Audit {
        frame: agent(say, links::CONSOLE_AUDIT),
        member: say("alice"),
        kind: say("refused"),
        kinds: vec![say("signed-in"), say("refused"), say("case-opened")],
        events,
        paging: Paging {
            shown: say("1 to 50 of 1,204"),
            previous: None,
            next: Some("/console/audit?page=2".to_owned()),
        },
        checkpoint,
    };
    let events = vec![
        event(
            say,
            1203,
            Tone::Good,
            "Alice signed in with a passkey (AAL2, phishing-resistant).",
            "signed-in",
        ),
        event(say, 1202, Tone::Warn, "Hana Help opened a recovery case for Alice.", "case-opened"),
        event(say, 1201, Tone::Bad, "A wrong password was entered for Omar.", "refused"),
        event(say, 7, Tone::Plain, "The policy 3fa9c1d2 came into force.", "policy"),
    ];
    vec![
        ("audit", page(events, Some(checkpoint(say))).render()),
        ("audit-bare", page(Vec::new(), None).render()),
    ]
}

fn notices(say: Say) -> Vec<Rendered> {
    let row = |about: &str, state| NoticeRow {
        id: say("n1"),
        channel: say("own-mail"),
        to: say("a•••@example.org"),
        about: say(about),
        made: when("2026-11-22T09:00:00Z"),
        state,
    };
    let failed = |next: Option<&str>| NoticeState::Failed {
        error: say("mail.example.com: connection refused"),
        attempts: 3,
        next: next.map(when),
    };
    let page = |rows, may_retry| Notices {
        frame: agent(say, links::CONSOLE_NOTICES),
        rows,
        paging: Paging::default(),
        may_retry,
    };
    let rows = vec![
        row("Somebody recovers Alice's account", failed(Some("2026-11-22T09:45:00Z"))),
        row("A code for Omar", failed(None)),
        row("A passkey was added for Alice", NoticeState::Pending),
        row("Invitation for Nina", NoticeState::Sent { at: when("2026-11-22T09:00:04Z") }),
    ];
    vec![("notices", page(rows, true).render()), ("notices-bare", page(Vec::new(), false).render())]
}

const POLICY: &str = "version = 1\n\n[organization]\nname    = \"Example Ltd\"\n\n[population.staff]\ngroups = [\"staff\"]\n\n\
    [population.staff.login]\nrequire = \"passkey or (password and totp)\"   # what members use every day\n\n\
    [population.staff.recover.self-service]\nrequire = \"codes and issued(own-mail)\"\n";

fn policy(say: Say) -> Vec<Rendered> {
    let mut file = SourceFile::new(&say("company.toml"), &say(POLICY));
    file.lines[12].level = Some(Level::Warning);
    let population = |name: &str, risk: &str, verdict| PopulationRow {
        name: say(name),
        risk: if risk.is_empty() { String::new() } else { say(risk) },
        members: 96,
        assurance: say("AAL2"),
        verdict,
        login_effort: Some(2),
        chain_effort: Some(2),
    };
    let diagnostic = |level, rule: &str, message: &str| DiagnosticRow {
        level,
        code: say("P0107"),
        rule: say(rule),
        message: say(message),
        at: say("company.toml:13"),
        line: Some(SourceFile::line_id(1, 13)),
        notes: vec![say("the exception of ciso@example.com runs until 2027-03-31")],
    };
    let page = PolicyPage {
        frame: agent(say, links::CONSOLE_POLICY),
        digest: say("3fa9c1d2e0b94a6f8f0a6c8f6f6b8d0c1a2b3c4d5e6f708192a3b4c5d6e7f809"),
        since: Some(when("2026-11-01T09:30:00Z")),
        populations: vec![
            population("staff", "", Verdict::NotWeaker),
            population("admins", "high risk", Verdict::Contained),
            population("contractors", "", Verdict::Weaker),
        ],
        chains: vec![chain(say, Verdict::NotWeaker), chain(say, Verdict::Weaker)],
        diagnostics: vec![
            diagnostic(Level::Warning, "recovery-weaker-than-login", "recovery is easier than signing in"),
            diagnostic(Level::Error, "lone-approver", "one person alone can give this account away"),
            diagnostic(Level::Note, "long-exception", "an exception runs for more than a year"),
        ],
        files: vec![file],
        attacker: say("as the design states; malware on the member's own endpoint is left out"),
    };
    vec![("policy", page.render())]
}

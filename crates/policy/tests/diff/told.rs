//! Changes as a person reads them, and as a program does.

use policy::diff::{self, Aspect, Change, Effect, Judged, Subject, Value};
use policy::render::diff::{Names, human, human_whole, json};

use crate::{BASE, TODAY, compared, edited, judge, says, told};

#[test]
fn comments_order_and_layout_are_no_change() {
    let same = BASE.replace("[population.staff.offboard]\nwithin = \"60s\"\n", "")
        + "\n# A comment.\n[population.staff.offboard]\nwithin = \"1m\"\n";
    let diff = compared(BASE, &same);
    assert!(diff.is_empty(), "{:#?}", diff.changes);
    assert_ne!(diff.before, diff.after);
    let told = human(&diff, Names { before: "old.toml", after: "new.toml" }, false);
    assert_eq!(told, "new.toml means the same as old.toml\n");
}

#[test]
fn a_second_way_to_sign_in_is_told_from_its_worst_to_its_least_consequence() {
    let told = told(&[("require = \"passkey\"", "require = \"passkey or (password and totp)\"")]);
    assert_eq!(
        told,
        "\
old.toml -> new.toml

staff
  ~ login requires passkey or (password and totp), was passkey
  from which follows:
  - every way to sign in is at least phishable, was phishing-resistant
  - new way in, effort 2: phish(member) by login
  - weakest way in: effort 2: phish(member) by login, was effort 8: sync-account(member) by login
  ~ new way to sign in, `password` and `totp`: AAL2
  + who holds `password` and `totp`: signs in, had to recover before
  + no longer locks out: absent(helpdesk) and lose(sync-account)

weaker: of 7 changes 3 weaken, 2 ease, 2 are neither
signs: - weakens, ! may shut somebody out, ~ neither, + strengthens or eases
"
    );
}

/// Two populations of one chain.
fn twins() -> String {
    let (head, staff) = BASE.split_once("[population.staff]").expect("staff has a table");
    let (chain, rest) = staff.split_once("[population.helpdesk]").expect("helpdesk follows");
    let other = chain.replace("population.staff", "population.guests").replace("\"staff\"", "\"guests\"");
    let other = other.replace("\"interns\"", "\"trainees\"");
    format!("{head}[population.staff]{chain}[population.guests]{other}[population.helpdesk]{rest}")
}

#[test]
fn what_one_edit_leads_to_is_told_once_for_all_whom_it_concerns() {
    let before = twins();
    let after = before.replace("approval(helpdesk, 2)", "approval(helpdesk)");
    assert_ne!(before, after);
    let diff = compared(&before, &after);
    let names = Names { before: "old.toml", after: "new.toml" };
    let told = human(&diff, names, false);
    assert!(told.contains("\nstaff and guests\n  ~ recover.assisted requires "), "{told}");
    assert!(told.contains("  from which follows:\n  - new way in, effort "), "{told}");
    assert_eq!(told.matches("recover.assisted requires").count(), 1, "{told}");
    assert!(told.contains("more of these (`--all` lists them)"), "{told}");
    let sum = told.lines().find(|line| line.starts_with("weaker: of ")).expect("there is a sum");
    let all = diff.changes.len();
    assert!(sum.ends_with(&format!("(counted one by one for each subject: {all})")), "{sum}");
    let counted = sum.split(' ').nth(2).and_then(|number| number.parse::<usize>().ok()).expect("a number");
    assert!(counted < 10 && all > 2 * counted, "{sum}");

    let whole = human_whole(&diff, names, false);
    assert!(!whole.contains("more of these") && !whole.contains("told there"), "{whole}");
    let of_staff = diff.changes.iter().filter(|change| {
        matches!(&change.subject, Subject::Population(name) if name == "staff")
            && matches!(change.aspect, Aspect::WayIn(_))
    });
    assert_eq!(whole.matches("new way in, effort").count(), of_staff.count());
}

#[test]
fn a_shorter_wait_a_lost_notice_and_a_longer_session_weaken() {
    says(
        &[
            ("wait    = \"24h\"", "wait    = \"12h\""),
            ("notify  = [\"own-mail\", \"mobile\"]", "notify  = [\"own-mail\"]"),
            (
                "[population.staff.recover",
                "session = { idle = \"8h\", max = \"30d\" }\n\n[population.staff.recover",
            ),
        ],
        &[
            "- session idle of login: 8h, was 1h",
            "- session max of login: 30d, was 12h",
            "- wait of recover.assisted: 12h, was 24h",
            "- recover.assisted no longer tells mobile",
            // Whoever reads the only mailbox that is told needs to hide from nobody.
            "- new way in, effort 20: deceive(helpdesk#1) and deceive(helpdesk#2) and forge(member) and \
             mailbox(member,own-mail) by recover.assisted",
            "- new: the 12 ways into accounts of staff, told there",
        ],
    );
}

#[test]
fn an_attack_that_is_not_counted_any_more_weakens_and_hides_nothing() {
    says(
        &[
            ("require = \"passkey\"", "require = \"passkey or (password and totp)\""),
            ("[app.payroll]", "[attacker]\nignore = [\"phish\"]\n\n[app.payroll]"),
        ],
        &[
            "- new way in, effort 2: phish(member) by login",
            "assumed attacker (both policies are judged by the stronger one)",
            "- phish: not counted, was lured",
        ],
    );
}

#[test]
fn a_group_that_moves_to_another_chain_is_compared_with_the_one_it_had() {
    says(
        &[
            ("[\"staff\", \"interns\"]", "[\"staff\"]"),
            (
                "[app.payroll]",
                "[population.interns]\ngroups = [\"interns\"]\n[population.interns.login]\nrequire = \"totp\"\n[app.payroll]",
            ),
        ],
        &[
            "group `interns` of `staff`, now of `interns`",
            "- every way to sign in is at least AAL1, was AAL2",
            "- new way in, effort 2: phish(member) by login",
            "- within of offboard: none, was 1m",
            "~ no door recover.assisted any more: required proofing(in-person) and approval(helpdesk, 2)",
            "~ new population, of groups interns",
            "! who holds only `passkey`: is locked out, signed in before",
        ],
    );
}

#[test]
fn exceptions_weaken_when_they_are_added_or_extended_and_excuse_nothing_past_their_day() {
    let exception = |day: &str| {
        format!(
            "[[exception]]\nrule = \"silent-change\"\nat = \"population.staff.recover.assisted\"\n\
             reason = \"pilot\"\nowner = \"ciso@example.com\"\nexpires = {day}\n\n[app.payroll]"
        )
    };
    let with = |day: &str| edited(&[("[app.payroll]", &exception(day))]);
    let told = |before: &str, after: &str| {
        let changes = compared(before, after).changes;
        changes.iter().map(|c| (c.effect, c.before.clone(), c.after.clone())).collect::<Vec<_>>()
    };
    let words = |text: &str| Some(Value::Words(text.to_owned()));
    let (short, long, past) = (with("2026-12-01"), with("2027-01-01"), with("2026-11-19"));
    assert_eq!(told(BASE, &short), [(Effect::Weakens, None, words("until 2026-12-01"))]);
    let extended = [(Effect::Weakens, words("until 2026-12-01"), words("until 2027-01-01"))];
    assert_eq!(told(&short, &long), extended);
    let shortened = [(Effect::Strengthens, words("until 2027-01-01"), words("until 2026-12-01"))];
    assert_eq!(told(&long, &short), shortened);
    assert_eq!(told(BASE, &past), [(Effect::Changes, None, words("expired on 2026-11-19"))]);
    let renewed = [(Effect::Weakens, words("expired on 2026-11-19"), words("until 2026-12-01"))];
    assert_eq!(told(&past, &short), renewed);
}

#[test]
fn the_object_for_programs_holds_every_change() {
    let diff =
        compared(BASE, &edited(&[("require = \"passkey\"", "require = \"passkey or (password and totp)\"")]));
    let text = json(&diff, Names { before: "old.toml", after: "new.toml" });
    let object: serde_json::Value = serde_json::from_str(&text).expect("it is JSON");
    assert_eq!(object["weakens"], true);
    let changes = object["changes"].as_array().expect("a list");
    assert_eq!(changes.len(), diff.changes.len());
    let way =
        changes.iter().find(|change| change["aspect"]["name"] == "way-in").expect("there is a new way in");
    assert_eq!(way["subject"]["population"], "staff");
    assert_eq!(way["after"]["capabilities"], serde_json::json!(["phish(member)"]));
    assert_eq!(way["after"]["effort"], 2);
    assert!(way["before"].is_null());
}

#[test]
fn whoever_lacks_what_a_login_asks_for_now_is_named_by_what_they_hold() {
    says(
        &[("require = \"passkey\"", "require = \"passkey and password\"")],
        &[
            "! who holds only `passkey`: must recover, signed in before",
            "! now locks out: absent(helpdesk) and forget(password)",
            "+ weakest way in: effort 9: leak(member) and sync-account(member) by login, was effort 8: \
             sync-account(member) by login",
        ],
    );
}

#[test]
fn what_apps_and_populations_come_and_go_is_told() {
    says(
        &[
            (
                "[app.payroll]\nfor = [\"staff\"]\naal = 2\nphishing_resistant = true",
                "[app.payroll]\nfor = [\"helpdesk\"]\naal = 1\nmax_age = \"15m\"\n[app.wiki]\nfor = [\"staff\"]\naal = 1",
            ),
            ("protected = \"mfa\"", "protected = \"password\""),
        ],
        &[
            "- the session it demands is AAL1, was AAL2",
            "- the session it demands is phishable, was phishing-resistant",
            "+ max_age of session: 15m, was none",
            "! no longer for staff",
            "+ now for helpdesk: helpdesk reaches it",
            "~ new app, for staff",
            "~ protected: password, was mfa",
        ],
    );
}

#[test]
fn other_people_who_approve_weaken() {
    let others = "- group `interns` may approve now";
    says(&[("groups = [\"helpdesk\"]", "groups = [\"helpdesk\", \"interns\"]")], &[others]);
    says(
        &[("population = \"helpdesk\"", "population = \"staff\"")],
        &[others, "- group `staff` may approve now", "+ group `helpdesk` may no longer approve"],
    );
    let alone = ("approval(helpdesk, 2)", "approval(helpdesk)");
    let managed = ("population = \"helpdesk\"", "of = \"member\"\npopulation = \"helpdesk\"");
    let diff = compared(&edited(&[alone, managed]), &edited(&[alone]));
    let is_dropped = |change: &Change| change.aspect == Aspect::Property("of");
    let effects: Vec<Effect> =
        diff.changes.iter().filter(|change| is_dropped(change)).map(|change| change.effect).collect();
    assert_eq!(effects, [Effect::Weakens]);
}

#[test]
fn an_app_that_demands_less_than_every_earlier_one_weakens_whatever_its_name() {
    let payroll = "[app.payroll]\nfor = [\"staff\"]\naal = 2\nphishing_resistant = true";
    says(
        &[(payroll, "[app.wages]\nfor = [\"staff\"]\naal = 1\nphishing_resistant = true")],
        &["- the session it demands is AAL1, was AAL2"],
    );
    let same = told(&[("[app.payroll]", "[app.wages]")]);
    assert!(!same.contains("demands"), "{same}");
}

#[test]
fn what_was_not_proved_of_one_policy_is_not_said_of_two() {
    let (old, mut new) = (judge(BASE), judge(BASE));
    if let Some(analysis) = &mut new.analysis {
        analysis.truncated = true;
    }
    let judged = |checked| Judged::of(checked).expect("it was read");
    for (before, after) in [(&old, &new), (&new, &old)] {
        assert!(diff::between(judged(before), judged(after), TODAY).is_err());
    }
}

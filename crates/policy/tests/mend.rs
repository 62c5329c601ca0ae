//! What `check` offers to mend a finding mends it: each offered change is made in the text, and the text is checked
//! again from the beginning.

use std::collections::BTreeSet;

use policy::diagnostic::{Diagnostic, Level};
use policy::model::Date;
use policy::takeover::{DoorName, NewWays};
use policy::{Checked, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

const PREAMBLE: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
on = "phone"
[authenticator.passkey]
kind = "passkey"
on = "phone"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.own-mail]
kind = "email"
protected = "mfa"
[channel.mobile]
kind = "sms"
on = "phone"
[approver.helpdesk]
population = "helpdesk"
[approver.manager]
of = "member"
population = "staff"
[population.helpdesk]
login = { require = "passkey" }
offboard = { within = "60s" }
[population.staff]
proofing = "ial1"
offboard = { within = "60s" }
"#;

fn judge(text: &str) -> Checked {
    let checked = check(&Source::single("postern.toml", text), TODAY);
    assert!(checked.model.is_some(), "{text}\n{:#?}", checked.diagnostics);
    checked
}

fn serious(checked: &Checked) -> BTreeSet<(&'static str, String)> {
    let found = checked.diagnostics.iter().filter(|found| found.level > Level::Note);
    found.map(|found| (found.rule.name(), found.at.clone())).collect()
}

/// The `key = value` lines of an offered change; none when the help is general advice.
fn lines(help: &str) -> Vec<&str> {
    let offered = help.starts_with("this mends it: ") || help.starts_with("or: ");
    let quoted = help.split('`').skip(1).step_by(2).filter(|line| line.contains(" = "));
    if offered { quoted.collect() } else { vec![] }
}

/// The policy with the change made at the finding's door.
fn changed(text: &str, found: &Diagnostic, help: &str) -> String {
    let header = format!("[{}]", found.at);
    let (before, rest) = text.split_once(&header).expect("the door has a table of its own");
    let end = rest.find("\n[").unwrap_or(rest.len());
    let changes = lines(help);
    let key = |line: &str| line.split('=').next().unwrap_or_default().trim().to_owned();
    let keys: Vec<String> = changes.iter().map(|line| key(line)).collect();
    let kept = rest[..end].lines().filter(|line| !keys.contains(&key(line)));
    let door: Vec<&str> = kept.chain(changes).collect();
    format!("{before}{header}{}\n{}", door.join("\n"), &rest[end..])
}

/// For each profile that has new ways through the door of the finding, what the weakest costs.
fn weakest(checked: &Checked, found: &Diagnostic) -> Vec<(Vec<String>, u32)> {
    let (model, analysis) = (checked.model.as_ref().expect("read"), checked.analysis.as_ref().expect("read"));
    let readings = model.populations.iter().zip(&analysis.populations);
    readings
        .flat_map(|(population, reading)| reading.profiles.iter().map(move |profile| (population, profile)))
        .filter_map(|(population, profile)| {
            let at = |name: DoorName| format!("population.{}.{}", population.name, name.written(population));
            let door = profile.doors.iter().find(|door| at(door.name) == found.at)?;
            let holds = profile.holds.iter().map(|held| model[*held].name.clone()).collect();
            Some((holds, NewWays::of(door, profile.up_to).effort()?))
        })
        .collect()
}

/// Makes each change that is offered for this rule, and returns what was offered.
fn offered(text: &str, rule: &str) -> Vec<String> {
    let checked = judge(text);
    let before = serious(&checked);
    let found = checked.diagnostics.iter().find(|found| found.rule.name() == rule).expect("it is found");
    let changes: Vec<&String> = found.help.iter().filter(|help| !lines(help).is_empty()).collect();
    for help in &changes {
        let text = changed(text, found, help);
        let after = serious(&judge(&text));
        assert!(!after.contains(&(rule, found.at.clone())), "{help} does not mend {rule}:\n{text}");
        assert!(after.is_subset(&before), "{help} brings {after:?} instead of {before:?}");
        for (holds, was) in weakest(&checked, found) {
            let is = weakest(&judge(&text), found).into_iter().find(|(other, _)| *other == holds);
            assert!(
                is.as_ref().is_none_or(|(_, is)| *is >= was),
                "{help} lets in more easily than {was}: {is:?}\n{text}"
            );
        }
    }
    assert!(changes.len() <= 3, "{changes:?}");
    changes.into_iter().cloned().collect()
}

fn staff(login: &str, enrol: &str, recover: &str) -> String {
    format!(
        "{PREAMBLE}\n[population.staff.enrol]\nrequire = \"{enrol}\"\nbinds = [\"passkey\", \"codes\"]\n\
         [population.staff.login]\nrequire = \"{login}\"\n\
         [population.staff.recover.lost]\nrequire = \"{recover}\"\nbinds = [\"passkey\"]\n\
         notify = [\"own-mail\", \"mobile\"]\n"
    )
}

const SOUND_ENROL: &str = "invite(own-mail) and proofing(in-person) and approval(helpdesk)";

#[test]
fn a_weak_recovery_is_mended_by_evidence_that_takes_other_deeds() {
    let text = staff("passkey", SOUND_ENROL, "codes and issued(own-mail)");
    let changes = offered(&text, "recovery-weaker-than-login");
    assert_eq!(changes.len(), 3, "{changes:#?}");
    assert!(changes[0].contains("codes and issued(own-mail) and "), "{changes:#?}");
}

#[test]
fn nothing_is_mended_by_a_login_of_a_lower_level() {
    // Without the passkey fewer rules would apply to the population, and its members would be easier to take.
    let text = staff("password or passkey", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)");
    let changes = offered(&text, "single-capability");
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| change.contains("passkey")), "{changes:#?}");
}

#[test]
fn a_weak_invitation_is_mended_too() {
    let text = staff("passkey", "invite(own-mail)", "proofing(in-person) and approval(helpdesk)");
    let changes = offered(&text, "enrolment-weaker-than-login");
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| !change.contains("wait")), "nobody is there to object: {changes:#?}");
}

#[test]
fn a_recovery_that_the_standard_forbids_is_mended_by_what_it_permits() {
    let text = staff("passkey", SOUND_ENROL, "approval(helpdesk, 2)");
    let changes = offered(&text, "nonconformant-recovery");
    // 63B-4 4.2.2.2: two methods, or proofing again.
    assert!(changes.iter().any(|change| change.contains("proofing")), "{changes:#?}");
}

#[test]
fn the_weak_one_of_two_alternatives_is_dropped_or_strengthened() {
    let text = staff("passkey", SOUND_ENROL, "codes or (proofing(in-person) and approval(helpdesk))");
    let changes = offered(&text, "recovery-weaker-than-login");
    assert_eq!(
        changes.first().map(String::as_str),
        Some(
            "this mends it: `require = \"proofing(in-person) and approval(helpdesk)\"`; its weakest way then takes effort 12"
        )
    );
}

#[test]
fn one_person_is_joined_by_another() {
    let text = format!(
        "{}\n[population.admins]\nrisk = 'high'\nproofing = 'ial1'\nlogin = {{ require = 'passkey' }}\n\
         offboard = {{ within = '60s' }}\n\
         [population.admins.recover.desk]\nrequire = \"proofing(in-person) and approval(helpdesk)\"\n\
         binds = [\"passkey\"]\nwait = \"24h\"\nnotify = [\"own-mail\", \"mobile\"]\n",
        staff("passkey", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)")
    );
    let changes = offered(&text, "lone-approver");
    assert!(changes.iter().any(|change| change.contains("approval(helpdesk, 2)")), "{changes:#?}");
}

#[test]
fn what_was_lost_is_asked_for_no_more() {
    let text = staff("passkey", SOUND_ENROL, "passkey and proofing(in-person) and approval(helpdesk)");
    let changes = offered(&text, "recovery-reuses-lost-factor");
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| !change.contains("passkey")), "{changes:#?}");
}

#[test]
fn nothing_is_mended_by_an_easier_way_in() {
    // The passkey that was lost is in the way of an attacker as well.
    let text = staff("passkey", SOUND_ENROL, "passkey and invite(own-mail)");
    offered(&text, "recovery-reuses-lost-factor");
}

#[test]
fn a_session_that_nobody_can_have_is_not_asked_for() {
    let text = staff("password or passkey", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)")
        .replace("binds = [\"passkey\", \"codes\"]", "binds = [\"password\"]")
        .replace("binds = [\"passkey\"]\nnotify", "binds = [\"password\"]\nnotify")
        .replace(
            "[population.staff.login]",
            "[population.staff.bind]\nrequire = \"session(aal1)\"\nbinds = [\"passkey\"]\nnotify = [\"own-mail\", \"mobile\"]\n[population.staff.login]",
        );
    assert!(offered(&text, "bind-raises-assurance").iter().all(|change| !change.contains("session(aal2)")));
}

#[test]
fn what_only_a_signed_in_member_reads_is_asked_for_no_more() {
    let text = staff("passkey", SOUND_ENROL, "proofing(in-person) and issued(work-mail)").replace(
        "[channel.mobile]",
        "[channel.work-mail]\nkind = \"email\"\nbehind = \"login\"\n[channel.mobile]",
    );
    let changes = offered(&text, "circular-recovery");
    assert!(!changes.is_empty());
    assert!(changes.iter().all(|change| !change.contains("issued(work-mail)")), "{changes:#?}");
}

#[test]
fn a_door_that_tells_nobody_tells_its_owner() {
    let text = staff("passkey", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)")
        .replace("notify = [\"own-mail\", \"mobile\"]\n", "");
    let changes = offered(&text, "silent-change");
    assert!(changes.first().is_some_and(|change| change.contains("notify = [\"own-mail\"]")), "{changes:#?}");
}

#[test]
fn the_notice_goes_elsewhere_than_the_code() {
    let text = staff("passkey", SOUND_ENROL, "proofing(in-person) and issued(own-mail) and approval(helpdesk, 2)")
        .replace("notify = [\"own-mail\", \"mobile\"]", "notify = [\"own-mail\"]")
        .replace(
            "[population.staff.login]",
            "[population.staff.bind]\nrequire = \"session(aal2)\"\nbinds = [\"passkey\"]\nnotify = [\"own-mail\", \"mobile\"]\n[population.staff.login]",
        );
    let changes = offered(&text, "shared-channel");
    assert!(changes.iter().any(|change| change.contains("notify = [\"mobile\"]")), "{changes:#?}");
}

#[test]
fn a_group_that_resets_itself_asks_somebody_outside() {
    let text = format!(
        "{}\n[approver.admin]\npopulation = \"admins\"\n[population.admins]\nproofing = 'ial1'\n\
         login = {{ require = 'passkey' }}\noffboard = {{ within = '60s' }}\n\
         [population.admins.recover.desk]\nrequire = \"proofing(in-person) and approval(admin, 2)\"\n\
         binds = [\"passkey\"]\nwait = \"24h\"\nnotify = [\"own-mail\", \"mobile\"]\n",
        staff("passkey", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)")
    );
    let changes = offered(&text, "self-approval");
    assert!(changes.iter().any(|change| change.contains("approval(helpdesk")), "{changes:#?}");
}

#[test]
fn a_weak_session_binds_no_strong_factor() {
    let text = staff("passkey or password", SOUND_ENROL, "proofing(in-person) and approval(helpdesk)").replace(
        "[population.staff.login]",
        "[population.staff.bind]\nrequire = \"session(aal1)\"\nbinds = [\"passkey\"]\nnotify = [\"own-mail\", \"mobile\"]\n[population.staff.login]",
    );
    let changes = offered(&text, "bind-raises-assurance");
    assert!(changes.first().is_some_and(|change| change.contains("session(aal2)")), "{changes:#?}");
}

#[test]
fn a_ticket_for_newcomers_recovers_nobody() {
    let text = staff("passkey", SOUND_ENROL, SOUND_ENROL);
    let changes = offered(&text, "same-door-twice");
    assert!(!changes.is_empty());
}

#[test]
fn a_change_that_would_open_another_hole_is_not_offered() {
    // Without the phishable alternative, whoever holds all three would have a better login than that recovery.
    let recovery = "password and totp and codes and issued(own-mail)";
    let text = staff("passkey or (password and totp)", SOUND_ENROL, recovery);
    let checked = judge(&text);
    let login = checked.diagnostics.iter().find(|found| found.at == "population.staff.login");
    let help = &login.expect("the login can be phished").help;
    assert!(help.iter().all(|help| lines(help).is_empty()), "{help:?}");
}

#[test]
fn where_nothing_mends_the_advice_stays_general() {
    let text = "version = 1\norganization = { name = 'E', domain = 'e.example', support = 's@e.example' }\n\
                [authenticator.password]\nkind = 'password'\n[authenticator.totp]\nkind = 'totp'\n\
                [population.staff.login]\nrequire = 'password and totp'\n";
    let checked = judge(text);
    let found = checked.diagnostics.iter().find(|found| found.rule.name() == "single-capability");
    assert_eq!(found.map(|found| found.help.len()), Some(1));
}

#[test]
fn an_excused_finding_is_not_worked_on() {
    let text = staff("passkey", SOUND_ENROL, "codes and issued(own-mail)")
        + "[[exception]]\nrule = 'recovery-weaker-than-login'\nat = 'population.staff.recover.lost'\n\
           owner = 'o'\nreason = 'why'\nexpires = 2026-12-31\n";
    let checked = judge(&text);
    let found = checked.diagnostics.iter().find(|found| found.exception.is_some()).expect("it is excused");
    assert!(found.help.iter().all(|help| lines(help).is_empty()), "{:?}", found.help);
}

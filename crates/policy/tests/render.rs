//! What people and programs read: the end of the human output, colour, and the JSON object of design section 8.

use policy::model::Date;
use policy::render::{human, json, takeover};
use policy::{Checked, Source, check};
use serde_json::{Value, json};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// A phishing-resistant login with a phishable way round it.
const LEAK: &str = include_str!("common/leak.toml");

/// What the leak is for: an application, and a text message to the phone that holds the passkey.
const PAYROLL: &str = r#"
[app.payroll]
for = ["staff"]
aal = 2

[channel.mobile]
kind = "sms"
on   = "phone"
"#;

/// The leak with an application, and with a notice that reaches the phone.
fn leak() -> String {
    LEAK.replace(r#"["own-mail"]"#, r#"["own-mail", "mobile"]"#) + PAYROLL
}

fn judge(text: &str) -> (Source, Checked) {
    let source = Source::single("postern.toml", text);
    let checked = check(&source, TODAY);
    (source, checked)
}

fn report(text: &str) -> Value {
    let (source, checked) = judge(text);
    serde_json::from_str(&json::render("postern.toml", &source, &checked)).expect("the report is JSON")
}

/// The capabilities and the effort of each takeover in a list.
fn sets(takeovers: &Value) -> Vec<(Vec<&str>, u64)> {
    let list = |value: &Value| value.as_array().map_or(0, Vec::len);
    (0..list(takeovers))
        .map(|index| {
            let (capabilities, effort) = (&takeovers[index]["capabilities"], &takeovers[index]["effort"]);
            let capabilities =
                (0..list(capabilities)).map(|index| capabilities[index].as_str().unwrap_or("?"));
            (capabilities.collect(), effort.as_u64().unwrap_or(0))
        })
        .collect()
}

#[test]
fn the_report_has_the_shape_of_the_design() {
    let report = report(&leak());
    let keys = |value: &Value| -> Vec<String> {
        let object = value.as_object().expect("an object");
        let mut keys: Vec<String> = object.keys().cloned().collect();
        keys.sort();
        keys
    };
    assert_eq!(keys(&report), ["apps", "diagnostics", "digest", "policy", "populations"]);
    let diagnostic = &report["diagnostics"][0];
    let fields = [
        "at",
        "code",
        "column",
        "end_column",
        "end_line",
        "exception",
        "file",
        "help",
        "label",
        "level",
        "line",
        "mends",
        "message",
        "notes",
        "related",
        "rule",
        "steps",
    ];
    assert_eq!(keys(diagnostic), fields);
    assert_eq!(diagnostic["rule"], "recovery-weaker-than-login");
    assert_eq!(diagnostic["code"], "P0101");
    assert_eq!(diagnostic["at"], "population.staff.recover.self-service");
    assert_eq!((&diagnostic["line"], &diagnostic["column"]), (&json!(20), &json!(11)));
    // Line 20 holds `require = "codes and issued(own-mail)"`, line 17 `require = "passkey"`.
    assert_eq!((&diagnostic["end_line"], &diagnostic["end_column"]), (&json!(20), &json!(39)));
    let related = &diagnostic["related"][0];
    assert_eq!(keys(related), ["column", "end_column", "end_line", "file", "label", "line"]);
    assert_eq!((&related["line"], &related["end_column"]), (&json!(17), &json!(20)));
    assert!(
        diagnostic["steps"][0].as_str().is_some_and(|step| step.starts_with("phish the member")),
        "{diagnostic:#}"
    );
    assert_eq!(diagnostic["steps"].as_array().map(Vec::len), Some(3));
    assert!(diagnostic["notes"].is_array());

    let staff = &report["populations"]["staff"];
    assert_eq!(keys(staff), ["login", "profiles"]);
    assert_eq!(staff["login"], json!([{ "evidence": ["passkey"], "aal": 2, "phishing_resistant": true }]));
    let profile = &staff["profiles"][0];
    assert_eq!(keys(profile), ["doors", "holds", "lockout", "takeover", "verdict"]);
    assert_eq!(profile["holds"], json!(["passkey"]));
    assert_eq!(profile["verdict"], "weaker");
    assert_eq!(keys(&profile["takeover"]), ["any", "enrolment", "login"]);
    assert_eq!(profile["doors"]["recover.self-service"], json!({ "conformant": true, "verdict": "weaker" }));
    assert_eq!(report["apps"]["payroll"]["staff"]["reachable"], true);
}

#[test]
fn a_mend_is_told_key_by_key() {
    let report = report(&leak());
    let mends = report["diagnostics"][0]["mends"].as_array().expect("a list").clone();
    assert!(!mends.is_empty(), "{report:#}");
    for mend in &mends {
        assert_eq!(mend["at"], "population.staff.recover.self-service");
        assert!(mend["effort"].is_u64() || mend["effort"].is_null(), "{mend:#}");
        let set = mend["set"].as_object().expect("an object");
        assert!(
            !set.is_empty() && set.keys().all(|key| ["notify", "require", "wait"].contains(&key.as_str()))
        );
        assert!(set.get("require").is_none_or(Value::is_string), "an expression without quotes of its own");
        assert!(set.get("notify").is_none_or(Value::is_array));
    }
}

#[test]
fn the_report_lists_the_minimal_sets_of_the_design() {
    let report = report(&leak());
    let takeover = &report["populations"]["staff"]["profiles"][0]["takeover"];
    // Section 4: a passkey is passed by {sync-account} or by {steal t, unlock t}; codes by {phish} or {steal t}; an
    // issued code by {phish} or control of the mailbox, with MFA {phish} or {mailbox}.
    let login =
        [(vec!["steal(member,phone)", "unlock(member,phone)"], 16), (vec!["sync-account(member)"], 8)];
    assert_eq!(sets(&takeover["login"]), login);
    let any = [
        (vec!["mailbox(member,own-mail)", "steal(member,paper)"], 12),
        (vec!["phish(member)"], 2),
        (vec!["steal(member,phone)", "unlock(member,phone)"], 16),
        (vec!["sync-account(member)"], 8),
    ];
    assert_eq!(sets(&takeover["any"]), any);
    let phished = &takeover["any"][1];
    assert_eq!(
        (&phished["doors"], &phished["new"]),
        (&json!(["recover.self-service", "login"]), &json!(true))
    );
    assert_eq!(takeover["enrolment"], json!([]));
}

#[test]
fn a_policy_that_cannot_be_read_still_has_a_report() {
    let report = report("version = 2");
    assert!(report["diagnostics"].as_array().is_some_and(|found| !found.is_empty()));
    assert_eq!((&report["populations"], &report["apps"]), (&json!({}), &json!({})));
}

#[test]
fn human_output_ends_in_the_populations_the_assumed_attacker_and_the_verdict() {
    let (source, checked) = judge(&leak());
    let printed = human::render(&source, &checked, false);
    let end = "\
population  verdict  effort  weakest way in  smallest loss that locks out
staff       weaker        2  phish(member)   lose(own-mail) and lose(phone), or 3 more
assumed effort: automated 1, lured 2, targeted 4, close 8; malware on a member's own device is not counted

error: 1 error, 1 warning
";
    assert!(printed.ends_with(end), "{printed}");
}

#[test]
fn the_assumed_attacker_is_stated_as_the_policy_changed_it() {
    let attacker = "[attacker]\nignore = ['forge']\nrank = { sim-swap = 2 }\nendpoint = true\n";
    let (source, checked) = judge(&format!("{}{attacker}", leak()));
    let printed = human::render(&source, &checked, false);
    assert!(printed.contains("close 8; sim-swap is lured; ignored: forge\n"), "{printed}");
}

#[test]
fn a_clean_policy_is_ok_in_one_word() {
    let clean =
        leak().replace("codes and issued(own-mail)", "codes and issued(own-mail) and proofing(in-person)");
    let (source, checked) = judge(&clean);
    assert!(human::render(&source, &checked, false).ends_with("\nok\n"));
}

#[test]
fn colour_is_there_when_asked_for_and_not_otherwise() {
    let (source, checked) = judge(&leak());
    assert!(human::render(&source, &checked, true).contains("\x1b["));
    assert!(!human::render(&source, &checked, false).contains('\x1b'));
}

#[test]
fn a_finding_in_a_long_file_cites_its_own_lines_only() {
    let padding = "# nothing\n".repeat(5_000);
    let text = format!("{padding}{}", leak());
    let (source, checked) = judge(&text);
    let printed = human::finding(&source, &checked.diagnostics[0], false);
    assert!(printed.contains("postern.toml:5020:11") && printed.lines().count() < 25, "{printed}");
}

#[test]
fn a_finding_at_the_very_end_of_a_file_can_be_printed() {
    for text in ["version =", "version = 1\n[a", "\u{feff}", "x", "é = \"", "[[exception]]\n\n\n"] {
        let (source, checked) = judge(text);
        assert!(human::render(&source, &checked, false).contains("postern.toml"), "{text}");
    }
}

#[test]
fn the_weakest_ways_in_are_told_step_by_step() {
    let (_, checked) = judge(&leak());
    let told = takeover::accounts(&checked);
    let beginning = "staff\n  members who hold only `passkey`: weaker\n    effort 2: phish(member)\n      1. phish the member";
    assert!(told.starts_with(beginning), "{told}");
    assert!(told.contains("      2. open recover.self-service"), "{told}");
    let app = takeover::app(&checked, 0);
    assert!(app.starts_with("payroll by staff at AAL2 or more, phishing-resistant\n    effort 2: phish(member)\n      1. phish"), "{app}");
}

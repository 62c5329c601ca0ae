//! What was not proved is no verdict: every format says so, and nobody may enforce it.

use std::sync::LazyLock;

use policy::model::Date;
use policy::render::{github, graph, human, json, report, sarif, takeover};
use policy::{Checked, Source, check};
use serde_json::Value;

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// Sixteen times one of two things: 65,536 ways in, each of them minimal, for every profile.
fn source() -> Source {
    let mut text = String::from(
        "version = 1\norganization = { name = 'Example Ltd', domain = 'example.com', support = 'it@example.com' }\n\
         [attacker]\nignore = ['phish']\n\
         [app.payroll]\nfor = ['staff', 'guests']\n\
         [population.guests.login]\nrequire = 't0 and k0'\n",
    );
    let pairs: Vec<String> = (0..16).map(|i| format!("(t{i} or k{i})")).collect();
    let login = format!("[population.staff.login]\nrequire = '{}'\n", pairs.join(" and "));
    text.push_str(&login);
    for i in 0..16 {
        let pair = format!(
            "[authenticator.t{i}]\nkind = 'totp'\non = 'p{i}'\n[authenticator.k{i}]\nkind = 'hotp'\n"
        );
        text.push_str(&pair);
    }
    Source::single("postern.toml", text)
}

/// Checked once: the limits are far away, and on the way to them a debug build takes its time.
static TRUNCATED: LazyLock<(Source, Checked)> = LazyLock::new(|| {
    let source = source();
    let checked = check(&source, TODAY);
    assert!(checked.analysis.as_ref().is_some_and(|analysis| analysis.truncated));
    (source, checked)
});

#[test]
fn nobody_may_enforce_it() {
    let mut checked = TRUNCATED.1.clone();
    // Not even if nothing else speaks against it.
    checked.diagnostics.clear();
    assert!(checked.enforce().is_err());
}

/// Not as a recovery that is weak: that would be a verdict.
#[test]
fn it_is_found_once_for_each_population_under_its_own_name() {
    let found = &TRUNCATED.1.diagnostics;
    let about = |rule: &str| -> Vec<&str> {
        found.iter().filter(|found| found.rule.name() == rule).map(|found| found.at.as_str()).collect()
    };
    assert_eq!(about("unproved"), ["population.staff"]);
    assert!(about("recovery-weaker-than-login").is_empty());
}

#[test]
fn the_formats_for_people_say_that_nothing_is_proved() {
    let (source, checked) = &*TRUNCATED;
    for printed in [
        human::render(source, checked, false),
        github::render(source, checked),
        takeover::accounts(checked),
        takeover::app(checked, 0),
    ] {
        assert!(printed.contains("nothing is proved") || printed.contains("unproved"), "{printed}");
    }
}

#[test]
fn json_marks_the_population_and_gives_it_no_verdict() {
    let (source, checked) = &*TRUNCATED;
    let printed: Value = serde_json::from_str(&json::render("p", source, checked)).expect("it is JSON");
    let staff = &printed["populations"]["staff"];
    assert_eq!((&staff["truncated"], &staff["profiles"]), (&true.into(), &Value::Array(vec![])));
    assert_eq!(printed["apps"]["payroll"]["staff"]["truncated"], true);
    let guests = &printed["populations"]["guests"];
    assert!(guests.get("truncated").is_none() && guests["profiles"][0]["verdict"].is_string());
}

#[test]
fn sarif_says_that_the_run_did_not_succeed() {
    let (source, checked) = &*TRUNCATED;
    let printed: Value = serde_json::from_str(&sarif::render(source, checked, "0")).expect("it is JSON");
    assert_eq!(printed["runs"][0]["invocations"][0]["executionSuccessful"], false);
}

#[test]
fn reports_say_so_and_call_no_control_met() {
    let (source, checked) = &*TRUNCATED;
    let subject = report::Subject { policy: "p", source, checked, today: TODAY, version: "0" };
    let page = report::html(&subject);
    assert!(page.contains("Truncated") && page.contains("not computed"));
    let printed: Value = serde_json::from_str(&report::json(&subject)).expect("it is JSON");
    assert_eq!(printed["truncated"], true);
    let oscal = report::oscal(&subject);
    assert!(!oscal.contains("\"satisfied\""), "{oscal}");
}

#[test]
fn a_picture_shows_the_doors_alone_and_says_why() {
    let checked = &TRUNCATED.1;
    let missing = graph::missing(checked);
    assert_eq!(missing.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>(), ["staff"]);
    assert!(missing[0].1.to_string().contains("nothing is proved"));
    let svg = graph::svg(checked, graph::Form::File);
    for words in
        ["staff", ">login<", "not computed", "The ways in are too many to list, and nothing is proved."]
    {
        assert!(svg.contains(words), "{words}: {svg}");
    }
    let (_, staff) = svg.split_once("chain of staff").expect("its picture has a title");
    let (staff, _) = staff.split_once("</g>").expect("it ends");
    assert!(!staff.contains("effort") && !staff.contains("There is no way in"), "{staff}");
    assert!(graph::dot(checked).contains("staff: not computed"));
}

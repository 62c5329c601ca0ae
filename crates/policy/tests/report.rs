//! The report for auditors: what it says, that its page is safe and whole, and that OSCAL tools can read it.
//!
//! The members that OSCAL requires are those of NIST's assessment-results model 1.1.2.

use policy::model::Date;
use policy::render::report::{self, Subject};
use policy::{Checked, Source, check};
use serde_json::Value;

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// A phishing-resistant login with a phishable way round it.
const LEAK: &str = include_str!("common/leak.toml");

const EXCEPTION: &str = r#"
[[exception]]
rule    = "recovery-weaker-than-login"
at      = "population.staff.recover.self-service"
reason  = "the new door opens in January"
owner   = "alice@example.com"
expires = 2026-12-31
"#;

const COMPANY: &str = include_str!("../../../examples/company.toml");

/// A policy, checked, and reported on in one of the formats.
fn reported(text: &str, format: fn(&Subject<'_>) -> String) -> String {
    let source = Source::single("postern.toml", text);
    let checked: Checked = check(&source, TODAY);
    format(&Subject {
        policy: "postern.toml",
        source: &source,
        checked: &checked,
        today: TODAY,
        version: "0.1.0",
    })
}

fn json(text: &str) -> Value {
    serde_json::from_str(&reported(text, report::json)).expect("the report is JSON")
}

fn oscal(text: &str) -> Value {
    serde_json::from_str(&reported(text, report::oscal)).expect("the results are JSON")
}

/// The outcome of one requirement.
fn outcome(report: &Value, framework: &str, id: &str) -> String {
    let controls = report["controls"].as_array().expect("the report has controls");
    let control = controls.iter().find(|control| control["framework"] == framework && control["id"] == id);
    control.unwrap_or_else(|| panic!("{framework} {id}"))["outcome"].as_str().unwrap_or_default().to_owned()
}

#[test]
fn the_report_names_the_policy_the_day_and_the_attacker() {
    let report = json(LEAK);
    assert_eq!(report["digest"], Source::single("postern.toml", LEAK).digest());
    assert_eq!(report["checked_on"], "2026-11-20");
    let deeds = report["attacker"]["capabilities"].as_array().expect("a list");
    let effort =
        |name: &str| &deeds.iter().find(|deed| deed["name"] == name).expect("a known deed")["effort"];
    // Design section 4: phishing is lured, rank 2; malware is left out unless the policy counts it.
    assert_eq!((effort("phish"), effort("malware")), (&Value::from(2), &Value::Null));
}

#[test]
fn a_chain_comes_with_its_verdict_its_doors_and_their_clauses() {
    let report = json(LEAK);
    let profile = &report["populations"][0]["profiles"][0];
    assert_eq!(
        (&profile["verdict"], &profile["login_effort"], &profile["effort"]),
        (&"weaker".into(), &8.into(), &2.into())
    );
    let door = &profile["doors"][0];
    assert_eq!(
        (&door["name"], &door["requirement"]),
        (&"recover.self-service".into(), &"codes and issued(own-mail)".into())
    );
    // 63B-4 4.2.2.2 permits two codes of different methods: conformant, and weaker all the same.
    assert_eq!(
        (&door["conformance"]["clause"], &door["conformance"]["conformant"]),
        (&"4.2.2.2".into(), &true.into())
    );
}

#[test]
fn a_requirement_is_met_unless_a_finding_speaks_against_it() {
    let leak = json(LEAK);
    assert_eq!(outcome(&leak, "PCI DSS 4.0.1", "8.3.3"), "not-met");
    assert_eq!(outcome(&leak, "OWASP ASVS 5.0", "6.4.3"), "not-met");
    assert_eq!(outcome(&leak, "NIST SP 800-63B-4", "4.2.2.2 (RAAL2-1)"), "met");
    assert_eq!(outcome(&leak, "NIST SP 800-63B-4", "4.2.2.3 (RAAL3-1)"), "not-applicable");
    assert_eq!(outcome(&leak, "NIST SP 800-63B-4", "3.2.9"), "not-applicable");
    assert_eq!(outcome(&leak, "OWASP NHI Top 10", "NHI1:2025"), "met");
    let company = json(COMPANY);
    assert_eq!(outcome(&company, "PCI DSS 4.0.1", "8.3.3"), "met");
    // Staff of the example may be idle for an hour, which 63B-4 permits and PCI does not.
    assert_eq!(outcome(&company, "PCI DSS 4.0.1", "8.2.8"), "not-met");
    assert_eq!(outcome(&company, "NIST SP 800-63B-4", "2.1.3, 2.2.3, 2.3.3"), "met");
}

#[test]
fn a_login_with_one_factor_is_not_two() {
    let text = LEAK.replace("kind = \"passkey\"\non   = \"phone\"", "kind = \"password\"");
    assert_eq!(outcome(&json(&text), "PCI DSS 4.0.1", "8.4.2"), "not-met");
    assert_eq!(outcome(&json(LEAK), "PCI DSS 4.0.1", "8.4.2"), "met");
}

#[test]
fn a_requirement_about_privileged_accounts_is_about_those_at_high_risk() {
    assert_eq!(outcome(&json(LEAK), "NIST SP 800-53 r5", "IA-2(1)"), "not-applicable");
    assert_eq!(outcome(&json(LEAK), "NIST SP 800-53 r5", "IA-2(2)"), "met");
    assert_eq!(outcome(&json(COMPANY), "NIST SP 800-53 r5", "IA-2(1)"), "met");
}

#[test]
fn an_exception_is_reported_with_its_owner_and_its_day() {
    let report = json(&format!("{LEAK}{EXCEPTION}"));
    let exception = &report["exceptions"][0];
    assert_eq!(
        (&exception["owner"], &exception["expires"]),
        (&"alice@example.com".into(), &"2026-12-31".into())
    );
    assert_eq!(exception["in_force"], true);
    let other = json(&format!("{LEAK}{}", EXCEPTION.replace("2026-12-31", "2026-01-31")));
    assert_eq!(other["exceptions"][0]["in_force"], false);
}

#[test]
fn what_is_only_excused_is_not_called_met() {
    let report = json(&format!("{LEAK}{EXCEPTION}"));
    assert_eq!(outcome(&report, "OWASP ASVS 5.0", "6.1.3, 6.3.3"), "accepted-by-exception");
}

#[test]
fn the_page_is_whole_and_asks_nobody_for_anything() {
    let page = reported(COMPANY, report::html);
    assert!(page.starts_with("<!doctype html>") && page.ends_with("</html>\n"));
    for outside in ["<script", "<link", "src=", "url(", "@import", "href="] {
        assert!(!page.contains(outside), "{outside}");
    }
    assert!(page.contains("@media print"));
    assert_eq!(page.matches("<svg ").count(), 4, "one picture for each population");
    for element in
        ["main", "section", "table", "article", "figure", "ol", "ul", "dl", "tbody", "code", "b", "p"]
    {
        let opened =
            page.matches(&format!("<{element}>")).count() + page.matches(&format!("<{element} ")).count();
        assert_eq!(opened, page.matches(&format!("</{element}>")).count(), "{element}");
    }
}

#[test]
fn every_id_of_the_page_is_there_once() {
    let page = reported(COMPANY, report::html);
    let mut ids: Vec<&str> =
        page.split(" id=\"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)).collect();
    let count = ids.len();
    ids.sort_unstable();
    ids.dedup();
    assert!(count > 0 && ids.len() == count, "{ids:?}");
}

#[test]
fn the_page_shows_what_the_policy_says_and_never_obeys_it() {
    let text = LEAK.replace("Example Ltd", "<script>alert(1)</script>&");
    let page = reported(&text, report::html);
    assert!(!page.contains("<script"), "{page}");
    assert!(page.contains("&lt;script&gt;alert(1)&lt;/script&gt;&amp;"));
}

#[test]
fn the_page_states_what_it_does_not_say() {
    let page = reported(LEAK, report::html);
    for heading in ["The assumed attacker", "Findings", "Exceptions", "What this report does not say"] {
        assert!(page.contains(&format!("<h2>{heading}</h2>")), "{heading}");
    }
}

#[test]
fn the_oscal_results_have_every_required_member() {
    let document = oscal(LEAK);
    let results = &document["assessment-results"];
    has(results, &["uuid", "metadata", "import-ap", "results"]);
    has(&results["metadata"], &["title", "last-modified", "version", "oscal-version"]);
    has(&results["import-ap"], &["href"]);
    let list = results["results"].as_array().expect("a list");
    assert_eq!(list.len(), 2, "one for each catalog");
    for result in list {
        has(result, &["uuid", "title", "description", "start", "reviewed-controls"]);
        let selections = result["reviewed-controls"]["control-selections"].as_array().expect("a list");
        for control in selections[0]["include-controls"].as_array().expect("a list") {
            has(control, &["control-id"]);
        }
        for finding in result["findings"].as_array().expect("a list") {
            has(finding, &["uuid", "title", "description", "target"]);
            has(&finding["target"], &["type", "target-id", "status"]);
            let state = finding["target"]["status"]["state"].as_str();
            assert!(matches!(state, Some("satisfied" | "not-satisfied")), "{finding:#}");
            let seen = &finding["related-observations"][0]["observation-uuid"];
            let mut observations = result["observations"].as_array().expect("a list").iter();
            assert!(observations.any(|observation| observation["uuid"] == *seen), "{finding:#}");
        }
        for observation in result["observations"].as_array().expect("a list") {
            has(observation, &["uuid", "description", "methods", "collected"]);
        }
    }
}

/// Members that are there and not empty.
fn has(object: &Value, members: &[&str]) {
    for member in members {
        let value = &object[*member];
        let empty = value.is_null() || value == "" || value.as_array().is_some_and(Vec::is_empty);
        assert!(!empty, "`{member}` is missing in {object:#}");
    }
}

#[test]
fn the_oscal_results_are_keyed_to_the_catalogs_of_nist() {
    let document = oscal(LEAK);
    let keys = |index: usize| -> Vec<String> {
        let findings =
            document["assessment-results"]["results"][index]["findings"].as_array().expect("a list");
        findings
            .iter()
            .map(|finding| finding["target"]["target-id"].as_str().unwrap_or_default().to_owned())
            .collect()
    };
    assert!(
        keys(0).contains(&"RAAL2-1".to_owned()) && !keys(0).contains(&"RAAL3-1".to_owned()),
        "{:?}",
        keys(0)
    );
    assert!(keys(1).contains(&"ia-5_smt".to_owned()), "{:?}", keys(1));
}

#[test]
fn the_controls_of_sp_800_53_are_in_the_catalog_of_nist() {
    // Of the families AC and IA, what NIST's OSCAL profile of the moderate baseline (revision 5) takes from the catalog.
    const BASELINE: &str = "ac-1 ac-2 ac-2.1 ac-2.2 ac-2.3 ac-2.4 ac-2.5 ac-2.13 ac-3 ac-4 ac-5 ac-6 ac-6.1 ac-6.2 ac-6.5 \
        ac-6.7 ac-6.9 ac-6.10 ac-7 ac-8 ac-11 ac-11.1 ac-12 ac-14 ac-17 ac-17.1 ac-17.2 ac-17.3 ac-17.4 ac-18 ac-18.1 \
        ac-18.3 ac-19 ac-19.5 ac-20 ac-20.1 ac-20.2 ac-21 ac-22 ia-1 ia-2 ia-2.1 ia-2.2 ia-2.8 ia-2.12 ia-3 ia-4 \
        ia-4.4 ia-5 ia-5.1 ia-5.2 ia-5.6 ia-6 ia-7 ia-8 ia-8.1 ia-8.2 ia-8.4 ia-11 ia-12 ia-12.2 ia-12.3 ia-12.5";
    let document = oscal(COMPANY);
    let selected =
        &document["assessment-results"]["results"][1]["reviewed-controls"]["control-selections"][0];
    let controls = selected["include-controls"].as_array().expect("a list");
    assert!(!controls.is_empty());
    for control in controls {
        let id = control["control-id"].as_str().unwrap_or_default();
        assert!(BASELINE.split_whitespace().any(|known| known == id), "{id}");
    }
}

#[test]
fn every_uuid_is_well_formed_and_the_same_in_the_next_report() {
    let text = reported(COMPANY, report::oscal);
    assert_eq!(text, reported(COMPANY, report::oscal));
    let mut found = 0;
    for uuid in text.split("uuid\": \"").skip(1).filter_map(|rest| Some(rest.split_once('"')?.0)) {
        // The pattern of OSCAL's UUID type: version 4 or 5, variant 8 to b.
        let parts: Vec<&str> = uuid.split('-').collect();
        assert_eq!(parts.iter().map(|part| part.len()).collect::<Vec<_>>(), [8, 4, 4, 4, 12], "{uuid}");
        assert!(uuid.chars().all(|c| c == '-' || c.is_ascii_hexdigit()), "{uuid}");
        assert!(parts[2].starts_with(['4', '5']) && parts[3].starts_with(['8', '9', 'a', 'b']), "{uuid}");
        found += 1;
    }
    assert!(found > 20, "{found}");
}

#[test]
fn a_report_on_one_population_says_nothing_of_the_others() {
    let source = Source::single("postern.toml", COMPANY);
    let mut checked = check(&source, TODAY);
    checked.narrow("admins").expect("the example has admins");
    let subject = Subject {
        policy: "postern.toml",
        source: &source,
        checked: &checked,
        today: TODAY,
        version: "0.1.0",
    };
    let page = report::html(&subject);
    assert!(page.contains("The chain of admins") && !page.contains("The chain of staff"));
}

#[test]
fn about_a_policy_that_cannot_be_read_nothing_is_claimed() {
    let report = json("version =");
    let controls = report["controls"].as_array().expect("a list");
    assert!(controls.iter().all(|control| control["outcome"] == "not-assessed"));
}

#[test]
fn wide_tables_scroll_in_a_box_that_says_so_and_paths_break() {
    let html = reported(include_str!("../../../examples/company.toml"), report::html);
    let narrow = html.split_once("@media screen and (max-width: 48rem)").expect("telephones have rules").1;
    let (narrow, _) = narrow.split_once("@media print").expect("paper comes after");
    assert!(
        narrow.contains(".many::before, figure::before { content:")
            && narrow.contains("scroll this box sideways")
    );
    assert!(narrow.contains("overflow-wrap: anywhere"));
    let boxes: Vec<&str> = html.split("<div class=\"wide").skip(1).collect();
    assert!(boxes.len() > 5);
    for of in boxes {
        let columns = of.split("</thead>").next().unwrap_or_default().matches("<th scope=\"col\">").count();
        assert_eq!(of.starts_with(" many\""), columns > 3, "{of}");
        assert!(of.contains("tabindex=\"0\" role=\"region\" aria-label=\""), "{of}");
    }
}

#[test]
fn a_chain_of_login_alone_says_that_there_is_no_other_door() {
    let html = reported(
        "version = 1\norganization = { name = 'E', domain = 'example.com', support = 's' }\n\
         [authenticator.passkey]\nkind = 'passkey'\n[population.staff.login]\nrequire = 'passkey'\n",
        report::html,
    );
    assert!(
        html.contains("<p>There is no door besides login.</p>") && !html.contains("Doors besides login<"),
        "{html}"
    );
}

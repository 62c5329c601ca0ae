//! Bad input: whatever is in the file, `check` answers with diagnostics, soon, and never panics.

use policy::model::Date;
use policy::render::human;
use policy::rules::Rule;
use policy::{Checked, Source, SourceFile, check};
use proptest::prelude::*;

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };
const COMPANY: &str = include_str!("../../../examples/company.toml");

/// The beginning of a policy in which only what a test adds is mistaken.
const START: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.passkey]
kind = "passkey"
[channel.own-mail]
kind = "email"
"#;

fn judge(text: &str) -> Checked {
    let source = Source::single("postern.toml", text);
    let checked = check(&source, TODAY);
    // Whatever was found can be printed.
    let printed = human::render(&source, &checked, true);
    assert!(!printed.is_empty());
    checked
}

/// The policy has no model, and these are the rules it broke.
fn refused(text: &str) -> Vec<Rule> {
    let checked = judge(text);
    assert!(checked.model.is_none() && checked.has_errors(), "this was accepted:\n{text}");
    checked.diagnostics.iter().map(|found| found.rule).collect()
}

/// What is underlined, for each finding.
fn underlined(text: &str) -> Vec<&str> {
    let spans = judge(text).diagnostics.into_iter().map(|found| found.span);
    spans.map(|span| &text[span.start as usize..span.end as usize]).collect()
}

fn with_login(require: &str) -> String {
    format!("{START}[population.staff.login]\nrequire = {require}\n")
}

#[test]
fn an_empty_file_lacks_everything_that_is_required() {
    assert_eq!(refused(""), [Rule::Syntax; 3]);
}

#[test]
fn a_policy_of_no_files_is_refused() {
    let checked = check(&Source::default(), TODAY);
    assert!(checked.model.is_none() && checked.has_errors());
}

#[test]
fn malformed_toml_is_reported_with_every_mistake_of_one_run() {
    let rules = refused("version = \n[population.staff\nx = = 1\nname = \"unclosed\n");
    assert!(rules.iter().filter(|rule| **rule == Rule::Syntax).count() >= 3, "{rules:?}");
}

#[test]
fn mistakes_of_different_sorts_are_reported_together() {
    let text = format!(
        "{START}colour = \"red\"\n[population.staff.login]\nrequire = \"paskey\"\n\
         [population.guests]\n[population.other.login]\nrequire = \"issued(own-mail)\"\n"
    );
    let rules = refused(&text);
    assert_eq!(rules, [Rule::UnknownName, Rule::UnknownName, Rule::Syntax, Rule::WrongKind]);
}

#[test]
fn a_policy_of_ten_mebibytes_is_refused_without_being_read() {
    let text = COMPANY.repeat(10 * (1 << 20) / COMPANY.len() + 1);
    assert_eq!(refused(&text), [Rule::Syntax]);
}

#[test]
fn a_mebibyte_of_mistakes_ends_in_a_bounded_list() {
    let mistakes: Vec<String> =
        (0..20_000).map(|number| format!("[authenticator.a{number}]\nkinf = 1\n")).collect();
    let rules = refused(&format!("{START}{}", mistakes.concat()));
    assert!(rules.len() <= 201, "{}", rules.len());
}

#[test]
fn one_endless_line_is_refused() {
    refused(&format!("x = \"{}\"", "a".repeat(1 << 19)));
    refused(&format!("{} = 1", "a".repeat(1 << 19)));
}

#[test]
fn deep_nesting_of_toml_is_refused() {
    refused(&format!("x = {}{}", "[".repeat(100_000), "]".repeat(100_000)));
    refused(&format!("x = {}", "{a=".repeat(100_000)));
    refused(&format!("{}x = 1", "a.".repeat(100_000)));
    refused(&format!("[{}x]", "a.".repeat(100_000)));
}

#[test]
fn deep_nesting_of_an_expression_is_refused() {
    for parentheses in [17, 1_000, 100_000] {
        let text = with_login(&format!("'{}passkey{}'", "(".repeat(parentheses), ")".repeat(parentheses)));
        assert_eq!(refused(&text), [Rule::Syntax], "{parentheses}");
    }
    assert_eq!(refused(&with_login(&format!("'{}'", "(".repeat(100_000)))), [Rule::Syntax]);
}

#[test]
fn a_thousand_terms_are_refused() {
    for joint in [" and ", " or "] {
        let text = with_login(&format!("'{}'", vec!["passkey"; 1_000].join(joint)));
        assert_eq!(refused(&text), [Rule::Syntax]);
    }
    let text = with_login(&format!("'any 2 of ({})'", vec!["passkey"; 1_000].join(", ")));
    assert_eq!(refused(&text), [Rule::Syntax]);
}

#[test]
fn malformed_expressions_are_refused() {
    for require in [
        "",
        " ",
        "and",
        "passkey and",
        "or passkey",
        "passkey passkey",
        "(passkey",
        "passkey)",
        "()",
        "any of (passkey)",
        "any 2 of (passkey)",
        "any 0 of (passkey)",
        "any 1 of ()",
        "any 1 of passkey",
        "any -1 of (passkey)",
        "issued()",
        "issued(own-mail",
        "issued",
        "issued(own-mail, 2)",
        "passkey(2)",
        "not passkey",
        "passkey && passkey",
        "passkey,",
        "passkey and passkey",
        "any 2 of (passkey, passkey)",
        "pässkey",
        "\u{0}",
        "approval(own-mail)",
        "session(aal4)",
        "any 99999999999999999999 of (passkey)",
        "passkey or passkey",
        "PASSKEY AND PASSKEY",
    ] {
        refused(&with_login(&format!("'''{require}'''")));
    }
}

#[test]
fn the_caret_points_at_the_name_inside_the_expression() {
    assert_eq!(underlined(&with_login(r#""passkey or paskey""#)), ["paskey"]);
    assert_eq!(underlined(&with_login("'passkey or paskey'")), ["paskey"]);
    assert_eq!(underlined(&with_login("\"\"\"\npasskey\nor paskey\"\"\"")), ["paskey"]);
    assert_eq!(underlined(&with_login("'''passkey or issued( own-mial )'''")), ["own-mial"]);
}

#[test]
fn the_caret_falls_back_to_the_whole_expression_when_it_is_written_with_escapes() {
    assert_eq!(underlined(&with_login(r#""passkey or \u0070askey""#)), [r#""passkey or \u0070askey""#]);
}

#[test]
fn contradictory_doors_are_refused() {
    let doors = [
        "[population.staff.enrol]\nrequire = 'session(aal2)'\nbinds = ['passkey']",
        "[population.staff.enrol]\nrequire = 'passkey'\nbinds = ['passkey']",
        "[population.staff.bind]\nrequire = 'passkey'\nbinds = ['passkey']",
        "[population.staff.bind]\nrequire = 'passkey or session(aal2)'\nbinds = ['passkey']",
        "[population.staff.recover.a]\nrequire = 'issued(own-mail) and session(aal1)'\nbinds = ['passkey']",
        "[population.staff.recover.a]\nrequire = 'issued(own-mail)'\nbinds = []",
        "[population.staff.recover.a]\nrequire = 'issued(passkey)'\nbinds = ['passkey']",
        "[population.staff.recover.a]\nrequire = 'issued(own-mail)'\nbinds = ['passkey']\nnotify = ['passkey']",
    ];
    let login = with_login("'passkey'");
    for door in doors {
        assert_eq!(refused(&format!("{login}{door}\n")), [Rule::WrongKind], "{door}");
    }
}

#[test]
fn a_bind_door_that_always_needs_a_session_is_accepted_however_it_is_written() {
    let login = with_login("'passkey'");
    for require in [
        "session(aal2)",
        "passkey and session(aal2, 10m)",
        "session(aal2) or (session(aal1) and issued(own-mail))",
        "any 2 of (session(aal2), issued(own-mail))",
        "any 2 of (session(aal2), issued(own-mail), passkey)",
    ] {
        let text = format!("{login}[population.staff.bind]\nrequire = '{require}'\nbinds = ['passkey']\n");
        assert_eq!(judge(&text).model.is_some(), !require.ends_with("passkey)"), "{require}");
    }
}

#[test]
fn cyclic_names_end() {
    // Each population's recovery asks the other's people, and its own.
    let text = format!(
        "{START}[approver.a]\npopulation = 'one'\n[approver.b]\npopulation = 'two'\n\
         [population.one.login]\nrequire = 'passkey'\n[population.two.login]\nrequire = 'passkey'\n\
         [population.one.recover.r]\nrequire = 'approval(b) and approval(a)'\nbinds = ['passkey']\n\
         [population.two.recover.r]\nrequire = 'approval(a, 2)'\nbinds = ['passkey']\n"
    );
    assert!(judge(&text).model.is_some());
}

/// Populations whose recovery asks for the approvers of all: every account hangs on every other.
fn crowd(populations: usize, people: usize, joint: &str) -> String {
    let ask: Vec<String> =
        (0..populations.min(60)).map(|role| format!("approval(r{role}, {people})")).collect();
    let mut text = START.to_owned();
    for p in 0..populations {
        let population = format!(
            "[approver.r{p}]\npopulation = 'p{p}'\n[population.p{p}.login]\nrequire = 'passkey'\n\
             [population.p{p}.recover.r]\nrequire = '{}'\nbinds = ['passkey']\n",
            ask.join(joint)
        );
        text.push_str(&population);
    }
    text
}

#[test]
fn a_crowd_that_approves_each_other_ends_in_a_reading_or_in_none() {
    for (populations, people, joint) in [(10, 2, " or "), (60, 5, " or "), (200, 5, " or ")] {
        let checked = judge(&crowd(populations, people, joint));
        let analysis = checked.analysis.expect("the policy is well written");
        for reading in &analysis.populations {
            assert_eq!(reading.profiles.is_empty(), reading.truncated, "{populations} {people} {joint}");
        }
    }
}

#[test]
fn names_that_could_not_be_written_in_an_expression_are_refused() {
    for name in ["\"\"", "\"a b\"", "\"a.b\"", "\"1a\"", "and", "approval", "\"ä\"", "\"a\\u001b[31m\""] {
        let text = format!("{}[authenticator.{name}]\nkind = 'totp'\n", with_login("'passkey'"));
        assert_eq!(refused(&text), [Rule::Syntax], "{name}");
    }
}

#[test]
fn values_of_the_wrong_type_are_refused() {
    let login = with_login("'passkey'");
    for more in [
        "[attacker]\nendpoint = 'yes'",
        "[attacker]\nignore = 'phish'",
        "[attacker]\nrank = { phish = 5 }",
        "[attacker]\nrank = { phish = -1 }",
        "[attacker]\nrank = { phish = 1.5 }",
        "[attacker]\nrank = { phish = 0x1ff }",
        "[approver.x]\npopulation = 3",
        "[approver.x]\npopulation = 'staff'\naal = 4",
        "[app.x]\nfor = 'staff'",
        "[app.x]\nfor = [1]",
        "[app.x]\nfor = []",
        "[app.x]\nfor = ['staff']\nphishing_resistant = 1",
        "[channel]\nx = 1",
        "[[exception]]\nrule = 'syntax'\nat = 'population.staff'",
        "[[population.staff.recover]]\nrequire = 'codes'",
        "[assurance]\nsyntax = 'warning'",
    ] {
        assert!(refused(&format!("{login}{more}\n")).contains(&Rule::WrongKind), "{more}");
    }
}

#[test]
fn a_byte_order_mark_and_crlf_change_nothing() {
    let plain = check(&Source::single("p", COMPANY), TODAY);
    let text = format!("\u{feff}{}", COMPANY.replace('\n', "\r\n"));
    let marked = check(&Source::single("p", text), TODAY);
    let names = |checked: &Checked| -> Vec<String> {
        let model = checked.model.as_ref().expect("the company policy is a model");
        model.authenticators.iter().map(|a| a.name.clone()).chain(model.places()).collect()
    };
    assert_eq!(names(&plain), names(&marked));
    assert_eq!(plain.diagnostics.len(), marked.diagnostics.len());
}

#[test]
fn carets_are_right_after_a_byte_order_mark_and_with_crlf() {
    let text = format!("\u{feff}{}", with_login("'''\npasskey or paskey'''").replace('\n', "\r\n"));
    assert_eq!(underlined(&text), ["paskey"]);
}

#[test]
fn what_the_author_wrote_cannot_steer_the_terminal() {
    let text =
        format!("{START}\"\\u001b]0;gotcha\\u0007\" = 1\n[population.staff.login]\nrequire = 'passkey'\n");
    let source = Source::single("postern.toml", &text);
    let printed = human::render(&source, &check(&source, TODAY), false);
    assert!(!printed.contains('\u{1b}') && !printed.contains('\u{7}'), "{printed:?}");
}

#[test]
fn a_folder_is_one_policy_and_a_name_stands_once_in_it() {
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.to_owned() };
    let people = "[population.staff.login]\nrequire = 'passkey'\n";
    let source = Source { files: vec![file("d/a.toml", START), file("d/b.toml", people)] };
    assert!(check(&source, TODAY).model.is_some());

    let again = "[authenticator.passkey]\nkind = 'passkey'\n";
    let source =
        Source { files: vec![file("d/a.toml", START), file("d/b.toml", &format!("{people}{again}"))] };
    let checked = check(&source, TODAY);
    let [found] = checked.diagnostics.as_slice() else { panic!("{:?}", checked.diagnostics) };
    assert_eq!((found.rule, found.span.file, found.others[0].span.file), (Rule::DuplicateName, 1, 0));
    let printed = human::finding(&source, found, false);
    assert!(printed.contains("d/a.toml:4:16") && printed.contains("d/b.toml:3:16"), "{printed}");
}

#[test]
fn the_digest_of_a_file_is_its_sha256_and_of_a_folder_does_not_depend_on_order_or_place() {
    // The SHA-256 of the empty string: FIPS 180-4, widely published.
    let empty = "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
    assert_eq!(Source::single("p", "").digest(), empty);
    let file = |name: &str, text: &str| SourceFile { name: name.to_owned(), text: text.to_owned() };
    let one = Source { files: vec![file("x/a.toml", "1"), file("x/b.toml", "2")] };
    let two = Source { files: vec![file("y/b.toml", "2"), file("y/a.toml", "1")] };
    let other = Source { files: vec![file("x/a.toml", "2"), file("x/b.toml", "1")] };
    assert_eq!(one.digest(), two.digest());
    assert_ne!(one.digest(), other.digest());
}

proptest! {
    #[test]
    fn random_text_never_panics(text in "\\PC{0,200}") {
        judge(&text);
    }

    #[test]
    fn random_expressions_never_panic(require in "[a-z0-9(), -]{0,80}|(passkey|and|or|any|of|2|\\(|\\)|,| ){0,30}") {
        judge(&with_login(&format!("'{require}'")));
    }

}

proptest! {
    // Each case that is still a policy is analysed, too.
    #![proptest_config(ProptestConfig::with_cases(64))]

    /// The company policy with pieces cut out, doubled or overwritten.
    #[test]
    fn mutated_policies_never_panic(cuts in prop::collection::vec((0..COMPANY.len(), 0..60usize, "\\PC{0,8}"), 1..6)) {
        let mut text = COMPANY.to_owned();
        for (at, length, put) in cuts {
            let start = text.floor_char_boundary(at.min(text.len()));
            let end = text.floor_char_boundary((start + length).min(text.len()));
            text.replace_range(start..end.max(start), &put);
        }
        judge(&text);
    }

}

proptest! {
    /// Random bytes, as a caller would pass them after making them text.
    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        judge(&String::from_utf8_lossy(&bytes));
    }
}

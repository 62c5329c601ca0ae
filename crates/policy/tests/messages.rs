//! What mistaken files are told: what was expected, what was found, and how it might read instead.

use policy::diagnostic::Diagnostic;
use policy::model::Date;
use policy::{Source, check, text};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

const START: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.passkey]
kind = "passkey"
[channel.own-mail]
kind = "email"
[population.staff.login]
require = "passkey"
"#;

/// The only finding about a policy.
#[track_caller]
fn only(text: &str) -> Diagnostic {
    let mut found = check(&Source::single("postern.toml", text), TODAY).diagnostics;
    assert_eq!(found.len(), 1, "{found:#?}");
    found.remove(0)
}

/// What stands under the only mistake, and the help with it.
#[track_caller]
fn told(text: &str) -> (String, String) {
    let found = only(text);
    (found.label, found.help.join("; "))
}

#[test]
fn a_value_of_the_wrong_sort_is_told_with_what_was_found_and_an_example() {
    let recover =
        format!("{START}[population.staff.recover.r]\nrequire = 'issued(own-mail)'\nbinds = ['passkey']\n");
    for (text, label, help) in [
        (
            format!("{START}[app.x]\nfor = ['staff']\naal = 5"),
            "expected a number from 1 to 3, found `5`",
            "write `aal = 1`",
        ),
        (
            format!("{START}[app.x]\nfor = ['staff']\naal = '2'"),
            "expected a number from 1 to 3, found `'2'`",
            "write `aal = 2`, without quotes",
        ),
        (
            format!("{START}[app.x]\nfor = 'staff'"),
            "expected a list in square brackets, found `'staff'`",
            "write `for = ['staff']`",
        ),
        (
            START.replace("version = 1", "version = \"1\""),
            "expected the number 1, found `\"1\"`",
            "write `version = 1`, without quotes",
        ),
        (
            format!("{recover}wait = 24"),
            "expected a number and its unit in quotes, found `24`",
            "say in which unit: `wait = \"24s\"`, `\"24m\"`, `\"24h\"` or `\"24d\"`",
        ),
        (
            format!("{recover}wait = true"),
            "expected a number and its unit in quotes, found `true`",
            "write `wait = \"24h\"`",
        ),
        (
            format!("{START}[attacker]\nendpoint = 'true'"),
            "expected `true` or `false`, found `'true'`",
            "write `endpoint = true`, without quotes",
        ),
        (
            format!("{START}[[exception]]\nrule = 'unused'\nat = 'channel.own-mail'\nexpires = '2026-12-01'"),
            "expected a date, found `'2026-12-01'`",
            "write `expires = 2026-12-01`, without quotes",
        ),
    ] {
        assert_eq!(told(&text), (label.to_owned(), help.to_owned()), "{text}");
    }
}

#[test]
fn a_word_that_a_term_does_not_know_is_told_the_words_it_does() {
    let bind = |require: &str| {
        format!("{START}[population.staff.bind]\nrequire = '{require}'\nbinds = ['passkey']\n")
    };
    let (label, help) = told(&bind("session(aal4)"));
    assert_eq!(label, "expected `aal1`, `aal2` or `aal3`");
    assert_eq!(help, "write it as in `session(aal2)` or `session(aal2, 10m)`");
    let (label, help) = told(&bind("session(aal2) and proofing(in-persn)"));
    assert_eq!(label, "expected `in-person`, `video` or `document`");
    assert_eq!(help, "did you mean `in-person`?");
    let (_, help) = told(&bind("session(aal2, 10m, 3)"));
    assert_eq!(help, "write it as in `session(aal2)` or `session(aal2, 10m)`");
}

#[test]
fn a_door_of_a_misspelt_population_is_told_the_population_that_was_meant() {
    let text =
        format!("{START}[population.staf.recover.r]\nrequire = 'issued(own-mail)'\nbinds = ['passkey']\n");
    let found = only(&text);
    assert_eq!(found.help, ["did you mean `staff`? If not, add `[population.staf.login]` with `require`"]);
    let other = found.others[0].span;
    assert_eq!(&text[other.start as usize..other.end as usize], "staff");
    assert_eq!(found.others[0].text, "`staff` is defined here");

    let strange = text.replace("population.staf.", "population.visitors.");
    assert_eq!(only(&strange).help, ["add `[population.visitors.login]` with `require`"]);
}

#[test]
fn a_file_in_utf_16_is_named_as_such() {
    let little: Vec<u8> = START.encode_utf16().flat_map(u16::to_le_bytes).collect();
    let big: Vec<u8> = START.encode_utf16().flat_map(u16::to_be_bytes).collect();
    for bytes in [[&[0xFF, 0xFE], &little[..]].concat(), [&[0xFE, 0xFF], &big[..]].concat()] {
        let refused = text::read("p.toml".to_owned(), bytes).expect_err("it is not UTF-8");
        assert_eq!(refused.message(), "the file is UTF-16, and a policy is UTF-8");
        assert!(refused.help().contains("iconv -f UTF-16 -t UTF-8 p.toml"), "{}", refused.help());
        let (source, checked) = refused.checked();
        assert_eq!(source.files[0].text, START, "it is shown as it was meant");
        assert!(checked.has_errors() && checked.model.is_none());
    }
    // Without a mark, text in ASCII leaves a zero in every other byte, and is valid UTF-8.
    for bytes in [little[2..].to_vec(), big[2..].to_vec()] {
        let refused = text::read("p.toml".to_owned(), bytes).expect_err("it is UTF-16");
        assert_eq!(refused.message(), "the file is UTF-16, and a policy is UTF-8");
    }
}

#[test]
fn a_byte_that_is_no_utf_8_is_told_with_its_line_and_pointed_at() {
    let refused = text::read("p.toml".to_owned(), b"version = 1\n# caf\xe9\n".to_vec()).expect_err("Latin-1");
    assert_eq!(refused.message(), "the byte E9 in line 2 is no UTF-8");
    let (source, checked) = refused.checked();
    let span = checked.diagnostics[0].span;
    assert_eq!(&source.files[0].text[span.start as usize..span.end as usize], "\u{fffd}");
}

/// The text of a place.
fn at(text: &str, span: policy::model::Span) -> (&str, usize) {
    let line = text[..span.start as usize].matches('\n').count() + 1;
    (&text[span.start as usize..span.end as usize], line)
}

#[test]
fn a_key_defined_twice_is_shown_with_its_first_definition() {
    let login = "[population.staff.login]\nrequire = 'passkey'\n";
    let channel = "[channel.\"own-mail\"]\nkind = 'email'\n";
    let inline = "[app]\nx = { for = ['staff'], aal = 1, aal = 2 }\n";
    let exception = "[[exception]]\nrule = 'unused'\nat = 'channel.own-mail'\nat = 'x'\n";
    // The number is the line of the first definition; START has nine lines, the first of them blank.
    for (text, name, line) in [
        (format!("{START}{login}"), "login", 8),
        (format!("{START}{login}"), "require", 9),
        (format!("{START}{channel}"), "own-mail", 6),
        (START.replace("version = 1", "version = 1\nversion = 1"), "version", 2),
        (format!("{START}{inline}"), "aal", 11),
        (format!("{START}{exception}"), "at", 12),
    ] {
        let found = check(&Source::single("postern.toml", &text), TODAY).diagnostics;
        let twice = found
            .iter()
            .find(|found| found.rule.code() == "P0004" && at(&text, found.span).0.trim_matches('"') == name);
        let twice = twice.unwrap_or_else(|| panic!("`{name}` is not found twice: {found:#?}"));
        let [first] = twice.others.as_slice() else { panic!("{twice:#?}") };
        let (first_name, first_line) = at(&text, first.span);
        assert_eq!((first_name.trim_matches('"'), first_line), (name, line));
        assert_eq!(first.text, "defined first here");
        assert!(first.span.start < twice.span.start);
    }
}

#[test]
fn an_exception_is_pointed_at_where_it_is_wrong() {
    let with = |owner: &str, expires: &str| {
        format!(
            "{START}[[exception]]\nrule = 'single-capability'\nat = 'population.staff.login'\nreason = 'r'\n{owner}{expires}"
        )
    };
    let owner = "owner = 'it@example.com'\n";
    for (text, code, cause) in [
        (with(owner, "expires = 2026-10-31\n"), "P0201", "2026-10-31"),
        (with(owner, "expires = 2027-10-31\n"), "P0203", "2027-10-31"),
        (with(owner, ""), "P0203", "[[exception]]"),
        (with("", "expires = 2026-12-31\n"), "P0202", "[[exception]]"),
    ] {
        let found = check(&Source::single("postern.toml", &text), TODAY).diagnostics;
        let found = found.iter().find(|found| found.rule.code() == code).expect("it is found");
        assert_eq!(at(&text, found.span).0, cause, "{code}");
        assert_eq!(at(&text, found.others[0].span).0, "'population.staff.login'", "{code}");
    }
    let nowhere = with(owner, "expires = 2026-12-31\n").replace("staff.login'", "staff.logn'");
    assert_eq!(at(&nowhere, only(&nowhere).span).0, "'population.staff.logn'");
}

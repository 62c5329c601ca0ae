//! What must hold for any input whatever: the properties that are fuzzed, each a function that panics where it fails.
//!
//! Owns the properties. Which inputs are tried is for the caller: the committed ones (`main`), or the fuzzer's.

use policy::diagnostic::Diagnostic;
use policy::import::{Imported, Refusal};
use policy::model::Date;
use policy::render::{github, graph, human, json, report, sarif, takeover};
use policy::{Checked, Source, check, read};

use crate::common::{self, Dice};
use crate::{forward, text};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// Any text at all is checked and printed in every format; what is not proved is not enforced.
pub(crate) fn any_text(text: &str) {
    let source = Source::single("postern.toml", text);
    let checked = check(&source, TODAY);
    assert!(checked.model.is_some() || checked.has_errors(), "no model, and nothing says why");
    all_point_into(text, &checked.diagnostics);
    print(&source, &checked);
    let truncated = checked.analysis.as_ref().is_some_and(|analysis| analysis.truncated);
    let erroneous = checked.has_errors();
    assert_eq!(checked.enforce().is_ok(), !truncated && !erroneous);
}

fn all_point_into(text: &str, diagnostics: &[Diagnostic]) {
    for found in diagnostics {
        for span in found.others.iter().map(|other| other.span).chain([found.span]) {
            let place = span.start as usize..span.end as usize;
            assert!(text.get(place).is_some(), "{span:?} of {:?} is no place in the text", found.message);
        }
    }
}

/// Every format that the command can print.
fn print(source: &Source, checked: &Checked) {
    let subject = report::Subject { policy: "postern.toml", source, checked, today: TODAY, version: "0" };
    let printed = [
        human::render(source, checked, true),
        json::render("postern.toml", source, checked),
        sarif::render(source, checked, "0"),
        github::render(source, checked),
        report::html(&subject),
        report::json(&subject),
        report::oscal(&subject),
    ];
    assert!(printed.iter().all(|text| !text.is_empty()));
    graph::svg(checked, graph::Form::File);
    graph::svg(checked, graph::Form::Embedded);
    graph::dot(checked);
    if let Some(model) = &checked.model {
        takeover::accounts(checked);
        (0..).zip(&model.apps).for_each(|(app, _)| drop(takeover::app(checked, app)));
    }
}

/// The beginning of a policy whose doors an expression can speak of everything at.
const NAMES: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
authenticator = { password = { kind = "password" }, totp = { kind = "totp" }, key = { kind = "security-key" } }
channel = { own-mail = { kind = "email" }, mobile = { kind = "sms", on = "phone" } }
approver = { helpdesk = { population = "staff" } }
[population.staff.login]
require = "key"
"#;

/// Policies with this expression on a door of each sort: as a literal string, so that its characters stand for
/// themselves and a quote ends it.
pub(crate) fn doors(expression: &str) -> [String; 2] {
    ["recover.r", "bind"].map(|door| {
        format!("{NAMES}[population.staff.{door}]\nrequire = '''\n{expression}'''\nbinds = ['key']\n")
    })
}

/// An expression on a door is refused, or written back it reads as the same. Only read, not judged, so that a fuzzer
/// tries many.
pub(crate) fn any_expression(expression: &str) {
    for (index, given) in doors(expression).iter().enumerate() {
        let (model, found) = read(&Source::single("p", given));
        all_point_into(given, &found);
        let Some(model) = model else {
            assert!(!found.is_empty(), "no model, and nothing says why");
            continue;
        };
        // Whoever closes the quotes may write what he likes after them.
        let [population] = model.populations.as_slice() else { continue };
        let written_in = population.recover.iter().map(|recover| &recover.door).chain(&population.bind);
        for of in written_in {
            let written = text::requirement(&model, &of.require);
            let (again, _) = read(&Source::single("p", &doors(&written)[index]));
            let Some(again) = again.filter(|again| again.authenticators.len() == model.authenticators.len())
            else {
                continue;
            };
            let door =
                again.populations[0].recover.first().map(|r| &r.door).or(again.populations[0].bind.as_ref());
            assert_eq!(door.map(|door| &door.require), Some(&of.require), "{written}");
        }
    }
}

/// A made-up policy reads back as it was written, and its readings are those that brute force finds.
pub(crate) fn any_policy(dice: Dice) {
    let model = common::random_model(&mut dice.clone());
    let written = text::written(&model);
    let Some(again) = check(&Source::single("p", &written), TODAY).model else {
        panic!("a lawful policy is refused:\n{written}");
    };
    assert_eq!(text::written(&again), written);
    forward::compare(dice);
}

/// A file of another product is refused in one line, or becomes a policy that reads back.
pub(crate) fn any_import(import: fn(&[u8]) -> Result<Imported, Refusal>, bytes: &[u8]) {
    match import(bytes) {
        Err(refusal) => {
            let line = refusal.to_string();
            assert!(!line.is_empty() && !line.contains(char::is_control), "{line:?}");
        }
        Ok(Imported { policy, notes }) => {
            assert!(!policy.contains(|c: char| c.is_control() && c != '\n'), "{policy:?}");
            assert!(notes.iter().all(|note| !note.text.is_empty()), "{notes:?}");
            let source = Source::single("imported.toml", &policy);
            let checked = check(&source, TODAY);
            assert!(checked.model.is_some(), "{}\n{policy}", human::render(&source, &checked, false));
        }
    }
}

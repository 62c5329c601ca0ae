//! Findings tell their attack, or their loss, in steps, and point at the counterpart.

use policy::diagnostic::Diagnostic;
use policy::model::Date;
use policy::render::human;
use policy::rules::Rule;
use policy::{Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

const START: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
[channel.own-mail]
kind = "email"
[channel.mobile]
kind = "sms"
[population.staff.login]
require = "password and totp"
"#;

fn found(text: &str, rule: Rule) -> Vec<Diagnostic> {
    let checked = check(&Source::single("postern.toml", text), TODAY);
    assert!(checked.model.is_some(), "{text}\n{:#?}", checked.diagnostics);
    checked.diagnostics.into_iter().filter(|found| found.rule == rule).collect()
}

/// The policies of a page that break its rule.
fn examples(rule: Rule) -> impl Iterator<Item = &'static str> {
    let (example, _) = rule.page().split_once("## Instead").expect("every page says what to write instead");
    example.split("```toml\n").skip(1).filter_map(|rest| Some(rest.split_once("```")?.0))
}

/// The finding at a recovery door that asks for this, after more of the population is said.
fn nonconformant(more: &str, require: &str) -> Diagnostic {
    let text = format!(
        "{START}{more}[population.staff.recover.r]\nrequire = '{require}'\nbinds = ['totp']\nnotify = ['own-mail']\n"
    );
    let mut found = found(&text, Rule::NonconformantRecovery);
    assert_eq!(found.len(), 1, "{require}");
    found.remove(0)
}

#[test]
fn people_who_are_deceived_or_not_told_are_a_story_in_steps() {
    for rule in [
        Rule::LoneApprover,
        Rule::WeakApprover,
        Rule::SelfApproval,
        Rule::SilentChange,
        Rule::NonconformantRecovery,
        Rule::OffboardingLeavesDoor,
        Rule::SingleLossLockout,
    ] {
        for text in examples(rule) {
            let all = found(text, rule);
            assert!(!all.is_empty(), "{}", rule.name());
            for found in all {
                assert!(found.steps.len() > 1, "{found:#?}");
                assert!(!found.others.is_empty() || rule == Rule::SingleLossLockout, "{found:#?}");
            }
        }
    }
}

#[test]
fn a_loss_is_not_called_an_attack() {
    let text = format!("{START}[population.staff.offboard]\nwithin = '60s'\n");
    let found = found(&text, Rule::SingleLossLockout);
    let printed = human::finding(&Source::single("postern.toml", &text), &found[0], false);
    assert!(printed.contains("= loss: 1. ") && !printed.contains("= attack:"), "{printed}");
}

#[test]
fn codes_of_one_method_are_told_as_what_they_are() {
    // SP 800-63B-4 4.2.2.2: two recovery codes, from different methods of section 4.2.1.
    let two = nonconformant("", "issued(own-mail) and issued(mobile)");
    let says = "codes sent to several addresses are one method and count as one: it does not recover an AAL2 account";
    assert!(two.notes[0].starts_with(says), "{:?}", two.notes);
    let one = nonconformant("", "issued(own-mail)");
    assert!(one.notes[0].starts_with("one issued recovery code alone does not"), "{:?}", one.notes);
    assert!(one.notes[0].contains("ask for a saved code too"), "{:?}", one.notes);
}

#[test]
fn nobody_is_told_to_ask_for_the_proofing_that_is_asked_for() {
    let helps = |more: &str, require: &str| nonconformant(more, require).help.join("\n");
    let proofed = helps("", "proofing(video)");
    assert!(!proofed.contains("proofing(METHOD)"), "{proofed}");
    assert!(proofed.contains("`proofing = \"ial1\"` in `[population.staff]`"), "{proofed}");
    let on_site = helps("[population.staff]\nproofing = 'ial3'\n", "proofing(video)");
    assert!(on_site.contains("proofing(in-person)") && !on_site.contains("METHOD"), "{on_site}");
}

#[test]
fn the_login_is_the_counterpart_of_a_recovery_that_is_not_permitted() {
    let found = nonconformant("", "issued(own-mail)");
    assert_eq!(found.others[0].text, "the login whose account it recovers");
    assert_eq!(found.steps[0], "read the code that is sent to `own-mail`");
}

#[test]
fn two_factors_need_and_one_needs() {
    let label = |require: &str| {
        let text =
            START.replace("[channel.own-mail]", "[authenticator.text]\nkind = \"sms\"\n[channel.own-mail]");
        let text = text.replace("require = \"password and totp\"", &format!("require = \"{require}\""));
        found(&text, Rule::RestrictedFactor)[0].label.clone()
    };
    assert_eq!(label("password and text"), "`password` and `text` need the telephone network");
    assert_eq!(label("text"), "`text` needs the telephone network");
}

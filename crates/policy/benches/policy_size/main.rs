//! What grows with a policy: curves over sizes ten times apart, and policies made to be hard.
//!
//! `cargo bench -p postern-policy --bench policy_size`. Nothing here is a test: a figure is printed, never asserted.

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "it measures and prints"
)]

use std::time::{Duration, Instant};

use policy::model::Date;
use policy::{Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// What all of the policies have in common.
const START: &str = r#"version = 1
organization = { name = "Large", domain = "example.com", support = "it@example.com" }
[authenticator]
password = { kind = "password" }
totp = { kind = "totp", on = "phone" }
passkey = { kind = "passkey", on = "phone" }
codes = { kind = "recovery-codes", on = "paper" }
[channel]
own-mail = { kind = "email", protected = "mfa" }
mobile = { kind = "sms", on = "phone" }
[approver.helpdesk]
population = "p0"
"#;

fn main() {
    println!("{:<52}{:>10}{:>12}{:>12}{:>14}", "", "KiB", "findings", "check", "for each");
    // A policy has 256 populations and a mebibyte at most; what is larger is refused, and that is quick, too.
    for populations in [2, 20, 200, 2000] {
        measure("populations with a chain of four doors", populations, &chains(populations));
    }
    for exceptions in [60, 600, 6000, 60_000] {
        measure("known gaps in a file", exceptions, &gaps(exceptions));
    }
    for (populations, people, joint) in
        [(10, 2, " or "), (60, 1, " or "), (60, 5, " or "), (60, 5, " and "), (200, 5, " or ")]
    {
        let what = format!("populations whose {people} approvers, joined by{joint}are");
        measure(&what, populations, &crowd(populations, people, joint));
    }
}

/// The median of five runs.
fn measure(what: &str, many: usize, text: &str) {
    let source = Source::single("policy.toml", text);
    let mut runs = vec![];
    let mut found = String::new();
    for _ in 0..5 {
        let start = Instant::now();
        let checked = check(&source, TODAY);
        runs.push(start.elapsed());
        let analysis = checked.analysis.as_ref();
        let truncated = analysis.is_some_and(|analysis| analysis.truncated);
        found = match analysis {
            None => "refused".to_owned(),
            Some(_) if truncated => "truncated".to_owned(),
            Some(_) => checked.diagnostics.len().to_string(),
        };
        if runs[0] > Duration::from_secs(1) {
            break;
        }
    }
    runs.sort_unstable();
    let median = runs[runs.len() / 2];
    let each = median.as_secs_f64() * 1e6 / f64::from(u32::try_from(many).unwrap_or(u32::MAX));
    println!(
        "{:<52}{:>10}{found:>12}{:>12}{:>14}",
        format!("{many} {what}"),
        text.len() / 1024,
        format!("{:.1} ms", median.as_secs_f64() * 1e3),
        format!("{each:.0} us")
    );
}

fn chains(populations: usize) -> String {
    let mut text = START.to_owned();
    for p in 0..populations {
        let population = format!(
            r#"[population.p{p}]
enrol = {{ require = "invite(own-mail) and approval(helpdesk)", binds = ["passkey", "totp", "codes", "password"] }}
login = {{ require = "passkey or (password and totp)" }}
bind = {{ require = "session(aal2, 10m)", binds = ["passkey", "totp"], notify = ["own-mail", "mobile"] }}
recover.self-service = {{ require = "codes and issued(own-mail)", binds = ["passkey", "totp"], notify = ["own-mail"] }}
offboard = {{ within = "60s" }}
"#
        );
        text.push_str(&population);
    }
    text
}

fn gaps(exceptions: usize) -> String {
    let mut text = chains(1);
    for _ in 0..exceptions {
        text += "[[exception]]\nrule = \"restricted-factor\"\nat = \"population.p0.login\"\nreason = \"keys are ordered\"\n";
        text += "owner = \"ciso@example.com\"\nexpires = 2026-12-31\n";
    }
    text
}

/// Every account hangs on every other.
fn crowd(populations: usize, people: usize, joint: &str) -> String {
    let mut text = START.replace("[approver.helpdesk]\npopulation = \"p0\"\n", "");
    let asked: Vec<String> =
        (0..populations.min(60)).map(|role| format!("approval(r{role}, {people})")).collect();
    for p in 0..populations {
        let population = format!(
            r#"[approver.r{p}]
population = "p{p}"
[population.p{p}]
login = {{ require = "passkey" }}
recover.r = {{ require = "{}", binds = ["passkey"] }}
"#,
            asked.join(joint)
        );
        text.push_str(&population);
    }
    text
}

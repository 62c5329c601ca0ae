//! What a change of policy does: laws that hold between any two policies, and changes as a person reads them.

#[path = "../common/mod.rs"]
mod common;
mod doors;
mod laws;
mod told;

use policy::diff::{self, Diff, Judged};
use policy::model::Date;
use policy::render::diff::{Names, human};
use policy::{Checked, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

pub(crate) const BASE: &str = r#"version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }

[authenticator.passkey]
kind = "passkey"
on   = "phone"

[authenticator.password]
kind = "password"

[authenticator.totp]
kind = "totp"
on   = "phone"

[authenticator.codes]
kind = "recovery-codes"
on   = "paper"

[channel.own-mail]
kind      = "email"
protected = "mfa"

[channel.mobile]
kind = "sms"
on   = "phone"

[approver.helpdesk]
population = "helpdesk"
aal        = 2

[population.staff]
groups = ["staff", "interns"]

[population.staff.login]
require = "passkey"

[population.staff.recover.assisted]
require = "proofing(in-person) and approval(helpdesk, 2)"
binds   = ["passkey"]
wait    = "24h"
notify  = ["own-mail", "mobile"]

[population.staff.offboard]
within = "60s"

[population.helpdesk]
groups = ["helpdesk"]

[population.helpdesk.login]
require = "passkey"

[population.helpdesk.offboard]
within = "60s"

[app.payroll]
for = ["staff"]
aal = 2
phishing_resistant = true
"#;

pub(crate) fn judge(text: &str) -> Checked {
    let checked = check(&Source::single("postern.toml", text), TODAY);
    assert!(checked.model.is_some(), "{:#?}", checked.diagnostics);
    checked
}

/// The base with some of its text replaced.
pub(crate) fn edited(edits: &[(&str, &str)]) -> String {
    edits.iter().fold(BASE.to_owned(), |text, (from, to)| {
        assert!(text.contains(from), "the policy has no `{from}`");
        text.replacen(from, to, 1)
    })
}

pub(crate) fn compared(before: &str, after: &str) -> Diff {
    let (before, after) = (judge(before), judge(after));
    let judged = |checked| Judged::of(checked).expect("it was read");
    diff::between(judged(&before), judged(&after), TODAY).expect("the policies are small")
}

pub(crate) fn told(edits: &[(&str, &str)]) -> String {
    human(&compared(BASE, &edited(edits)), Names { before: "old.toml", after: "new.toml" }, false)
}

#[track_caller]
pub(crate) fn says(edits: &[(&str, &str)], lines: &[&str]) {
    let told = told(edits);
    for line in lines {
        assert!(told.lines().any(|other| other.trim() == *line), "it says `{line}`:\n{told}");
    }
}

//! Times the check of a large made-up policy: 40 authenticators, channels and approvers, 12 populations.
//!
//!     cargo run --release -p postern-policy --example synthetic [POPULATIONS]

#![expect(
    clippy::disallowed_methods,
    clippy::disallowed_macros,
    clippy::print_stdout,
    reason = "it measures and prints"
)]

use std::fmt::Write;
use std::time::Instant;

use policy::model::Date;
use policy::{Source, check, takeover};

fn main() {
    let populations = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(12);
    let source = Source::single("synthetic.toml", policy_text(populations));
    let start = Instant::now();
    let checked = check(&source, Date { year: 2026, month: 1, day: 1 });
    let whole = start.elapsed();
    let Some(model) = checked.model else {
        println!("{:#?}", checked.diagnostics);
        return;
    };
    let start = Instant::now();
    let analysis = takeover::analyse(&model);
    let alone = start.elapsed();
    let profiles: Vec<_> = analysis.populations.iter().flat_map(|p| &p.profiles).collect();
    let sets: usize = profiles.iter().map(|profile| profile.any.len()).sum();
    let names = model.authenticators.len() + model.channels.len() + model.approvers.len();
    println!("{names} names, {} populations, {} profiles", model.populations.len(), profiles.len());
    println!("{sets} minimal takeovers listed, truncated: {}", analysis.truncated);
    println!("check {whole:?}, of which the analysis takes {alone:?}");
}

const KINDS: [&str; 8] =
    ["password", "totp", "passkey", "security-key", "recovery-codes", "hotp", "push", "client-certificate"];

fn policy_text(populations: usize) -> String {
    let mut text = String::from(
        "version = 1\n[organization]\nname = \"Large\"\ndomain = \"example.com\"\nsupport = \"it@example.com\"\n",
    );
    let mut add = |part: String| text.write_str(&part).expect("a String takes all");
    for i in 0..16 {
        let kind = KINDS[i % 8];
        let on = if kind == "password" { String::new() } else { format!("on = \"thing{}\"\n", i % 6) };
        add(format!("[authenticator.a{i}]\nkind = \"{kind}\"\n{on}"));
    }
    for i in 0..12 {
        let protected = ["password", "mfa", "phishing-resistant"][i % 3];
        add(match i % 4 {
            0 | 1 => format!("[channel.c{i}]\nkind = \"email\"\nprotected = \"{protected}\"\n"),
            2 => format!("[channel.c{i}]\nkind = \"sms\"\non = \"thing{}\"\n", i % 6),
            _ => format!("[channel.c{i}]\nkind = \"post\"\n"),
        });
    }
    // Administrators, a help desk, and ten populations with a role of their own to vouch for each.
    for i in 0..12 {
        add(format!("[approver.r{i}]\npopulation = \"p{}\"\n", i % populations));
    }
    for p in 0..populations {
        let a = |k: usize| format!("a{}", 8 * (p % 2) + k);
        let c = |k: usize| format!("c{}", (p + k) % 12);
        let binds = format!("binds = [\"{}\", \"{}\", \"{}\", \"{}\"]\n", a(0), a(1), a(2), a(3));
        let notify = format!("notify = [\"{}\", \"{}\"]\n", c(0), c(1));
        let own = p % 12;
        add(format!("[population.p{p}]\ngroups = [\"g{p}\"]\nproofing = \"ial2\"\n"));
        add(format!(
            "[population.p{p}.enrol]\nrequire = \"invite({}) and approval(r{own})\"\n{binds}expires = \"72h\"\n",
            c(0)
        ));
        add(format!(
            "[population.p{p}.login]\nrequire = \"{} or {} or ({} and {})\"\n",
            a(2),
            a(3),
            a(0),
            a(1)
        ));
        add(format!("[population.p{p}.bind]\nrequire = \"session(aal2, 10m)\"\n{binds}{notify}"));
        let recover = |name: &str, require: String, wait: &str| {
            format!(
                "[population.p{p}.recover.{name}]\nrequire = \"{require}\"\n{binds}{notify}wait = \"{wait}\"\n"
            )
        };
        if p > 1 {
            add(recover("codes", format!("{} and issued({}) and issued({})", a(4), c(0), c(2)), "24h"));
            add(recover("assisted", "proofing(video) and approval(r1, 2)".into(), "72h"));
            add(recover("vouched", format!("proofing(in-person) and approval(r{own})"), "24h"));
        } else {
            add(recover("assisted", format!("proofing(in-person) and approval(r0, {})", 2 - p), "72h"));
        }
        add(format!("[population.p{p}.offboard]\nwithin = \"60s\"\n"));
    }
    text
}

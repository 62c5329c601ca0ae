//! How long `postern check` takes, as a whole process: start, read, analyse, print.

use std::fmt::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use crate::{Anything, line};

pub(crate) fn measure() -> Result<(), Anything> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
    line("postern check examples/bank.toml", median(&root.join("examples/bank.toml"), 40)?, 20.0, "ms");
    let synthetic = Path::new(env!("CARGO_TARGET_TMPDIR")).join("synthetic.toml");
    std::fs::write(&synthetic, policy(12)?)?;
    line("postern check, 40 names in 12 populations", median(&synthetic, 8)?, 1000.0, "ms");
    Ok(())
}

/// The populations whose members approve.
const SUPPORT: usize = 3;

/// The median of so many runs, in milliseconds. Findings are expected; a policy that could not be analysed is not.
fn median(policy: &Path, runs: usize) -> Result<f64, Anything> {
    let mut times = Vec::new();
    for _ in 0..runs {
        let began = Instant::now();
        let output = Command::new(env!("CARGO_BIN_EXE_postern"))
            .arg("check")
            .arg(policy)
            .stderr(Stdio::null())
            .output()?;
        times.push(began.elapsed().as_secs_f64() * 1e3);
        let told = String::from_utf8_lossy(&output.stdout);
        if !told.contains("weakest way in") || told.contains("unproved") {
            return Err(format!("`postern check {}` proved nothing", policy.display()).into());
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times[times.len() / 2])
}

/// A policy of so many populations over 40 names: 16 authenticators, 14 channels, 10 approver roles. Their people come from the
/// first three populations, which approve each other in a ring, so that not every way can be listed.
fn policy(populations: usize) -> Result<String, std::fmt::Error> {
    let mut text = String::from(
        "version = 1\n[organization]\nname = \"Synthetic\"\ndomain = \"example.com\"\nsupport = \"it@example.com\"\n",
    );
    for (number, kind) in ["password", "totp", "passkey", "security-key"].iter().cycle().take(16).enumerate()
    {
        let on = if *kind == "password" { String::new() } else { format!("on = \"thing-{}\"\n", number % 7) };
        write!(text, "[authenticator.a{number}]\nkind = \"{kind}\"\n{on}")?;
    }
    for number in 0..14 {
        let protected = ["password", "mfa", "phishing-resistant"][number % 3];
        write!(text, "[channel.c{number}]\nkind = \"email\"\nprotected = \"{protected}\"\n")?;
    }
    for number in 0..10 {
        write!(text, "[approver.r{number}]\npopulation = \"p{}\"\n", number % SUPPORT)?;
    }
    for number in 0..populations {
        // Each population logs in with four authenticators and is recovered by people of others.
        let [password, totp, passkey, key] = [0, 1, 2, 3].map(|kind| (number * 4 + kind) % 16);
        let (first, second) = ((number * 3) % 14, (number * 3 + 5) % 14);
        let next = (number + 1) % SUPPORT;
        let (near, far) = if number < SUPPORT { (next, next) } else { (number % 10, (number * 7 + 3) % 10) };
        write!(
            text,
            "[population.p{number}]\ngroups = [\"g{number}\"]\nproofing = \"ial1\"\n\
             [population.p{number}.enrol]\nrequire = \"invite(c{first}) and approval(r{near})\"\n\
             binds = [\"a{password}\", \"a{totp}\", \"a{passkey}\", \"a{key}\"]\n\
             [population.p{number}.login]\nrequire = \"a{key} or a{passkey} or (a{password} and a{totp})\"\n\
             [population.p{number}.bind]\nrequire = \"session(aal2, 10m)\"\n\
             binds = [\"a{password}\", \"a{totp}\", \"a{passkey}\", \"a{key}\"]\nnotify = [\"c{first}\", \"c{second}\"]\n\
             [population.p{number}.recover.assisted]\nrequire = \"issued(c{second}) and approval(r{near}, 2)\"\n\
             binds = [\"a{passkey}\", \"a{key}\"]\nwait = \"24h\"\nnotify = [\"c{first}\", \"c{second}\"]\n\
             [population.p{number}.recover.proofed]\nrequire = \"proofing(video) and approval(r{far})\"\n\
             binds = [\"a{passkey}\"]\nwait = \"72h\"\nnotify = [\"c{first}\", \"c{second}\"]\n\
             [population.p{number}.offboard]\nwithin = \"60s\"\n"
        )?;
    }
    Ok(text)
}

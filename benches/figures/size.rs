//! What a server takes when it does nothing: memory, and the time from its start to its first answer.

use std::path::Path;

use crate::company::{Company, Login};
use crate::served::Served;
use crate::{Anything, line};

pub(crate) async fn measure() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    let of = |members, sessions| Company { members, sessions, login: Login::Totp, database: None };
    let small = Served::start(&folder.join("small"), &of(1, 0)).await?;
    line("resident memory of the idle server", small.process.resident()?, 40.0, "MiB");
    drop(small);
    let large = Served::start(&folder.join("large"), &of(100_000, 10_000)).await?;
    line("100,000 members, 10,000 sessions: resident memory", large.process.resident()?, 150.0, "MiB");
    line("  start to first answer", large.started.as_secs_f64() * 1e3, 300.0, "ms");
    Ok(())
}

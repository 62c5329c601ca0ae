//! The commands that look at everybody: `postern assess`, and `postern plan` for a policy that asks for more.

use std::path::Path;

use lifecycle::Time;
use server::start::read_policy;
use server::store::driver::Database;
use server::store::migrate::open_current;
use server::store::policies;

use crate::command::whole;
use crate::table::Table;
use crate::{Anything, synthetic};

pub(crate) fn measure(members: u64, table: &mut Table) -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth-directory");
    if folder.exists() {
        std::fs::remove_dir_all(&folder)?;
    }
    std::fs::create_dir_all(&folder)?;
    let example = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../examples/company.toml");
    let stricter = folder.join("stricter.toml");
    let text = std::fs::read_to_string(&example)?;
    std::fs::write(&stricter, text.replace("\"passkey or (password and totp)\"", "\"passkey\""))?;

    let database = folder.join("members.sqlite");
    synthetic::fill(&database, members)?;
    let source = read_policy(&example)?;
    open_current(&Database::Sqlite(database.clone()))?
        .write(|tx| policies::install(tx, None, &source, Time(0)))?;

    let text = |path: &Path| path.to_string_lossy().into_owned();
    let (example, stricter, database) = (text(&example), text(&stricter), text(&database));
    for (command, policy) in [("assess", &example), ("plan", &stricter)] {
        let whole = whole(&[command, policy, "--db", &database])?;
        table.note(&format!("`postern {command}`"), "s", whole.seconds);
        table.note(&format!("`postern {command}`, CPU"), "s", whole.cpu);
        table.note(&format!("`postern {command}`, memory"), "MiB", whole.memory);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

//! One company of one size: its database, the commands that read its log, and a server on it.

use std::path::Path;

use crate::command::whole;
use crate::company::{self, Company, Login};
use crate::served::{Served, free_port};
use crate::table::Table;
use crate::{Anything, history, pages, upkeep};

pub(crate) async fn measure(members: usize, table: &mut Table) -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("growth-company");
    let (listen, metrics) = (free_port()?, free_port()?);
    let company = Company { members, sessions: 0, login: Login::Totp, database: None };
    let (app, configuration) = company::app(&folder, listen, metrics, &company).await?;
    company::fill(&app, &company).await?;
    let database = app.config().database();
    let ids = tokio::task::spawn_blocking({
        let app = app.clone();
        move || history::write(&app)
    });
    let ids = ids.await??;
    company::close(app).await?;

    let settings = configuration.to_string_lossy().into_owned();
    let export = folder.join("export.jsonl").to_string_lossy().into_owned();
    for arguments in [["verify"].as_slice(), &["export", "-o", &export]] {
        let run = whole(&[&["audit"], arguments, &["--config", &settings]].concat())?;
        let what = format!("`postern audit {}`", arguments[0]);
        table.note(&what, "s", run.seconds);
        table.note(&format!("{what}, CPU"), "s", run.cpu);
        table.note(&format!("{what}, memory"), "MiB", run.memory);
    }
    {
        let server = Served::on(&configuration, listen, metrics).await?;
        table.note("start to first answer", "ms", server.started.as_secs_f64() * 1e3);
        table.note("resident memory after it", "MiB", server.process.resident()?);
        pages::sign_ins(&server, members, table).await?;
        pages::show(&server, members, &ids, table).await?;
        pages::off_board(&server, &ids, table).await?;
        table.note("resident memory at the end", "MiB", server.process.resident()?);
    }
    for (what, took) in tokio::task::spawn_blocking(move || upkeep::measure(&database)).await?? {
        table.note(what, "ms", took.as_secs_f64() * 1e3);
    }
    std::fs::remove_dir_all(&folder)?;
    Ok(())
}

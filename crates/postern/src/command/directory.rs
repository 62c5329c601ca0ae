//! Which directory of members a command looks at. It is only ever read.

use std::path::PathBuf;

use server::config::Config;
use server::fault::Fault;
use server::store::driver::{Conn, Database};
use server::store::migrate::open_current;

/// Where the members are: said by `--db`, or else by a server's configuration.
#[derive(clap::Args)]
pub(crate) struct Directory {
    /// The members' database: a `postgres://` URL, or the path of an SQLite file
    #[arg(long, value_name = "URL")]
    db: Option<String>,
    /// The configuration of the server whose database it is, instead of `--db`
    #[arg(long, short, value_name = "FILE", env = "POSTERN_CONFIG")]
    config: Option<PathBuf>,
}

impl Directory {
    /// The database that was named, if any was.
    pub(crate) fn named(&self) -> Result<Option<Database>, Fault> {
        match (&self.db, &self.config) {
            (Some(url), _) => Ok(Some(Database::named(url))),
            (None, Some(config)) => Config::read(config).map(|config| Some(config.database())),
            (None, None) => Ok(None),
        }
    }

    /// Opens the database that was named; one must have been.
    pub(crate) fn open(&self) -> Result<Conn, Fault> {
        let Some(database) = self.named()? else {
            return Err(Fault::broken("looking for the members")
                .because("no database is named")
                .help("give `--db URL`, or `--config FILE` of the server"));
        };
        open_current(&database)
    }
}

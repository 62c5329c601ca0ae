//! Rotating the master key while servers run: a new key wraps every data key, in one transaction with its fact.
//!
//! The new key is durable in a staged file before the database depends on it and takes its place after; a crash
//! in between is mended at the next start (`keys::master`).

use std::sync::Arc;

use lifecycle::{Actor, Decision, Fact, What};

use crate::app::{App, Peer};
use crate::fault::Fault;
use crate::keys::{self, MasterKey, Source, master};

/// Makes a new master key and says how many data keys it wraps now.
pub async fn rotate(app: &App) -> Result<usize, Fault> {
    let path = app.config().master_key_file();
    let source = Source::find(|name| std::env::var_os(name), path.clone())?;
    let refused = || Fault::broken("rotating the master key");
    if !matches!(source, Source::File(_)) {
        return Err(refused()
            .because("it is given by the environment or by systemd, which this program cannot change")
            .help("keep the master key in a file, or rotate where it is kept"));
    }
    let old = source
        .read()?
        .ok_or_else(|| refused().because("there is no master key yet").help("start the server once"))?;
    let new = MasterKey::generate()?;
    master::stage(&path, &new)?;
    let next = new.clone();
    let wrapped = app
        .decide(None, &Peer::terminal(), move |view, _| {
            let wrapped = keys::rotate(view.tx, &old, &next)?;
            let fact =
                Fact::about(What::KeysRotated, Actor::Terminal, None).with("wrapped", wrapped.to_string());
            Ok(Decision::only(wrapped, fact))
        })
        .await?;
    master::promote(&path, &new)?;
    let keys = Arc::clone(app.keys());
    // The rotation is done; that this process reads its keys again is a convenience.
    let _ = tokio::task::spawn_blocking(move || keys.reload()).await;
    Ok(wrapped)
}

//! Inclusion proofs: that one event is in the log, for somebody who has nothing but a checkpoint.

use std::fmt;

use data_encoding::HEXLOWER;

use super::checkpoint::Checkpoint;
use super::entry::Entry;
use super::merkle::{Hash, inclusion_proof, root, verify_inclusion};
use super::note::Verifier;
use crate::fault::Fault;
use crate::store::driver::Tx;
use crate::store::log;

/// An event together with what proves that it is in the log.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proof {
    /// The event.
    pub entry: Entry,
    /// The audit path of RFC 6962 section 2.1.1, from the leaf upwards.
    pub path: Vec<Hash>,
    /// The signed checkpoint that the path leads to.
    pub checkpoint: String,
}

/// Proves event `seq` against the latest checkpoint; none when there is no such event.
pub fn prove(tx: &mut Tx<'_>, seq: u64, verifier: &Verifier) -> Result<Option<Proof>, Fault> {
    let fault = || Fault::broken(format!("proving event {seq}")).help("run `postern audit verify`");
    let Some(note) = log::latest_checkpoint(tx)? else { return Ok(None) };
    let checkpoint = Checkpoint::open(&note, verifier).map_err(|why| fault().because(why.to_string()))?;
    let leaves = log::leaves(tx, checkpoint.size)?;
    let entry = log::entries(tx, seq, 1)?.into_iter().find(|entry| entry.seq == seq);
    let path = usize::try_from(seq).ok().and_then(|index| inclusion_proof(&leaves, index));
    let (Some(entry), Some(path)) = (entry, path) else { return Ok(None) };
    if root(&leaves) != checkpoint.root || entry.event.leaf() != entry.leaf {
        return Err(fault().because("the log is not what its checkpoint says"));
    }
    Ok(Some(Proof { entry, path, checkpoint: note }))
}

impl Proof {
    /// Whether the proof holds, for whoever received it.
    pub fn holds(&self, verifier: &Verifier) -> bool {
        let Ok(checkpoint) = Checkpoint::open(&self.checkpoint, verifier) else { return false };
        verify_inclusion(
            &self.entry.event.leaf(),
            self.entry.seq,
            checkpoint.size,
            &self.path,
            &checkpoint.root,
        )
    }

    /// The proof for a program: everything that checking it needs.
    pub fn to_json(&self) -> serde_json::Value {
        let Entry { seq, event, leaf } = &self.entry;
        serde_json::json!({
            "seq": seq,
            "at": event.at,
            "account": event.account,
            "body": String::from_utf8_lossy(&event.body),
            "leaf": HEXLOWER.encode(leaf),
            "path": self.path.iter().map(|hash| HEXLOWER.encode(hash)).collect::<Vec<_>>(),
            "checkpoint": self.checkpoint,
        })
    }
}

/// The proof for a reader.
impl fmt::Display for Proof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Entry { seq, event, leaf } = &self.entry;
        writeln!(f, "event {seq}\n  {}", String::from_utf8_lossy(&event.body))?;
        writeln!(f, "leaf\n  {}", HEXLOWER.encode(leaf))?;
        writeln!(f, "path, from the leaf upwards")?;
        for hash in &self.path {
            writeln!(f, "  {}", HEXLOWER.encode(hash))?;
        }
        writeln!(f, "checkpoint")?;
        self.checkpoint.lines().try_for_each(|line| writeln!(f, "  {line}"))
    }
}

//! C2SP tlog checkpoints: the signed statement "this log has this size and this root".
//!
//! The key name is the origin, so one text names the log and its signer alike.

use data_encoding::BASE64;

use super::merkle::Hash;
use super::note::{Signer, Unverified, Verifier};

/// The state of a log that its operator vouches for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checkpoint {
    /// How many events the log holds: it covers the events 0 to size - 1.
    pub size: u64,
    /// The Merkle root over them.
    pub root: Hash,
}

impl Checkpoint {
    /// The signed note for this state.
    pub fn sign(&self, signer: &Signer) -> String {
        let origin = signer.verifier().name();
        signer.sign(&format!("{origin}\n{}\n{}\n", self.size, BASE64.encode(&self.root)))
    }

    /// Reads a checkpoint and verifies its signature and origin.
    pub fn open(note: &str, verifier: &Verifier) -> Result<Self, Unverified> {
        Self::parse(verifier.open(note)?, verifier.name()).ok_or(Unverified::Malformed)
    }

    fn parse(text: &str, origin: &str) -> Option<Self> {
        let mut lines = text.lines();
        let named = lines.next()?;
        let digits = lines.next()?;
        let size: u64 = digits.parse().ok()?;
        let root = BASE64.decode(lines.next()?.as_bytes()).ok()?;
        // Extension lines may follow. A size has one spelling only: no plus sign, no leading zero.
        (named == origin && digits == size.to_string()).then_some(Self { size, root: root.try_into().ok()? })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_reads_back_as_it_was_signed() {
        let signer = Signer::from_seed("example.org/postern", &[1; 32]).unwrap();
        let checkpoint = Checkpoint { size: 20_852_163, root: [9; 32] };
        let note = checkpoint.sign(&signer);
        assert!(note.starts_with("example.org/postern\n20852163\nCQkJ"), "{note}");
        assert_eq!(Checkpoint::open(&note, signer.verifier()), Ok(checkpoint));
    }

    #[test]
    fn a_checkpoint_with_another_size_is_refused() {
        let signer = Signer::from_seed("example.org/postern", &[1; 32]).unwrap();
        let note = Checkpoint { size: 12, root: [9; 32] }.sign(&signer).replace("\n12\n", "\n11\n");
        assert_eq!(Checkpoint::open(&note, signer.verifier()), Err(Unverified::BadSignature));
    }

    #[test]
    fn a_signed_text_that_is_no_checkpoint_is_malformed() {
        let signer = Signer::from_seed("example.org/postern", &[1; 32]).unwrap();
        for text in ["example.org/postern\n012\nCQkJ\n", "elsewhere\n12\nCQkJ\n", "example.org/postern\n"] {
            assert_eq!(
                Checkpoint::open(&signer.sign(text), signer.verifier()),
                Err(Unverified::Malformed),
                "{text}"
            );
        }
    }
}

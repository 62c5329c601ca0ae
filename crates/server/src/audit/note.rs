//! C2SP signed notes with Ed25519: a text, a blank line, and signature lines that name their key.
//!
//! Knows nothing of logs; `checkpoint` says what the text of ours means.

use std::fmt;

use aws_lc_rs::digest::{SHA256, digest};
use aws_lc_rs::signature::{ED25519, Ed25519KeyPair, KeyPair, UnparsedPublicKey};
use data_encoding::{BASE64, HEXLOWER};

use crate::fault::Fault;

/// The signature type byte of Ed25519 in the signed-note format.
const ED25519_TYPE: u8 = 1;

/// Signs notes under a name.
#[derive(Debug)]
pub struct Signer {
    key: Ed25519KeyPair,
    verifier: Verifier,
}

impl Signer {
    /// A signer from a 32-byte seed; the name must not be empty nor contain spaces or plus signs.
    pub fn from_seed(name: &str, seed: &[u8; 32]) -> Result<Self, Fault> {
        let doing = format!("preparing the signing key `{name}` of the audit log");
        if !is_name(name) {
            return Err(Fault::broken(doing).because("a key name is not empty and holds no space and no `+`"));
        }
        let key =
            Ed25519KeyPair::from_seed_unchecked(seed).map_err(|error| Fault::broken(doing).because(error))?;
        let mut public = [0; 32];
        public.copy_from_slice(key.public_key().as_ref());
        Ok(Self { key, verifier: Verifier { name: name.to_owned(), public } })
    }

    /// What others need to verify our notes.
    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The whole note over `text`, which must end with a line feed.
    pub fn sign(&self, text: &str) -> String {
        let signature = self.key.sign(text.as_bytes());
        let blob = [&self.verifier.key_id()[..], signature.as_ref()].concat();
        format!("{text}\n\u{2014} {} {}\n", self.verifier.name, BASE64.encode(&blob))
    }
}

/// The public half: verifies notes signed under a name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    public: [u8; 32],
}

/// Why a note was not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unverified {
    /// Not a signed note at all.
    Malformed,
    /// A note, but without a signature of the expected key.
    NotSignedBy,
    /// A signature that claims the expected key and is wrong.
    BadSignature,
}

impl fmt::Display for Unverified {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Malformed => "it is not a signed note",
            Self::NotSignedBy => "it has no signature of the expected key",
            Self::BadSignature => "its signature does not belong to its text",
        })
    }
}

impl Verifier {
    /// Reads the form `name+id+key` that [`Verifier`]'s `Display` writes.
    pub fn parse(text: &str) -> Option<Self> {
        let (name, rest) = text.split_once('+')?;
        let (id, key) = rest.split_once('+')?;
        let key = BASE64.decode(key.as_bytes()).ok()?;
        let [ED25519_TYPE, public @ ..] = key.as_slice() else { return None };
        let verifier = Self { name: name.to_owned(), public: public.try_into().ok()? };
        (is_name(name) && HEXLOWER.encode(&verifier.key_id()) == id).then_some(verifier)
    }

    /// The name that signatures carry.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// The first four bytes of SHA-256(name, line feed, type, public key).
    fn key_id(&self) -> [u8; 4] {
        let input = [self.name.as_bytes(), b"\n", &[ED25519_TYPE], &self.public].concat();
        let hash = digest(&SHA256, &input);
        let mut id = [0; 4];
        id.copy_from_slice(&hash.as_ref()[..4]);
        id
    }

    /// The text of a note that carries a good signature of ours. Signatures of other keys are ignored, as the
    /// format demands; any wrong one of ours spoils the note.
    pub fn open<'a>(&self, note: &'a str) -> Result<&'a str, Unverified> {
        let (end, _) = note.rmatch_indices("\n\n").next().ok_or(Unverified::Malformed)?;
        let (text, signatures) = (&note[..=end], &note[end + 2..]);
        if !signatures.ends_with('\n') || note.chars().any(|c| c.is_control() && c != '\n') {
            return Err(Unverified::Malformed);
        }
        let mut verified = false;
        for line in signatures.lines() {
            let fields = line.strip_prefix("\u{2014} ").and_then(|line| line.split_once(' '));
            let (name, blob) = fields.ok_or(Unverified::Malformed)?;
            let blob = BASE64.decode(blob.as_bytes()).map_err(|_| Unverified::Malformed)?;
            let (id, signature) = blob.split_at_checked(4).ok_or(Unverified::Malformed)?;
            if name == self.name && id == self.key_id() {
                let key = UnparsedPublicKey::new(&ED25519, self.public);
                key.verify(text.as_bytes(), signature).map_err(|_| Unverified::BadSignature)?;
                verified = true;
            }
        }
        if verified { Ok(text) } else { Err(Unverified::NotSignedBy) }
    }
}

/// The verifier key as operators pass it around: `name+id+key`.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let key = [&[ED25519_TYPE][..], &self.public].concat();
        write!(f, "{}+{}+{}", self.name, HEXLOWER.encode(&self.key_id()), BASE64.encode(&key))
    }
}

fn is_name(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_whitespace() || c.is_control() || c == '+')
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The example of the Go package that the format comes from.
    const KEY: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";
    const NOTE: &str = "If you think cryptography is the answer to your problem,\n\
        then you don't know what your problem is.\n\
        \n\
        \u{2014} PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb6KE6RyyBwJnAM=\n";

    #[test]
    fn the_published_note_verifies() {
        let verifier = Verifier::parse(KEY).unwrap();
        assert!(verifier.open(NOTE).unwrap().ends_with("what your problem is.\n"));
        assert_eq!(verifier.to_string(), KEY);
    }

    #[test]
    fn a_changed_text_does_not_verify() {
        let verifier = Verifier::parse(KEY).unwrap();
        let changed = NOTE.replace("your problem is", "my problem is");
        assert_eq!(verifier.open(&changed), Err(Unverified::BadSignature));
    }

    #[test]
    fn a_note_of_another_key_is_not_ours() {
        let other = Signer::from_seed("PeterNeumann", &[7; 32]).unwrap();
        assert_eq!(other.verifier().open(NOTE), Err(Unverified::NotSignedBy));
    }

    #[test]
    fn a_verifier_key_with_a_wrong_id_is_refused() {
        assert_eq!(Verifier::parse(&KEY.replace("c74f20a3", "c74f20a4")), None);
    }

    #[test]
    fn signatures_of_unknown_keys_are_ignored() {
        let ours = Signer::from_seed("log.example/postern", &[7; 32]).unwrap();
        let theirs = Signer::from_seed("witness.example", &[8; 32]).unwrap();
        let text = "one line\n";
        let cosigned = ours.sign(text) + theirs.sign(text).rsplit_once("\n\n").unwrap().1;
        assert_eq!(ours.verifier().open(&cosigned), Ok(text));
        assert_eq!(theirs.verifier().open(&cosigned), Ok(text));
    }

    #[test]
    fn text_without_a_signature_is_malformed() {
        assert_eq!(Verifier::parse(KEY).unwrap().open("just text\n"), Err(Unverified::Malformed));
    }
}

//! Identifiers, moments and random secrets.
//!
//! Owns how a secret is made and how it is hashed for storage. Does not own where it is kept.

use std::fmt;
use std::time::Duration;

use hmac::{Hmac, KeyInit, Mac};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

use crate::Env;

macro_rules! ids {
    ($($(#[$doc:meta])* $name:ident),* $(,)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub struct $name(pub String);
        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result { f.write_str(&self.0) }
        }
        impl $name {
            /// A fresh identifier: a version 7 UUID as text.
            pub fn fresh(env: &mut Env<'_>) -> Self { Self(uuid(env)) }
            /// The text form.
            pub fn as_str(&self) -> &str { &self.0 }
        }
    )*};
}

ids! {
    /// One account.
    AccountId,
    /// One bound authenticator of one account.
    AuthenticatorId,
    /// One attempt at one door.
    CaseId,
    /// One WebAuthn or binding ceremony.
    ChallengeId,
    /// One notice in the outbox.
    NoticeId,
    /// One signed-in session.
    SessionId,
    /// One invitation.
    TicketId,
}

/// RFC 9562 section 5.7: milliseconds first, so that what is made together lies together in an index; the other 74
/// bits are random. Identifiers are no secrets: whatever opens something is a [`Secret`].
fn uuid(env: &mut Env<'_>) -> String {
    let mut bytes = [0; 16];
    (env.random)(&mut bytes);
    bytes[..6].copy_from_slice(&env.now.0.div_euclid(1000).to_be_bytes()[2..]);
    bytes[6] = bytes[6] & 0x0f | 0x70;
    bytes[8] = bytes[8] & 0x3f | 0x80;
    webauthn_rs::prelude::Uuid::from_bytes(bytes).to_string()
}

/// A moment: microseconds since 1970 UTC.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub struct Time(pub i64);

impl Time {
    /// Whole seconds since 1970 UTC.
    pub fn seconds(self) -> i64 {
        self.0.div_euclid(1_000_000)
    }

    /// This moment plus a span, saturating.
    #[must_use]
    pub fn plus(self, span: Duration) -> Time {
        Time(self.0.saturating_add(i64::try_from(span.as_micros()).unwrap_or(i64::MAX)))
    }

    /// How long ago `earlier` was; zero if it lies ahead.
    pub fn since(self, earlier: Time) -> Duration {
        Duration::from_micros(u64::try_from(self.0.saturating_sub(earlier.0)).unwrap_or(0))
    }
}

/// A secret in its readable form: shown or sent once, stored only as a hash.
#[derive(Clone)]
pub struct Secret(Zeroizing<String>);

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Secret(..)")
    }
}

impl Secret {
    /// Takes text that somebody presented.
    pub fn from_text(text: &str) -> Self {
        Secret(Zeroizing::new(text.to_owned()))
    }

    /// 256 random bits: session and case cookies, links (63B-4 5.1 asks for 64, 4.1.2.2 for 112).
    pub fn token(env: &mut Env<'_>) -> Self {
        let mut bytes = Zeroizing::new([0; 32]);
        (env.random)(bytes.as_mut());
        Secret(Zeroizing::new(data_encoding::BASE64URL_NOPAD.encode(bytes.as_ref())))
    }

    /// The same for something that storage knows by a name: `name.secret`. What is looked up is the name, and only the
    /// hash of the whole says that it may be used.
    pub fn named_token(name: &str, env: &mut Env<'_>) -> Self {
        let token = Secret::token(env);
        Secret(Zeroizing::new(format!("{name}.{}", token.expose())))
    }

    /// A code of decimal digits, each equally likely (63B-4 4.2.1.2: at least six).
    pub fn digits(env: &mut Env<'_>, count: usize) -> Self {
        let mut text = String::with_capacity(count);
        while text.len() < count {
            let mut byte = [0];
            (env.random)(&mut byte);
            // Rejecting 250..=255 keeps the ten digits equally likely.
            if byte[0] < 250 {
                text.push(char::from(b'0' + byte[0] % 10));
            }
        }
        Secret(Zeroizing::new(text))
    }

    /// `bytes` random bytes in base 32 (RFC 4648 section 6: no digit that reads like a letter), in groups of four.
    pub fn grouped(env: &mut Env<'_>, bytes: usize) -> Self {
        let mut raw = Zeroizing::new(vec![0; bytes]);
        (env.random)(&mut raw);
        let text = data_encoding::BASE32_NOPAD.encode(&raw).to_lowercase();
        let groups: Vec<&str> =
            text.as_bytes().chunks(4).map(|c| std::str::from_utf8(c).unwrap_or_default()).collect();
        Secret(Zeroizing::new(groups.join("-")))
    }

    /// The readable form, for the one person it is meant for.
    pub fn expose(&self) -> &str {
        &self.0
    }

    /// The stored form of a secret that nobody can guess (112 bits or more): SHA-256.
    pub fn hash(&self) -> Hash {
        Hash(Sha256::digest(self.0.as_bytes()).into())
    }

    /// The stored form of a short secret: a hash keyed outside the database and salted by `context`.
    ///
    /// Whatever a person types differently - case, spaces, dashes - is folded first.
    #[expect(clippy::missing_panics_doc, reason = "HMAC takes a key of any length: it cannot panic")]
    pub fn keyed_hash(&self, env: &Env<'_>, context: &str) -> Hash {
        let folded: Zeroizing<String> = Zeroizing::new(
            self.0.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect(),
        );
        let mut mac = Hmac::<Sha256>::new_from_slice(env.code_key).expect("HMAC takes a key of any length");
        mac.update(context.as_bytes());
        mac.update(&[0]);
        mac.update(folded.as_bytes());
        Hash(mac.finalize().into_bytes().into())
    }
}

/// The stored form of a secret. Comparison takes constant time.
#[derive(Clone, Debug)]
pub struct Hash(pub [u8; 32]);

impl Hash {
    /// From storage; `None` if the length is wrong.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Hash)
    }
}

impl PartialEq for Hash {
    fn eq(&self, other: &Self) -> bool {
        subtle::ConstantTimeEq::ct_eq(&self.0[..], &other.0[..]).into()
    }
}

impl Eq for Hash {}

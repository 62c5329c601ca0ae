//! Passwords: which ones are acceptable, and hashing them with argon2id, salt and pepper on a bounded pool.
//!
//! Deliberately not here: counting failures and deciding what a wrong password means. SP 800-63B-4 section
//! 3.1.1.2 sets the rules for length, comparison and storage.

mod hashing;
mod quality;

pub use hashing::Passwords;
pub use quality::{WhyNot, acceptable};

use unicode_normalization::UnicodeNormalization;
use zeroize::Zeroizing;

/// The form that is measured, compared and hashed: two keyboards may spell one password differently (3.1.1.2
/// asks for NFC or NFKC before hashing).
fn normalized(password: &str) -> Zeroizing<String> {
    Zeroizing::new(password.nfc().collect())
}

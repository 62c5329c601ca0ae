//! Which passwords are accepted when one is set: length and blocklist, no composition rules (3.1.1.2).
//!
//! The whole password is compared, never a part of it; the answer says why not.

use std::fmt;

use super::normalized;

/// Passwords that attackers try first: frequent words and names with the usual endings, walks over the keyboard,
/// phrases. Folded to lower case, sorted, at least eight characters long: shorter ones are refused anyway.
const COMMON: &str = include_str!("common.txt");

/// The least length where the password is the only factor.
const LEAST_ALONE: usize = 15;
/// The least length where another factor is always asked as well.
const LEAST_WITH_OTHERS: usize = 8;
/// The greatest length; at least 64 must be possible.
const MOST: usize = 256;

/// Why a password is not accepted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WhyNot {
    /// It is on the list of common passwords, one repeated character, or a run of consecutive ones.
    Common,
    /// It is little more than a name that everybody knows: the user's, the organization's.
    Guessable,
    /// It has more code points than this.
    TooLong(usize),
    /// It has fewer code points than this.
    TooShort(usize),
}

impl fmt::Display for WhyNot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Common => f.write_str("this password is one of the first that an attacker tries"),
            Self::Guessable => {
                f.write_str("this password is easily guessed from your name or your organization's")
            }
            Self::TooLong(most) => write!(f, "a password has at most {most} characters"),
            Self::TooShort(least) => {
                write!(f, "a password has at least {least} characters; a few words do well")
            }
        }
    }
}

/// Whether a password may be set. `context` holds the words that an attacker would try for this account (login
/// name, display name, organization, product).
pub fn acceptable(password: &str, context: &[&str], single_factor: bool) -> Result<(), WhyNot> {
    let password = normalized(password);
    let least = if single_factor { LEAST_ALONE } else { LEAST_WITH_OTHERS };
    let length = password.chars().count();
    if length < least {
        return Err(WhyNot::TooShort(least));
    }
    if length > MOST {
        return Err(WhyNot::TooLong(MOST));
    }
    let folded = password.to_lowercase();
    if is_common(&folded) || is_run(&folded) {
        return Err(WhyNot::Common);
    }
    if context.iter().any(|word| is_derived(&folded, word)) {
        return Err(WhyNot::Guessable);
    }
    Ok(())
}

fn is_common(folded: &str) -> bool {
    let list: Vec<&str> = COMMON.lines().collect();
    list.binary_search(&folded).is_ok()
}

/// One character repeated, or each the successor (or predecessor) of the one before.
fn is_run(folded: &str) -> bool {
    let characters: Vec<i64> = folded.chars().map(|c| i64::from(u32::from(c))).collect();
    let mut steps = characters.windows(2).map(|pair| pair[1] - pair[0]);
    let Some(first) = steps.next() else { return false };
    (-1..=1).contains(&first) && steps.all(|step| step == first)
}

/// The word alone, or repeated, with nothing but digits and signs around: `Alice-2024!`, `alicealice`.
fn is_derived(folded: &str, word: &str) -> bool {
    let letters = |text: &str| text.chars().filter(|c| c.is_alphabetic()).collect::<String>();
    let (core, word) = (letters(folded), letters(&normalized(word).to_lowercase()));
    // Shorter words would refuse passwords that only happen to end like them.
    word.chars().count() >= 3 && !core.is_empty() && core.replace(&word, "").is_empty()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fifteen_alone_and_eight_with_another_factor() {
        assert_eq!(acceptable("fourteen chars", &[], true), Err(WhyNot::TooShort(15)));
        assert_eq!(acceptable("fifteen  chars!", &[], true), Ok(()));
        assert_eq!(acceptable("7 chars", &[], false), Err(WhyNot::TooShort(8)));
        assert_eq!(acceptable("8  chars", &[], false), Ok(()));
    }

    #[test]
    fn every_code_point_counts_as_one_character() {
        assert_eq!(acceptable("\u{fc}\u{f6}\u{e4}\u{20ac}\u{1f511}\u{df}\u{f1}x", &[], false), Ok(()));
        // Seven letters, each written as letter and combining mark, are seven characters.
        assert_eq!(acceptable(&"u\u{308}".repeat(7), &[], false), Err(WhyNot::TooShort(8)));
    }

    #[test]
    fn long_passwords_are_fine_up_to_256() {
        let long = |n: usize| "correct horse ".chars().cycle().take(n).collect::<String>();
        assert_eq!(acceptable(&long(64), &[], true), Ok(()));
        assert_eq!(acceptable(&long(256), &[], true), Ok(()));
        assert_eq!(acceptable(&long(257), &[], true), Err(WhyNot::TooLong(256)));
    }

    #[test]
    fn common_passwords_are_refused_however_they_are_capitalized() {
        for common in [
            "password",
            "PassWord1",
            "qwertyuiop",
            "iloveyou",
            "1q2w3e4r5t",
            "Password123!",
            "passwordpassword",
        ] {
            assert_eq!(acceptable(common, &[], false), Err(WhyNot::Common), "{common}");
        }
    }

    #[test]
    fn only_the_whole_password_is_compared() {
        assert_eq!(acceptable("my password is not yours", &[], true), Ok(()));
    }

    #[test]
    fn runs_and_repetitions_are_refused() {
        for run in ["aaaaaaaaaaaaaaaa", "abcdefghijklmnop", "ponmlkjihgfedcba", "0000000000000000"] {
            assert_eq!(acceptable(run, &[], true), Err(WhyNot::Common), "{run}");
        }
    }

    #[test]
    fn what_the_name_gives_away_is_refused() {
        let context = ["alice.smith", "Example Bank"];
        for derived in ["Alice.Smith2024!", "alicesmithalicesmith", "2024-EXAMPLE-bank"] {
            assert_eq!(acceptable(derived, &context, false), Err(WhyNot::Guessable), "{derived}");
        }
        assert_eq!(acceptable("alice knits at night", &context, true), Ok(()));
    }

    #[test]
    fn the_list_is_sorted_folded_and_long_enough_to_matter() {
        let lines: Vec<&str> = COMMON.lines().collect();
        assert!(lines.is_sorted_by(|a, b| a < b), "binary search needs it");
        assert!(
            lines
                .iter()
                .all(|line| line.chars().count() >= LEAST_WITH_OTHERS && *line == line.to_lowercase())
        );
        assert!(lines.len() > 2000, "{}", lines.len());
    }
}

//! The assurance reading: which assurance level do authenticators reach together, and does phishing fail?
//!
//! Owns the calculus of SP 800-63B-4 sections 2.1 to 2.3. Does not own the properties of each kind (`factor`)
//! nor what an attacker makes of them (`takeover`).

use crate::factor::{Aal, FactorKind, FactorType};
use crate::model::{Authenticator, AuthenticatorIx, Model};

/// One authenticator as it was really used in an authentication, or as the policy declares it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Shown {
    pub kind: FactorKind,
    /// The authenticator itself asked for a PIN or a biometric, this time.
    pub user_verified: bool,
    /// The key can leave the device: exported or synced.
    pub exportable: bool,
    /// The model proved itself by attestation, so that its hardware protection is evidence and not hope.
    pub attested: bool,
}

/// What an authentication is worth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Assurance {
    pub aal: Aal,
    /// Every "something you have" that was used withstands phishing (63B-4 3.2.5), and there was one.
    pub phishing_resistant: bool,
}

impl Assurance {
    /// Is this at least as good as `other` in both respects?
    pub fn covers(self, other: Assurance) -> bool {
        self.aal >= other.aal && self.phishing_resistant >= other.phishing_resistant
    }

    /// The part of this assurance that `declared` also promises. A session claims no more than the analysis of
    /// its policy counted on, even when a better device than declared was used.
    #[must_use]
    pub fn at_most(self, declared: Assurance) -> Assurance {
        Assurance {
            aal: self.aal.min(declared.aal),
            phishing_resistant: self.phishing_resistant && declared.phishing_resistant,
        }
    }
}

/// What authenticators are worth together; `None` when nothing among them authenticates, as recovery codes
/// alone do not (63B-4 4.2.1.1).
pub fn of(shown: &[Shown]) -> Option<Assurance> {
    let knows = shown.iter().any(|s| s.kind.properties().factor == FactorType::Know);
    let possessions = || shown.iter().filter(|s| s.is_possession());
    if !knows && possessions().next().is_none() {
        return None;
    }
    // 2.3.1: multi-factor cryptography, or single-factor cryptography and a password; 2.3.2: the key stays in
    // attested hardware.
    let three = possessions().any(|s| s.is_hardware_bound() && (s.user_verified || knows));
    // 2.2.1: two factors of different types. Two things that one has are still one type.
    let two_factors = shown.iter().any(|s| s.verified_its_user()) || knows && possessions().next().is_some();
    // 2.2.2: at least one of them withstands replay.
    let two = two_factors && shown.iter().any(|s| s.kind.properties().replay_resistant);
    let phishing_resistant =
        possessions().next().is_some() && possessions().all(|s| s.kind.properties().phishing_resistant);
    let aal = match (three, two) {
        (true, _) => Aal::Three,
        (false, true) => Aal::Two,
        (false, false) => Aal::One,
    };
    Some(Assurance { aal, phishing_resistant })
}

/// What the policy declares these authenticators to be worth together.
pub fn of_names(model: &Model, names: &[AuthenticatorIx]) -> Option<Assurance> {
    let declared: Vec<Shown> = names.iter().map(|name| declared(&model[*name])).collect();
    of(&declared)
}

/// An authenticator that is exactly what its policy says.
fn declared(authenticator: &Authenticator) -> Shown {
    let kind = authenticator.kind;
    Shown {
        kind,
        user_verified: authenticator.user_verification,
        exportable: kind.properties().exportable,
        // The organization issues smart cards itself, so it knows the hardware without asking.
        attested: authenticator.attested || kind == FactorKind::ClientCertificate,
    }
}

impl Shown {
    fn is_possession(self) -> bool {
        matches!(self.kind.properties().factor, FactorType::Have | FactorType::HaveAndVerify)
    }

    /// 3.1.7.2: multi-factor cryptography that did not verify its user counts as single-factor.
    fn verified_its_user(self) -> bool {
        self.kind.properties().factor == FactorType::HaveAndVerify && self.user_verified
    }

    /// Fit for AAL3 (2.3.2, 3.2.13, B.2): phishing-resistant public-key cryptography whose key provably cannot
    /// leave its hardware. The table caps what is declared as possibly synced, however it behaved this time.
    fn is_hardware_bound(self) -> bool {
        let properties = self.kind.properties();
        properties.factor == FactorType::HaveAndVerify
            && properties.alone == Some(Aal::Three)
            && properties.phishing_resistant
            && properties.verifier_compromise_resistant
            && !self.exportable
            && self.attested
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use FactorKind as K;

    const fn shown(kind: FactorKind, user_verified: bool, exportable: bool, attested: bool) -> Shown {
        Shown { kind, user_verified, exportable, attested }
    }

    /// The rows of the calculus (standards 63B-4 3.1.1 to 3.1.7 and appendix B), each with its members.
    const GROUPS: [(&str, &[Shown]); 9] = [
        ("know", &[shown(K::Password, false, true, false)]),
        (
            "have",
            &[
                shown(K::Totp, false, true, false),
                shown(K::Hotp, false, false, false),
                shown(K::Sms, false, false, false),
                shown(K::Voice, false, false, false),
                shown(K::Push, false, false, false),
            ],
        ),
        ("synced", &[shown(K::Passkey, true, true, false), shown(K::Passkey, true, false, true)]),
        ("synced, no UV", &[shown(K::Passkey, false, true, false)]),
        (
            "hardware",
            &[shown(K::SecurityKey, true, false, true), shown(K::ClientCertificate, true, false, true)],
        ),
        ("hardware, no UV", &[shown(K::SecurityKey, false, false, true)]),
        (
            "unattested",
            &[
                shown(K::SecurityKey, true, false, false),
                shown(K::SecurityKey, true, true, true),
                shown(K::ClientCertificate, true, false, false),
            ],
        ),
        ("unattested, no UV", &[shown(K::SecurityKey, false, false, false)]),
        ("codes", &[shown(K::RecoveryCodes, false, true, false)]),
    ];

    /// What each pair of rows reaches: the level, `+` when phishing-resistant, `-` for nothing at all. The last
    /// column is the row alone.
    #[rustfmt::skip]
    const MATRIX: [[&str; 10]; 9] = [
        //                 know  have  sync  sy-0  hard  ha-0  unat  un-0  code  alone
        /* know         */ ["1",  "2",  "2+", "2+", "3+", "3+", "2+", "2+", "1",  "1"],
        /* have         */ ["2",  "1",  "2",  "1",  "3",  "1",  "2",  "1",  "1",  "1"],
        /* synced       */ ["2+", "2",  "2+", "2+", "3+", "2+", "2+", "2+", "2+", "2+"],
        /* synced-0     */ ["2+", "1",  "2+", "1+", "3+", "1+", "2+", "1+", "1+", "1+"],
        /* hardware     */ ["3+", "3",  "3+", "3+", "3+", "3+", "3+", "3+", "3+", "3+"],
        /* hardware-0   */ ["3+", "1",  "2+", "1+", "3+", "1+", "2+", "1+", "1+", "1+"],
        /* unattested   */ ["2+", "2",  "2+", "2+", "3+", "2+", "2+", "2+", "2+", "2+"],
        /* unattested-0 */ ["2+", "1",  "2+", "1+", "3+", "1+", "2+", "1+", "1+", "1+"],
        /* codes        */ ["1",  "1",  "2+", "1+", "3+", "1+", "2+", "1+", "-",  "-"],
    ];

    fn written(assurance: Option<Assurance>) -> String {
        assurance.map_or("-".into(), |a| {
            format!("{}{}", u8::from(a.aal), if a.phishing_resistant { "+" } else { "" })
        })
    }

    #[test]
    fn every_authenticator_and_every_pair_reaches_its_level() {
        for (row, (row_name, row_members)) in GROUPS.iter().enumerate() {
            for a in *row_members {
                assert_eq!(written(of(&[*a])), MATRIX[row][9], "{row_name} alone: {a:?}");
                for (column, (column_name, column_members)) in GROUPS.iter().enumerate() {
                    for b in *column_members {
                        let both = written(of(&[*a, *b]));
                        assert_eq!(both, MATRIX[row][column], "{row_name} and {column_name}: {a:?} {b:?}");
                    }
                }
            }
        }
    }

    #[test]
    fn showing_more_never_lowers_the_level() {
        let all: Vec<Shown> = GROUPS.iter().flat_map(|(_, members)| members.iter().copied()).collect();
        for a in &all {
            for b in &all {
                for c in &all {
                    let (two, three) = (of(&[*a, *b]), of(&[*a, *b, *c]));
                    assert!(three.map(|x| x.aal) >= two.map(|x| x.aal), "{a:?} {b:?} {c:?}");
                }
            }
        }
    }

    #[test]
    fn nothing_shown_is_no_assurance() {
        assert_eq!(of(&[]), None);
    }

    #[test]
    fn a_session_claims_no_more_than_was_declared() {
        let real = Assurance { aal: Aal::Three, phishing_resistant: true };
        let declared = Assurance { aal: Aal::Two, phishing_resistant: false };
        assert_eq!(real.at_most(declared), declared);
        assert_eq!(declared.at_most(real), declared);
    }
}

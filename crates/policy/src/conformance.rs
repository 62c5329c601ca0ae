//! The conformance reading: does SP 800-63B-4 section 4.2.2 permit a recovery for such an account?
//!
//! Owns the permission matrix, by the highest AAL of the account and the proofing of its population. Does not
//! own our own question, whether the door is weaker than login (`takeover`): the standard permits doors that
//! are. Notices (4.2.3, 4.6), throttling (3.2.2) and lifetimes of codes are the server's duty at every door.

use crate::assurance;
use crate::factor::{Aal, FactorKind};
use crate::model::{AuthenticatorIx, Ial, Model, PopulationIx, Proofing, Requirement, Term};
use crate::runtime;
use crate::takeover::Truncated;

/// Whether the standard permits a door, by which clause, and why.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Conformance {
    pub conformant: bool,
    /// The clause of SP 800-63B-4 that decides.
    pub clause: &'static str,
    pub why: String,
    /// What is shown at the door in the case that decides.
    pub evidence: Vec<Term>,
}

/// Judges one `recover` door for members who hold these authenticators. A door is as conformant as its least
/// conformant alternative.
pub fn of(
    model: &Model,
    population: PopulationIx,
    recover: usize,
    holds: &[AuthenticatorIx],
) -> Result<Conformance, Truncated> {
    let chain = &model[population];
    let account = Account { aal: highest(model, &chain.login.require, holds)?, proofing: chain.proofing };
    let alternatives = runtime::alternatives_within(&chain.recover[recover].door.require, MOST_ALTERNATIVES)
        .ok_or(Truncated)?;
    let verdicts = alternatives.iter().map(|alternative| {
        let verdict = account.judge(model, alternative);
        Conformance { evidence: alternative.clone(), ..verdict }
    });
    let least = verdicts.min_by_key(|verdict| verdict.conformant);
    Ok(least
        .unwrap_or_else(|| refused("4.2.1", "nothing opens this door, so it is no recovery at all".into())))
}

const MOST_ALTERNATIVES: usize = 1024;

/// The highest AAL at which the account can sign in; what signs in to nothing is treated as AAL1.
fn highest(model: &Model, login: &Requirement, holds: &[AuthenticatorIx]) -> Result<Aal, Truncated> {
    let ways = runtime::written_alternatives_within(login, MOST_ALTERNATIVES).ok_or(Truncated)?;
    let shown = |way: &Vec<Term>| -> Vec<AuthenticatorIx> {
        way.iter()
            .filter_map(|term| if let Term::Authenticator(a) = term { Some(*a) } else { None })
            .collect()
    };
    let usable = ways.iter().map(shown).filter(|names| names.iter().all(|name| holds.contains(name)));
    let levels = usable.filter_map(|names| assurance::of_names(model, &names)).map(|a| a.aal);
    Ok(levels.max().unwrap_or(Aal::One))
}

/// What the matrix asks about an account.
#[derive(Clone, Copy)]
struct Account {
    aal: Aal,
    proofing: Ial,
}

/// What one alternative of a door brings, in the terms of the matrix.
struct Evidence {
    /// How many codes are saved, and how many issued.
    saved: usize,
    issued: usize,
    authenticated: Vec<AuthenticatorIx>,
    proofing: Option<Proofing>,
    approved: bool,
}

impl Evidence {
    fn of(model: &Model, terms: &[Term]) -> Evidence {
        let is_code = |a: &AuthenticatorIx| model[*a].kind == FactorKind::RecoveryCodes;
        let authenticators: Vec<AuthenticatorIx> = terms
            .iter()
            .filter_map(|term| if let Term::Authenticator(a) = term { Some(*a) } else { None })
            .collect();
        let proofing = |term: &Term| if let Term::Proofing(method) = term { Some(*method) } else { None };
        Evidence {
            saved: authenticators.iter().filter(|a| is_code(a)).count(),
            issued: terms.iter().filter(|term| matches!(term, Term::Issued(_) | Term::Invite(_))).count(),
            authenticated: authenticators.iter().copied().filter(|a| !is_code(a)).collect(),
            // The strongest of several counts.
            proofing: terms.iter().filter_map(proofing).min(),
            approved: terms.iter().any(|term| matches!(term, Term::Approval(..))),
        }
    }

    /// Codes sent to two addresses are one method: "issued" (4.2.2.2).
    fn methods(&self) -> usize {
        usize::from(self.saved > 0) + usize::from(self.issued > 0)
    }

    /// Why codes by one method do not recover an account of this level.
    fn why_one_method(&self, aal: Aal) -> String {
        let (what, another) = match (self.saved, self.issued) {
            (0, 2..) => ("codes sent to several addresses are one method and count as one: it", "a saved"),
            (2.., 0) => ("several sets of saved codes are one method and count as one: it", "an issued"),
            (0, _) => ("one issued recovery code alone", "a saved"),
            _ => ("one saved recovery code alone", "an issued"),
        };
        format!(
            "{what} does not recover an {aal} account; ask for {another} code too, for an authenticator that is \
             still bound, or for repeated proofing"
        )
    }
}

impl Account {
    fn judge(self, model: &Model, terms: &[Term]) -> Conformance {
        let evidence = Evidence::of(model, terms);
        let repeated_proofing = evidence.proofing.is_some_and(|method| self.repeats_proofing(method));
        let shown = assurance::of_names(model, &evidence.authenticated);
        let row = self.clause();
        if shown.is_some_and(|shown| shown.aal >= self.aal) {
            return permitted("4.1.2.1", format!("it authenticates at {}, as for a binding", self.aal));
        }
        if self.aal == Aal::Three && self.proofing == Ial::Three {
            return if repeated_proofing {
                permitted(
                    row,
                    "proofing is repeated in person, against what was collected there at first".into(),
                )
            } else {
                refused(row, "at AAL3 with IAL3 only repeated proofing in person recovers an account".into())
            };
        }
        if repeated_proofing {
            return permitted(row, "identity proofing is repeated at the initial level".into());
        }
        match (self.aal, evidence.methods(), shown.is_some()) {
            (Aal::One, 1.., _) => permitted(row, "one recovery code is enough at AAL1".into()),
            (_, 2.., _) => permitted(row, "two recovery codes by different methods, saved and issued".into()),
            (_, 1, true) => permitted(row, "a recovery code and an authenticator of the account".into()),
            (_, 1, false) => refused(row, evidence.why_one_method(self.aal)),
            (_, 0, true) => refused(
                row,
                format!(
                    "an authenticator below {} recovers nothing by itself; ask for a recovery code too",
                    self.aal
                ),
            ),
            (_, 0, false) => refused("4.2.1", self.why_no_method(&evidence)),
        }
    }

    fn clause(self) -> &'static str {
        match self.aal {
            Aal::One => "4.2.2.1",
            Aal::Two => "4.2.2.2",
            Aal::Three => "4.2.2.3",
        }
    }

    /// 4.2.1.4: the steps of the initial proofing again, which takes that there was one. IAL3 was on site.
    fn repeats_proofing(self, method: Proofing) -> bool {
        match self.proofing {
            Ial::None => false,
            Ial::One | Ial::Two => true,
            Ial::Three => method == Proofing::InPerson,
        }
    }

    fn why_no_method(self, evidence: &Evidence) -> String {
        match (evidence.proofing, self.proofing) {
            (Some(_), Ial::None) => {
                "members were never proofed, so proofing them now repeats nothing; set `proofing`, or ask for codes"
                    .into()
            }
            (Some(_), _) => "members were proofed in person (IAL3), and only that repeats it".into(),
            (None, _) if evidence.approved => {
                "people who vouch are no recovery method; combine approval with proofing or with codes".into()
            }
            (None, _) => "it uses none of the recovery methods: saved code, issued code, repeated proofing".into(),
        }
    }
}

fn permitted(clause: &'static str, why: String) -> Conformance {
    Conformance { conformant: true, clause, why, evidence: vec![] }
}

fn refused(clause: &'static str, why: String) -> Conformance {
    Conformance { conformant: false, clause, why, evidence: vec![] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::{Source, check};

    /// What the standard says of a door: for a login of that level, members of that proofing, that requirement.
    fn judged(login: &str, proofing: &str, require: &str) -> Conformance {
        let text = format!(
            r#"
version = 1
[organization]
name = "Example Ltd"
domain = "example.com"
support = "it@example.com"
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
[authenticator.smart-card]
kind = "client-certificate"
[authenticator.codes]
kind = "recovery-codes"
[channel.own-mail]
kind = "email"
[channel.mobile]
kind = "sms"
[approver.helpdesk]
population = "staff"
[population.staff]
groups = ["staff"]
proofing = "{proofing}"
[population.staff.login]
require = "{login}"
[population.staff.recover.lost]
require = "{require}"
binds = ["totp"]
"#
        );
        let checked = check(&Source::single("policy.toml", text), Date { year: 2026, month: 1, day: 1 });
        let model = checked.model.expect("the policy is well formed");
        let all: Vec<AuthenticatorIx> =
            (0..).zip(&model.authenticators).map(|(index, _)| AuthenticatorIx(index)).collect();
        of(&model, PopulationIx(0), 0, &all).expect("the policy is small")
    }

    const AAL1: &str = "password";
    const AAL2: &str = "password and totp";
    const AAL3: &str = "smart-card";
    const SAVED: &str = "codes";
    const ISSUED: &str = "issued(own-mail)";
    const TWO: &str = "codes and issued(own-mail)";
    const SAME: &str = "issued(own-mail) and issued(mobile)";
    const WITH_FACTOR: &str = "issued(own-mail) and password";
    const ON_SITE: &str = "proofing(in-person)";
    const REMOTE: &str = "proofing(video)";

    /// The login, the proofing, and whether each door is permitted.
    type Row = (&'static str, &'static str, [(&'static str, bool); 7]);

    /// The matrix of 4.2.2, cell by cell. The rows without proofing at AAL2 and AAL3 are the stricter reading of
    /// 4.2.2.1 and 4.2.2.2, which both say SHALL.
    #[rustfmt::skip]
    const MATRIX: [Row; 10] = [
        (AAL1, "none", [(SAVED, true),  (ISSUED, true),  (TWO, true),  (SAME, true),  (WITH_FACTOR, true),  (ON_SITE, false), (REMOTE, false)]),
        (AAL2, "none", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, false), (REMOTE, false)]),
        (AAL2, "ial1", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, true)]),
        (AAL2, "ial2", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, true)]),
        (AAL2, "ial3", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, false)]),
        (AAL3, "none", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, false), (REMOTE, false)]),
        (AAL3, "ial1", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, true)]),
        (AAL3, "ial2", [(SAVED, false), (ISSUED, false), (TWO, true),  (SAME, false), (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, true)]),
        (AAL3, "ial3", [(SAVED, false), (ISSUED, false), (TWO, false), (SAME, false), (WITH_FACTOR, false), (ON_SITE, true),  (REMOTE, false)]),
        (AAL1, "ial1", [(SAVED, true),  (ISSUED, true),  (TWO, true),  (SAME, true),  (WITH_FACTOR, true),  (ON_SITE, true),  (REMOTE, true)]),
    ];

    #[test]
    fn every_cell_of_the_matrix_is_as_the_standard_has_it() {
        for (login, proofing, row) in MATRIX {
            for (require, permitted) in row {
                let verdict = judged(login, proofing, require);
                assert_eq!(verdict.conformant, permitted, "{login}, {proofing}: {require}: {}", verdict.why);
            }
        }
    }

    #[test]
    fn the_clause_is_that_of_the_level() {
        let clauses = [AAL1, AAL2, AAL3].map(|login| judged(login, "ial2", TWO).clause);
        assert_eq!(clauses, ["4.2.2.1", "4.2.2.2", "4.2.2.3"]);
    }

    #[test]
    fn people_who_vouch_are_no_recovery_method() {
        for people in ["approval(helpdesk)", "approval(helpdesk, 2)"] {
            let verdict = judged(AAL2, "ial2", people);
            assert_eq!((verdict.conformant, verdict.clause), (false, "4.2.1"));
        }
        assert!(judged(AAL2, "ial2", "proofing(video) and approval(helpdesk, 2)").conformant);
        assert!(!judged(AAL2, "none", "codes and approval(helpdesk)").conformant);
    }

    #[test]
    fn to_authenticate_at_the_full_level_is_to_bind_and_not_to_recover() {
        let verdict = judged("smart-card or (password and totp)", "none", "smart-card");
        assert_eq!((verdict.conformant, verdict.clause), (true, "4.1.2.1"));
    }

    #[test]
    fn a_door_is_as_conformant_as_its_least_conformant_alternative() {
        assert!(!judged(AAL2, "ial1", "proofing(video) or issued(own-mail)").conformant);
        assert!(judged(AAL2, "ial1", "proofing(video) or (codes and issued(own-mail))").conformant);
    }
}

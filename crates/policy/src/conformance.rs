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
    let verdicts = alternatives.iter().map(|alternative| account.judge(model, alternative));
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
    saved: bool,
    issued: bool,
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
            saved: authenticators.iter().any(is_code),
            issued: terms.iter().any(|term| matches!(term, Term::Issued(_) | Term::Invite(_))),
            authenticated: authenticators.iter().copied().filter(|a| !is_code(a)).collect(),
            // The strongest of several counts.
            proofing: terms.iter().filter_map(proofing).min(),
            approved: terms.iter().any(|term| matches!(term, Term::Approval(..))),
        }
    }

    /// Codes sent to two addresses are one method: "issued" (4.2.2.2).
    fn methods(&self) -> usize {
        usize::from(self.saved) + usize::from(self.issued)
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
            (_, 1, false) => refused(
                row,
                format!(
                    "one recovery code alone does not recover an {} account; ask for a code by another method, \
                     for an authenticator that is still bound, or for repeated proofing",
                    self.aal
                ),
            ),
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
    Conformance { conformant: true, clause, why }
}

fn refused(clause: &'static str, why: String) -> Conformance {
    Conformance { conformant: false, clause, why }
}

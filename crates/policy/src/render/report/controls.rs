//! What other people require, and what a check of a policy says about it.
//!
//! Owns the mapping: one line for each requirement, with the rules whose findings speak against it. The words are ours;
//! the identifiers are those of the publications. Does not own the findings (`rules`).

use serde::Serialize;

use super::content::Finding;
use crate::diagnostic::Level;
use crate::model::{Population, Risk};
use crate::rules::Rule as R;
use crate::{Aal, Checked, FactorKind};

/// A requirement of a publication, and what the check says about it.
#[derive(Clone, Debug, Serialize)]
pub(super) struct Control {
    pub(super) framework: &'static str,
    pub(super) id: &'static str,
    pub(super) requirement: &'static str,
    pub(super) outcome: Outcome,
    /// The findings that speak against it: code and place.
    pub(super) findings: Vec<String>,
    #[serde(skip)]
    pub(super) catalog: Option<(Catalog, &'static str)>,
}

/// A catalog that NIST publishes in OSCAL.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Catalog {
    /// The conformance criteria of SP 800-63-4, version 0.1.
    Sp80063,
    /// SP 800-53 revision 5.
    Sp80053,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub(super) enum Outcome {
    Met,
    /// No error speaks against it, a warning does.
    MetWithRemarks,
    /// What speaks against it is accepted by exceptions in force.
    AcceptedByException,
    NotMet,
    /// Nothing in the policy falls under it.
    NotApplicable,
    /// Nothing was proved.
    NotAssessed,
}

impl Outcome {
    pub(super) fn words(self) -> &'static str {
        match self {
            Outcome::Met => "met",
            Outcome::MetWithRemarks => "met, with remarks",
            Outcome::AcceptedByException => "accepted by exception",
            Outcome::NotMet => "not met",
            Outcome::NotApplicable => "not applicable",
            Outcome::NotAssessed => "not assessed",
        }
    }
}

/// What decides.
enum Basis {
    /// No finding of these rules.
    Rules(&'static [R]),
    /// Every recovery that this clause of SP 800-63B-4 governs is permitted by it.
    Clause(&'static str),
    /// No session is idle for longer than so many minutes.
    Idle(u64),
    /// Every way to sign in is worth AAL2 or more, in the populations at these risks.
    TwoFactors(&'static [Risk]),
    /// Telephone and text message are no factor at all, or the rule about them is quiet.
    Telephone,
}
use Basis::{Clause, Idle, Rules, Telephone, TwoFactors};
use Catalog::{Sp80053, Sp80063};

struct Row(&'static str, &'static str, &'static str, Basis, Option<(Catalog, &'static str)>);

const B4: &str = "NIST SP 800-63B-4";
const CSF: &str = "NIST CSF 2.0";
const SP53: &str = "NIST SP 800-53 r5";
const PCI: &str = "PCI DSS 4.0.1";
const ASVS: &str = "OWASP ASVS 5.0";
const NHI: &str = "OWASP NHI Top 10";

#[rustfmt::skip]
const TABLE: &[Row] = &[
    Row(B4, "2.1.3, 2.2.3, 2.3.3", "Sessions end, at the latest, when their assurance level says so.", Rules(&[R::SessionTooLong]), None),
    Row(B4, "2.2.2", "At AAL2 there is an option that withstands phishing.", Rules(&[R::NoPhishingResistantOption]), None),
    Row(B4, "3.2.9", "Text messages and calls have an unrestricted alternative.", Telephone, None),
    Row(B4, "4.1.2.1 (BAA-2)", "A binding asks for as much assurance as the account can show and the new authenticator will reach.", Rules(&[R::BindRaisesAssurance]), Some((Sp80063, "BAA-2"))),
    Row(B4, "4.1.2.1 (BAA-3)", "The owner is told of a binding on a way that is independent of it.", Rules(&[R::SilentChange, R::SharedChannel]), Some((Sp80063, "BAA-3"))),
    Row(B4, "4.2.1 (ARM-1)", "Recovery is by the methods of the standard, and those who need it can reach it.", Rules(&[R::NonconformantRecovery, R::CircularRecovery, R::RecoveryReusesLostFactor]), Some((Sp80063, "ARM-1"))),
    Row(B4, "4.2.2.1 (RWIP-1)", "Recovery of accounts at AAL1.", Clause("4.2.2.1"), Some((Sp80063, "RWIP-1"))),
    Row(B4, "4.2.2.2 (RAAL2-1)", "Recovery at AAL2: two methods, one method and a factor, or repeated proofing.", Clause("4.2.2.2"), Some((Sp80063, "RAAL2-1"))),
    Row(B4, "4.2.2.3 (RAAL3-1)", "Recovery of accounts at AAL3.", Clause("4.2.2.3"), Some((Sp80063, "RAAL3-1"))),
    Row(B4, "4.2.3 (ACCRN-1)", "Every recovery tells the owner.", Rules(&[R::SilentChange]), Some((Sp80063, "ACCRN-1"))),
    Row(B4, "4.5 (INVAL-1)", "Authenticators end when the account does.", Rules(&[R::OffboardingLeavesDoor]), Some((Sp80063, "INVAL-1"))),
    Row(B4, "6.3", "One factor cannot be used to obtain another.", Rules(&[R::RecoveryWeakerThanLogin, R::EnrolmentWeakerThanLogin, R::BindRaisesAssurance, R::SingleCapability]), None),
    Row(CSF, "PR.AA-01", "Identities and credentials are managed, from enrolment to the end.", Rules(&[R::OffboardingLeavesDoor, R::SameDoorTwice]), None),
    Row(CSF, "PR.AA-02", "Identities are proofed and bound to credentials as the context demands.", Rules(&[R::EnrolmentWeakerThanLogin, R::SameDoorTwice, R::NonconformantRecovery]), None),
    Row(CSF, "PR.AA-03", "Users are authenticated, and no way round that is weaker.", Rules(&[R::RecoveryWeakerThanLogin, R::EnrolmentWeakerThanLogin, R::PhishablePrivileged, R::NoPhishingResistantOption, R::SingleCapability]), None),
    Row(CSF, "PR.AA-04", "Applications receive sessions of the strength that they demand.", Rules(&[R::AppUnreachable, R::AppWeakerThanSensitivity]), None),
    Row(CSF, "PR.AA-05", "Duties are separated where one person can reset another.", Rules(&[R::LoneApprover, R::SelfApproval, R::WeakApprover]), None),
    Row(SP53, "IA-2(1)", "Privileged accounts need two factors.", TwoFactors(&[Risk::High]), Some((Sp80053, "ia-2.1"))),
    Row(SP53, "IA-2(2)", "Other accounts need two factors.", TwoFactors(&[Risk::Normal]), Some((Sp80053, "ia-2.2"))),
    Row(SP53, "IA-5", "Recipients are identified when authenticators are first given out, and when they are lost.", Rules(&[R::EnrolmentWeakerThanLogin, R::RecoveryWeakerThanLogin, R::RecoveryReusesLostFactor]), Some((Sp80053, "ia-5"))),
    Row(SP53, "IA-11", "Users authenticate again after a time.", Rules(&[R::SessionTooLong]), Some((Sp80053, "ia-11"))),
    Row(SP53, "AC-2", "Accounts end when their owner leaves.", Rules(&[R::OffboardingLeavesDoor]), Some((Sp80053, "ac-2"))),
    Row(SP53, "AC-5", "Duties are separated.", Rules(&[R::LoneApprover, R::SelfApproval, R::WeakApprover]), Some((Sp80053, "ac-5"))),
    Row(SP53, "AC-12", "Sessions end.", Rules(&[R::SessionTooLong]), Some((Sp80053, "ac-12"))),
    Row(PCI, "8.2.8", "A session that is idle for more than 15 minutes has to be authenticated again.", Idle(15), None),
    Row(PCI, "8.3.3", "Identity is verified before any authentication factor is modified.", Rules(&[R::RecoveryWeakerThanLogin, R::EnrolmentWeakerThanLogin, R::BindRaisesAssurance]), None),
    Row(PCI, "8.4.2", "All access uses more than one factor.", TwoFactors(&[Risk::Normal, Risk::High]), None),
    Row(PCI, "8.5.1", "No user can bypass the second factor, unless it is documented, authorized and limited in time.", Rules(&[R::RecoveryWeakerThanLogin, R::SingleCapability, R::ExpiredException, R::UnownedException, R::LongException]), None),
    Row(ASVS, "6.1.3, 6.3.3", "All ways to authenticate are documented and equally strong.", Rules(&[R::RecoveryWeakerThanLogin, R::EnrolmentWeakerThanLogin]), None),
    Row(ASVS, "6.3.6", "Users are told when their credentials change.", Rules(&[R::SilentChange]), None),
    Row(ASVS, "6.3.7", "Authenticators that withstand phishing are supported.", Rules(&[R::NoPhishingResistantOption]), None),
    Row(ASVS, "6.4.3", "A reset does not bypass the second factor.", Rules(&[R::RecoveryWeakerThanLogin, R::SingleCapability]), None),
    Row(ASVS, "6.4.4", "Who lost a factor is identified as at enrolment.", Rules(&[R::NonconformantRecovery]), None),
    Row(ASVS, "6.6.1", "Text messages and calls are used only beside alternatives.", Telephone, None),
    Row(NHI, "NHI1:2025", "Whatever a leaver held ends with the account.", Rules(&[R::OffboardingLeavesDoor]), None),
];

/// Every requirement with its outcome, in the order of the table.
pub(super) fn controls(checked: &Checked, findings: &[Finding]) -> Vec<Control> {
    TABLE.iter().map(|row| control(row, checked, findings)).collect()
}

fn control(row: &Row, checked: &Checked, findings: &[Finding]) -> Control {
    let Row(framework, id, requirement, basis, catalog) = row;
    let by_rules = |rules: &[R]| {
        let against: Vec<&Finding> = findings.iter().filter(|found| rules.contains(&found.is_of)).collect();
        let named = against.iter().map(|found| format!("{} at {}", found.code, found.at)).collect();
        (by_findings(&against), named)
    };
    let proved =
        checked.model.is_some() && checked.analysis.as_ref().is_some_and(|analysis| !analysis.truncated);
    let (outcome, findings) = match basis {
        _ if !proved => (Outcome::NotAssessed, vec![]),
        Rules(rules) => by_rules(rules),
        Clause(clause) => by_clause(clause, checked),
        Idle(minutes) => places(checked, |_| true, |chain| chain.login.session.idle.as_secs() > minutes * 60),
        TwoFactors(risks) => two_factors(risks, checked),
        Telephone if !has_telephone(checked) => (Outcome::NotApplicable, vec![]),
        Telephone => by_rules(&[R::RestrictedFactor]),
    };
    Control { framework, id, requirement, outcome, findings, catalog: *catalog }
}

fn by_findings(against: &[&Finding]) -> Outcome {
    let open = against.iter().filter(|found| found.exception.is_none()).map(|found| found.severity);
    match open.max() {
        Some(Level::Error) => Outcome::NotMet,
        Some(Level::Warning) => Outcome::MetWithRemarks,
        _ if against.iter().any(|found| found.exception.is_some()) => Outcome::AcceptedByException,
        _ => Outcome::Met,
    }
}

fn by_clause(clause: &str, checked: &Checked) -> (Outcome, Vec<String>) {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else {
        return (Outcome::NotAssessed, vec![]);
    };
    let mut governed = false;
    let mut against = vec![];
    for at in checked.shown(model) {
        for profile in &analysis.populations[usize::from(at.0)].profiles {
            for door in &profile.doors {
                let Some(conformance) = door.conformance.as_ref().filter(|found| found.clause == clause)
                else {
                    continue;
                };
                governed = true;
                let place = format!("population.{}.{}", model[at].name, door.name.written(&model[at]));
                if !conformance.conformant && !against.contains(&place) {
                    against.push(place);
                }
            }
        }
    }
    match (governed, against.is_empty()) {
        (false, _) => (Outcome::NotApplicable, vec![]),
        (true, true) => (Outcome::Met, vec![]),
        (true, false) => (Outcome::NotMet, against),
    }
}

/// Of the populations that are concerned: not met where it is said to fail.
fn places(
    checked: &Checked,
    concerned: impl Fn(&Population) -> bool,
    fails: impl Fn(&Population) -> bool,
) -> (Outcome, Vec<String>) {
    let Some(model) = &checked.model else { return (Outcome::NotAssessed, vec![]) };
    let mut concerned = checked.shown(model).map(|at| &model[at]).filter(|chain| concerned(chain)).peekable();
    if concerned.peek().is_none() {
        return (Outcome::NotApplicable, vec![]);
    }
    let failing = concerned.filter(|population| fails(population));
    let against: Vec<String> =
        failing.map(|population| format!("population.{}.login", population.name)).collect();
    (if against.is_empty() { Outcome::Met } else { Outcome::NotMet }, against)
}

fn two_factors(risks: &[Risk], checked: &Checked) -> (Outcome, Vec<String>) {
    let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else {
        return (Outcome::NotAssessed, vec![]);
    };
    let too_weak = |population: &Population| {
        let reading = model.population(&population.name).map(|at| &analysis.populations[usize::from(at.0)]);
        let mut ways = reading.into_iter().flat_map(|reading| &reading.login);
        ways.any(|way| way.assurance.is_none_or(|assurance| assurance.aal < Aal::Two))
    };
    places(checked, |population| risks.contains(&population.risk), too_weak)
}

fn has_telephone(checked: &Checked) -> bool {
    let kinds =
        checked.model.iter().flat_map(|model| &model.authenticators).map(|authenticator| authenticator.kind);
    kinds.into_iter().any(|kind| matches!(kind, FactorKind::Sms | FactorKind::Voice))
}

//! Mending: the smallest changes of a door that clear what was found at it, computed and not canned.
//!
//! Owns the trial: each candidate is made on a copy of the model, the population is read again, and only what
//! clears the findings and brings no new one is offered. Does not own which changes are tried (`candidates`) nor how
//! they are written (`written`).

mod candidates;
pub(crate) mod written;

use std::collections::BTreeSet;

use crate::diagnostic::{self, Diagnostic, Level};
use crate::model::{AuthenticatorIx, Model, Population, PopulationIx, Term};
use crate::rules::{self, Context, Rule};
use crate::runtime;
use crate::takeover::{self, Analysis, DoorName, LoginAlternative, PopulationReading, ProfileReading};
use candidates::Edit;

/// What a change of the door's own expression can clear.
const MENDABLE: [Rule; 12] = [
    Rule::RecoveryWeakerThanLogin,
    Rule::EnrolmentWeakerThanLogin,
    Rule::BindRaisesAssurance,
    Rule::SingleCapability,
    Rule::SharedChannel,
    Rule::CircularRecovery,
    Rule::RecoveryReusesLostFactor,
    Rule::SameDoorTwice,
    Rule::LoneApprover,
    Rule::SelfApproval,
    Rule::SilentChange,
    Rule::NonconformantRecovery,
];

/// As many as are read.
const MOST_OFFERED: usize = 3;
/// Candidates for one door.
const MOST_TRIED: usize = 64;
/// What the trials of one check may cost together, in steps of about two microseconds. Beyond it the findings keep
/// the general advice of their rules.
const BUDGET: usize = 100_000;
/// What it costs to judge one population, however small.
const LEAST_PRICE: usize = 10;

/// What was found, and where.
type Findings = BTreeSet<(Rule, String)>;

/// Puts the changes that mend it in the place of the general advice of a finding.
pub(crate) fn offer(context: &Context<'_>, found: &mut [Diagnostic]) {
    let before: Findings = found.iter().map(|found| (found.rule, found.at.clone())).collect();
    let mut budget = BUDGET;
    for (index, population) in (0..).map(PopulationIx).zip(&context.model.populations) {
        let reading = &context.analysis.populations[usize::from(index.0)];
        for (door, at) in doors(population) {
            let open = |found: &Diagnostic| is_at(found, &at) && found.exception.is_none();
            let mendable = |found: &Diagnostic| open(found) && MENDABLE.contains(&found.rule);
            let wanted: Findings =
                found.iter().filter(|f| mendable(f)).map(|f| (f.rule, f.at.clone())).collect();
            if wanted.is_empty() || reading.truncated {
                continue;
            }
            let trial = Trial { context, index, reading, door, before: &before };
            let mended = trial.run(&wanted, &mut budget);
            for diagnostic in found.iter_mut().filter(|found| mendable(found)) {
                let changes = mended.for_finding(diagnostic);
                if !changes.is_empty() {
                    let before = ["this mends it:"].into_iter().chain(std::iter::repeat("or:"));
                    diagnostic.help =
                        before.zip(changes).map(|(word, mend)| format!("{word} {mend}")).collect();
                    diagnostic.mends = changes.to_vec();
                }
            }
        }
    }
}

/// The doors whose expressions may be changed, each with the place of its findings.
fn doors(population: &Population) -> Vec<(DoorName, String)> {
    let enrol = population.enrol.iter().map(|_| DoorName::Enrol);
    let recover = (0..).zip(&population.recover).map(|(index, _)| DoorName::Recover(index));
    let bind = population.bind.iter().map(|_| DoorName::Bind);
    let all = enrol.chain([DoorName::Login]).chain(bind).chain(recover);
    all.map(|door| (door, format!("population.{}.{}", population.name, door.written(population)))).collect()
}

/// Does the finding concern this door: itself, or what it opens of an application?
fn is_at(found: &Diagnostic, door: &str) -> bool {
    found.at.strip_prefix(door).is_some_and(|rest| rest.is_empty() || rest.starts_with(".app."))
}

/// The changes that clear everything at a door; and those that clear single findings, if none clears all.
struct Mended {
    clean: Vec<diagnostic::Mend>,
    partly: Vec<(Rule, Vec<diagnostic::Mend>)>,
}

impl Mended {
    fn for_finding(&self, found: &Diagnostic) -> &[diagnostic::Mend] {
        if !self.clean.is_empty() {
            return &self.clean;
        }
        self.partly.iter().find(|(rule, _)| *rule == found.rule).map_or(&[], |(_, changes)| changes)
    }
}

/// A change that mends, and the effort of the weakest way that it leaves.
struct Mend {
    edit: Edit,
    effort: Option<u32>,
    /// How much is still found that was looked for.
    left: usize,
}

/// What a change leads to.
struct Tried {
    /// What is still found at the population.
    left: Findings,
    effort: Option<u32>,
}

/// One door on trial.
struct Trial<'a, 'm> {
    context: &'a Context<'m>,
    index: PopulationIx,
    reading: &'a PopulationReading,
    door: DoorName,
    before: &'a Findings,
}

impl Trial<'_, '_> {
    fn run(&self, wanted: &Findings, budget: &mut usize) -> Mended {
        let mut clean: Vec<Mend> = vec![];
        let mut partly: Vec<(Rule, Vec<Mend>)> = wanted.iter().map(|(rule, _)| (*rule, vec![])).collect();
        let edits = candidates::edits(self.context.model, self.context.analysis, self.index, self.door);
        let mut model = self.context.model.clone();
        // Applications are another question, but for those that some logins of these members do not open.
        let mut entries = self.reading.profiles.iter().flat_map(|profile| &profile.entries);
        if entries.next().is_none() {
            model.apps.clear();
        }
        let place = usize::from(self.index.0);
        let as_it_is = model.populations[place].clone();
        for edit in edits {
            // What mends already does not get better by more of the same.
            let is_more = |mends: &[Mend]| mends.iter().any(|smaller| edit.contains(&smaller.edit));
            if is_more(&clean) {
                continue;
            }
            edit.make(&mut model.populations[place], self.door);
            let tried = self.tried(&model, wanted, budget);
            model.populations[place].clone_from(&as_it_is);
            let Some(Tried { left, effort }) = tried else { continue };
            if !left.is_subset(self.before) {
                continue;
            }
            if wanted.is_disjoint(&left) {
                clean.push(Mend { edit, effort, left: 0 });
                if clean.len() == MOST_OFFERED {
                    break;
                }
                continue;
            }
            for (rule, mends) in &mut partly {
                let cleared = !left.iter().any(|(left, _)| left == rule);
                if cleared && !is_more(mends) {
                    mends.push(Mend { edit: edit.clone(), effort, left: wanted.intersection(&left).count() });
                }
            }
        }
        // Of those that clear something, whatever leaves the least.
        for (_, mends) in &mut partly {
            let least = mends.iter().map(|mend| mend.left).min();
            mends.retain(|mend| Some(mend.left) == least);
            mends.truncate(MOST_OFFERED);
        }
        Mended {
            clean: self.written(&clean),
            partly: partly.into_iter().map(|(rule, mends)| (rule, self.written(&mends))).collect(),
        }
    }

    /// What is still found at the population in the changed model; nothing when the change helps nobody, or the budget is
    /// spent.
    fn tried(&self, model: &Model, wanted: &Findings, budget: &mut usize) -> Option<Tried> {
        let login: Vec<LoginAlternative> = match self.door {
            DoorName::Login => {
                let kept = |way: &&LoginAlternative| opens(&model[self.index], &way.evidence);
                self.reading.login.iter().filter(kept).cloned().collect()
            }
            _ => self.reading.login.clone(),
        };
        // Whose best login got worse finds less wanting, and is not better off.
        let best = |login: &[LoginAlternative]| login.iter().filter_map(|way| way.assurance).max();
        if best(&login) < best(&self.reading.login) {
            return None;
        }
        let can_sign_in = |profile: &&ProfileReading| {
            login.iter().any(|way| way.evidence.iter().all(|name| profile.circumstances().contains(name)))
        };
        let mut profiles: Vec<&ProfileReading> = self.reading.profiles.iter().filter(can_sign_in).collect();
        // Whoever is let down most comes first: where the change does not help them, nobody else need be asked.
        profiles.sort_by_key(|profile| std::cmp::Reverse(self.is_let_down(profile)));
        let ways: usize = profiles.iter().map(|profile| profile.any.len()).sum();
        *budget = budget.checked_sub(LEAST_PRICE * (1 + model.populations.len()) + ways)?;
        let again = takeover::Again::of(model, self.index, self.reading);
        *budget =
            budget.saturating_sub(again.as_ref().map_or(takeover::Again::MOST_PRICE, takeover::Again::price));
        let mut again = again.ok()?;
        let mut readings: Vec<ProfileReading> = vec![];
        for profile in profiles {
            readings.push(again.read(profile).ok()?);
            if readings.len() == 1 && wanted.is_subset(&self.found(model, &login, readings.clone())) {
                return None;
            }
        }
        // What clears a finding and lets somebody in more easily than before mends nothing.
        let is_easier = |reading: &ProfileReading| {
            let before = self.reading.profiles.iter().find(|before| before.holds == reading.holds);
            let new = |of: &ProfileReading| least_new(of, self.door);
            before.and_then(new).is_some_and(|before| new(reading).is_some_and(|after| after < before))
        };
        if readings.iter().any(is_easier) {
            return None;
        }
        readings.sort_by_key(|reading| reading.holds.len());
        let through = readings.iter().flat_map(|reading| match reading.door(self.door) {
            // A door's list has login's own ways, too.
            Some(door) => door.takeovers.iter().filter(|way| way.new).collect::<Vec<_>>(),
            None => reading.login.iter().collect(),
        });
        let effort = through.map(|way| way.effort).min();
        Some(Tried { left: self.found(model, &login, readings), effort })
    }

    fn is_let_down(&self, profile: &ProfileReading) -> bool {
        let door = profile.door(self.door);
        door.is_some_and(|door| {
            door.verdict == takeover::Verdict::Weaker
                || door.conformance.as_ref().is_some_and(|conformance| !conformance.conformant)
        })
    }

    /// The findings about this population. Approvers were compared before; other populations are not read again.
    fn found(&self, model: &Model, login: &[LoginAlternative], profiles: Vec<ProfileReading>) -> Findings {
        let blank = PopulationReading { login: vec![], profiles: vec![], truncated: false };
        let mut populations = vec![blank; model.populations.len()];
        populations[usize::from(self.index.0)] =
            PopulationReading { login: login.to_vec(), profiles, truncated: false };
        let analysis = Analysis { populations, apps: vec![], truncated: false };
        let mut context = Context::new(model, &analysis, self.context.today);
        context.trial = Some(self.index);
        let found = rules::findings(&context, |rule| rule != Rule::WeakApprover);
        found.into_iter().filter(|f| f.level > Level::Note).map(|f| (f.rule, f.at)).collect()
    }

    fn written(&self, mends: &[Mend]) -> Vec<diagnostic::Mend> {
        let population = &self.context.model[self.index];
        let door = self.door.door(population);
        let at = format!("population.{}.{}", population.name, self.door.written(population));
        let change = |mend: &Mend| {
            let keys = mend.edit.written(self.context.model, door);
            diagnostic::Mend { at: at.clone(), effort: mend.effort, ..keys }
        };
        mends.iter().map(change).collect()
    }
}

/// The effort of the weakest new way through a door.
fn least_new(reading: &ProfileReading, door: DoorName) -> Option<u32> {
    reading.door(door)?.takeovers.iter().filter(|way| way.new).map(|way| way.effort).min()
}

/// Does this evidence open the login?
fn opens(population: &Population, evidence: &[AuthenticatorIx]) -> bool {
    runtime::is_satisfied(
        &population.login.require,
        &mut |term| matches!(term, Term::Authenticator(name) if evidence.contains(name)),
    )
}

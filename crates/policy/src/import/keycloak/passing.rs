//! How a flow is passed: its nested REQUIRED, ALTERNATIVE, CONDITIONAL, OPTIONAL and DISABLED steps, as one need.
//!
//! Owns the rules by which Keycloak walks its flows. Does not own which flows are bound to what (`keycloak`).

use std::collections::BTreeSet;

use super::super::need::Need;
use super::super::node::Notes;
use super::flows::{Does, Flows, Mode, Says, Step as Line};
use super::holder::Holder;
use super::steps::{Condition, Piece, Second, Step, step};

/// With what somebody identifies first.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum First {
    Password,
    /// A passkey, taken in the place of the password.
    Passkey,
    /// An account at another provider: who it is was known before the flow began.
    Provider,
}

/// A walk through flows.
pub(super) struct Walk<'a> {
    flows: &'a Flows,
    holder: &'a Holder,
    first: First,
    notes: &'a mut Notes,
    /// The flows that the walk is in.
    within: Vec<String>,
    /// Something was asked for, so it may be known by now whose account it is.
    identified: bool,
    /// The lowest level that the outermost flow asks about.
    level: Option<i64>,
    steps_left: usize,
    /// What was set anew on the way.
    pub(super) sets: BTreeSet<Sets>,
}

/// What a flow sets anew.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Sets {
    Password,
    Otp,
}

/// A realm's flows have some dozens of steps.
const MOST_STEPS: usize = 2_000;
const DEEPEST: usize = 16;

/// Does a flow with a condition count?
#[derive(Clone, Copy, PartialEq, Eq)]
enum Counts {
    Yes,
    No,
    Unclear,
}

impl<'a> Walk<'a> {
    pub(super) fn new(flows: &'a Flows, holder: &'a Holder, first: First, notes: &'a mut Notes) -> Self {
        let (within, sets, steps_left) = (Vec::new(), BTreeSet::new(), MOST_STEPS);
        let identified = first == First::Provider;
        Walk { flows, holder, first, notes, within, identified, level: None, steps_left, sets }
    }

    /// What the flow of that name asks for.
    pub(super) fn flow(&mut self, alias: &str) -> Need<Piece> {
        let Some(lines) = self.flows.named(alias) else {
            let why = "is not in the export and not built in: what it asks for counts as no defence";
            self.notes.push(&format!("authenticationFlows.{alias}"), why);
            return Need::Unproved;
        };
        if self.within.len() == DEEPEST || self.within.iter().any(|outer| outer == alias) {
            self.notes.push(
                &format!("authenticationFlows.{alias}"),
                "holds itself, or stands too deep in others, and counts as no defence",
            );
            return Need::Unproved;
        }
        if self.within.is_empty() {
            self.level = self.lowest_level(alias);
        }
        self.within.push(alias.to_owned());
        let need = self.lines(&lines);
        self.within.pop();
        need
    }

    fn lines(&mut self, lines: &[Line]) -> Need<Piece> {
        let steps: Vec<&Line> =
            lines.iter().filter(|line| line.mode != Mode::Disabled && condition(line).is_none()).collect();
        let is_required =
            |line: &&Line| matches!(line.mode, Mode::Required | Mode::Conditional | Mode::Optional);
        let (required, alternatives): (Vec<&Line>, Vec<&Line>) = steps.into_iter().partition(is_required);
        if required.is_empty() {
            return if self.flows.are_of_old() {
                self.chosen_of_old(&alternatives)
            } else {
                self.any(&alternatives)
            };
        }
        let (mut needs, mut unclear) = (Vec::new(), Vec::new());
        for line in required {
            match self.counts(line) {
                Counts::Yes => needs.push(self.line(line)),
                Counts::No => {}
                Counts::Unclear => unclear.push(line),
            }
        }
        if self.flows.are_of_old() {
            if needs.is_empty() || !alternatives.is_empty() {
                needs.push(self.chosen_of_old(&alternatives));
            }
            self.any(&unclear);
            return Need::all(needs);
        }
        if let Some(line) = alternatives.first() {
            self.notes.push(
                &line.at,
                "is an alternative beside required steps: Keycloak ignores it, and so does this policy",
            );
        }
        if needs.is_empty() {
            // Without a step that counts a flow fails, so somebody for whom none does cannot pass.
            return self.any(&unclear);
        }
        // What may be skipped is no defence, but what it sets anew may well be set.
        self.any(&unclear);
        Need::all(needs)
    }

    /// Before version 8 a flow ended well when its last line was done with, whether or not an alternative was passed:
    /// what an alternative authenticator asked for was dropped, and only a flow in its place was waited for
    /// (`DefaultAuthenticationFlow.processFlow`). Whoever is nobody yet gets no further that way.
    fn chosen_of_old(&mut self, alternatives: &[&Line]) -> Need<Piece> {
        let is_waited_for = alternatives.iter().any(|line| matches!(line.does, Does::Flow(_)));
        let known = self.identified;
        let need = self.any(alternatives);
        if is_waited_for || !known {
            return if alternatives.is_empty() && known { Need::Nothing } else { need };
        }
        if let Some(line) = alternatives.first() {
            let why = "is an alternative that nobody had to pass before version 8, and counts as no defence";
            self.notes.push(&line.at, why);
        }
        Need::Nothing
    }

    fn any(&mut self, lines: &[&Line]) -> Need<Piece> {
        let needs: Vec<Need<Piece>> = lines.iter().map(|line| self.line(line)).collect();
        Need::any(needs)
    }

    fn line(&mut self, line: &Line) -> Need<Piece> {
        if self.steps_left == 0 {
            self.notes
                .push("authenticationFlows", "hold more steps than anybody passes, and count as no defence");
            return Need::Unproved;
        }
        self.steps_left -= 1;
        self.identified |= matches!(line.does, Does::Authenticator(_)) && line.mode != Mode::Alternative;
        if line.mode == Mode::Unclear {
            return Need::Unproved;
        }
        match &line.does {
            Does::Flow(alias) => self.flow(alias),
            Does::Authenticator(name) => {
                if let Some(known) = step(name) {
                    return self.step(known, line);
                }
                self.notes.push(&line.at, "is no authenticator that is known here, and counts as no defence");
                Need::Unproved
            }
        }
    }

    fn step(&mut self, step: Step, line: &Line) -> Need<Piece> {
        match step {
            Step::Never => Need::Never,
            // Conditions are taken out before; one that stands where it decides nothing asks for nothing.
            Step::Nothing | Step::Condition(_) => Need::Nothing,
            Step::Password { passkey: true } if self.first == First::Passkey => {
                self.second(Second::Passwordless, false)
            }
            Step::Password { .. } => Need::Piece(Piece::Password),
            Step::Second { factor, set_up } => self.second(factor, set_up && line.mode == Mode::Required),
            Step::Certificate => Need::Piece(Piece::Certificate),
            Step::Mail => Need::Piece(Piece::Mail),
            Step::SetsPassword => {
                self.sets.insert(Sets::Password);
                Need::Nothing
            }
            Step::SetsOtp => {
                self.sets.insert(Sets::Otp);
                Need::Nothing
            }
            Step::MaybeOtp => {
                let waives = ["skipOtpRole", "noOtpRequiredForHeaderPattern", "otpControlAttribute"];
                let by_default =
                    matches!(line.config.says("defaultOtpOutcome"), Says::This("skip") | Says::Unclear);
                if by_default || waives.iter().any(|key| line.config.says(key) != Says::Nothing) {
                    self.notes.push(
                        &line.at,
                        "may skip the one-time code by its settings, and counts as no defence",
                    );
                    return Need::Nothing;
                }
                self.second(Second::Otp, line.mode == Mode::Required)
            }
        }
    }

    fn second(&self, factor: Second, may_set_up: bool) -> Need<Piece> {
        if self.holder.shows.contains(&factor) {
            return Need::Piece(match factor {
                Second::Otp => Piece::Otp,
                Second::WebAuthn => Piece::WebAuthn,
                Second::Passwordless => Piece::Passwordless,
                Second::RecoveryCode => Piece::RecoveryCode,
            });
        }
        if may_set_up && self.holder.sets_up { Need::Nothing } else { Need::Never }
    }

    /// Does a required line count for this person?
    fn counts(&mut self, line: &Line) -> Counts {
        match (&line.does, line.mode) {
            (Does::Authenticator(name), Mode::Optional) => match self.is_configured(name) {
                Counts::Unclear => Counts::Yes,
                known => known,
            },
            (Does::Flow(_), Mode::Optional) => {
                let why = "is an optional flow, which Keycloak skips as soon as it asks for something";
                self.notes.push(&line.at, why);
                Counts::Unclear
            }
            (Does::Flow(alias), Mode::Conditional) => {
                let Some(lines) = self.flows.named(alias) else { return Counts::Unclear };
                let enabled = || lines.iter().filter(|line| line.mode != Mode::Disabled);
                let conditions: Vec<(&Line, Condition)> =
                    enabled().filter_map(|line| Some((line, condition(line)?))).collect();
                if conditions.is_empty() {
                    return Counts::No;
                }
                let others: Vec<&Line> = enabled().filter(|line| condition(line).is_none()).collect();
                let met: Vec<Counts> = conditions
                    .iter()
                    .map(|(line, condition)| self.is_met(line, *condition, &others))
                    .collect();
                if met.contains(&Counts::No) {
                    Counts::No
                } else if met.contains(&Counts::Unclear) {
                    Counts::Unclear
                } else {
                    Counts::Yes
                }
            }
            _ => Counts::Yes,
        }
    }

    fn is_met(&mut self, line: &Line, condition: Condition, others: &[&Line]) -> Counts {
        match condition {
            Condition::Configured => self.all_configured(others),
            Condition::Role => {
                let (Says::This(role), Some(negated)) =
                    (line.config.says("condUserRole"), line.config.is_on("negate"))
                else {
                    return self.unclear(line);
                };
                if !self.flows.roles().iter().any(|shown| shown == role) {
                    return self.unclear(line);
                }
                yes_if(self.holder.roles.iter().any(|held| held == role) != negated)
            }
            Condition::Level => match (level(line), self.level) {
                (Some(own), Some(lowest)) if own == lowest => Counts::Yes,
                (Some(_), Some(_)) => {
                    self.notes.push(
                        &line.at,
                        "counts only where an application asks for its level, so it defends no ordinary sign-in",
                    );
                    Counts::No
                }
                _ => self.unclear(line),
            },
            Condition::Credential => {
                let used = match self.first {
                    First::Password | First::Provider => "password",
                    First::Passkey => "webauthn-passwordless",
                };
                let (Says::This(all), Some(included)) =
                    (line.config.says("credentials"), line.config.is_on("included"))
                else {
                    return self.unclear(line);
                };
                yes_if(all.split("##").any(|one| one == used) == included)
            }
            Condition::Other => self.unclear(line),
        }
    }

    fn unclear(&mut self, line: &Line) -> Counts {
        self.notes.push(
            &line.at,
            "is a condition that an export does not answer: what it guards counts as no defence",
        );
        Counts::Unclear
    }

    /// As Keycloak's own condition asks: all that is required, or any of the alternatives.
    fn all_configured(&self, lines: &[&Line]) -> Counts {
        let of = |mode| {
            let lines = lines.iter().filter(move |line| line.mode == mode);
            lines.filter_map(|line| match &line.does {
                Does::Authenticator(name) => Some(self.is_configured(name)),
                Does::Flow(_) => None,
            })
        };
        let required: Vec<Counts> = of(Mode::Required).collect();
        let alternatives: Vec<Counts> = of(Mode::Alternative).collect();
        if !required.is_empty() {
            let worst = [Counts::No, Counts::Unclear].into_iter().find(|answer| required.contains(answer));
            return worst.unwrap_or(Counts::Yes);
        }
        let best = [Counts::Yes, Counts::Unclear].into_iter().find(|answer| alternatives.contains(answer));
        best.unwrap_or(if alternatives.is_empty() { Counts::Yes } else { Counts::No })
    }

    fn is_configured(&self, authenticator: &str) -> Counts {
        let holds = |factor| yes_if(self.holder.holds.contains(&factor));
        match step(authenticator) {
            Some(Step::Second { factor, .. }) => holds(factor),
            Some(Step::SetsOtp | Step::MaybeOtp) => holds(Second::Otp),
            // Nobody is a member of an organization unless somebody made them one.
            Some(_) if ["organization", "idp-add-organization-member"].contains(&authenticator) => Counts::No,
            Some(_) => Counts::Yes,
            None => Counts::Unclear,
        }
    }

    /// The lowest level that any condition in the flow asks about; every sign-in has to reach that one. None if one of
    /// them is not understood: it may be lower.
    fn lowest_level(&self, alias: &str) -> Option<i64> {
        let mut seen = BTreeSet::from([alias.to_owned()]);
        let mut open = vec![alias.to_owned()];
        let mut lowest = None;
        // No walk comes further than that.
        while let Some(alias) = open.pop().filter(|_| seen.len() < MOST_STEPS) {
            let lines = self.flows.named(&alias).unwrap_or_default();
            for line in lines.iter().filter(|line| line.mode != Mode::Disabled) {
                match &line.does {
                    Does::Flow(inner) if seen.insert(inner.clone()) => open.push(inner.clone()),
                    Does::Authenticator(_) if condition(line) == Some(Condition::Level) => {
                        lowest = level(line)?.min(lowest.unwrap_or(i64::MAX)).into();
                    }
                    _ => {}
                }
            }
        }
        lowest
    }
}

fn condition(line: &Line) -> Option<Condition> {
    match &line.does {
        Does::Authenticator(name) => match step(name) {
            Some(Step::Condition(condition)) => Some(condition),
            _ => None,
        },
        Does::Flow(_) => None,
    }
}

fn level(line: &Line) -> Option<i64> {
    match line.config.says("loa-condition-level") {
        Says::This(text) => text.trim().parse().ok(),
        Says::Nothing | Says::Unclear => None,
    }
}

fn yes_if(holds: bool) -> Counts {
    if holds { Counts::Yes } else { Counts::No }
}

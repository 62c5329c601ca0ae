//! Recovery that SP 800-63B-4 does not permit for such an account.

use super::{Context, door_path, holding, story};
use crate::conformance::Conformance;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::FactorKind;
use crate::model::{AuthenticatorIx, Ial, Model, Population, Term};
use crate::rules::Rule;
use crate::takeover::{DoorName, ProfileReading};

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let doors: Vec<DoorName> = judged.doors().collect();
        for name in doors {
            let refused = |profile: &&ProfileReading| {
                let conformance = profile.door(name).and_then(|door| door.conformance.as_ref());
                conformance.is_some_and(|conformance| !conformance.conformant)
            };
            let profiles: Vec<&ProfileReading> = judged.reading.profiles.iter().filter(refused).collect();
            let Some(conformance) =
                profiles.last().and_then(|profile| profile.door(name)?.conformance.as_ref())
            else {
                continue;
            };
            let written = name.written(judged.population);
            let message = format!(
                "SP 800-63B-4 does not permit `{written}` for members of `{}`",
                judged.population.name
            );
            let mut found = Diagnostic::new(
                Rule::NonconformantRecovery,
                door_path(judged.population, &written),
                judged.require_span(name),
                message,
            )
            .label(format!("section {}", conformance.clause))
            .other(judged.population.login.require_span, "the login whose account it recovers")
            .note(conformance.why.clone());
            if let Some(door) = judged.door(name) {
                let mut steps = story::obtaining(context.model, &conformance.evidence);
                steps.push(format!("open `{written}`: nothing else is asked"));
                steps.push(story::after(context.model, door));
                found = found.steps(steps);
            }
            if profiles.len() < judged.reading.profiles.len() {
                found = found
                    .note(format!("this concerns members who hold {}", holding(context.model, &profiles)));
            }
            for help in remedies(context.model, judged.population, conformance) {
                found = found.help(help);
            }
            out.push(found);
        }
    }
}

/// What section 4.2.2 would take besides what the door asks for already.
fn remedies(model: &Model, population: &Population, conformance: &Conformance) -> Vec<String> {
    if conformance.clause == "4.2.2.3" && population.proofing == Ial::Three {
        return vec!["proof members again as at first: `proofing(in-person)`".to_owned()];
    }
    let evidence = &conformance.evidence;
    let is_codes = |name: AuthenticatorIx| model[name].kind == FactorKind::RecoveryCodes;
    let saved = evidence.iter().any(|term| matches!(term, Term::Authenticator(name) if is_codes(*name)));
    let issued = evidence.iter().any(|term| matches!(term, Term::Issued(_) | Term::Invite(_)));
    let proofed = evidence.iter().any(|term| matches!(term, Term::Proofing(_)));
    let own = model.authenticators.iter().find(|a| a.kind == FactorKind::RecoveryCodes);
    let codes = own.map_or_else(
        || "an authenticator of kind `recovery-codes`".to_owned(),
        |codes| format!("`{}`", codes.name),
    );
    let mut all = vec![match (saved, issued) {
        (false, true) => format!("ask for a saved code as well: {codes}"),
        (true, false) => "ask for an issued code as well: `issued(CHANNEL)`".to_owned(),
        (false, false) => {
            format!("ask for two recovery codes of different methods: {codes}, saved, and `issued(CHANNEL)`")
        }
        (true, true) => "ask for an authenticator of the account that is still held".to_owned(),
    }];
    if saved != issued {
        all.push("or ask for an authenticator of the account that is still held".to_owned());
    }
    match (population.proofing, proofed) {
        (Ial::Three, _) => all.push("or proof members again as at first: `proofing(in-person)`".to_owned()),
        (Ial::None, true) => all.push(format!(
            "or, if members were proofed when they joined, say so: `proofing = \"ial1\"` in `[population.{}]`",
            population.name
        )),
        (Ial::None, false) | (_, true) => {}
        (_, false) => all.push("or repeat the proofing: `proofing(METHOD)`".to_owned()),
    }
    all
}

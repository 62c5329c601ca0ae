//! Two factors, and none of the ways to show them withstands phishing.

use super::{Context, door_path, names};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::rules::Rule;
use crate::takeover::LoginAlternative;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for judged in context.judged() {
        let two = |way: &&LoginAlternative| way.assurance.is_some_and(|reached| reached.aal >= Aal::Two);
        let ways: Vec<&LoginAlternative> = judged.reading.login.iter().filter(two).collect();
        let resists =
            |way: &&LoginAlternative| way.assurance.is_some_and(|reached| reached.phishing_resistant);
        if ways.is_empty() || ways.iter().any(resists) {
            continue;
        }
        let population = judged.population;
        let each: Vec<String> = ways.iter().map(|way| names(model, &way.evidence)).collect();
        let message =
            format!("members of `{}` are offered no login that withstands phishing", population.name);
        let mut found = Diagnostic::new(
            Rule::NoPhishingResistantOption,
            door_path(population, "login"),
            population.login.require_span,
            message,
        )
        .label(format!("phishable with {}", each.join("; with ")))
        .note("SP 800-63B-4 2.2.2: at AAL2 a phishing-resistant option must be offered");
        if let Some(factor) = model.authenticators.iter().find(|a| a.kind.properties().phishing_resistant) {
            found = found
                .other(factor.span, "this one withstands it")
                .help(format!("offer it: `or {}`", factor.name));
        } else {
            found = found.help("define a `passkey` or a `security-key`, and offer it here: `or passkey`");
        }
        out.push(found);
    }
}

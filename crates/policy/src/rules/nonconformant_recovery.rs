//! Recovery that SP 800-63B-4 does not permit for such an account.

use super::{Context, door_path, holding};
use crate::diagnostic::{Diagnostic, Diagnostics};
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
            .note(conformance.why.clone());
            if profiles.len() < judged.reading.profiles.len() {
                found = found
                    .note(format!("this concerns members who hold {}", holding(context.model, &profiles)));
            }
            out.push(found.help(
                "ask for two recovery codes of different methods (saved: `codes`; issued: `issued(CHANNEL)`), for one \
                 and a factor that is still held, or for `proofing(METHOD)`",
            ));
        }
    }
}

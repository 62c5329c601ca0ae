//! Members whom one loss shuts out for good.

use super::{Context, door_path, holding};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;
use crate::takeover::ProfileReading;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let single = |profile: &ProfileReading| -> Vec<String> {
            profile.lockout.iter().filter(|losses| losses.len() == 1).map(|l| l[0].to_string()).collect()
        };
        let profiles: Vec<&ProfileReading> =
            judged.reading.profiles.iter().filter(|profile| !single(profile).is_empty()).collect();
        let mut losses: Vec<String> = profiles.iter().flat_map(|profile| single(profile)).collect();
        losses.sort_unstable();
        losses.dedup();
        if losses.is_empty() {
            continue;
        }
        let population = judged.population;
        let message = format!("one loss shuts a member of `{}` out for good", population.name);
        let mut found = Diagnostic::new(
            Rule::SingleLossLockout,
            door_path(population, "login"),
            population.login.require_span,
            message,
        )
        .label(format!("{} is enough", losses.join(", or ")));
        let mut story = vec![
            format!("the member suffers one loss: {}", losses.join(", or ")),
            format!("the login of `{}` opens no more: it takes what went with it", population.name),
        ];
        let shut = "opens no more either: it takes what went with it, or what such a member lacks";
        story.extend(population.recover.iter().map(|recover| format!("`recover.{}` {shut}", recover.name)));
        story.push("no door is left: the account has to be made anew".to_owned());
        found = found.steps(story);
        for recover in &population.recover {
            found =
                found.other(recover.door.require_span, "falls with it, or needs what such a member lacks");
        }
        if profiles.len() < judged.reading.profiles.len() {
            found =
                found.note(format!("this concerns members who hold {}", holding(context.model, &profiles)));
        }
        out.push(found.help(
            "add a way back that does not fall with it: a second factor on another thing, `codes` on paper, \
             `proofing(METHOD)` with people who vouch",
        ));
    }
}

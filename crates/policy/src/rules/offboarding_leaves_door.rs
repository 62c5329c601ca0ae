//! People who have left, and whose account has not.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::mend::written::duration;
use crate::model::{Model, PopulationIx};
use crate::rules::Rule;
use crate::syntax::suggest;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (index, population) in (0..).map(PopulationIx).zip(&context.model.populations) {
        let at = door_path(population, "offboard");
        let session = population.login.session.max;
        match &population.offboard {
            None => {
                let message = format!("no door ends the accounts of `{}`", population.name);
                out.push(
                    Diagnostic::new(Rule::OffboardingLeavesDoor, at, population.span, message)
                        .label("has no `offboard`")
                        .other(population.login.require_span, "still opens for those who have left")
                        .steps(vec![
                            "leave the organization, or be dismissed, in anger perhaps".to_owned(),
                            format!("sign in as before: the login of `{}` still opens", population.name),
                            stays(context.model, index),
                        ])
                        .note("SP 800-63B-4 4.5: authenticators end promptly with the account")
                        .help(format!(
                            "add `[population.{}.offboard]` with `within = \"60s\"`",
                            population.name
                        )),
                );
            }
            // Slower than doing nothing: the session would have ended by itself, and login still opens.
            Some(offboard) if offboard.within > session => {
                let message =
                    format!("every door of `{}` stays open for longer than a session lasts", population.name);
                out.push(
                    Diagnostic::new(Rule::OffboardingLeavesDoor, at, offboard.span, message)
                        .label("who has left can still sign in until then")
                        .other(population.login.span, "a session ends sooner than that by itself")
                        .steps(vec![
                            "leave the organization, or be dismissed, in anger perhaps".to_owned(),
                            format!(
                                "sign in anew whenever a session ends: for {} the login still opens",
                                duration(offboard.within)
                            ),
                            stays(context.model, index),
                        ])
                        .note("SP 800-63B-4 4.5: authenticators end promptly with the account")
                        .help("set `within` to a minute or a few: `within = \"60s\"`"),
                );
            }
            Some(_) => {}
        }
    }
}

/// What whoever has left can still reach.
fn stays(model: &Model, population: PopulationIx) -> String {
    let open = model.apps.iter().filter(|app| app.populations.contains(&population));
    let names: Vec<&str> = open.map(|app| app.name.as_str()).take(MOST_NAMED).collect();
    match names.as_slice() {
        [] => "read, copy or delete what the account can reach".to_owned(),
        names => format!("read, copy or delete what {} holds", suggest::list(names)),
    }
}

/// Applications named as an example.
const MOST_NAMED: usize = 3;

//! People who have left, and whose account has not.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for population in &context.model.populations {
        let at = door_path(population, "offboard");
        let session = population.login.session.max;
        match &population.offboard {
            None => {
                let message = format!("no door ends the accounts of `{}`", population.name);
                out.push(
                    Diagnostic::new(Rule::OffboardingLeavesDoor, at, population.span, message)
                        .label("has no `offboard`")
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
                        .note("SP 800-63B-4 4.5: authenticators end promptly with the account")
                        .help("set `within` to a minute or a few: `within = \"60s\"`"),
                );
            }
            Some(_) => {}
        }
    }
}

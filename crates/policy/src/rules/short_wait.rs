//! Waits that pass before anybody objects.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::mend::written::duration;
use crate::model::LEAST_WAIT;
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        for name in judged.doors() {
            let Some(door) = judged.door(name) else { continue };
            // Where nobody is told, `silent-change` says so.
            let Some(wait) = door.wait.filter(|wait| *wait < LEAST_WAIT && !door.notify.is_empty()) else {
                continue;
            };
            let written = name.written(judged.population);
            let message =
                format!("`{written}` waits {}, in which its owner may well be asleep", duration(wait));
            out.push(
                Diagnostic::new(Rule::ShortWait, door_path(judged.population, &written), door.span, message)
                    .label("counts as no wait at all")
                    .steps(vec![
                        "begin at night, and show what the door asks for".to_owned(),
                        format!("wait {}: the notice lies unread", duration(wait)),
                        format!("open {written}: binds what the attacker brings"),
                    ])
                    .help(format!("wait `{}` at least, or leave `wait` out", duration(LEAST_WAIT))),
            );
        }
    }
}

//! Sessions that outlive what SP 800-63B-4 allows at their level.

use std::time::Duration;

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics, Level};
use crate::factor::Aal;
use crate::mend::written::duration;
use crate::rules::Rule;

/// What the standard says of one level.
struct Limits {
    clause: &'static str,
    max: Duration,
    /// Of the overall limit; the limits of inactivity are SHOULD at every level.
    level: Level,
    idle: Option<Duration>,
}

/// 63B-4 2.1.3, 2.2.3 and 2.3.3: SHOULD at AAL1 and AAL2; at AAL3 the overall limit is SHALL.
const fn limits(aal: Aal) -> Limits {
    let (hour, day) = (Duration::from_hours(1), Duration::from_hours(24));
    let (clause, max, level, idle) = match aal {
        Aal::One => ("2.1.3", Duration::from_hours(30 * 24), Level::Warning, None),
        Aal::Two => ("2.2.3", day, Level::Warning, Some(hour)),
        Aal::Three => ("2.3.3", Duration::from_hours(12), Level::Error, Some(Duration::from_mins(15))),
    };
    Limits { clause, max, level, idle }
}

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for judged in context.judged() {
        let levels = judged.reading.login.iter().filter_map(|way| way.assurance);
        let Some(aal) = levels.map(|reached| reached.aal).max() else { continue };
        let limits = limits(aal);
        let session = judged.population.login.session;
        let too_long = session.max > limits.max;
        let too_idle = limits.idle.filter(|idle| session.idle > *idle);
        let mut labels = Vec::new();
        let mut helps = Vec::new();
        if too_long {
            labels.push(format!(
                "lasts {}, and {} is the limit",
                duration(session.max),
                duration(limits.max)
            ));
            helps.push(format!("max = \"{}\"", duration(limits.max)));
        }
        if let Some(idle) = too_idle {
            labels.push(format!(
                "may be idle for {}, and {} is the limit",
                duration(session.idle),
                duration(idle)
            ));
            helps.insert(0, format!("idle = \"{}\"", duration(idle)));
        }
        if labels.is_empty() {
            continue;
        }
        let population = judged.population;
        let level = if too_long { limits.level } else { Level::Warning };
        let message = format!("sessions of `{}` last too long for {aal}", population.name);
        out.push(
            Diagnostic::new(
                Rule::SessionTooLong,
                door_path(population, "login"),
                population.login.span,
                message,
            )
            .level(level)
            .label(labels.join("; "))
            .other(population.login.require_span, format!("reaches {aal}"))
            .note(format!(
                "SP 800-63B-4 {}: {}",
                limits.clause,
                if level == Level::Error {
                    "the overall limit is binding"
                } else {
                    "a limit that should be kept"
                }
            ))
            .help(format!("write `session = {{ {} }}`", helps.join(", "))),
        );
    }
}

//! Exceptions that last longer than anybody remembers them.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

/// A quarter of a year: long enough to order hardware, short enough to be asked again.
pub(crate) const MOST_DAYS: i64 = 90;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (exception, number) in context.model.exceptions.iter().zip(1..) {
        let (message, label) = match exception.expires {
            None => {
                let label = format!("has no `expires`; an exception lasts {MOST_DAYS} days at most");
                (format!("the exception for `{}` never expires", exception.at), label)
            }
            Some(expires) if expires.days() - context.today.days() > MOST_DAYS => {
                let ahead = expires.days() - context.today.days();
                let label = format!("{ahead} days from today; an exception lasts {MOST_DAYS} days at most");
                (format!("the exception for `{}` lasts until {expires}", exception.at), label)
            }
            Some(_) => continue,
        };
        let span = exception.expires_span.unwrap_or(exception.span);
        out.push(
            Diagnostic::new(Rule::LongException, format!("exception.{number}"), span, message)
                .label(label)
                .other(exception.at_span, "the gap that would stay open")
                .help("set `expires` to an earlier day; its owner may decide again then"),
        );
    }
}

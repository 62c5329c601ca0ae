//! Exceptions that last longer than anybody remembers them.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

/// A quarter of a year: long enough to order hardware, short enough to be asked again.
pub(crate) const MOST_DAYS: i64 = 90;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (exception, number) in context.model.exceptions.iter().zip(1..) {
        let message = match exception.expires {
            None => format!("the exception for `{}` never expires", exception.at),
            Some(expires) if expires.days() - context.today.days() > MOST_DAYS => {
                format!("the exception for `{}` lasts until {expires}", exception.at)
            }
            Some(_) => continue,
        };
        out.push(
            Diagnostic::new(Rule::LongException, format!("exception.{number}"), exception.span, message)
                .label(format!("an exception lasts {MOST_DAYS} days at most"))
                .help("set `expires` to an earlier day; its owner may decide again then"),
        );
    }
}

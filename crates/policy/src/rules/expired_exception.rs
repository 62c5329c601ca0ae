//! Exceptions whose day has passed.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (exception, number) in context.model.exceptions.iter().zip(1..) {
        let Some(expires) = exception.expires.filter(|expires| *expires < context.today) else { continue };
        let message = format!("the exception for `{}` expired on {expires}", exception.at);
        let owner = exception.owner.as_deref().unwrap_or("nobody");
        let span = exception.expires_span.unwrap_or(exception.span);
        out.push(
            Diagnostic::new(Rule::ExpiredException, format!("exception.{number}"), span, message)
                .label(format!("no longer in force: today is {}", context.today))
                .other(exception.at_span, "this gap is open again")
                .note(format!("its owner is {owner}; its reason was: {}", exception.reason))
                .help(
                    "close the gap and remove the exception; a later date needs a new decision of its owner",
                ),
        );
    }
}

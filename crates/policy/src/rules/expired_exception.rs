//! Exceptions whose day has passed.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (exception, number) in context.model.exceptions.iter().zip(1..) {
        let Some(expires) = exception.expires.filter(|expires| *expires < context.today) else { continue };
        let message = format!("the exception for `{}` expired on {expires}", exception.at);
        let owner = exception.owner.as_deref().unwrap_or("nobody");
        out.push(
            Diagnostic::new(Rule::ExpiredException, format!("exception.{number}"), exception.span, message)
                .label("no longer in force")
                .note(format!("its owner is {owner}; its reason was: {}", exception.reason))
                .help(
                    "close the gap and remove the exception; a later date needs a new decision of its owner",
                ),
        );
    }
}

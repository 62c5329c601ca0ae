//! Exceptions that nobody answers for.

use super::Context;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for (exception, number) in context.model.exceptions.iter().zip(1..) {
        let lacks = match (&exception.owner, exception.reason.is_empty()) {
            (None, true) => "an owner and a reason",
            (None, false) => "an owner",
            (Some(_), true) => "a reason",
            (Some(_), false) => continue,
        };
        let message = format!("the exception for `{}` lacks {lacks}", exception.at);
        out.push(
            Diagnostic::new(Rule::UnownedException, format!("exception.{number}"), exception.span, message)
                .label(format!("lacks {lacks}, and has no effect as it stands"))
                .other(exception.at_span, "the gap that nobody answers for")
                .help("add `owner` (who answers for the gap) and `reason` (why it is accepted, and what will end it)"),
        );
    }
}

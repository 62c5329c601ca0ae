//! Judging: every check run, levels raised by `[assurance]`, findings lowered by exceptions.

use super::long_exception::MOST_DAYS;
use super::{CHECKS, Context, Rule};
use crate::diagnostic::{Diagnostic, Diagnostics, Excused, Level};
use crate::mend;
use crate::model::{Date, Exception};

/// Every finding about a policy that could be read, in the order of the file.
pub(crate) fn judge(context: &Context<'_>, raised: &[(Rule, Level)]) -> Vec<Diagnostic> {
    let mut found = findings(context, |_| true);
    for diagnostic in &mut found {
        for (rule, level) in raised {
            if *rule == diagnostic.rule {
                diagnostic.level = diagnostic.level.max(*level);
            }
        }
        if let Some(excused) = excused(diagnostic, &context.model.exceptions, context.today) {
            diagnostic.level = Level::Note;
            diagnostic.exception = Some(excused);
        }
    }
    mend::offer(context, &mut found);
    found
}

/// What the checks of these rules find, in the order of the file.
pub(crate) fn findings(context: &Context<'_>, wanted: impl Fn(Rule) -> bool) -> Vec<Diagnostic> {
    let mut out = Diagnostics::default();
    for (_, check) in CHECKS.iter().filter(|(rule, _)| wanted(*rule)) {
        check(context, &mut out);
    }
    out.into_list()
}

/// The exception in force for this finding, if there is one: owned, explained, dated, neither past nor too long.
fn excused(diagnostic: &Diagnostic, exceptions: &[Exception], today: Date) -> Option<Excused> {
    let in_force = |exception: &Exception| {
        let expires = exception.expires?;
        let ahead = expires.days() - today.days();
        let owner = exception.owner.clone()?;
        let holds = (0..=MOST_DAYS).contains(&ahead) && !exception.reason.is_empty();
        holds.then(|| Excused { owner, expires, reason: exception.reason.clone() })
    };
    let meant = |exception: &&Exception| {
        diagnostic.rule.excusable()
            && exception.rule == diagnostic.rule.name()
            && exception.at == diagnostic.at
    };
    exceptions.iter().filter(meant).find_map(in_force)
}

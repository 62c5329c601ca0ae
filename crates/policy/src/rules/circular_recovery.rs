//! Recovery that needs what only a signed-in member can reach.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{ChannelIx, Door, Term};
use crate::resolve::needs;
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for population in &context.model.populations {
        let enrol = population.enrol.iter().map(|enrol| ("enrol".to_owned(), &enrol.door));
        let recover =
            population.recover.iter().map(|recover| (format!("recover.{}", recover.name), &recover.door));
        for (name, door) in enrol.chain(recover) {
            if let Some(channel) = beyond_login(context, door) {
                let at = door_path(population, &name);
                let channel = &context.model[channel];
                let message =
                    format!("`{name}` needs `{}`, which only a signed-in member can read", channel.name);
                out.push(
                    Diagnostic::new(Rule::CircularRecovery, at, door.require_span, message)
                        .label("nobody who needs this door can open it")
                        .other(channel.span, "readable only after signing in here")
                        .help("use a channel that is not `behind = \"login\"`, or another way beside it"),
                );
            }
        }
    }
}

/// A channel behind login, if every way to open the door needs one.
fn beyond_login(context: &Context<'_>, door: &Door) -> Option<ChannelIx> {
    let behind = |term: &Term| match term {
        Term::Issued(channel) | Term::Invite(channel) if context.model[*channel].behind_login => {
            Some(*channel)
        }
        _ => None,
    };
    if !needs(&door.require, &|term| behind(term).is_some()) {
        return None;
    }
    door.require.terms().find_map(behind)
}

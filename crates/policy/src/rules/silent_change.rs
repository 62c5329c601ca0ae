//! Changes of factors that nobody is told of.

use super::{Context, door_path, story};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::model::{Bindable, Door, Population};
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    for population in &context.model.populations {
        if let Some(door) = &population.bind {
            check_door(context, population, "bind", door, out);
        }
        for recover in &population.recover {
            check_door(context, population, &format!("recover.{}", recover.name), &recover.door, out);
        }
    }
}

fn opened(door: &str) -> String {
    match door {
        "bind" => "get into a session that the member left open".to_owned(),
        _ => format!("open `{door}` in the member's name"),
    }
}

fn check_door(
    context: &Context<'_>,
    population: &Population,
    name: &str,
    door: &Door,
    out: &mut Diagnostics,
) {
    let at = door_path(population, name);
    if door.notify.is_empty() {
        let message = format!("`{name}` changes factors and tells nobody");
        out.push(
            Diagnostic::new(Rule::SilentChange, at, door.span, message)
                .label("has no `notify`")
                .other(door.require_span, "opens with this, and nobody hears of it")
                .steps(vec![
                    opened(name),
                    story::after(context.model, door),
                    "go unnoticed: no message reaches the member, who would have ended it".to_owned(),
                ])
                .note("SP 800-63B-4 4.6: the owner must be told of every binding and every recovery")
                .help("add `notify` with a channel that the owner had before"),
        );
        return;
    }
    // The notice about a changed address must reach some other address.
    let only = |channel| door.notify.iter().all(|notified| *notified == channel);
    let changed = door.binds.iter().find_map(|bound| match bound {
        Bindable::Channel(channel) if only(*channel) => Some(*channel),
        _ => None,
    });
    if let Some(channel) = changed {
        let channel = &context.model[channel];
        let message = format!("`{name}` can change `{}`, the only channel that it notifies", channel.name);
        out.push(
            Diagnostic::new(Rule::SilentChange, at, door.span, message)
                .label("whoever opens this door chooses who is told")
                .other(channel.span, "the channel")
                .steps(vec![
                    opened(name),
                    format!("change `{}` to an address of one's own", channel.name),
                    "read every later notice in the member's place: nobody else is told".to_owned(),
                ])
                .help("notify a second channel, or do not bind this one here"),
        );
    }
}

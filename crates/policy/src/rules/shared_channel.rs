//! Doors that fall together, because they hang on one channel or thing.

use super::{Context, door_path};
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::FactorType;
use crate::model::{ChannelIx, ChannelKind, Door, Model, Population, Term};
use crate::resolve::needs;
use crate::rules::Rule;

pub(super) fn check(context: &Context<'_>, out: &mut Diagnostics) {
    let model = context.model;
    for population in &model.populations {
        for recover in &population.recover {
            let name = format!("recover.{}", recover.name);
            if let Some(found) = chain(model, population, &name, &recover.door) {
                out.push(found);
            } else if let Some(found) = alarm(model, population, &name, &recover.door) {
                out.push(found);
            }
        }
    }
}

/// Issue, login and recovery, all on one thing.
fn chain(model: &Model, population: &Population, name: &str, door: &Door) -> Option<Diagnostic> {
    let enrol = &population.enrol.as_ref()?.door;
    let thing = things(model).find(|thing| {
        let hangs = |requirement| needs(requirement, &|term| is_on(model, term, thing));
        let told_there = !door.notify.is_empty()
            && door.notify.iter().all(|channel| channel_is_on(model, *channel, thing));
        hangs(&enrol.require) && hangs(&population.login.require) && (hangs(&door.require) || told_there)
    })?;
    let message = format!("enrolment, login and `{name}` of `{}` all hang on `{thing}`", population.name);
    Some(
        Diagnostic::new(Rule::SharedChannel, door_path(population, name), door.require_span, message)
            .label(format!("and so does the way back, or the only notice of it: `{thing}`"))
            .other(population.login.require_span, format!("login takes `{thing}`"))
            .other(enrol.require_span, format!("the invitation takes `{thing}`"))
            .note(format!("whoever has `{thing}` has every door, and whoever lost it has none"))
            .help(format!(
                "let one of the three doors open without `{thing}`, and tell the owner elsewhere too"
            )),
    )
}

/// The way back leads through one channel, and so does the only warning.
fn alarm(model: &Model, population: &Population, name: &str, door: &Door) -> Option<Diagnostic> {
    let [channel] = door.notify.as_slice() else { return None };
    // What is needed to open the door, not what might be.
    let codes = |term: &Term| matches!(term, Term::Issued(sent) | Term::Invite(sent) if sent == channel);
    if !needs(&door.require, &codes) {
        return None;
    }
    let channel = &model[*channel];
    let message =
        format!("`{name}` takes a code from `{}`, and its only notice goes there too", channel.name);
    Some(
        Diagnostic::new(Rule::SharedChannel, door_path(population, name), door.require_span, message)
            .label(format!("opens with what is sent to `{}`", channel.name))
            .other(channel.span, "the only place where the owner is told")
            .steps(vec![
                format!("read `{}`: take the code that is sent there", channel.name),
                format!("open {name}"),
                format!("delete the notice, which is sent to `{}` as well", channel.name),
            ])
            .note(
                "SP 800-63B-4 4.6: where the only other address is the one that got the code, a letter must tell the \
                 owner",
            )
            .help("notify a second channel, on another thing than the first"),
    )
}

/// Everything that can be stolen or lost and that something stands on.
fn things(model: &Model) -> impl Iterator<Item = &str> {
    let authenticators = model.authenticators.iter().filter_map(|a| a.on.as_deref());
    authenticators.chain(model.channels.iter().filter_map(|channel| channel.on.as_deref()))
}

fn is_on(model: &Model, term: &Term, thing: &str) -> bool {
    match term {
        Term::Authenticator(name) => {
            let authenticator = &model[*name];
            authenticator.on.as_deref() == Some(thing)
                && authenticator.kind.properties().factor != FactorType::Know
        }
        Term::Issued(channel) | Term::Invite(channel) => channel_is_on(model, *channel, thing),
        _ => false,
    }
}

/// A mailbox is read anywhere; a number rings on one telephone.
fn channel_is_on(model: &Model, channel: ChannelIx, thing: &str) -> bool {
    let channel = &model[channel];
    matches!(channel.kind, ChannelKind::Sms | ChannelKind::Voice) && channel.on.as_deref() == Some(thing)
}

//! What stands beside the chains: apps, exceptions, what is assumed of attackers, and the names that doors use.

use std::time::Duration;

use super::cover::{Listed, uncovered};
use super::side::Side;
use super::{Aspect, Changes, Effect, Subject, Value, Worth, way};
use crate::assurance::Assurance;
use crate::mend::written::duration;
use crate::model::{
    App, Approver, Authenticator, Channel, ChannelKind, Date, Exception, Model, PopulationIx, Protection,
};
use crate::takeover::{AppAccess, CapabilityKind, Goal, Takeover, Truncated};

pub(super) fn compare(
    before: &Side<'_>,
    after: &Side<'_>,
    today: Date,
    changes: &mut Changes,
) -> Result<(), Truncated> {
    apps(before, after, changes)?;
    exceptions(&before.model.exceptions, &after.model.exceptions, today, changes);
    attacker(before, after, changes);
    definitions(before, after, changes);
    approvers(&before.model, &after.model, changes);
    Ok(())
}

fn apps(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) -> Result<(), Truncated> {
    let place = |model: &Model, name: &str| model.apps.iter().position(|app| app.name == name);
    for (index, app) in (0..).zip(&after.model.apps) {
        let new = usize::from(index);
        let subject = Subject::App(app.name.clone());
        if let Some(old) = place(&before.model, &app.name) {
            let earlier = &before.model.apps[old];
            demands(&subject, &Demand::of(earlier), &Demand::of(app), changes);
            sensitivity(&subject, earlier, app, changes);
            let (was, is) = (&before.app(old).populations, &after.app(new).populations);
            access(&subject, (before, was), (after, is), changes)?;
            let of_both = || was.iter().chain(is);
            // Whoever came to the app or left it is compared with others.
            let stays =
                |of: PopulationIx| [was, is].iter().all(|side| side.iter().any(|a| a.population == of));
            let population =
                |access: &AppAccess| Some(access.population).filter(|of| old == new && stays(*of));
            if !of_both().map(population).all(|of| before.is_alike(after, of, Goal::App(index))) {
                changes.left_out(of_both().filter_map(|access| access.up_to).min());
            }
        } else {
            let users = Some(users(&after.model, app));
            changes.words(&subject, Aspect::Presence, Effect::Changes, None, users);
            if let Some(usual) = usual_demand((&after.model, app), &before.model) {
                let effect = [Effect::Weakens];
                only(&effect, changes, |changes| demands(&subject, &usual, &Demand::of(app), changes));
            }
        }
    }
    for app in before.model.apps.iter().filter(|app| place(&after.model, &app.name).is_none()) {
        let subject = Subject::App(app.name.clone());
        changes.words(&subject, Aspect::Presence, Effect::Changes, Some(users(&before.model, app)), None);
        if let Some(usual) = usual_demand((&before.model, app), &after.model) {
            let effect = [Effect::Strengthens];
            only(&effect, changes, |changes| demands(&subject, &Demand::of(app), &usual, changes));
        }
    }
    Ok(())
}

/// Notes only what has one of these effects.
fn only(effects: &[Effect], changes: &mut Changes, note: impl FnOnce(&mut Changes)) {
    let mut noted = Changes::default();
    note(&mut noted);
    changes.left_out(noted.up_to);
    changes.list.extend(noted.list.into_iter().filter(|change| effects.contains(&change.effect)));
}

/// What an app asks of a session.
struct Demand {
    worth: Assurance,
    max_age: Option<Duration>,
}

impl Demand {
    fn of(app: &App) -> Demand {
        let worth = Assurance { aal: app.aal, phishing_resistant: app.phishing_resistant };
        Demand { worth, max_age: app.max_age }
    }
}

/// The least that another policy's apps for these groups demand, each respect by itself: an app that asks for less
/// under another name is no new app. `None`: they had none.
fn usual_demand((model, app): (&Model, &App), other: &Model) -> Option<Demand> {
    let groups = |model: &'_ Model, app: &App| -> Vec<String> {
        app.populations.iter().flat_map(|name| model[*name].groups.iter().cloned()).collect()
    };
    let own = groups(model, app);
    let shared = other.apps.iter().filter(|app| groups(other, app).iter().any(|group| own.contains(group)));
    shared.map(Demand::of).reduce(|a, b| Demand {
        worth: a.worth.at_most(b.worth),
        // None at all is the greatest age.
        max_age: a.max_age.zip(b.max_age).map(|(a, b)| a.max(b)),
    })
}

fn users(model: &Model, app: &App) -> String {
    app.populations.iter().map(|name| model[*name].name.as_str()).collect::<Vec<_>>().join(", ")
}

fn demands(subject: &Subject, old: &Demand, new: &Demand, changes: &mut Changes) {
    changes.worth(subject, &Worth::Demand, Some(old.worth), Some(new.worth));
    let age = |demand: &Demand| demand.max_age.unwrap_or(Duration::MAX);
    let effect = Effect::of(&age(new), &age(old));
    let aspect = Aspect::Limit { of: "session".into(), name: "max_age" };
    changes.words(subject, aspect, effect, old.max_age.map(duration), new.max_age.map(duration));
}

fn sensitivity(subject: &Subject, old: &App, new: &App, changes: &mut Changes) {
    let effect = Effect::of(&old.high_sensitivity, &new.high_sensitivity);
    let written = |app: &App| Some(if app.high_sensitivity { "high" } else { "normal" }.to_owned());
    changes.words(subject, Aspect::Property("sensitivity"), effect, written(old), written(new));
}

/// One app in one policy: who uses it, and what the readings say about them.
type Access<'a> = (&'a Side<'a>, &'a [AppAccess]);

fn access(
    subject: &Subject,
    (before, old): Access<'_>,
    (after, new): Access<'_>,
    changes: &mut Changes,
) -> Result<(), Truncated> {
    let name = |side: &Side<'_>, access: &AppAccess| side.model[access.population].name.clone();
    // Through people who did not use the app before it must not be easier to enter than through those who did.
    let all = |accesses: &[AppAccess]| -> Vec<Takeover> {
        accesses.iter().flat_map(|access| access.takeover.iter().cloned()).collect()
    };
    let (through_old, through_new) = (all(old), all(new));
    let least = |accesses: &[AppAccess]| accesses.iter().filter_map(|access| access.up_to).min();
    let through_old = Listed { ways: &through_old, up_to: least(old) };
    let through_new = Listed { ways: &through_new, up_to: least(new) };
    for access in new {
        let population = name(after, access);
        let earlier = old.iter().find(|other| name(before, other) == population);
        let reach = |access: &AppAccess| if access.reachable { "reaches it" } else { "does not reach it" };
        let effect = match (earlier.is_none_or(|earlier| earlier.reachable), access.reachable) {
            (true, false) => Effect::ShutsOut,
            (false, true) => Effect::Eases,
            _ => Effect::Changes,
        };
        let was = earlier.map(|earlier| reach(earlier).to_owned());
        let aspect = Aspect::Reach { population: population.clone() };
        let effect = if earlier.is_none() { Effect::Eases } else { effect };
        changes.words(subject, aspect, effect, was, Some(reach(access).to_owned()));
        for takeover in uncovered(listed(access), earlier.map_or(through_old, listed))? {
            let aspect = Aspect::WayIntoApp { population: population.clone() };
            let way = Some(way(takeover, &after.model[access.population]));
            changes.push(subject, aspect, Effect::Weakens, None, way);
        }
    }
    for access in old {
        let population = name(before, access);
        let later = new.iter().find(|other| name(after, other) == population);
        if later.is_none() {
            let aspect = Aspect::Reach { population: population.clone() };
            let reach = if access.reachable { "reaches it" } else { "does not reach it" };
            changes.words(subject, aspect, Effect::ShutsOut, Some(reach.to_owned()), None);
        }
        for takeover in uncovered(listed(access), later.map_or(through_new, listed))? {
            let aspect = Aspect::WayIntoApp { population: population.clone() };
            let way = Some(way(takeover, &before.model[access.population]));
            changes.push(subject, aspect, Effect::Strengthens, way, None);
        }
    }
    Ok(())
}

fn listed(access: &AppAccess) -> Listed<'_> {
    Listed { ways: &access.takeover, up_to: access.up_to }
}

/// Of several exceptions for one rule at one place, the last to end counts.
fn exceptions(old: &[Exception], new: &[Exception], today: Date, changes: &mut Changes) {
    let mut keys: Vec<(&str, &str)> =
        old.iter().chain(new).map(|exception| (exception.rule.as_str(), exception.at.as_str())).collect();
    keys.sort_unstable();
    keys.dedup();
    for (rule, at) in keys {
        let find = |list: &'_ [Exception]| {
            let meant = list.iter().filter(|exception| exception.rule == rule && exception.at == at);
            meant.max_by_key(|exception| exception.expires).cloned()
        };
        let (old, new) = (find(old), find(new));
        let subject = Subject::Exception { rule: rule.to_owned(), at: at.to_owned() };
        // Without an end, or past it, an exception excuses nothing.
        let end = |exception: &Option<Exception>| {
            exception.as_ref().and_then(|exception| exception.expires).filter(|expires| *expires >= today)
        };
        let effect = Effect::of(&end(&new), &end(&old));
        let written = |exception: &Option<Exception>| {
            exception.as_ref().map(|exception| match exception.expires {
                None => "without an end".to_owned(),
                Some(expires) if expires < today => format!("expired on {expires}"),
                Some(expires) => format!("until {expires}"),
            })
        };
        changes.words(&subject, Aspect::Presence, effect, written(&old), written(&new));
        if let (Some(old), Some(new)) = (old, new) {
            let aspect = Aspect::Property("owner");
            changes.words(&subject, aspect, Effect::Changes, old.owner, new.owner);
            let aspect = Aspect::Property("reason");
            changes.words(&subject, aspect, Effect::Changes, Some(old.reason), Some(new.reason));
        }
    }
}

fn attacker(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) {
    const RANKS: [&str; 4] = ["automated", "lured", "targeted", "close"];
    for kind in CapabilityKind::all() {
        let (old, new) = (kind.rank(before.attacker), kind.rank(after.attacker));
        // Less work for the attacker, or an attack that is counted at all, makes a stricter yardstick.
        let effort = |rank: Option<u8>| rank.unwrap_or(u8::MAX);
        let effect = Effect::of(&effort(new), &effort(old));
        let written = |rank: Option<u8>| {
            let word = rank.and_then(|rank| RANKS.get(usize::from(rank.saturating_sub(1))));
            Some((*word.unwrap_or(&"not counted")).to_owned())
        };
        changes.words(&Subject::Attacker, Aspect::Property(kind.name()), effect, written(old), written(new));
    }
}

/// A property of something defined, by its name in the policy.
type Properties = Vec<(&'static str, String)>;

/// Who may approve under a name. Exchanging them is both: some no longer may, and others may now, who were never asked
/// to be careful. Groups and not populations count, so that giving a population another name is no change.
fn approvers(before: &Model, after: &Model, changes: &mut Changes) {
    for new in &after.approvers {
        let Some(old) = before.approvers.iter().find(|old| old.name == new.name) else { continue };
        let subject = Subject::Definition(format!("approver.{}", new.name));
        let (had, has) = (&before[old.population].groups, &after[new.population].groups);
        let group = |group: &String| Some(Value::Words(group.clone()));
        for gone in has_not(had, has) {
            changes.push(&subject, Aspect::Approves, Effect::Strengthens, group(gone), None);
        }
        for added in has_not(has, had) {
            changes.push(&subject, Aspect::Approves, Effect::Weakens, None, group(added));
        }
    }
}

fn has_not<'g>(some: &'g [String], others: &[String]) -> Vec<&'g String> {
    let mut only: Vec<&String> = some.iter().filter(|group| !others.contains(group)).collect();
    only.sort_unstable();
    only.dedup();
    only
}

/// What doors mean by a name. Its effect is seen where the name is used, but for who approves, and in what session.
fn definitions(before: &Side<'_>, after: &Side<'_>, changes: &mut Changes) {
    let (old, new) = (defined(&before.model), defined(&after.model));
    for (name, properties) in &new {
        let subject = Subject::Definition(name.clone());
        match old.iter().find(|(other, _)| other == name) {
            None => changes.words(&subject, Aspect::Presence, Effect::Changes, None, Some(told(properties))),
            Some((_, earlier)) => {
                for ((property, was), (_, is)) in earlier.iter().zip(properties) {
                    let effect = match *property {
                        "aal" => Effect::of(was, is),
                        // Everybody of a population instead of one manager.
                        "of" => Effect::of(&(was == "member"), &(is == "member")),
                        _ => Effect::Changes,
                    };
                    let aspect = Aspect::Property(property);
                    changes.words(&subject, aspect, effect, Some(was.clone()), Some(is.clone()));
                }
            }
        }
    }
    for (name, properties) in old.iter().filter(|(name, _)| new.iter().all(|(other, _)| other != name)) {
        let subject = Subject::Definition(name.clone());
        changes.words(&subject, Aspect::Presence, Effect::Changes, Some(told(properties)), None);
    }
}

fn told(properties: &Properties) -> String {
    properties.first().map_or_else(String::new, |(_, kind)| kind.clone())
}

fn defined(model: &Model) -> Vec<(String, Properties)> {
    let authenticators =
        model.authenticators.iter().map(|a| (format!("authenticator.{}", a.name), of_authenticator(a)));
    let channels = model.channels.iter().map(|c| (format!("channel.{}", c.name), of_channel(c)));
    let approvers = model.approvers.iter().map(|a| (format!("approver.{}", a.name), of_approver(model, a)));
    authenticators.chain(channels).chain(approvers).collect()
}

fn of_authenticator(authenticator: &Authenticator) -> Properties {
    let required = |is: bool| if is { "required" } else { "none" }.to_owned();
    vec![
        ("kind", authenticator.kind.name().to_owned()),
        ("on", authenticator.on.clone().unwrap_or_else(|| "nothing else".to_owned())),
        ("attestation", required(authenticator.attested)),
        ("user_verification", required(authenticator.user_verification)),
    ]
}

fn of_channel(channel: &Channel) -> Properties {
    let kind = match channel.kind {
        ChannelKind::Email => "email",
        ChannelKind::Sms => "sms",
        ChannelKind::Voice => "voice",
        ChannelKind::Post => "post",
    };
    let protected = match channel.protected {
        Protection::Password => "password",
        Protection::Mfa => "mfa",
        Protection::PhishingResistant => "phishing-resistant",
    };
    vec![
        ("kind", kind.to_owned()),
        ("protected", protected.to_owned()),
        ("behind", if channel.behind_login { "login" } else { "nothing" }.to_owned()),
        ("on", channel.on.clone().unwrap_or_else(|| "nothing else".to_owned())),
    ]
}

fn of_approver(model: &Model, approver: &Approver) -> Properties {
    let population: PopulationIx = approver.population;
    vec![
        ("population", model[population].name.clone()),
        ("of", if approver.manager_of_member { "member" } else { "everybody" }.to_owned()),
        ("aal", approver.aal.to_string()),
    ]
}

//! A model written down as a policy file. What is the default is written too.

use std::fmt::Write;

use policy::factor::TABLE;
use policy::model::*;

/// A file that reads back as this model, names of the organization included.
pub(crate) fn written(model: &Model) -> String {
    let Organization { name, domain, support } = &model.organization;
    let mut text =
        format!("version = 1\n[organization]\nname = {name:?}\ndomain = {domain:?}\nsupport = {support:?}\n");
    let out = &mut text;
    for authenticator in &model.authenticators {
        let kind =
            TABLE.iter().find(|row| row.kind == authenticator.kind).expect("every kind has a row").name;
        line(out, format_args!("[authenticator.{}]\nkind = {kind:?}", authenticator.name));
        thing(out, authenticator.on.as_deref());
        if kind == "security-key" {
            let word = |required| if required { "required" } else { "none" };
            line(out, format_args!("attestation = {:?}", word(authenticator.attested)));
            line(out, format_args!("user_verification = {:?}", word(authenticator.user_verification)));
        }
    }
    for of in &model.channels {
        let kind = match of.kind {
            ChannelKind::Email => "email",
            ChannelKind::Sms => "sms",
            ChannelKind::Voice => "voice",
            ChannelKind::Post => "post",
        };
        line(out, format_args!("[channel.{}]\nkind = {kind:?}", of.name));
        thing(out, of.on.as_deref());
        if of.kind == ChannelKind::Email {
            let protected = match of.protected {
                Protection::Password => "password",
                Protection::Mfa => "mfa",
                Protection::PhishingResistant => "phishing-resistant",
            };
            line(out, format_args!("protected = {protected:?}"));
        }
        if of.behind_login {
            line(out, format_args!("behind = \"login\""));
        }
    }
    for role in &model.approvers {
        line(out, format_args!("[approver.{}]\npopulation = {:?}", role.name, model[role.population].name));
        line(out, format_args!("aal = {}", u8::from(role.aal)));
        if role.manager_of_member {
            line(out, format_args!("of = \"member\""));
        }
    }
    for of in &model.populations {
        population(model, of, out);
    }
    for app in &model.apps {
        let names: Vec<&str> = app.populations.iter().map(|ix| model[*ix].name.as_str()).collect();
        line(out, format_args!("[app.{}]\nfor = {names:?}\naal = {}", app.name, u8::from(app.aal)));
        let sensitivity = if app.high_sensitivity { "high" } else { "normal" };
        line(out, format_args!("phishing_resistant = {}", app.phishing_resistant));
        line(out, format_args!("sensitivity = {sensitivity:?}"));
    }
    line(
        out,
        format_args!(
            "[attacker]\nendpoint = {}\nignore = {:?}",
            model.attacker.endpoint, model.attacker.ignore
        ),
    );
    if !model.attacker.ranks.is_empty() {
        line(out, format_args!("[attacker.rank]"));
    }
    for (name, rank) in &model.attacker.ranks {
        line(out, format_args!("{name} = {rank}"));
    }
    text
}

fn population(model: &Model, of: &Population, out: &mut String) {
    let at = format!("population.{}", of.name);
    let risk = if of.risk == Risk::High { "high" } else { "normal" };
    line(out, format_args!("[{at}]\nrisk = {risk:?}\ngroups = {:?}", of.groups));
    if let Some(enrol) = &of.enrol {
        door(model, &format!("{at}.enrol"), &enrol.door, out);
        line(out, format_args!("expires = \"{}s\"", enrol.expires.as_secs()));
    }
    line(out, format_args!("[{at}.login]\nrequire = \"{}\"", requirement(model, &of.login.require)));
    if let Some(bind) = &of.bind {
        door(model, &format!("{at}.bind"), bind, out);
    }
    for recover in &of.recover {
        door(model, &format!("{at}.recover.{}", recover.name), &recover.door, out);
    }
    if let Some(offboard) = of.offboard.as_ref() {
        line(out, format_args!("[{at}.offboard]\nwithin = \"{}s\"", offboard.within.as_secs()));
    }
}

fn door(model: &Model, at: &str, door: &Door, out: &mut String) {
    line(out, format_args!("[{at}]\nrequire = \"{}\"", requirement(model, &door.require)));
    let binds: Vec<&str> = (door.binds.iter())
        .map(|bound| match bound {
            Bindable::Authenticator(ix) => model[*ix].name.as_str(),
            Bindable::Channel(ix) => model[*ix].name.as_str(),
        })
        .collect();
    let notify: Vec<&str> = door.notify.iter().map(|ix| model[*ix].name.as_str()).collect();
    line(out, format_args!("binds = {binds:?}\nnotify = {notify:?}"));
    if let Some(wait) = door.wait {
        line(out, format_args!("wait = \"{}s\"", wait.as_secs()));
    }
}

/// The expression of a requirement.
pub(crate) fn requirement(model: &Model, of: &Requirement) -> String {
    let joined = |parts: &[Requirement], word: &str| {
        let parts: Vec<String> = parts.iter().map(|part| requirement(model, part)).collect();
        format!("({})", parts.join(word))
    };
    match of {
        Requirement::Term(term) => evidence(model, term),
        Requirement::All(parts) => joined(parts, " and "),
        Requirement::Any(parts) => joined(parts, " or "),
        Requirement::AtLeast(count, terms) => {
            let terms: Vec<String> = terms.iter().map(|term| evidence(model, term)).collect();
            format!("any {count} of ({})", terms.join(", "))
        }
    }
}

fn evidence(model: &Model, term: &Term) -> String {
    match term {
        Term::Authenticator(ix) => model[*ix].name.clone(),
        Term::Issued(ix) => format!("issued({})", model[*ix].name),
        Term::Invite(ix) => format!("invite({})", model[*ix].name),
        Term::Approval(role, people) => format!("approval({}, {people})", model[*role].name),
        Term::Proofing(Proofing::InPerson) => "proofing(in-person)".to_owned(),
        Term::Proofing(Proofing::Video) => "proofing(video)".to_owned(),
        Term::Proofing(Proofing::Document) => "proofing(document)".to_owned(),
        Term::Session { aal, within } => {
            let age = within.map_or(String::new(), |age| format!(", {}s", age.as_secs()));
            format!("session(aal{}{age})", u8::from(*aal))
        }
    }
}

fn thing(out: &mut String, on: Option<&str>) {
    if let Some(thing) = on {
        line(out, format_args!("on = {thing:?}"));
    }
}

fn line(out: &mut String, text: std::fmt::Arguments<'_>) {
    writeln!(out, "{text}").expect("a String takes all");
}

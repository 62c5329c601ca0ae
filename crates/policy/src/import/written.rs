//! A model, written as a policy with a remark beside each line.
//!
//! Owns the layout. What it writes reads back as the same model.

use std::collections::HashMap;
use std::fmt::Write as _;

use crate::factor::{Aal, FactorKind};
use crate::mend::written::{duration, requirement};
use crate::model::{
    Approver, Authenticator, Bindable, Channel, ChannelIx, ChannelKind, Door, Ial, Model, Population, Risk,
};
use crate::resolve::words::{CHANNEL_KINDS, PROOFED, PROTECTIONS, RISKS};

/// Where a setting comes from, by the path of the line: `population.staff.login.require`.
pub(super) type Remarks = HashMap<String, String>;

/// Where comments begin, if the line leaves room for it.
const COLUMN: usize = 48;
/// What a line holds before its comment moves above it.
const WIDTH: usize = 116;

/// The whole policy. The lines of the header become its opening comment.
pub(super) fn policy(model: &Model, remarks: &Remarks, header: &[String]) -> String {
    let mut page = Page { text: String::new(), remarks };
    for line in header {
        page.comment(line);
    }
    page.text.push_str("\nversion = 1\n");
    let organization = &model.organization;
    page.table(
        "organization",
        vec![
            ("name", quoted(&organization.name)),
            ("domain", quoted(&organization.domain)),
            ("support", quoted(&organization.support)),
        ],
    );
    for authenticator in &model.authenticators {
        page.table(&format!("authenticator.{}", authenticator.name), of_authenticator(authenticator));
    }
    for channel in &model.channels {
        page.table(&format!("channel.{}", channel.name), of_channel(channel));
    }
    for approver in &model.approvers {
        page.table(&format!("approver.{}", approver.name), of_approver(model, approver));
    }
    for population in &model.populations {
        page.population(model, population);
    }
    for app in &model.apps {
        let mut lines = vec![("for", list(app.populations.iter().map(|p| model[*p].name.as_str())))];
        if app.aal != Aal::One {
            lines.push(("aal", u8::from(app.aal).to_string()));
        }
        if app.phishing_resistant {
            lines.push(("phishing_resistant", "true".to_owned()));
        }
        lines.extend(app.max_age.map(|age| ("max_age", quoted(&duration(age)))));
        if app.high_sensitivity {
            lines.push(("sensitivity", quoted("high")));
        }
        page.table(&format!("app.{}", app.name), lines);
    }
    page.text
}

struct Page<'a> {
    text: String,
    remarks: &'a Remarks,
}

impl Page<'_> {
    fn population(&mut self, model: &Model, population: &Population) {
        let at = format!("population.{}", population.name);
        let mut lines = vec![("groups", list(population.groups.iter().map(String::as_str)))];
        if population.risk != Risk::Normal {
            lines.push(("risk", quoted(word(&RISKS, &population.risk))));
        }
        if population.proofing != Ial::None {
            lines.push(("proofing", quoted(word(&PROOFED, &population.proofing))));
        }
        self.table(&at, lines);
        if let Some(enrol) = &population.enrol {
            let mut lines = of_door(model, &enrol.door);
            lines.push(("expires", quoted(&duration(enrol.expires))));
            self.table(&format!("{at}.enrol"), lines);
        }
        let login = &population.login;
        let (idle, max) = (duration(login.session.idle), duration(login.session.max));
        self.table(
            &format!("{at}.login"),
            vec![
                ("require", quoted(&requirement(model, &login.require))),
                ("session", format!("{{ idle = {}, max = {} }}", quoted(&idle), quoted(&max))),
            ],
        );
        if let Some(bind) = &population.bind {
            self.table(&format!("{at}.bind"), of_door(model, bind));
        }
        for recover in &population.recover {
            self.table(&format!("{at}.recover.{}", recover.name), of_door(model, &recover.door));
        }
        if let Some(offboard) = &population.offboard {
            self.table(&format!("{at}.offboard"), vec![("within", quoted(&duration(offboard.within)))]);
        }
    }

    fn table(&mut self, at: &str, lines: Vec<(&'static str, String)>) {
        self.text.push('\n');
        if let Some(remark) = self.remarks.get(at) {
            self.comment(remark);
        }
        let _ = writeln!(self.text, "[{at}]");
        let widest = lines.iter().map(|(key, _)| key.len()).max().unwrap_or_default();
        for (key, value) in lines {
            let line = format!("{key:widest$} = {value}");
            match self.remarks.get(&format!("{at}.{key}")) {
                None => self.text.push_str(&line),
                Some(remark) if line.len().max(COLUMN) + 2 + remark.chars().count() <= WIDTH => {
                    let _ = write!(self.text, "{line:COLUMN$} # {remark}");
                }
                Some(remark) => {
                    self.comment(remark);
                    self.text.push_str(&line);
                }
            }
            self.text.push('\n');
        }
    }

    /// A comment on lines of its own, broken between words.
    fn comment(&mut self, text: &str) {
        let indent = text.len() - text.trim_start().len();
        let mut line = format!("#{}", " ".repeat(indent + 1));
        let empty = line.len();
        for word in text.split_whitespace() {
            if line.len() > empty && line.len() + 1 + word.len() > WIDTH {
                let _ = writeln!(self.text, "{}", line.trim_end());
                line = format!("#{}", " ".repeat(indent + 1));
            }
            if line.len() > empty {
                line.push(' ');
            }
            line.push_str(word);
        }
        let _ = writeln!(self.text, "{}", line.trim_end());
    }
}

fn of_authenticator(authenticator: &Authenticator) -> Vec<(&'static str, String)> {
    let mut lines = vec![("kind", quoted(authenticator.kind.name()))];
    lines.extend(authenticator.on.as_deref().map(|thing| ("on", quoted(thing))));
    if authenticator.attested {
        lines.push(("attestation", quoted("required")));
    }
    if authenticator.kind == FactorKind::SecurityKey && !authenticator.user_verification {
        lines.push(("user_verification", quoted("none")));
    }
    lines
}

fn of_channel(channel: &Channel) -> Vec<(&'static str, String)> {
    let mut lines = vec![("kind", quoted(word(&CHANNEL_KINDS, &channel.kind)))];
    if channel.kind == ChannelKind::Email {
        lines.push(("protected", quoted(word(&PROTECTIONS, &channel.protected))));
        if channel.behind_login {
            lines.push(("behind", quoted("login")));
        }
    }
    lines.extend(channel.on.as_deref().map(|thing| ("on", quoted(thing))));
    lines
}

fn of_approver(model: &Model, approver: &Approver) -> Vec<(&'static str, String)> {
    let mut lines = vec![("population", quoted(&model[approver.population].name))];
    if approver.manager_of_member {
        lines.push(("of", quoted("member")));
    }
    lines.push(("aal", u8::from(approver.aal).to_string()));
    lines
}

fn of_door(model: &Model, door: &Door) -> Vec<(&'static str, String)> {
    let bound = door.binds.iter().map(|bound| match bound {
        Bindable::Authenticator(name) => model[*name].name.as_str(),
        Bindable::Channel(name) => model[*name].name.as_str(),
    });
    let mut lines = vec![("require", quoted(&requirement(model, &door.require))), ("binds", list(bound))];
    lines.extend(door.wait.map(|wait| ("wait", quoted(&duration(wait)))));
    if !door.notify.is_empty() {
        let channel = |channel: &ChannelIx| model[*channel].name.as_str();
        lines.push(("notify", list(door.notify.iter().map(channel))));
    }
    lines
}

fn list<'a>(texts: impl Iterator<Item = &'a str>) -> String {
    let texts: Vec<String> = texts.map(quoted).collect();
    format!("[{}]", texts.join(", "))
}

/// A basic string of TOML, on one line.
fn quoted(text: &str) -> String {
    let mut out = String::from("\"");
    for c in text.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            c if c.is_control() => {
                let _ = write!(out, "\\u{:04X}", u32::from(c));
            }
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// The word of a meaning; each has one.
fn word<T: PartialEq>(words: &[(&'static str, T)], meaning: &T) -> &'static str {
    words.iter().find(|(_, other)| other == meaning).map_or("", |(word, _)| word)
}

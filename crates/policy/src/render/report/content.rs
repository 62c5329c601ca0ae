//! What a report says, as data that serializes; the formats add only their own shape.

use serde::Serialize;

use super::Subject;
use super::controls::{Control, controls};
use crate::Aal;
use crate::diagnostic::{Diagnostic, Level};
use crate::model::{Ial, Model, Population, PopulationIx, Risk};
use crate::render::graph::words::{duration, requirement};
use crate::render::{file, position};
use crate::rules::{Rule, capabilities};
use crate::takeover::{
    CapabilityKind, NewWays, PopulationReading, ProfileReading, Takeover, least_effort, steps,
};

#[derive(Serialize)]
pub(super) struct Report {
    pub(super) organization: String,
    pub(super) policy: String,
    pub(super) digest: String,
    pub(super) checked_on: String,
    pub(super) checked_by: String,
    /// Nothing was proved about some part, so the report says nothing about it.
    pub(super) truncated: bool,
    pub(super) attacker: Attacker,
    pub(super) populations: Vec<PopulationPart>,
    pub(super) apps: Vec<AppPart>,
    pub(super) findings: Vec<Finding>,
    pub(super) exceptions: Vec<ExceptionPart>,
    pub(super) controls: Vec<Control>,
}

#[derive(Serialize)]
pub(super) struct Attacker {
    pub(super) statement: String,
    pub(super) capabilities: Vec<Deed>,
}

#[derive(Serialize)]
pub(super) struct Deed {
    pub(super) name: &'static str,
    /// `null`: not considered.
    pub(super) effort: Option<u32>,
}

#[derive(Serialize)]
pub(super) struct PopulationPart {
    #[serde(skip)]
    pub(super) at: PopulationIx,
    pub(super) name: String,
    pub(super) groups: Vec<String>,
    pub(super) risk: &'static str,
    pub(super) proofing: &'static str,
    pub(super) unproved: bool,
    /// Ways that take more than this effort were too many to list; verdicts are proved all the same. `null`: all are listed.
    pub(super) listed_up_to: Option<u32>,
    pub(super) login: Vec<LoginPart>,
    pub(super) session: SessionPart,
    pub(super) profiles: Vec<ProfilePart>,
}

#[derive(Serialize)]
pub(super) struct LoginPart {
    pub(super) evidence: Vec<String>,
    pub(super) aal: Option<u8>,
    pub(super) phishing_resistant: bool,
}

#[derive(Serialize)]
pub(super) struct SessionPart {
    pub(super) idle: String,
    pub(super) max: String,
    /// What SP 800-63B-4 says of the highest level that login reaches.
    pub(super) limit: &'static str,
    pub(super) within: bool,
}

#[derive(Serialize)]
pub(super) struct ProfilePart {
    pub(super) holds: Vec<String>,
    pub(super) verdict: &'static str,
    pub(super) login_effort: Option<u32>,
    pub(super) effort: Option<u32>,
    /// The applications that the weakest ways lead into; empty: any session at all.
    pub(super) into: Vec<String>,
    pub(super) weakest: Vec<WayPart>,
    pub(super) doors: Vec<DoorPart>,
    pub(super) lockout: Vec<Vec<String>>,
}

#[derive(Serialize)]
pub(super) struct WayPart {
    pub(super) capabilities: String,
    pub(super) steps: Vec<String>,
}

#[derive(Serialize)]
pub(super) struct DoorPart {
    pub(super) name: String,
    pub(super) requirement: String,
    pub(super) wait: Option<String>,
    pub(super) notify: Vec<String>,
    pub(super) verdict: &'static str,
    /// Of the weakest new way that is listed.
    pub(super) effort: Option<u32>,
    #[serde(skip)]
    pub(super) new: NewWays,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) conformance: Option<ConformancePart>,
}

#[derive(Serialize)]
pub(super) struct ConformancePart {
    pub(super) conformant: bool,
    pub(super) clause: &'static str,
    pub(super) why: String,
}

#[derive(Serialize)]
pub(super) struct AppPart {
    pub(super) name: String,
    pub(super) demands: String,
    pub(super) populations: Vec<AccessPart>,
}

#[derive(Serialize)]
pub(super) struct AccessPart {
    pub(super) population: String,
    pub(super) reachable: bool,
    pub(super) effort: Option<u32>,
    pub(super) weakest: Option<String>,
}

#[derive(Serialize)]
pub(super) struct Finding {
    pub(super) code: &'static str,
    pub(super) rule: &'static str,
    pub(super) level: &'static str,
    pub(super) at: String,
    pub(super) file: String,
    pub(super) line: usize,
    pub(super) message: String,
    pub(super) steps: Vec<String>,
    pub(super) help: Vec<String>,
    pub(super) exception: Option<Accepted>,
    #[serde(skip)]
    pub(super) is_of: Rule,
    #[serde(skip)]
    pub(super) severity: Level,
}

#[derive(Serialize)]
pub(super) struct Accepted {
    pub(super) owner: String,
    pub(super) expires: String,
    pub(super) reason: String,
}

#[derive(Serialize)]
pub(super) struct ExceptionPart {
    pub(super) rule: String,
    pub(super) at: String,
    pub(super) owner: String,
    pub(super) expires: String,
    pub(super) reason: String,
    /// It lowers a finding of today's check.
    pub(super) in_force: bool,
}

impl Report {
    pub(super) fn of(subject: &Subject<'_>) -> Report {
        let checked = subject.checked;
        let findings: Vec<Finding> = checked.findings().map(|found| finding(subject, found)).collect();
        let mut report = Report {
            organization: String::new(),
            policy: subject.policy.to_owned(),
            digest: checked.digest.clone(),
            checked_on: subject.today.to_string(),
            checked_by: format!("Postern {}", subject.version),
            truncated: checked.analysis.as_ref().is_some_and(|analysis| analysis.truncated),
            attacker: Attacker { statement: String::new(), capabilities: vec![] },
            populations: vec![],
            apps: vec![],
            controls: controls(checked, &findings),
            exceptions: vec![],
            findings,
        };
        let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) else { return report };
        report.organization.clone_from(&model.organization.name);
        report.attacker = attacker(model);
        let of = |at: PopulationIx| {
            let reading = &analysis.populations[usize::from(at.0)];
            population(model, at, reading, &report.findings)
        };
        report.populations = checked.shown(model).map(of).collect();
        report.apps = apps(subject, model);
        report.exceptions = exceptions(model, &report.findings);
        report
    }

    /// How many findings of this level are open.
    pub(super) fn count(&self, level: Level) -> usize {
        self.findings.iter().filter(|found| found.severity == level && found.exception.is_none()).count()
    }
}

fn finding(subject: &Subject<'_>, found: &Diagnostic) -> Finding {
    Finding {
        code: found.rule.code(),
        rule: found.rule.name(),
        level: found.level.name(),
        at: found.at.clone(),
        file: file(subject.source, found.span).to_owned(),
        line: position(subject.source, found.span).0,
        message: found.message.clone(),
        steps: found.steps.clone(),
        help: found.help.clone(),
        exception: found.exception.as_ref().map(|excused| Accepted {
            owner: excused.owner.clone(),
            expires: excused.expires.to_string(),
            reason: excused.reason.clone(),
        }),
        is_of: found.rule,
        severity: found.level,
    }
}

fn attacker(model: &Model) -> Attacker {
    let effort = |kind: CapabilityKind| kind.rank(&model.attacker).map(|rank| 1 << (rank - 1));
    let capabilities = CapabilityKind::all().map(|kind| Deed { name: kind.name(), effort: effort(kind) });
    let endpoint = if model.attacker.endpoint {
        "Malware on the devices of members is counted."
    } else {
        "Malware on a member's own device is not counted: it has whatever its owner has."
    };
    let statement = format!(
        "The attacker may do any of the deeds below to the member and to every approver, in any order and number. \
         Each deed has an effort: automated 1, lured 2, targeted 4, close by 8; an attack costs the sum. {endpoint}"
    );
    Attacker { statement, capabilities: capabilities.collect() }
}

fn population(
    model: &Model,
    at: PopulationIx,
    reading: &PopulationReading,
    findings: &[Finding],
) -> PopulationPart {
    let population = &model[at];
    let login = reading.login.iter().map(|way| LoginPart {
        evidence: way.evidence.iter().map(|name| model[*name].name.clone()).collect(),
        aal: way.assurance.map(|assurance| assurance.aal.into()),
        phishing_resistant: way.assurance.is_some_and(|assurance| assurance.phishing_resistant),
    });
    let highest = reading.login.iter().filter_map(|way| way.assurance).map(|assurance| assurance.aal).max();
    let place = format!("population.{}.login", population.name);
    PopulationPart {
        at,
        name: population.name.clone(),
        groups: population.groups.clone(),
        risk: if population.risk == Risk::High { "high" } else { "normal" },
        proofing: match population.proofing {
            Ial::None => "none",
            Ial::One => "IAL1",
            Ial::Two => "IAL2",
            Ial::Three => "IAL3",
        },
        unproved: reading.truncated,
        listed_up_to: reading.up_to(),
        login: login.collect(),
        session: SessionPart {
            idle: duration(population.login.session.idle),
            max: duration(population.login.session.max),
            limit: match highest {
                None | Some(Aal::One) => "2.1.3: 30 d in all",
                Some(Aal::Two) => "2.2.3: 24 h in all, 1 h idle",
                Some(Aal::Three) => "2.3.3: 12 h in all, 15 min idle",
            },
            within: !findings.iter().any(|found| found.is_of == Rule::SessionTooLong && found.at == place),
        },
        profiles: reading.profiles.iter().map(|profile| profile_part(model, at, profile)).collect(),
    }
}

fn profile_part(model: &Model, at: PopulationIx, profile: &ProfileReading) -> ProfilePart {
    let told = profile.decisive();
    let effort = least_effort(told.any);
    let weakest = told.any.iter().filter(|way| Some(way.effort) == effort);
    let way = |way: &Takeover| WayPart {
        capabilities: capabilities(way),
        steps: steps(model, at, profile, told.goal, way),
    };
    ProfilePart {
        holds: profile.holds.iter().map(|name| model[*name].name.clone()).collect(),
        verdict: profile.verdict.name(),
        login_effort: least_effort(told.login),
        effort,
        into: profile.decisive_entry().map_or(vec![], |entry| {
            entry.apps.iter().map(|app| model.apps[usize::from(*app)].name.clone()).collect()
        }),
        weakest: weakest.map(way).collect(),
        doors: profile
            .doors
            .iter()
            .filter_map(|door| door_part(model, &model[at], door, profile.up_to))
            .collect(),
        lockout: (profile.lockout.iter())
            .map(|losses| losses.iter().map(ToString::to_string).collect())
            .collect(),
    }
}

fn door_part(
    model: &Model,
    population: &Population,
    reading: &crate::takeover::DoorReading,
    up_to: Option<u32>,
) -> Option<DoorPart> {
    let door = reading.name.door(population)?;
    let new = NewWays::of(reading, up_to);
    Some(DoorPart {
        name: reading.name.written(population),
        requirement: requirement(model, &door.require),
        wait: door.wait.map(duration),
        notify: door.notify.iter().map(|channel| model[*channel].name.clone()).collect(),
        verdict: reading.verdict.name(),
        effort: new.effort(),
        new,
        conformance: reading.conformance.as_ref().map(|found| ConformancePart {
            conformant: found.conformant,
            clause: found.clause,
            why: found.why.clone(),
        }),
    })
}

fn apps(subject: &Subject<'_>, model: &Model) -> Vec<AppPart> {
    let readings = subject.checked.analysis.iter().flat_map(|analysis| &analysis.apps);
    let shown: Vec<PopulationIx> = subject.checked.shown(model).collect();
    let part = |(app, reading): (&crate::model::App, &crate::takeover::AppReading)| {
        let access = reading.populations.iter().filter(|access| shown.contains(&access.population));
        let resistant = if app.phishing_resistant { ", phishing-resistant" } else { "" };
        let age = app.max_age.map(|age| format!(", at most {} old", duration(age))).unwrap_or_default();
        AppPart {
            name: app.name.clone(),
            demands: format!("{}{resistant}{age}", app.aal),
            populations: access
                .map(|access| AccessPart {
                    population: model[access.population].name.clone(),
                    reachable: access.reachable,
                    effort: least_effort(&access.takeover),
                    weakest: access.takeover.iter().min_by_key(|way| way.effort).map(capabilities),
                })
                .collect(),
        }
    };
    model.apps.iter().zip(readings).map(part).collect()
}

fn exceptions(model: &Model, findings: &[Finding]) -> Vec<ExceptionPart> {
    let part = |exception: &crate::model::Exception| ExceptionPart {
        rule: exception.rule.clone(),
        at: exception.at.clone(),
        owner: exception.owner.clone().unwrap_or_else(|| "nobody".into()),
        expires: exception.expires.map_or_else(|| "never".into(), |date| date.to_string()),
        reason: exception.reason.clone(),
        in_force: findings.iter().any(|found| {
            found.exception.is_some() && found.rule == exception.rule && found.at == exception.at
        }),
    };
    model.exceptions.iter().map(part).collect()
}

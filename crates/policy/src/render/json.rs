//! Findings and readings for programs: one JSON object (design section 8).
//!
//! Owns the shape of that object in structs of its own, so that no change inside can change what programs read.

mod finding;

use serde::{Serialize, Serializer};

use finding::Finding;

use crate::model::{AuthenticatorIx, ChannelIx, Model, Population, PopulationIx};
use crate::profile;
use crate::reach::{self, Reach};
use crate::takeover::{
    AppAccess, DoorReading, Entry, LoginAlternative, PopulationReading, ProfileReading, Takeover,
};
use crate::{Checked, Source};

/// The object, indented, ending in a line feed. `policy` is the path that was checked.
pub fn render(policy: &str, source: &Source, checked: &Checked) -> String {
    written(&report(policy, source, checked))
}

/// The readings of one real account, as an object.
pub fn member(model: &Model, name: &str, of: &profile::Profile, reading: &ProfileReading) -> String {
    let population = &model[of.population()];
    written(&Account {
        member: name,
        population: &population.name,
        addresses: of.addresses().iter().map(|channels| channel_names(model, channels)).collect(),
        listed_up_to: reading.up_to,
        readings: profile_report(model, population, reading),
    })
}

/// An object as every command prints it: indented, ending in a line feed.
pub(super) fn written(object: &impl Serialize) -> String {
    // Structs of text, numbers and lists always serialize.
    let mut text = serde_json::to_string_pretty(object).unwrap_or_default();
    text.push('\n');
    text
}

#[derive(Serialize)]
struct Account<'a> {
    member: &'a str,
    population: &'a str,
    /// The channels that reach the member, those of one address together.
    addresses: Vec<Vec<&'a str>>,
    /// As of a population.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_up_to: Option<u32>,
    #[serde(flatten)]
    readings: Profile<'a>,
}

#[derive(Serialize)]
struct Report<'a> {
    policy: &'a str,
    digest: &'a str,
    diagnostics: Vec<Finding<'a>>,
    populations: Named<PopulationReport<'a>>,
    apps: Named<Named<Access>>,
}

#[derive(Serialize)]
struct PopulationReport<'a> {
    login: Vec<Login<'a>>,
    profiles: Vec<Profile<'a>>,
    /// Present only if something could not be computed: then nothing is proved.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    /// Present only if dearer ways are left out of all lists. Verdicts are proved all the same.
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_up_to: Option<u32>,
}

#[derive(Serialize)]
struct Login<'a> {
    evidence: Vec<&'a str>,
    aal: Option<u8>,
    phishing_resistant: bool,
}

#[derive(Serialize)]
struct Profile<'a> {
    holds: Vec<&'a str>,
    takeover: Takeovers,
    verdict: &'a str,
    lockout: Vec<Vec<String>>,
    doors: Named<DoorReport>,
    /// Those that not every login of these members opens.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    applications: Vec<EntryReport<'a>>,
}

/// What the way into applications of one demand is worth, beside the logins that they accept.
#[derive(Serialize)]
struct EntryReport<'a> {
    names: Vec<&'a str>,
    login: Vec<Plain>,
    any: Vec<Way>,
    verdict: &'a str,
}

#[derive(Serialize)]
struct Takeovers {
    login: Vec<Plain>,
    any: Vec<Way>,
    enrolment: Vec<Plain>,
}

#[derive(Serialize)]
struct Plain {
    capabilities: Vec<String>,
    effort: u32,
}

#[derive(Serialize)]
struct Way {
    capabilities: Vec<String>,
    effort: u32,
    doors: Vec<String>,
    new: bool,
}

#[derive(Serialize)]
struct DoorReport {
    #[serde(skip_serializing_if = "Option::is_none")]
    conformant: Option<bool>,
    verdict: &'static str,
}

#[derive(Serialize)]
struct Access {
    reachable: bool,
    /// What every session there has at least; null when it is out of reach.
    aal: Option<u8>,
    phishing_resistant: bool,
    /// Of the weakest way in; null when there is none.
    effort: Option<u32>,
    takeover: Vec<Way>,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    truncated: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    listed_up_to: Option<u32>,
}

/// An object whose keys are names, in the order of the policy.
struct Named<T>(Vec<(String, T)>);

impl<T: Serialize> Serialize for Named<T> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_map(self.0.iter().map(|(name, value)| (name, value)))
    }
}

fn report<'a>(policy: &'a str, source: &'a Source, checked: &'a Checked) -> Report<'a> {
    let mut populations = Vec::new();
    let mut apps = Vec::new();
    if let (Some(model), Some(analysis)) = (&checked.model, &checked.analysis) {
        let shown: Vec<PopulationIx> = checked.shown(model).collect();
        for index in &shown {
            let (population, reading) = (&model[*index], &analysis.populations[usize::from(index.0)]);
            populations.push((population.name.clone(), population_report(model, population, reading)));
        }
        for (index, (app, reading)) in (0..).zip(model.apps.iter().zip(&analysis.apps)) {
            let access = |access: &AppAccess| {
                let reach = reach::of(model, analysis, index, access);
                (model[access.population].name.clone(), access_report(model, &reach))
            };
            let own = reading.populations.iter().filter(|access| shown.contains(&access.population));
            apps.push((app.name.clone(), Named(own.map(access).collect())));
        }
    }
    Report {
        policy,
        digest: &checked.digest,
        diagnostics: checked.findings().map(|found| Finding::of(source, found)).collect(),
        populations: Named(populations),
        apps: Named(apps),
    }
}

fn population_report<'a>(
    model: &'a Model,
    population: &'a Population,
    reading: &'a PopulationReading,
) -> PopulationReport<'a> {
    let login = |way: &LoginAlternative| Login {
        evidence: names(model, &way.evidence),
        aal: way.assurance.map(|assurance| assurance.aal.into()),
        phishing_resistant: way.assurance.is_some_and(|assurance| assurance.phishing_resistant),
    };
    PopulationReport {
        login: reading.login.iter().map(login).collect(),
        profiles: reading.profiles.iter().map(|held| profile_report(model, population, held)).collect(),
        truncated: reading.truncated,
        listed_up_to: reading.up_to(),
    }
}

fn profile_report<'a>(
    model: &'a Model,
    population: &'a Population,
    reading: &'a ProfileReading,
) -> Profile<'a> {
    let door = |door: &DoorReading| {
        let conformant = door.conformance.as_ref().map(|conformance| conformance.conformant);
        (door.name.written(population), DoorReport { conformant, verdict: door.verdict.name() })
    };
    let entry = |entry: &Entry| EntryReport {
        names: entry.apps.iter().map(|app| model.apps[usize::from(*app)].name.as_str()).collect(),
        login: entry.login.iter().map(plain).collect(),
        any: entry.any.iter().map(|takeover| way(population, takeover)).collect(),
        verdict: entry.verdict.name(),
    };
    Profile {
        holds: names(model, &reading.holds),
        takeover: Takeovers {
            login: reading.login.iter().map(plain).collect(),
            any: reading.any.iter().map(|takeover| way(population, takeover)).collect(),
            enrolment: reading.enrolment.iter().map(plain).collect(),
        },
        verdict: reading.verdict.name(),
        lockout: reading
            .lockout
            .iter()
            .map(|losses| losses.iter().map(ToString::to_string).collect())
            .collect(),
        doors: Named(reading.doors.iter().map(door).collect()),
        applications: reading.entries.iter().map(entry).collect(),
    }
}

fn access_report(model: &Model, reach: &Reach<'_>) -> Access {
    let (population, access) = (&model[reach.population], reach.access);
    Access {
        reachable: access.reachable,
        aal: reach.aal().map(u8::from),
        phishing_resistant: reach.phishing_resistant(),
        effort: reach.effort(),
        takeover: access.takeover.iter().map(|takeover| way(population, takeover)).collect(),
        truncated: access.truncated,
        listed_up_to: access.up_to,
    }
}

fn plain(takeover: &Takeover) -> Plain {
    Plain { capabilities: capabilities(takeover), effort: takeover.effort }
}

fn way(population: &Population, takeover: &Takeover) -> Way {
    Way {
        capabilities: capabilities(takeover),
        effort: takeover.effort,
        doors: takeover.doors.iter().map(|door| door.written(population)).collect(),
        new: takeover.new,
    }
}

fn capabilities(takeover: &Takeover) -> Vec<String> {
    takeover.capabilities.iter().map(ToString::to_string).collect()
}

fn names<'a>(model: &'a Model, authenticators: &[AuthenticatorIx]) -> Vec<&'a str> {
    authenticators.iter().map(|name| model[*name].name.as_str()).collect()
}

fn channel_names<'a>(model: &'a Model, channels: &[ChannelIx]) -> Vec<&'a str> {
    channels.iter().map(|channel| model[*channel].name.as_str()).collect()
}

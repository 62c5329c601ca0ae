//! Who reaches which application, how strongly they sign in there, and how weakly an attacker does.
//!
//! Owns the view by application of what the readings say. Does not own the readings (`takeover`, `assurance`).

use crate::Analysis;
use crate::factor::Aal;
use crate::model::{Model, PopulationIx};
use crate::takeover::{AppAccess, LoginAlternative, Takeover, app_accepts, least_effort};

/// One population before one application.
#[derive(Clone, Debug)]
pub struct Reach<'a> {
    /// An index into [`Model::apps`].
    pub app: u16,
    /// Who.
    pub population: PopulationIx,
    /// Their ways to sign in that the application accepts; empty: it is out of their reach.
    pub logins: Vec<&'a LoginAlternative>,
    /// The ways of an attacker to a session that it accepts.
    pub access: &'a AppAccess,
}

/// Every population before every application that it is to use, in the order of the policy.
pub fn all<'a>(model: &Model, analysis: &'a Analysis) -> Vec<Reach<'a>> {
    let apps = (0..).zip(model.apps.iter().zip(&analysis.apps));
    let reaches = apps.flat_map(|(app, (_, reading))| {
        reading.populations.iter().map(move |access| of(model, analysis, app, access))
    });
    reaches.collect()
}

/// One population before one application.
pub fn of<'a>(model: &Model, analysis: &'a Analysis, app: u16, access: &'a AppAccess) -> Reach<'a> {
    let demands = &model.apps[usize::from(app)];
    let all =
        analysis.populations.get(usize::from(access.population.0)).map_or(&[][..], |reading| &reading.login);
    let accepted = |login: &&LoginAlternative| login.assurance.is_some_and(|a| app_accepts(demands, a));
    Reach { app, population: access.population, logins: all.iter().filter(accepted).collect(), access }
}

impl Reach<'_> {
    /// The level that every session there has; `None`: there is none.
    pub fn aal(&self) -> Option<Aal> {
        self.logins.iter().filter_map(|login| login.assurance).map(|assurance| assurance.aal).min()
    }

    /// Does every session there withstand phishing?
    pub fn phishing_resistant(&self) -> bool {
        let mut assurances = self.logins.iter().filter_map(|login| login.assurance).peekable();
        assurances.peek().is_some() && assurances.all(|assurance| assurance.phishing_resistant)
    }

    /// The effort of the weakest way in; `None`: there is none, or nothing is proved.
    pub fn effort(&self) -> Option<u32> {
        least_effort(&self.access.takeover)
    }

    /// The ways in of that effort.
    pub fn weakest(&self) -> impl Iterator<Item = &Takeover> {
        let least = self.effort();
        self.access.takeover.iter().filter(move |way| Some(way.effort) == least)
    }
}

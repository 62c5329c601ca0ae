//! The ways to sign in: what a login asks for, multiplied out, each way with its worth.
//!
//! Owns which alternatives there are and which applications accept them. Does not own what it takes to show an
//! authenticator (`ways`).

use std::cell::OnceCell;

use super::Truncated;
use crate::assurance::{self, Assurance};
use crate::model::{App, AuthenticatorIx, Model, Population, PopulationIx, Term};
use crate::runtime;

/// One way to sign in, as the policy writes it.
#[derive(Clone, Debug)]
pub(super) struct Alternative {
    pub(super) authenticators: Vec<AuthenticatorIx>,
    pub(super) assurance: Option<Assurance>,
}

/// More ways to sign in than any policy has that a person can understand.
const MOST_ALTERNATIVES: usize = 512;

/// The ways to sign in of every population: those as written that no smaller one with the same worth makes
/// superfluous. Multiplied out when somebody asks: a chain hangs on a few populations of many.
pub(super) struct Alternatives<'m> {
    model: &'m Model,
    known: Vec<OnceCell<Result<Vec<Alternative>, Truncated>>>,
}

impl<'m> Alternatives<'m> {
    pub(super) fn new(model: &'m Model) -> Self {
        Alternatives { model, known: vec![OnceCell::new(); model.populations.len()] }
    }

    pub(super) fn of(&self, population: PopulationIx) -> Result<&[Alternative], Truncated> {
        let known = &self.known[usize::from(population.0)];
        let alternatives = known.get_or_init(|| login_alternatives(self.model, &self.model[population]));
        alternatives.as_deref().map_err(|truncated| *truncated)
    }
}

fn login_alternatives(model: &Model, population: &Population) -> Result<Vec<Alternative>, Truncated> {
    let written = runtime::written_alternatives_within(&population.login.require, MOST_ALTERNATIVES);
    let all: Vec<Alternative> = (written.ok_or(Truncated)?.into_iter())
        .filter_map(|terms| {
            let authenticator = |term| if let Term::Authenticator(name) = term { Some(name) } else { None };
            // Nothing but authenticators signs anybody in; a way that asks for more is no way.
            let authenticators: Vec<AuthenticatorIx> =
                terms.into_iter().map(authenticator).collect::<Option<_>>()?;
            let assurance = assurance::of_names(model, &authenticators);
            Some(Alternative { authenticators, assurance })
        })
        .collect();
    let covers = |a: Option<Assurance>, b: Option<Assurance>| match (a, b) {
        (_, None) => true,
        (None, Some(_)) => false,
        (Some(a), Some(b)) => a.covers(b),
    };
    let superfluous = |this: &Alternative| {
        all.iter().any(|other| {
            other.authenticators.len() < this.authenticators.len()
                && other.authenticators.iter().all(|name| this.authenticators.contains(name))
                && covers(other.assurance, this.assurance)
        })
    };
    Ok(all.iter().filter(|this| !superfluous(this)).cloned().collect())
}

/// Does the population have a way to sign in that the application accepts?
pub(super) fn reaches(model: &Model, app: &App, population: PopulationIx) -> bool {
    let alternatives = login_alternatives(model, &model[population]).unwrap_or_default();
    alternatives.iter().filter_map(|a| a.assurance).any(|assurance| app_accepts(app, assurance))
}

pub(crate) fn app_accepts(app: &App, assurance: Assurance) -> bool {
    assurance.covers(Assurance { aal: app.aal, phishing_resistant: app.phishing_resistant })
}

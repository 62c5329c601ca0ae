//! What every check may look at, and the few things that several of them say.

use crate::model::{AuthenticatorIx, Date, Model, Population, Term};

/// What a check judges.
pub(crate) struct Context<'a> {
    pub(crate) model: &'a Model,
    pub(crate) today: Date,
}

/// Ways to open one door that a rule looks at one by one.
pub(super) const MOST_WAYS: usize = 4096;

/// The place of a door, such as `population.staff.recover.assisted`.
pub(super) fn door_path(population: &Population, door: &str) -> String {
    format!("population.{}.{door}", population.name)
}

/// The authenticators of one way to sign in.
pub(super) fn authenticators(way: &[Term]) -> Vec<AuthenticatorIx> {
    let authenticator = |term: &Term| if let Term::Authenticator(name) = term { Some(*name) } else { None };
    way.iter().filter_map(authenticator).collect()
}

/// "`password` and `totp`".
pub(super) fn names(model: &Model, authenticators: &[AuthenticatorIx]) -> String {
    let names: Vec<&str> = authenticators.iter().map(|name| model[*name].name.as_str()).collect();
    crate::syntax::suggest::list(&names)
}

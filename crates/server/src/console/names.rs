//! What pages call other people: display names by id, each looked up once per page.

use std::collections::BTreeMap;

use lifecycle::{AccountId, Actor};

use crate::app::View;
use crate::fault::Fault;
use crate::store::accounts;
use crate::wording;

/// The names found so far.
#[derive(Default)]
pub(super) struct Names(BTreeMap<String, String>);

impl Names {
    /// How people call an account.
    pub(super) fn of(&mut self, view: &mut View<'_, '_>, id: &AccountId) -> Result<String, Fault> {
        if let Some(name) = self.0.get(id.as_str()) {
            return Ok(name.clone());
        }
        let name = accounts::display_name(view.tx, id.as_str())?;
        self.0.insert(id.0.clone(), name.clone());
        Ok(name)
    }

    /// Who acted, for the middle of a sentence.
    pub(super) fn actor(&mut self, view: &mut View<'_, '_>, actor: &Actor) -> Result<String, Fault> {
        match actor {
            Actor::Person(id) => self.of(view, id),
            other => Ok(wording::actor(other).to_owned()),
        }
    }
}

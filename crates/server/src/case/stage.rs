//! What the page of a case shows at each of its stages.

use lifecycle::case::{Case, DoorName, Outcome, Step};
use lifecycle::evidence::Proof;
use lifecycle::{Account, Actor, Session};
use policy::FactorKind;
use policy::model::Term;

use super::{binding, collect};
use crate::app::View;
use crate::fault::Fault;
use crate::page::case::{CaseFacts, Closed, Done, Stage, Wait};
use crate::page::{Link, links};
use crate::store::accounts;
use crate::wording;

/// Whose eyes see the case.
#[derive(Clone, Copy)]
pub(super) struct Reader<'a> {
    pub(super) case: &'a Case,
    pub(super) account: Option<&'a Account>,
    /// The name that was typed for it.
    pub(super) typed: &'a str,
    /// The groups whose members are agents.
    pub(super) agents: &'a [String],
}

impl<'a> Reader<'a> {
    /// The account as far as this reader may know of it. Whoever opened a recovery by typing a name, and has shown
    /// nothing yet, sees what a name that nobody has would show.
    pub(super) fn known(&self) -> Option<&'a Account> {
        let has_shown = self
            .case
            .evidence
            .iter()
            .any(|piece| matches!(piece.proof(), Proof::Authenticator { .. } | Proof::Issued { .. }));
        let is_stranger = matches!(self.case.door, DoorName::Recover(_))
            && self.case.opened_by == Actor::Holder
            && !has_shown;
        self.account.filter(|_| !is_stranger)
    }

    /// The name to show.
    pub(super) fn name(&self) -> String {
        self.known().map_or_else(|| self.typed.to_owned(), |account| account.name.clone())
    }
}

/// What stands above every stage.
pub(super) fn facts(view: &mut View<'_, '_>, reader: Reader<'_>) -> Result<CaseFacts, Fault> {
    let case = reader.case;
    let opened_by = match &case.opened_by {
        Actor::Person(id) if Some(id) != case.account.as_ref() => {
            Some(accounts::display_name(view.tx, id.as_str())?)
        }
        Actor::Terminal => Some("an agent".to_owned()),
        _ => None,
    };
    let model = view.policy().model();
    let asks_others = |term: &Term| matches!(term, Term::Approval(..) | Term::Proofing(_));
    let asks_others = case.requirement(model).is_some_and(|require| require.terms().any(asks_others));
    let title = match &case.door {
        DoorName::Enrol => "Set up your account".to_owned(),
        DoorName::Login => "Sign in".to_owned(),
        DoorName::Bind => "Change how you sign in".to_owned(),
        DoorName::Recover(name) => {
            let way = |population| wording::way_back(model, population, name);
            format!("Get back in {}", case.population(model).map_or(wording::within(name), way))
        }
    };
    Ok(CaseFacts {
        reference: case.reference.clone(),
        door: wording::door_kind(&case.door),
        title,
        whose: reader.known().map_or_else(|| reader.typed.to_owned(), |known| known.display_name.clone()),
        opened: wording::when(case.opened_at, view.now),
        expires: wording::when(case.expires_at, view.now),
        opened_by,
        check_code: case.check_code.clone().filter(|_| asks_others),
        waits: case.bound_door(model).is_some_and(|door| door.wait.is_some()),
    })
}

/// Where the case stands.
pub(super) fn stage(
    view: &mut View<'_, '_>,
    reader: Reader<'_>,
    session: Option<&Session>,
) -> Result<Stage, Fault> {
    let Reader { case, account, .. } = reader;
    let step = case.next_step(view.policy().model(), account, view.now);
    Ok(match (step, account) {
        (Step::Prove(_), _) => {
            let seen = case.next_step(view.policy().model(), reader.known(), view.now);
            let paths = if let Step::Prove(paths) = seen { paths } else { Vec::new() };
            Stage::Collect(collect::collect(view, reader, paths)?)
        }
        (Step::Unheard, _) => Stage::Unheard,
        (Step::Wait(until), _) => Stage::Wait(Wait {
            until: wording::when(until, view.now),
            told: account.map(|account| told(view, case, account)).unwrap_or_default(),
        }),
        (Step::Bind(until), Some(account)) => {
            Stage::Bind(binding::binding(view, case, account, session, until)?)
        }
        (Step::Proceed, Some(_)) => Stage::Ready,
        (Step::Closed(Outcome::Done), Some(account)) => Stage::Done(done(view, case, account)),
        (Step::Closed(outcome), _) => Stage::Closed(closed(&case.door, outcome)),
        // Only a case with an account gets there.
        (Step::Bind(_) | Step::Proceed, None) => Stage::Closed(closed(&case.door, Outcome::Expired)),
    })
}

/// Where notices go, masked.
fn told(view: &View<'_, '_>, case: &Case, account: &Account) -> Vec<String> {
    let model = view.policy().model();
    let channels = case.bound_door(model).map(|door| door.notify.as_slice()).unwrap_or_default();
    let address = |name: &str| account.address(name).map(|address| wording::masked(&address.address));
    channels.iter().filter_map(|ix| address(&model[*ix].name)).collect()
}

fn done(view: &View<'_, '_>, case: &Case, account: &Account) -> Done {
    let model = view.policy().model();
    let title = match case.door {
        DoorName::Enrol => "You are set up.",
        DoorName::Recover(_) => "You are back in.",
        DoorName::Login | DoorName::Bind => "Done.",
    };
    let door = case.door.to_string();
    let new = account.authenticators.iter().filter(|a| a.bound_at >= case.opened_at && a.bound_by == door);
    let works = |new: &lifecycle::Authenticator| {
        let name = wording::authenticator_named(model, &new.name).to_lowercase();
        // Codes come as a sheet.
        let several = if new.kind == FactorKind::RecoveryCodes { "s work" } else { " works" };
        format!("Your {name}{several} from now on.")
    };
    // What was confirmed here and is the account's now; another case may have put something else there since.
    let set = lifecycle::bind::staged_addresses(case)
        .into_iter()
        .filter(|set| account.address(set.channel).is_some_and(|address| address.address == set.address));
    let goes = |set: lifecycle::bind::NewAddress<'_>| {
        let channel = wording::within(set.channel);
        format!("What is sent to your {channel} now goes to {}.", wording::masked(set.address))
    };
    Done {
        title: title.to_owned(),
        changes: new.map(works).chain(set.map(goes)).collect(),
        next: if case.door == DoorName::Bind {
            Link::new(links::ACCOUNT, "Go to your account")
        } else {
            Link::new(links::SIGN_IN, "Sign in")
        },
    }
}

fn closed(door: &DoorName, outcome: Outcome) -> Closed {
    let (title, text) = match outcome {
        Outcome::Done => ("Done", "What this case was for is done."),
        Outcome::Stopped => {
            ("Stopped", "Somebody who reads the notices of this account, or you, stopped this case.")
        }
        Outcome::Denied => ("Denied", "Somebody whose agreement was needed said no, or an agent ended it."),
        Outcome::Expired if *door == DoorName::Bind => {
            ("Time is up", "What you added or removed before that is in force.")
        }
        Outcome::Expired => ("Lapsed", "It was not finished in time, so it lapsed. Nothing has changed."),
        Outcome::Overtaken => ("Overtaken", "Another case for this account was finished first."),
    };
    let next = match door {
        DoorName::Recover(_) => Link::new(links::RECOVER, "Start again"),
        DoorName::Bind => Link::new(links::ACCOUNT, "Go to your account"),
        DoorName::Enrol | DoorName::Login => Link::new(links::SIGN_IN, "Go to sign in"),
    };
    Closed { title: title.to_owned(), text: text.to_owned(), next }
}

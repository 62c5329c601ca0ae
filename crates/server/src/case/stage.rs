//! What the page of a case shows at each of its stages.

use lifecycle::case::{Case, DoorName, Outcome, Step};
use lifecycle::evidence::Proof;
use lifecycle::{Account, Actor, Session, bind};
use policy::FactorKind;
use policy::model::Term;

use super::{binding, collect};
use crate::app::View;
use crate::fault::Fault;
use crate::page::case::{CaseFacts, Closed, Done, Short, Stage, Wait};
use crate::page::{Link, links};
use crate::store::notices;
use crate::wording::{self, step::yours};

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

/// What stands above every stage. Like `collect`, it names nobody else; nor the member otherwise than they sign in, since
/// whoever opened a case may not know who that is.
pub(super) fn facts(view: &View<'_, '_>, reader: Reader<'_>) -> CaseFacts {
    let case = reader.case;
    let by_an_agent = match &case.opened_by {
        Actor::Person(id) => Some(id) != case.account.as_ref(),
        other => *other == Actor::Terminal,
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
    CaseFacts {
        reference: case.reference.clone(),
        door: wording::door_kind(&case.door),
        title,
        whose: reader.name(),
        opened: wording::when(case.opened_at, view.now),
        expires: wording::when(case.expires_at, view.now),
        by_an_agent,
        check_code: case.check_code.clone().filter(|_| asks_others),
        waits: case.bound_door(model).is_some_and(|door| door.wait.is_some()),
    }
}

/// Where the case stands.
pub(super) fn stage(
    view: &mut View<'_, '_>,
    reader: Reader<'_>,
    session: Option<&Session>,
) -> Result<Stage, Fault> {
    let Reader { case, account, .. } = reader;
    let step = case.next_step(view.policy(), account, view.now);
    Ok(match (step, account) {
        (Step::Prove(_), _) => {
            let seen = case.next_step(view.policy(), reader.known(), view.now);
            let paths = if let Step::Prove(paths) = seen { paths } else { Vec::new() };
            Stage::Collect(collect::collect(view, reader, paths)?)
        }
        (Step::Unheard, _) => Stage::Unheard,
        (Step::Short(paths), _) => {
            let lacks = yours(&wording::case::missing(view.policy().model(), &paths));
            Stage::Short(Short {
                lacks: Some(lacks).filter(|lacks| !lacks.is_empty()),
                next: again(&case.door),
            })
        }
        (Step::Wait(until), _) => Stage::Wait(Wait {
            until: wording::when(until, view.now),
            told: account.map(|account| told(view, case, account)).unwrap_or_default(),
        }),
        (Step::Bind(until), Some(account)) => {
            Stage::Bind(binding::binding(view, case, account, session, until)?)
        }
        (Step::Proceed, Some(_)) => Stage::Ready,
        (Step::Closed(Outcome::Done), Some(account)) => Stage::Done(done(view, case, account)?),
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

fn done(view: &mut View<'_, '_>, case: &Case, account: &Account) -> Result<Done, Fault> {
    let model = view.running.policy.model();
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
    let mut changes: Vec<String> = new.map(works).collect();
    for new in bind::staged_addresses(case).iter().filter_map(|new| new.in_force(account)) {
        let (channel, to) = (wording::within(&new.channel), wording::masked(&new.address));
        let told = if notices::has_heard(view.tx, &case.id, new)? {
            " The address before gets a notice of it."
        } else {
            ""
        };
        changes.push(format!("Messages to your {channel} now go to {to}.{told}"));
    }
    Ok(Done {
        title: title.to_owned(),
        changes,
        next: if case.door == DoorName::Bind {
            Link::new(links::ACCOUNT, "Go to your account")
        } else {
            Link::new(links::SIGN_IN, "Sign in")
        },
    })
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
    Closed { title: title.to_owned(), text: text.to_owned(), next: again(door) }
}

/// Where somebody begins anew whose case leads nowhere.
fn again(door: &DoorName) -> Link {
    match door {
        DoorName::Recover(_) => Link::new(links::RECOVER, "Start again"),
        DoorName::Bind => Link::new(links::ACCOUNT, "Go to your account"),
        DoorName::Enrol | DoorName::Login => Link::new(links::SIGN_IN, "Go to sign in"),
    }
}

//! Why nobody can give, as things stand, what a case waits for from other people.
//!
//! Owns only what the pages of a case say of it. The case waits on all the same, and `lifecycle::approve` alone decides
//! who counts: a manager may be set and an agent enrolled at any time.

use lifecycle::case::{Case, Need, Standing};
use lifecycle::{Account, approve};
use policy::model::{ApproverIx, Term};

use crate::app::View;
use crate::fault::Fault;
use crate::store::accounts;

/// So many people of a group are looked at: a policy asks for fewer.
const LOOKED_AT: i64 = 1000;

/// Why nobody can.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Nobody {
    /// The directory names no manager.
    NoManager,
    /// It names one who cannot agree, and why not.
    Manager { name: String, why: &'static str },
    /// It names one who is not enrolled yet.
    NotYet { name: String },
    /// Too few of a role are left who count.
    TooFew { can: usize, wanted: usize },
    /// There is no agent but the member.
    NoAgent,
}

impl Nobody {
    /// Told to the member, who can only ask.
    pub(super) fn to_member(&self) -> String {
        match self {
            Self::NoManager => {
                "no manager is set for you. Ask an administrator to set one, or use another way.".to_owned()
            }
            // Whoever reads this may have shown no more than a mailed code: the name and the reason are the console's.
            Self::Manager { .. } => {
                "the manager who is set for you cannot agree to this. Ask an administrator to set \
                                     another one, or use another way."
                    .to_owned()
            }
            Self::NotYet { .. } => {
                "your manager has not set up an account yet. Ask them to, or ask an administrator \
                                    to set another one."
                    .to_owned()
            }
            Self::TooFew { .. } => {
                "too few people are there who can agree. Ask an administrator for more of \
                                    them, or use another way."
                    .to_owned()
            }
            Self::NoAgent => {
                "no agent is there who could do it. Ask an administrator, or use another way.".to_owned()
            }
        }
    }

    /// Told in the console, where it can be changed.
    pub(crate) fn to_console(&self) -> String {
        match self {
            Self::NoManager => {
                "no manager is set for this member. An administrator can set one on the member’s \
                                page, or the member takes another way."
                    .to_owned()
            }
            Self::Manager { name, why } => format!(
                "the manager, {name}, {why}. An administrator can set another one on the member’s page, or the \
                 member takes another way."
            ),
            Self::NotYet { name } => format!(
                "the manager, {name}, has not set up an account yet. They do so first, or an administrator sets \
                 another one on the member’s page."
            ),
            Self::TooFew { can, wanted } => format!(
                "{wanted} more must agree, and {can} could: whoever is enrolled, is neither the member nor who \
                 opened the case, and has not agreed yet. An administrator can put more people into that role, or \
                 the member takes another way."
            ),
            Self::NoAgent => {
                "no agent is enrolled who is not the member. An administrator can enrol one, or the \
                              member takes another way."
                    .to_owned()
            }
        }
    }
}

/// Why nobody can give this now; `None` if somebody can, or if it is not for others to give. `agents`: their groups.
pub(crate) fn can(
    view: &mut View<'_, '_>,
    case: &Case,
    account: &Account,
    agents: &[String],
    need: &Need,
) -> Result<Option<Nobody>, Fault> {
    let Standing::Others { have } = need.standing else { return Ok(None) };
    match need.term {
        Term::Approval(role, _) if view.policy().model()[role].manager_of_member => {
            manager(view, case, account, role)
        }
        Term::Approval(role, wanted) => {
            let model = view.policy().model();
            let groups = model[model[role].population].groups.clone();
            let all = accounts::enrolled_in(view.tx, &groups, LOOKED_AT)?;
            let can = all.iter().filter(|person| approve::is_third_person(case, person)).count();
            let wanted = usize::from(wanted).saturating_sub(have);
            Ok((can < wanted).then_some(Nobody::TooFew { can, wanted }))
        }
        Term::Proofing(_) => {
            let all = accounts::enrolled_in(view.tx, agents, LOOKED_AT)?;
            Ok(all.iter().all(|agent| *agent == account.id).then_some(Nobody::NoAgent))
        }
        _ => Ok(None),
    }
}

fn manager(
    view: &mut View<'_, '_>,
    case: &Case,
    account: &Account,
    role: ApproverIx,
) -> Result<Option<Nobody>, Fault> {
    let Some(id) = &account.manager else { return Ok(Some(Nobody::NoManager)) };
    let Some(manager) = view.account(id.as_str())? else { return Ok(Some(Nobody::NoManager)) };
    let model = view.policy().model();
    let why = if !manager.is_present() {
        "has left"
    } else if !manager.belongs_to(model, model[role].population) {
        "is in no group whose members may agree to this"
    } else if !approve::is_third_person(case, &manager.id) {
        "cannot agree here: not who opened the case, and nobody twice"
    } else if manager.enrolled_at.is_none() {
        return Ok(Some(Nobody::NotYet { name: manager.display_name }));
    } else {
        return Ok(None);
    };
    Ok(Some(Nobody::Manager { name: manager.display_name, why }))
}

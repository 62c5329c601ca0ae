//! GET `/console/cases/{reference}`: one case, its evidence, who must act, and what this reader may do.
//!
//! Whoever only approves sees the cases that ask for their role, without the member's history.

use axum::extract::{Path, State};
use axum::http::StatusCode;
use lifecycle::case::{DoorName, Need, Standing, Step};
use lifecycle::evidence::proofing_name;
use lifecycle::session::Caller;
use lifecycle::{Account, Case, approve};
use policy::Model;
use policy::model::{Proofing, Term};

use super::activity::{Filter, events, history};
use super::approvals::asked;
use super::names::Names;
use super::{look, reads};
use crate::app::{App, View};
use crate::case::nobody::{self, Nobody};
use crate::fault::Fault;
use crate::http::{Answered, Ctx, Error};
use crate::page::account::Activity;
use crate::page::console::{self, CaseActs, Evidence, EvidenceState, ProofMethod, Proofed};
use crate::page::{Frame, Link, Tone, links};
use crate::store::cases;
use crate::{page::html, wording};

/// How much of a case's history is shown.
const HISTORY: usize = 100;

/// GET.
pub(crate) async fn show(ctx: Ctx, State(app): State<App>, Path(reference): Path<String>) -> Answered {
    shown(&ctx, &app, reference, StatusCode::OK, |_| ()).await
}

/// The page once more after a wrong check code, with what was typed.
pub(super) async fn again(
    ctx: &Ctx,
    app: &App,
    reference: String,
    typed: impl FnOnce(&mut CaseActs) + Send + 'static,
) -> Answered {
    shown(ctx, app, reference, StatusCode::UNPROCESSABLE_ENTITY, typed).await
}

async fn shown(
    ctx: &Ctx,
    app: &App,
    reference: String,
    status: StatusCode,
    typed: impl FnOnce(&mut CaseActs) + Send + 'static,
) -> Answered {
    let agents = app.agent_groups();
    let page = look(app, ctx, move |view, caller, frame| {
        let Some((case, _)) = cases::by_reference(view.tx, &reference)? else { return Ok(None) };
        let (case, account) = view.with_account(case)?;
        match account.filter(|account| concerns(view, caller, &case, account)) {
            Some(account) => page(view, caller, frame, &case, &account, &agents).map(Some),
            None => Ok(None),
        }
    });
    let mut page = page.await?.ok_or(Error::NotFound)?;
    typed(&mut page.acts);
    Ok(html(status, &page))
}

/// May this person see the case? Readers of the console all; approvers those that ask for a role of theirs.
pub(super) fn concerns(view: &View<'_, '_>, caller: &Caller, case: &Case, account: &Account) -> bool {
    let model = view.policy().model();
    let holds = |term: &Term| match term {
        Term::Approval(role, _) => approve::holds_role(caller, *role, account, view.policy()),
        _ => false,
    };
    // A sign-in lasts minutes and is nobody else's affair.
    case.door != DoorName::Login
        && (reads(caller) || case.requirement(model).is_some_and(|r| r.terms().any(holds)))
}

fn page(
    view: &mut View<'_, '_>,
    caller: &Caller,
    frame: Frame,
    case: &Case,
    account: &Account,
    agents: &[String],
) -> Result<console::Case, Fault> {
    let mut names = Names::default();
    let reads_all = reads(caller);
    let history = if reads_all { told(view, &mut names, case)? } else { Vec::new() };
    let opened_by = names.actor(view, &case.opened_by)?;
    let (evidence, is_stuck) = evidence(view, &mut names, case, account, agents)?;
    let model = view.policy().model();
    let (state, tone) = if is_stuck {
        ("Stuck: somebody who is needed cannot act".to_owned(), Tone::Bad)
    } else {
        wording::case::state(view.policy(), case, Some(account), view.now)
    };
    let step = case.next_step(view.policy(), Some(account), view.now);
    let member_id = if reads_all { account.id.0.clone() } else { String::new() };
    Ok(console::Case {
        frame,
        reference: case.reference.clone(),
        door: wording::door_kind(&case.door),
        title: wording::door(&case.door),
        member: (member_id, account.display_name.clone(), account.name.clone()),
        state,
        tone,
        opened: wording::when(case.opened_at, view.now),
        opened_by,
        expires: case.ended(view.now).is_none().then(|| wording::when(case.expires_at, view.now)),
        effect: match step {
            Step::Wait(until) => Some(wording::when(until, view.now)),
            _ => None,
        },
        evidence,
        who: match &step {
            Step::Unheard => "Nobody can. The door waits so that the member may stop it, and the account has no address \
                              on any channel that the notice goes to. Another door, or off-boarding and a new \
                              invitation, is the way on."
                .to_owned(),
            Step::Short(paths) => {
                let lacks = match wording::case::missing(model, paths) {
                    nothing if nothing.is_empty() => String::new(),
                    lacks => format!(" It would take again: {lacks}."),
                };
                format!(
                    "Nobody can: all was shown, and it no longer opens the door, since something was replaced or more \
                     is asked now.{lacks} Nothing can be added here; a new case is the way on."
                )
            }
            Step::Prove(_) if case.check_code.is_none() => join_first(account, case),
            Step::Prove(_) if is_stuck => "Nobody can, as things stand: what is not possible, and what would make \
                                           it so, stands above."
                .to_owned(),
            Step::Prove(paths) => format!(
                "{}. Neither the member nor whoever opened the case counts, and nobody counts twice.",
                wording::capital(&wording::case::missing(model, paths))
            ),
            _ => String::new(),
        },
        history,
        acts: acts(view, caller, case, account),
        error: None,
        back: if reads_all {
            Link::new(links::CONSOLE_CASES, "Cases")
        } else {
            Link::new(links::CONSOLE_APPROVALS, "Approvals")
        },
    })
}

fn join_first(account: &Account, case: &Case) -> String {
    format!(
        "{} must first take this case up in their own browser: at {} with the name {} and the reference {}.",
        account.display_name,
        links::RECOVER_JOIN,
        account.name,
        case.reference
    )
}

fn told(view: &mut View<'_, '_>, names: &mut Names, case: &Case) -> Result<Vec<Activity>, Fault> {
    let filter = Filter { account: case.account.clone(), case: Some(case.id.clone()), ..Filter::default() };
    let (mut found, _) = events(view, &filter, u64::MAX, HISTORY)?;
    found.reverse();
    history(view, names, &found)
}

/// What was shown, then what is missing or impossible; and whether each way needs others who cannot act.
fn evidence(
    view: &mut View<'_, '_>,
    names: &mut Names,
    case: &Case,
    account: &Account,
    agents: &[String],
) -> Result<(Vec<Evidence>, bool), Fault> {
    let mut rows = Vec::new();
    for piece in &case.evidence {
        let by = match piece.by() {
            Some(id) => format!("by {}", names.of(view, id)?),
            None => String::new(),
        };
        let state = EvidenceState::Proved { at: wording::when(piece.at(), view.now), by };
        rows.push(Evidence { title: wording::proof(view.policy().model(), piece.proof()), state });
    }
    let step = case.next_step(view.policy(), Some(account), view.now);
    let Step::Prove(paths) = step else { return Ok((rows, false)) };
    let mut known: Vec<Term> = Vec::new();
    let mut is_stuck = !paths.is_empty();
    for path in paths {
        let mut awaits_nobody = false;
        for need in path {
            let nobody = nobody::can(view, case, account, agents, &need)?;
            awaits_nobody |= nobody.is_some();
            if need.standing != Standing::Proved && !known.contains(&need.term) {
                known.push(need.term);
                let title = wording::term(view.policy().model(), &need.term);
                rows.push(Evidence { title, state: missing(&need, nobody.as_ref()) });
            }
        }
        is_stuck &= awaits_nobody;
    }
    Ok((rows, is_stuck))
}

fn missing(need: &Need, nobody: Option<&Nobody>) -> EvidenceState {
    if let Some(nobody) = nobody {
        return EvidenceState::Impossible { why: nobody.to_console() };
    }
    match (need.standing, need.term) {
        (Standing::Impossible, _) => {
            EvidenceState::Impossible { why: "this account does not have it.".to_owned() }
        }
        (Standing::Others { have }, Term::Approval(_, wanted)) if wanted > 1 => {
            EvidenceState::Missing { awaits: format!("Missing: {have} of {wanted} so far") }
        }
        (Standing::Others { .. }, _) => {
            EvidenceState::Missing { awaits: "Missing: others must give it".to_owned() }
        }
        _ => EvidenceState::Missing { awaits: "Missing: the member must show it".to_owned() },
    }
}

fn acts(view: &View<'_, '_>, caller: &Caller, case: &Case, account: &Account) -> CaseActs {
    let model = view.policy().model();
    let is_own = case.account.as_ref() == Some(&caller.account.id);
    let is_ready = case.is_collecting(view.now) && case.check_code.is_some();
    let role = approve::role_for(case, caller, account, view.policy()).filter(|_| is_ready);
    let may_proof = caller.roles.agent && is_ready && !is_own;
    CaseActs {
        approve: role.map(|role| asked(view, role, account)),
        proofing: if may_proof { methods(model, case) } else { Vec::new() },
        proofed: Proofed::default(),
        stop: (caller.roles.agent || caller.roles.administrator) && case.ended(view.now).is_none(),
    }
}

/// The methods that the door asks for and that were not recorded yet.
fn methods(model: &Model, case: &Case) -> Vec<ProofMethod> {
    let mut methods: Vec<Proofing> = Vec::new();
    for term in case.requirement(model).into_iter().flat_map(|requirement| requirement.terms()) {
        if let Term::Proofing(method) = term
            && !lifecycle::evidence::shows(model, &case.evidence, term)
            && !methods.contains(method)
        {
            methods.push(*method);
        }
    }
    let row = |method: Proofing| ProofMethod {
        value: proofing_name(method).to_owned(),
        title: wording::proofing(method).to_owned(),
    };
    methods.into_iter().map(row).collect()
}

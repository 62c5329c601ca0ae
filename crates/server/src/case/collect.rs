//! The stage at which evidence is shown: each path of the door with its pieces, and who has to act on them.

use lifecycle::case::{Case, DoorName, Need, Standing};
use lifecycle::evidence::{self, Piece as Evidence, Proof};
use policy::FactorKind;
use policy::model::{AuthenticatorIx, ChannelIx, Model, Proofing, Term};

use super::nobody::Nobody;
use super::prove::sent;
use super::stage::Reader;
use crate::app::View;
use crate::fault::Fault;
use crate::page::ask::{Ask, AskKind};
use crate::page::case::{Collect, Path, Piece, PieceState};
use crate::page::links;
use crate::sign_in::again;
use crate::store::{accounts, cases};
use crate::wording::{self, step::yours};

/// As many digits as a code has that is sent.
const DIGITS: usize = 8;

/// The stage.
pub(super) fn collect(
    view: &mut View<'_, '_>,
    reader: Reader<'_>,
    paths: Vec<Vec<Need>>,
) -> Result<Collect, Fault> {
    let mut shown = Vec::with_capacity(paths.len());
    for path in paths {
        let mut pieces = Vec::with_capacity(path.len());
        for need in path {
            let title = yours(&wording::term(view.policy().model(), &need.term));
            pieces.push(Piece { state: state(view, reader, &need, &title)?, title });
        }
        shown.push(Path { pieces });
    }
    let model = view.policy().model();
    let afterwards = reader.case.bound_door(model).and_then(|door| {
        let channels: Vec<String> =
            door.notify.iter().map(|ix| format!("your {}", wording::within(&model[*ix].name))).collect();
        let wait = format!("a wait of {}", wording::span(door.wait?));
        let told = wording::listed(&channels, "and");
        Some(if told.is_empty() { wait } else { format!("{wait}, with notices to {told}") })
    });
    Ok(Collect { paths: shown, afterwards })
}

fn state(view: &mut View<'_, '_>, reader: Reader<'_>, need: &Need, title: &str) -> Result<PieceState, Fault> {
    Ok(match (need.standing, need.term) {
        (Standing::Proved, term) => proved(view, reader.case, &term)?,
        (Standing::Yours, term) => PieceState::Yours(ask(view, reader, &term, title)?),
        (Standing::Others { have }, term) => match nobody(view, reader, need)? {
            Some(nobody) => PieceState::Impossible { why: nobody.to_member() },
            None => others(view, term, have),
        },
        (Standing::Impossible, Term::Issued(_)) => {
            PieceState::Impossible { why: "there is no confirmed address.".to_owned() }
        }
        (Standing::Impossible, Term::Invite(_)) => {
            PieceState::Impossible { why: "the invitation came another way.".to_owned() }
        }
        (Standing::Impossible, _) => PieceState::Impossible { why: "this account has none.".to_owned() },
    })
}

fn proved(view: &mut View<'_, '_>, case: &Case, term: &Term) -> Result<PieceState, Fault> {
    let model = view.running.policy.model();
    let is_for = |piece: &&Evidence| match (term, piece.proof()) {
        (Term::Approval(ix, _), Proof::Approval { role, .. }) => *role == model[*ix].name,
        _ => evidence::shows(model, std::slice::from_ref(*piece), term),
    };
    let pieces: Vec<&Evidence> = case.evidence.iter().filter(is_for).collect();
    let mut names = Vec::new();
    for by in pieces.iter().filter_map(|piece| piece.by()) {
        names.push(accounts::display_name(view.tx, by.as_str())?);
    }
    let how = if names.is_empty() { String::new() } else { format!("by {}", wording::listed(&names, "and")) };
    let at = pieces.last().map_or(case.opened_at, |piece| piece.at());
    Ok(PieceState::Proved { when: wording::when(at, view.now), how })
}

/// What the directory says of others is of this member, so a stranger hears nothing of it.
fn nobody(view: &mut View<'_, '_>, reader: Reader<'_>, need: &Need) -> Result<Option<Nobody>, Fault> {
    match reader.known() {
        Some(account) => super::nobody::can(view, reader.case, account, reader.agents, need),
        None => Ok(None),
    }
}

fn others(view: &View<'_, '_>, term: Term, have: usize) -> PieceState {
    let model = view.running.policy.model();
    let support = &model.organization.support;
    match term {
        Term::Approval(ix, wanted) => {
            let have = u32::try_from(have).unwrap_or(u32::MAX);
            PieceState::Waiting {
                // By their role alone: whoever holds no more than a mailed code would learn whom to talk into it.
                on: yours(&wording::people(model, ix, wanted)),
                advice: "Call them on a number that you know, and read out your check code.".to_owned(),
                progress: (wanted > 1).then_some((have, u32::from(wanted))),
            }
        }
        Term::Proofing(method) => {
            let how = match method {
                Proofing::InPerson => "who sees you in person",
                Proofing::Video => "who sees you in a video call",
                Proofing::Document => "who sees your documents",
            };
            PieceState::Waiting {
                on: format!("an agent {how}"),
                advice: format!("Get in touch with {support}, and read out your check code."),
                progress: None,
            }
        }
        Term::Authenticator(_) | Term::Issued(_) | Term::Invite(_) | Term::Session { .. } => {
            PieceState::Waiting { on: "somebody else".to_owned(), advice: String::new(), progress: None }
        }
    }
}

fn ask(view: &mut View<'_, '_>, reader: Reader<'_>, term: &Term, title: &str) -> Result<Ask, Fault> {
    let model = view.running.policy.model();
    let (action, kind) = match *term {
        Term::Authenticator(ix) => by_authenticator(model, ix, reader.name()),
        Term::Issued(ix) => by_code(view, reader, ix)?,
        Term::Session { .. } => {
            let why = format!("Needed: {}.", wording::term(model, term).to_lowercase());
            (String::new(), AskKind::SignIn { href: again(links::ACCOUNT), why })
        }
        Term::Invite(_) | Term::Approval(..) | Term::Proofing(_) => {
            (String::new(), AskKind::SignIn { href: links::SIGN_IN.to_owned(), why: title.to_owned() })
        }
    };
    Ok(Ask { title: title.to_owned(), action, kind, error: None, focus: false })
}

fn by_authenticator(model: &Model, ix: AuthenticatorIx, name: String) -> (String, AskKind) {
    let policy_name = &model[ix].name;
    let options = links::case_prove_options(policy_name);
    let kind = match model[ix].kind {
        FactorKind::Password => AskKind::Password { name },
        FactorKind::Totp => AskKind::Totp,
        FactorKind::RecoveryCodes => AskKind::RecoveryCode,
        FactorKind::SecurityKey => AskKind::SecurityKey { options },
        FactorKind::Passkey => AskKind::Passkey { options },
        // Kinds that this server does not run are never the holder's to show.
        FactorKind::Hotp
        | FactorKind::ClientCertificate
        | FactorKind::Sms
        | FactorKind::Voice
        | FactorKind::Push => AskKind::Hotp,
    };
    (links::case_prove(policy_name), kind)
}

/// Before a code was sent, a button that sends it; then a field for it, and the button once more.
fn by_code(view: &mut View<'_, '_>, reader: Reader<'_>, ix: ChannelIx) -> Result<(String, AskKind), Fault> {
    let channel = view.running.policy.model()[ix].name.clone();
    let known = reader.known().filter(|_| reader.case.door != DoorName::Login);
    let to = match known.and_then(|account| account.confirmed(&channel)) {
        Some(address) => wording::masked(&address.address),
        // A stranger learns no part of it.
        None => format!("your {}", wording::within(&channel)),
    };
    let sent = cases::challenge(view.tx, view.keys, &reader.case.id, &sent(&channel), view.now)?;
    Ok(match sent {
        None => (links::CASE_SEND.to_owned(), AskKind::Send { channel, to }),
        Some(sent) => (
            links::case_prove("issued"),
            AskKind::Issued {
                channel,
                to,
                expires: wording::when(sent.expires_at, view.now),
                digits: DIGITS,
                again: Some(links::CASE_SEND.to_owned()),
            },
        ),
    })
}

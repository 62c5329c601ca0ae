//! Where a case stands, in words: its state in a list, and who must act.

use lifecycle::case::{Case, Need, Standing, Step};
use lifecycle::{Account, Time};
use policy::model::Term;
use policy::{Model, Policy};

use crate::page::Tone;

/// The state of a case in a few words.
pub(crate) fn state(policy: &Policy, case: &Case, account: Option<&Account>, now: Time) -> (String, Tone) {
    match case.next_step(policy, account, now) {
        Step::Prove(paths) => {
            let asks_others = paths.iter().flatten().any(|n| matches!(n.standing, Standing::Others { .. }));
            let is_mine = paths.iter().any(|path| path.iter().all(|n| is_the_holders(n.standing)));
            match (asks_others, is_mine) {
                (true, false) => ("Waits for other people".to_owned(), Tone::Warn),
                (true, true) => ("Waits for evidence".to_owned(), Tone::Warn),
                (false, _) => ("Waits for the member".to_owned(), Tone::Plain),
            }
        }
        Step::Unheard => ("Stuck: no notice would reach the member".to_owned(), Tone::Bad),
        Step::Short(_) => ("Stuck: what was shown no longer opens the door".to_owned(), Tone::Bad),
        Step::Wait(until) => (format!("Takes effect {}", super::when(until, now).relative), Tone::Warn),
        Step::Proceed => ("Waits for the member to go on".to_owned(), Tone::Plain),
        Step::Bind(_) => ("Open: the member sets up sign-in".to_owned(), Tone::Warn),
        Step::Closed(outcome) => {
            let (text, tone) = super::outcome(outcome);
            (text.to_owned(), tone)
        }
    }
}

fn is_the_holders(standing: Standing) -> bool {
    matches!(standing, Standing::Proved | Standing::Yours)
}

/// What is still missing, path by path: `approval by the member's manager, or identity checked in person`.
pub(crate) fn missing(model: &Model, paths: &[Vec<Need>]) -> String {
    let path = |path: &Vec<Need>| {
        let open: Vec<String> =
            path.iter().filter(|n| n.standing != Standing::Proved).map(|n| need(model, n)).collect();
        super::listed(&open, "and")
    };
    let paths: Vec<String> = paths.iter().map(path).filter(|text| !text.is_empty()).collect();
    paths.join("; or ")
}

fn need(model: &Model, need: &Need) -> String {
    let text = super::small(&super::term(model, &need.term));
    match (need.standing, need.term) {
        (Standing::Others { have }, Term::Approval(_, wanted)) if wanted > 1 => {
            format!("{text} ({have} of {wanted} so far)")
        }
        (Standing::Impossible, _) => format!("{text} (which this account does not have)"),
        _ => text,
    }
}

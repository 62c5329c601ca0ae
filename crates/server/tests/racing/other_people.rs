//! What other people give, and what they hand out: tickets and approvals.

use lifecycle::approve::{self, At};
use lifecycle::enrol::{self, Authority};
use lifecycle::session::Claim;
use lifecycle::{Refusal, What, recover};
use server::store::cases;

use crate::app::{decided, give_passkey, member, newcomer, session};
use crate::{Racecourse, assert_one_winner, on_both};

#[test]
fn one_ticket_is_redeemed_once() {
    on_both(|course: Racecourse| async move {
        let id = newcomer(&course.here, "nora", "staff", None).await;
        let invited = id.clone();
        let ticket = decided(&course.here, Some(&id), move |view, env| {
            let account = view.account(invited.as_str())?.expect("the account exists");
            Ok(enrol::invite(&account, Authority::Terminal, view.policy(), env))
        });
        let ticket = ticket.await.expect("a newcomer can be invited");
        let race = course
            .race(|_| {
                let hash = ticket.hash();
                move |view, env| {
                    let known = cases::ticket(view.tx, &hash)?.expect("the ticket exists");
                    view.lock(&known.account)?;
                    let ticket = cases::ticket(view.tx, &hash)?.expect("the ticket exists");
                    let account = view.account(ticket.account.as_str())?.expect("the account exists");
                    Ok(enrol::redeem(Some((&ticket, &account)), view.policy(), env))
                }
            })
            .await;
        assert_one_winner(&race, What::TicketRedeemed, What::TicketRedeemed);
        for refusal in race.0.into_iter().filter_map(Result::err) {
            assert_eq!(refusal, Refusal::NotRecognised);
        }
        assert_eq!(race.1.iter().filter(|fact| fact.what == What::CaseOpened).count(), 1);
        course.is_proved().await;
    });
}

#[test]
fn a_person_approves_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let agent = newcomer(&course.here, "hana", "helpdesk", None).await;
        give_passkey(&course.here, &agent).await;
        let cookie = session(&course.here, &agent).await;
        let claim = Claim::read(cookie.expose()).expect("a cookie names its session");
        let name = person.name.clone();
        let opened = decided(&course.here, Some(&person.id), move |view, env| {
            let account = view.named(&name)?;
            Ok(recover::open(account.as_ref(), view.policy(), "assisted", "staff", env))
        });
        let case = opened.await.expect("staff have that door").case;
        let race = course
            .race(|_| {
                let (reference, claim) = (case.reference.clone(), claim.clone());
                let code = case.check_code.clone().expect("a browser holds it");
                let console = course.here.config().console.clone();
                move |view, env| {
                    let found = view.referred_locked(&reference)?.expect("the case exists");
                    let (case, account) = (found.0, found.1.expect("it is somebody's"));
                    let caller = view.caller(&claim, &console)?.expect("the agent is signed in");
                    let at = At { case: &case, account: &account, caller: &caller, policy: view.policy() };
                    Ok(approve::approve(at, &code, "known by voice", env))
                }
            })
            .await;
        assert_one_winner(&race, What::ApprovalGiven, What::ApprovalGiven);
        for refusal in race.0.into_iter().filter_map(Result::err) {
            assert_eq!(refusal, Refusal::SamePerson);
        }
        let reference = case.reference.clone();
        let now = course.there.read(move |view| cases::by_reference(view.tx, &reference)).await.unwrap();
        assert_eq!(now.expect("the case exists").0.evidence.len(), 1, "two are needed, and one was given");
        course.is_proved().await;
    });
}

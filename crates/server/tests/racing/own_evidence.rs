//! What a member shows themselves: a step of their app, a saved code, a code that was sent, a passkey's ceremony.

use std::time::Duration;

use lifecycle::factor::{FactorData, passkey, password};
use lifecycle::id::{ChallengeId, Hash};
use lifecycle::{Account, Change, Decision, Fact, Facts, Refusal, What, prove, recover, sign_in};
use server::app::App;
use server::store::cases;

use crate::app::{Person, decided, facts_since, give_passkey, logged, member};
use crate::{RACERS, Racecourse, assert_one_winner, held, on_both};

/// Opens sign-ins from different browsers, with the password shown in each; the hashes of their cookies.
async fn sign_ins(app: &App, person: &Person, count: usize) -> Vec<Hash> {
    let mut cookies = Vec::new();
    for _ in 0..count {
        let name = person.name.clone();
        let cookie = decided(app, Some(&person.id), move |view, env| {
            let account = view.named(&name)?;
            let opened = sign_in::begin(account.as_ref(), view.policy(), "staff", env);
            Ok(opened.map(|opened| opened.token.expect("a browser holds it").hash()))
        });
        let cookie = cookie.await;
        show_password(app, person, &cookie).await;
        cookies.push(cookie);
    }
    cookies
}

/// Opens recoveries at the door of what was kept from different browsers.
async fn recoveries(app: &App, person: &Person, count: usize) -> Vec<Hash> {
    let mut cookies = Vec::new();
    for _ in 0..count {
        let name = person.name.clone();
        let cookie = decided(app, Some(&person.id), move |view, env| {
            let account = view.named(&name)?;
            let opened = recover::open(account.as_ref(), view.policy(), "what-you-kept", "staff", env);
            Ok(opened.map(|opened| opened.map(|opened| opened.token.expect("a browser holds it").hash())))
        });
        cookies.push(cookie.await.expect("staff have that door"));
    }
    cookies
}

async fn show_password(app: &App, person: &Person, cookie: &Hash) {
    let cookie = cookie.clone();
    let shown = decided(app, Some(&person.id), move |view, env| {
        let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
        let compared = password::Compared::new(stored_password(account.as_ref()), true);
        let proved = prove::password(&case, account.as_ref(), view.policy(), &compared, env);
        Ok(proved.map(|proved| proved.map(drop)))
    });
    shown.await.expect("the password is right");
}

fn stored_password(account: Option<&Account>) -> &str {
    let authenticators = &account.expect("the name is known").authenticators;
    let phc = authenticators.iter().find_map(|a| match &a.data {
        FactorData::Password(stored) => Some(stored.phc.as_str()),
        _ => None,
    });
    phc.expect("there is a password")
}

#[test]
fn one_step_of_an_app_signs_in_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let cookies = sign_ins(&course.here, &person, RACERS).await;
        let code = person.code(course.here.now());
        let race = course
            .race(|number| {
                let (cookie, code) = (held(&cookies, number), code.clone());
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    Ok(prove::totp(&case, account.as_ref(), view.policy(), &code, env))
                }
            })
            .await;
        assert_one_winner(&race, What::EvidenceProved, What::EvidenceAttempted);
        let sessions = race.0.into_iter().flatten().filter(|proved| proved.session.is_some()).count();
        assert_eq!(sessions, 1);
        assert_eq!(race.1.iter().filter(|fact| fact.what == What::SignedIn).count(), 1);
        course.is_proved().await;
    });
}

#[test]
fn one_code_typed_again_and_again_in_one_browser_signs_in_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let cookies = sign_ins(&course.here, &person, 1).await;
        let code = person.code(course.here.now());
        let race = course
            .race(|number| {
                let (cookie, code) = (held(&cookies, number), code.clone());
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    Ok(prove::totp(&case, account.as_ref(), view.policy(), &code, env))
                }
            })
            .await;
        assert_one_winner(&race, What::EvidenceProved, What::EvidenceAttempted);
        for refusal in race.0.into_iter().filter_map(Result::err) {
            assert_eq!(
                refusal,
                Refusal::CaseNotOpen,
                "the sign-in is over, and nothing is counted against it"
            );
        }
        course.is_proved().await;
    });
}

#[test]
fn one_saved_code_is_taken_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let cookies = recoveries(&course.here, &person, RACERS).await;
        let code = person.codes[0].expose().to_owned();
        let race = course
            .race(|number| {
                let (cookie, code) = (held(&cookies, number), code.clone());
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    Ok(prove::recovery_code(&case, account.as_ref(), view.policy(), &code, env))
                }
            })
            .await;
        assert_one_winner(&race, What::EvidenceProved, What::EvidenceAttempted);
        let id = person.id.clone();
        let account = course.there.read(move |view| view.account(id.as_str())).await.unwrap().unwrap();
        let left = account.authenticators.iter().find_map(|a| match &a.data {
            FactorData::RecoveryCodes(codes) => Some((codes.unspent.len(), codes.spent)),
            _ => None,
        });
        assert_eq!(left, Some((9, 1)));
        course.is_proved().await;
    });
}

#[test]
fn one_code_that_was_sent_is_taken_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let cookies = recoveries(&course.here, &person, 1).await;
        let code = sent_code(&course.here, &person, &cookies[0]).await;
        let race = course
            .race(|number| {
                let (cookie, code) = (held(&cookies, number), code.clone());
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    let issued = cases::issued_code(view.tx, &case.id, "own-mail")?;
                    let (account, policy) = (account.as_ref(), view.policy());
                    Ok(prove::issued_code(&case, account, policy, "own-mail", issued.as_ref(), &code, env))
                }
            })
            .await;
        assert_one_winner(&race, What::EvidenceProved, What::EvidenceAttempted);
        course.is_proved().await;
    });
}

/// Sends a code and catches it on its way to the mail.
async fn sent_code(app: &App, person: &Person, cookie: &Hash) -> String {
    let cookie = cookie.clone();
    let sent = decided(app, Some(&person.id), move |view, env| {
        let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
        let decision = prove::send_code(&case, account.as_ref(), view.policy(), "own-mail", env);
        let code = decision.changes.iter().find_map(|change| match change {
            Change::Notify(notice) => match &notice.message {
                lifecycle::notice::Message::Code { code, .. } => Some(code.expose().to_owned()),
                _ => None,
            },
            _ => None,
        });
        Ok(decision.map(|reply| reply.map(|()| code)))
    });
    sent.await.expect("the address is confirmed").expect("a code is in the mail")
}

#[test]
fn one_answer_of_a_passkey_signs_in_once() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let key = give_passkey(&course.here, &person.id).await;
        let cookies = sign_ins(&course.here, &person, 1).await;
        let id = person.id.clone();
        let account = course.here.read(move |view| view.account(id.as_str())).await.unwrap().unwrap();
        let begun = passkey::begin(course.here.webauthn(), &account).expect("it begins");
        let cookie = cookies[0].clone();
        let opened = decided(&course.here, Some(&person.id), move |view, env| {
            let (case, _) = view.held_locked(&cookie)?.expect("the browser holds a case");
            let open = Change::OpenChallenge {
                id: ChallengeId::fresh(env),
                case: case.id.clone(),
                purpose: "race".to_owned(),
                state: begun.state.clone(),
                expires_at: env.now.plus(Duration::from_mins(5)),
            };
            let fact = Fact::of_case(What::EvidenceAttempted, lifecycle::Actor::Holder, &case);
            Ok(Decision { reply: (), changes: vec![open], facts: Facts::one(fact) })
        });
        opened.await;
        let answer = key.sign(&begun.options);
        let webauthn = course.here.webauthn().clone();
        let race = course
            .race(|number| {
                let (cookie, answer, webauthn) = (held(&cookies, number), answer.clone(), webauthn.clone());
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    let found = cases::challenge(view.tx, view.keys, &case.id, "race", view.now)?;
                    let verified = match (&found, &account) {
                        (Some(found), Some(account)) => {
                            passkey::verify(&webauthn, &found.state, &answer, account)
                        }
                        // No ceremony is under way any more, so the empty state verifies nothing.
                        (_, account) => passkey::verify(
                            &webauthn,
                            &[],
                            &answer,
                            account.as_ref().expect("the name is known"),
                        ),
                    };
                    let mut decision = prove::passkey(&case, account.as_ref(), view.policy(), verified, env);
                    if let (Ok(_), Some(found)) = (&decision.reply, found) {
                        decision.changes.push(Change::SpendChallenge { id: found.id, at: env.now });
                    }
                    Ok(decision)
                }
            })
            .await;
        assert_one_winner(&race, What::EvidenceProved, What::EvidenceAttempted);
        assert!(race.0.iter().flatten().all(|proved| proved.session.is_some()));
        course.is_proved().await;
    });
}

#[test]
fn guesses_at_once_are_counted_one_by_one() {
    on_both(|course: Racecourse| async move {
        let person = member(&course.here, "sam", "staff").await;
        let cookies = sign_ins(&course.here, &person, RACERS).await;
        let before = logged(&course.here).await;
        let right = person.code(course.here.now());
        let wrong = if right == "000000" { "000001" } else { "000000" };
        let (answers, facts) = course
            .race(|number| {
                let cookie = held(&cookies, number);
                move |view, env| {
                    let (case, account) = view.held_locked(&cookie)?.expect("the browser holds a case");
                    Ok(prove::totp(&case, account.as_ref(), view.policy(), wrong, env))
                }
            })
            .await;
        // SP 800-63B-4 3.2.2: the third failure in a row brings a wait, and nothing is looked at during it.
        let looked_at = answers.iter().filter(|a| matches!(a, Err(Refusal::NotRecognised))).count();
        let waiting = answers.iter().filter(|a| matches!(a, Err(Refusal::Throttled(_)))).count();
        assert_eq!((looked_at, waiting), (3, RACERS - 3));
        assert_eq!(facts.len(), RACERS);
        assert_eq!(facts_since(&course.there, before).await.len(), RACERS);
        course.is_proved().await;
    });
}

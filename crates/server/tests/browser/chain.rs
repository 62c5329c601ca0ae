//! The whole control chain as people walk it: the first administrator, two agents, one member; enrolled, signed in,
//! a factor added, the phone lost, recovered by two people after a day, off-boarded.

use std::time::Duration;

use thirtyfour::prelude::*;

use crate::database::TestDatabase;
use crate::person::Person;
use crate::product::Product;
use crate::support::{Browser, in_browser, turn};

const DAY: Duration = Duration::from_hours(24);
const STEP: Duration = Duration::from_secs(30);
const PASSWORD: &str = "seven herons cross the estuary";

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_walk_the_chain_on_sqlite() {
    in_browser("chain-sqlite", |browser| walk(browser, TestDatabase::sqlite())).await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn people_walk_the_chain_on_postgresql() {
    in_browser("chain-postgresql", |browser| walk(browser, TestDatabase::postgres())).await;
}

async fn walk(browser: Browser, database: TestDatabase) -> WebDriverResult<()> {
    let product = Product::start(&database).await;

    // The first administrator has nobody to ask: the ticket of the server's terminal stands for the whole door.
    let mut ada = Person::new("ada", browser, &product);
    let link = product.first_administrator("ada", ada.mailbox()).await;
    ada.browser.open(&link).await?;
    ada.browser.picture("01-ticket").await?;
    ada.browser.press("Begin").await?;
    ada.browser.picture("02-first-case").await?;
    ada.bind_passkey().await?;
    ada.browser.picture("03-first-bound").await?;
    ada.browser.press("Finish").await?;
    ada.browser.picture("04-first-done").await?;
    ada.sign_in().await?;
    ada.browser.picture("05-first-account").await?;

    // Two agents, each seen in person and approved by the administrator.
    let mut agents = Vec::new();
    for name in ["hal", "hope"] {
        let mut agent = Person::new(name, ada.browser.another().await?, &product);
        ada.invite(&agent, "helpdesk").await?;
        agent.follow_mailed_link("/enrol/").await?;
        agent.browser.press("Begin").await?;
        let case = agent.case().await?;
        ada.proof(&case, "in-person").await?;
        ada.approve(&case).await?;
        agent.bind_passkey().await?;
        agent.browser.press("Finish").await?;
        agent.sign_in().await?;
        agents.push(agent);
    }
    let [hal, hope] = &agents[..] else { unreachable!("two names were given") };

    // A member enrols with a password, an authenticator app and recovery codes.
    let mut alice = Person::new("alice", ada.browser.another().await?, &product);
    ada.invite(&alice, "staff").await?;
    ada.browser.picture("06-invited").await?;
    alice.follow_mailed_link("/enrol/").await?;
    alice.browser.picture("07-invitation").await?;
    alice.browser.press("Begin").await?;
    let case = alice.case().await?;
    alice.browser.picture("08-enrolment-collect").await?;
    hal.go(&format!("/console/cases/{}", case.0)).await?;
    hal.browser.picture("09-console-case").await?;
    hal.proof(&case, "in-person").await?;
    let secret = bind_password_and_totp(&alice).await?;
    alice.go("/case").await?;
    alice.browser.follow("/case/bind/codes").await?;
    alice.browser.picture("11-codes-before").await?;
    alice.browser.press("Make recovery codes").await?;
    alice.browser.sees("only now").await?;
    alice.browser.picture("12-codes").await?;
    let paper = alice.browser.text("#codes code").await?;
    alice.browser.part("Your recovery codes").choose("I have kept them").await?;
    alice.browser.press("Continue").await?;
    alice.browser.press("Finish").await?;
    alice.browser.picture("13-enrolled").await?;

    // She signs in with both, and no step of the app counts twice.
    product.pass(STEP);
    sign_in_with_password_and_totp(&alice, &product.totp(&secret)).await?;
    alice.browser.sees("How you sign in").await?;
    alice.browser.picture("15-account").await?;

    // She adds a passkey, and uses it.
    alice.browser.press("Add or replace").await?;
    alice.browser.picture("16-change").await?;
    alice.bind_passkey().await?;
    alice.browser.press("Finish").await?;
    alice.go("/account").await?;
    alice.browser.press("Sign out").await?;
    alice.sign_in_by_name().await?;

    // The phone is gone, and with it passkey and app. She kept password, paper and mailbox; an agent knows her voice.
    alice.lose_phone().await?;
    alice.browser.press("Sign out").await?;
    start_recovery(&alice, "what-you-kept").await?;
    alice.browser.picture("18-recovery-collect").await?;
    alice.browser.fill("Password", PASSWORD).await?;
    alice.browser.press("Continue").await?;
    alice.browser.fill("One of your recovery codes", &paper).await?;
    alice.browser.press("Continue").await?;
    alice.browser.press("Send the code").await?;
    alice.browser.picture("19-recovery-code").await?;
    let code = alice.mailed_code().await?;
    alice.browser.fill("The code you received", &code).await?;
    alice.browser.press("Continue").await?;
    hal.approve(&alice.case().await?).await?;
    alice.go("/case").await?;
    alice.browser.sees("Now it waits").await?;
    product.pass(DAY);
    alice.go("/case").await?;
    alice.browser.press("Go on").await?;
    alice.bind_passkey().await?;
    alice.browser.press("Finish").await?;
    alice.sign_in().await?;

    // Now everything is gone. Two agents must be satisfied, and the owner would have a day to object.
    alice.lose_phone().await?;
    alice.browser.press("Sign out").await?;
    start_recovery(&alice, "assisted").await?;
    let case = alice.case().await?;
    alice.browser.picture("21-assisted-collect").await?;
    hal.proof(&case, "video").await?;
    hal.browser.picture("22-proofed").await?;
    hal.go("/console/approvals").await?;
    hal.browser.picture("23-approvals").await?;
    hal.approve(&case).await?;
    hope.approve(&case).await?;
    alice.go("/case").await?;
    alice.browser.sees("Now it waits").await?;
    alice.browser.picture("24-wait").await?;
    alice.go("/demo/mail").await?;
    alice.browser.sees("somebody is recovering your account").await?;
    alice.browser.picture("25-mail").await?;
    product.pass(DAY);
    alice.go("/case").await?;
    alice.browser.picture("26-ready").await?;
    alice.browser.press("Go on").await?;
    alice.bind_passkey().await?;
    alice.browser.press("Finish").await?;
    alice.sign_in().await?;

    // The password and the app that she had before are gone.
    alice.browser.press("Sign out").await?;
    alice.name_at_sign_in().await?;
    alice.browser.sees("Use your passkey").await?;
    assert!(
        !alice.browser.driver.source().await?.contains("Password"),
        "the old password is still asked for"
    );

    // She leaves: her session ends at the next click, and what she still holds opens nothing.
    alice.sign_in().await?;
    ada.sign_in().await?;
    ada.go("/console/members").await?;
    ada.browser.picture("30-members").await?;
    ada.browser.press("alice").await?;
    ada.browser.picture("31-member").await?;
    ada.browser.press("Off-board").await?;
    ada.browser.picture("32-off-board").await?;
    ada.browser.fill("Type", "alice").await?;
    ada.browser.fill("Reason", "left the company").await?;
    ada.browser.part("alice").press("Off-board").await?;
    ada.browser.picture("33-off-boarded").await?;
    for page in ["console", "console/policy", "console/notices", "console/cases", "console/blast", "demo"] {
        ada.go(&format!("/{page}")).await?;
        ada.browser.picture(&format!("34-{}", page.replace('/', "-"))).await?;
    }
    ada.go("/console/blast?falls=own-mail&with=helpdesk").await?;
    ada.browser.sees("Weakest way in").await?;
    ada.browser.picture("34-console-blast-chosen").await?;
    ada.go("/console/audit").await?;
    ada.browser.sees("Ada off-boarded alice").await?;
    ada.browser.picture("35-audit").await?;
    alice.ignore_offers(true).await?;
    alice.go("/account").await?;
    alice.browser.sees("Your sign-in name").await?;
    alice.ignore_offers(false).await?;
    alice.go("/sign-in").await?;
    alice.browser.sees("did not match").await?;
    // The page offers the passkey anew each time that it is refused: untouched, it comes to rest.
    alice.ignore_offers(true).await?;
    alice.browser.picture("36-refused").await
}

/// Binds both in the open case; the secret of the app.
async fn bind_password_and_totp(person: &Person<'_>) -> WebDriverResult<String> {
    person.go("/case").await?;
    person.browser.follow("/case/bind/password").await?;
    person.browser.fill("New password", PASSWORD).await?;
    person.browser.press("Keep this password").await?;
    person.browser.sees("Added here").await?;
    person.browser.follow("/case/bind/totp").await?;
    person.browser.picture("10-totp").await?;
    let secret = person.browser.text(".secret").await?;
    person.browser.fill("Enter the code it shows now", &person.totp(&secret)).await?;
    person.browser.fill("What shall we call it?", "App").await?;
    person.browser.press("Check the code").await?;
    person.browser.sees("Add more").await?;
    Ok(secret)
}

async fn sign_in_with_password_and_totp(person: &Person<'_>, code: &str) -> WebDriverResult<()> {
    person.name_at_sign_in().await?;
    person.browser.picture("14-sign-in").await?;
    person.browser.fill("Password", PASSWORD).await?;
    person.browser.press("Continue").await?;
    person.browser.fill("Code from your authenticator app", code).await?;
    person.browser.press("Continue").await
}

async fn start_recovery(person: &Person<'_>, door: &str) -> WebDriverResult<()> {
    person.go("/recover").await?;
    person.browser.fill("Your sign-in name", person.name).await?;
    person.browser.press("Continue").await?;
    person.browser.picture("17-doors").await?;
    let button = format!("//form[input[@name=\"door\"][@value=\"{door}\"]]//button");
    turn(&person.browser.driver.query(By::XPath(button)).first().await?).await
}

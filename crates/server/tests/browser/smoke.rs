//! The harness itself works: a browser starts, its virtual authenticator makes a passkey and signs with it.

use axum::Router;
use axum::response::Html;
use axum::routing::get;
use thirtyfour::prelude::*;

use crate::support::in_browser;

#[tokio::test]
async fn a_browser_makes_a_passkey_and_signs_with_it_until_the_authenticator_is_lost() {
    let address = serve_one_page().await;
    in_browser("smoke", |browser| async move {
        browser.open(&address).await?;
        browser.sees("Nothing to see").await?;
        browser.fill("Your name", "alice").await?;

        let authenticator = browser.plug_in_authenticator().await?;
        assert_eq!(authenticator.passkeys().await?, 0);
        assert_eq!(call(&browser.driver, CREATE).await?, "public-key");
        assert_eq!(authenticator.passkeys().await?, 1);
        assert_eq!(call(&browser.driver, GET).await?, "public-key");

        authenticator.lose().await?;
        assert_eq!(call(&browser.driver, GET).await?, "NotAllowedError");
        Ok(())
    })
    .await;
}

#[tokio::test]
async fn a_browser_can_be_a_phone_in_the_dark() {
    let address = serve_one_page().await;
    in_browser("smoke-phone", |browser| async move {
        browser.as_phone().await?;
        browser.in_the_dark().await?;
        browser.open(&address).await?;
        browser.press("On").await?;
        browser.sees("Nothing to see").await?;
        let met = "return [innerWidth, matchMedia('(prefers-color-scheme: dark)').matches, location.search]";
        let met: (u32, bool, String) = browser.driver.execute(met, Vec::new()).await?.convert()?;
        assert_eq!(met, (360, true, "?on".to_owned()));
        Ok(())
    })
    .await;
}

/// A page on an origin that browsers trust with WebAuthn: `localhost` needs no TLS (W3C Secure Contexts 3.1).
async fn serve_one_page() -> String {
    let page = Html(
        "<!doctype html><meta name=viewport content='width=device-width'><title>Smoke</title>\
         <p>Nothing to see</p><a href='?on'>On</a>\
         <label for=name>Your name</label><input id=name>",
    );
    let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("loopback has a free port");
    let port = listener.local_addr().expect("a listener has an address").port();
    let routes = Router::new().route("/", get(async move || page));
    tokio::spawn(async move { axum::serve(listener, routes).await });
    format!("http://localhost:{port}/")
}

/// Runs one WebAuthn ceremony in the page; what it says is the credential's type or the name of the error.
async fn call(driver: &WebDriver, ceremony: &str) -> WebDriverResult<String> {
    let script = format!(
        "const done = arguments[0]; const random = n => crypto.getRandomValues(new Uint8Array(n)); \
         {ceremony}.then(made => done(made.type), error => done(error.name));"
    );
    driver.execute_async(script, Vec::new()).await?.convert()
}

const CREATE: &str = "navigator.credentials.create({ publicKey: { challenge: random(32), \
    rp: { id: 'localhost', name: 'Smoke' }, user: { id: random(16), name: 'alice', displayName: 'Alice' }, \
    pubKeyCredParams: [{ type: 'public-key', alg: -7 }], \
    authenticatorSelection: { residentKey: 'required', userVerification: 'required' } } })";

const GET: &str = "navigator.credentials.get({ publicKey: { challenge: random(32), rpId: 'localhost', \
    userVerification: 'required', timeout: 2000 } })";

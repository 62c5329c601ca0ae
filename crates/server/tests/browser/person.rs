//! What the people of a walk do, in the words of the pages.

use thirtyfour::prelude::*;

use crate::product::Product;
use crate::support::{Authenticator, Browser, turn};

/// Somebody with a browser, and perhaps an authenticator in it.
pub(crate) struct Person<'p> {
    pub(crate) browser: Browser,
    pub(crate) name: &'static str,
    product: &'p Product,
    phone: Option<Authenticator>,
}

impl<'p> Person<'p> {
    pub(crate) fn new(name: &'static str, browser: Browser, product: &'p Product) -> Person<'p> {
        Person { browser, name, product, phone: None }
    }

    /// Where their private mail goes.
    pub(crate) fn mailbox(&self) -> String {
        format!("{}@home.example", self.name)
    }

    pub(crate) async fn go(&self, path: &str) -> WebDriverResult<()> {
        self.browser.open(&self.product.page(path)).await
    }

    /// The code that their authenticator app shows for this secret now.
    pub(crate) fn totp(&self, secret: &str) -> String {
        self.product.totp(secret)
    }

    /// Opens the newest mail to them that holds a link of this kind, and follows it.
    pub(crate) async fn follow_mailed_link(&self, kind: &str) -> WebDriverResult<()> {
        self.go("/demo/mail").await?;
        let mail =
            format!("//article[.//*[contains(., \"{}\")]]//a[contains(@href, \"{kind}\")]", self.mailbox());
        turn(&self.browser.driver.query(By::XPath(mail)).first().await?).await
    }

    /// The code that was mailed to them.
    pub(crate) async fn mailed_code(&self) -> WebDriverResult<String> {
        let page = self.browser.driver.current_url().await?;
        self.go("/demo/mail").await?;
        let mail = format!(
            "//article[.//*[contains(., \"{}\")]][.//h2[contains(., \"your code\")]]//*[contains(@class, \"body\")]",
            self.mailbox()
        );
        let text = self.browser.driver.query(By::XPath(mail)).first().await?.text().await?;
        self.browser.open(page.as_str()).await?;
        Ok(text.split_whitespace().next().unwrap_or_default().to_owned())
    }

    /// The reference and the check code of the case that their browser holds.
    pub(crate) async fn case(&self) -> WebDriverResult<(String, String)> {
        self.go("/case").await?;
        Ok((self.browser.text(".ref").await?, self.browser.text(".big-code").await?))
    }

    /// Binds a passkey on the page of the open case.
    pub(crate) async fn bind_passkey(&mut self) -> WebDriverResult<()> {
        if self.phone.is_none() {
            self.phone = Some(self.browser.plug_in_authenticator().await?);
        }
        self.go("/case").await?;
        self.browser.follow("/case/bind/passkey").await?;
        self.browser.fill("What shall we call it?", "Phone").await?;
        self.browser.press("Make the passkey").await?;
        self.browser.sees("Added here").await
    }

    /// Loses the phone with every passkey on it.
    pub(crate) async fn lose_phone(&mut self) -> WebDriverResult<()> {
        match self.phone.take() {
            Some(phone) => phone.lose().await,
            None => Ok(()),
        }
    }

    /// Signs in with the passkey that the browser offers in the name field (WebAuthn conditional mediation).
    pub(crate) async fn sign_in(&self) -> WebDriverResult<()> {
        self.go("/sign-in").await?;
        self.browser.sees("How you sign in").await
    }

    /// Signs in by name first, then with the passkey on their phone.
    pub(crate) async fn sign_in_by_name(&self) -> WebDriverResult<()> {
        self.name_at_sign_in().await?;
        self.browser.press("Use your passkey").await?;
        self.browser.sees("How you sign in").await
    }

    /// Gives their name on the sign-in page, and ignores the passkey that the browser offers there.
    pub(crate) async fn name_at_sign_in(&self) -> WebDriverResult<()> {
        self.ignore_offers(true).await?;
        self.go("/sign-in").await?;
        self.browser.fill("Your sign-in name", self.name).await?;
        self.browser.press("Continue").await?;
        self.browser.sees("Prove that it is you").await?;
        self.ignore_offers(false).await
    }

    /// Lets a passkey that the browser offers by itself wait, or takes it at once.
    pub(crate) async fn ignore_offers(&self, ignore: bool) -> WebDriverResult<()> {
        match &self.phone {
            Some(phone) => phone.is_touched(!ignore).await,
            None => Ok(()),
        }
    }

    /// Adds a member in the console, and invites them at their private mailbox.
    pub(crate) async fn invite(&self, other: &Person<'_>, groups: &str) -> WebDriverResult<()> {
        self.go("/console/members/new").await?;
        self.browser.fill("Name to sign in with", other.name).await?;
        self.browser.fill("Full name", other.name).await?;
        self.browser.fill("Groups", groups).await?;
        let mailbox = By::Id("address.own-mail");
        self.browser.driver.query(mailbox).first().await?.send_keys(other.mailbox()).await?;
        self.browser.press("Add").await?;
        self.browser.part("What you can do").press("Invite").await?;
        self.browser.sees("is invited").await
    }

    /// Records, as an agent, that they saw the holder of a case, who read out the check code.
    pub(crate) async fn proof(&self, case: &(String, String), method: &str) -> WebDriverResult<()> {
        self.go(&format!("/console/cases/{}", case.0)).await?;
        let form = self.browser.part("Record an identity check");
        let choice = By::Css(format!("input[name=method][value={method}]"));
        self.browser.driver.query(choice).first().await?.click().await?;
        form.fill("Check code", &case.1).await?;
        form.fill("Note", "identity card, compared with the face").await?;
        form.press("Record").await
    }

    /// Approves a case whose holder read out the check code.
    pub(crate) async fn approve(&self, case: &(String, String)) -> WebDriverResult<()> {
        self.go(&format!("/console/cases/{}", case.0)).await?;
        let form = self.browser.part("Approve or deny");
        form.fill("Check code", &case.1).await?;
        form.fill("Reason", "knows the voice").await?;
        form.press("Approve").await
    }
}

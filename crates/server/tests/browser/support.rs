//! Chromium for a test, driven through chromedriver: its start, its virtual authenticators, its end.
//!
//! What a test leaves behind when it fails is a picture and the source of each page in `target/screenshots`. With
//! `POSTERN_SCREENSHOTS=FOLDER` a walk also pictures every page that it names, see [`pictures`]. Nothing here knows a
//! page of the product: that is the walks' own.

use std::io::{BufRead, BufReader};
use std::os::unix::fs::MetadataExt;
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use thirtyfour::prelude::*;

use crate::pictures;

/// How long a page may take to show what a walk waits for, on a busy machine.
const PATIENCE: Duration = Duration::from_secs(20);
const POLL: Duration = Duration::from_millis(50);

/// Gives `walk` a fresh browser, and pictures its pages when the walk fails or panics.
pub(crate) async fn in_browser<Walk, Steps>(name: &str, walk: Walk)
where
    Walk: FnOnce(Browser) -> Steps,
    Steps: Future<Output = WebDriverResult<()>> + Send + 'static,
{
    let chromedriver = Chromedriver::start();
    let browser =
        Browser::start(chromedriver.port, Arc::default()).await.expect("chromedriver starts Chromium");
    let windows = Arc::clone(&browser.windows);
    // A task of its own, so that a failed assertion comes back as a value while the pages can still be pictured.
    let end = tokio::spawn(walk(browser)).await;
    let windows = std::mem::take(&mut *windows.lock().expect("nobody panics while holding the list"));
    for (number, window) in windows.into_iter().enumerate() {
        if !matches!(end, Ok(Ok(()))) {
            picture(&window, &format!("{name}-{}", number + 1)).await;
        }
        // Chromium would outlive a session that nobody ends. The walk's own end is the one to report.
        if let Err(error) = window.quit().await {
            eprintln!("a browser of `{name}` could not be ended: {error}");
        }
    }
    match end {
        Ok(Ok(())) => {}
        Ok(Err(error)) => panic!("the walk `{name}` met: {error}"),
        Err(panic) => std::panic::resume_unwind(panic.into_panic()),
    }
}

/// A browser window with cookies of its own. Cheap to clone; every clone is the same window.
#[derive(Clone)]
pub(crate) struct Browser {
    pub(crate) driver: WebDriver,
    chromedriver: u16,
    windows: Arc<Mutex<Vec<WebDriver>>>,
}

impl Browser {
    async fn start(chromedriver: u16, windows: Arc<Mutex<Vec<WebDriver>>>) -> WebDriverResult<Browser> {
        let mut wishes = DesiredCapabilities::chrome();
        for flag in FLAGS {
            wishes.add_arg(flag)?;
        }
        if is_root() {
            wishes.add_arg("--no-sandbox")?;
        }
        let driver = WebDriver::new(format!("http://127.0.0.1:{chromedriver}"), wishes).await?;
        windows.lock().expect("nobody panics while holding the list").push(driver.clone());
        Ok(Browser { driver, chromedriver, windows })
    }

    /// Another person's browser: it shares no cookie and no authenticator with this one.
    pub(crate) async fn another(&self) -> WebDriverResult<Browser> {
        Browser::start(self.chromedriver, Arc::clone(&self.windows)).await
    }

    pub(crate) async fn open(&self, address: &str) -> WebDriverResult<()> {
        self.driver.goto(address).await
    }

    /// The part of the page under this heading.
    pub(crate) fn part(&self, heading: &str) -> Part<'_> {
        let root =
            format!("//section[.//*[self::h1 or self::h2][contains(normalize-space(.), \"{heading}\")]]");
        Part { browser: self, root }
    }

    fn page(&self) -> Part<'_> {
        Part { browser: self, root: "//body".to_owned() }
    }

    pub(crate) async fn fill(&self, label: &str, text: &str) -> WebDriverResult<()> {
        self.page().fill(label, text).await
    }

    pub(crate) async fn press(&self, words: &str) -> WebDriverResult<()> {
        self.page().press(words).await
    }

    /// Follows the link to this address on the page.
    pub(crate) async fn follow(&self, href: &str) -> WebDriverResult<()> {
        turn(&self.find(&format!("//a[@href=\"{href}\"]")).await?).await
    }

    /// Waits until the page says this somewhere.
    pub(crate) async fn sees(&self, words: &str) -> WebDriverResult<()> {
        self.find(&format!("//body//*[contains(normalize-space(.), \"{words}\")]")).await.map(drop)
    }

    /// The text of the first element that this selects, shown or folded away.
    pub(crate) async fn text(&self, css: &str) -> WebDriverResult<String> {
        let element = self.driver.query(By::Css(css)).wait(PATIENCE, POLL).first().await?;
        let text = element.prop("textContent").await?.unwrap_or_default();
        Ok(text.split_whitespace().collect::<Vec<_>>().join(" "))
    }

    async fn find(&self, xpath: &str) -> WebDriverResult<WebElement> {
        self.driver.query(By::XPath(xpath)).wait(PATIENCE, POLL).first().await
    }

    /// Plugs in an authenticator that verifies its user, keeps passkeys and is always touched at once.
    ///
    /// `WebAuthn.addVirtualAuthenticator` of the Chrome DevTools Protocol; it lives as long as the window.
    pub(crate) async fn plug_in_authenticator(&self) -> WebDriverResult<Authenticator> {
        let cdp = self.driver.cdp();
        cdp.send_raw("WebAuthn.enable", serde_json::json!({})).await?;
        let options = serde_json::json!({ "options": {
            "protocol": "ctap2",
            "transport": "internal",
            "hasResidentKey": true,
            "hasUserVerification": true,
            "isUserVerified": true,
            "automaticPresenceSimulation": true,
        }});
        let added = cdp.send_raw("WebAuthn.addVirtualAuthenticator", options).await?;
        let id = added["authenticatorId"].as_str().expect("the protocol names what it added").to_owned();
        Ok(Authenticator { driver: self.driver.clone(), id })
    }

    /// Pictures this page under the name, where somebody asked for pictures.
    pub(crate) async fn picture(&self, name: &str) -> WebDriverResult<()> {
        match pictures::folder() {
            Some(folder) => pictures::take(&self.driver, &folder, name).await,
            None => Ok(()),
        }
    }

    /// The size of a small phone, so that a walk shows whether a page still fits.
    pub(crate) async fn as_phone(&self) -> WebDriverResult<()> {
        let size = serde_json::json!({ "width": 360, "height": 740, "deviceScaleFactor": 2, "mobile": true });
        self.driver.cdp().send_raw("Emulation.setDeviceMetricsOverride", size).await.map(drop)
    }

    /// What somebody sees whose system asks for dark pages.
    pub(crate) async fn in_the_dark(&self) -> WebDriverResult<()> {
        let dark = serde_json::json!({ "features": [{ "name": "prefers-color-scheme", "value": "dark" }] });
        self.driver.cdp().send_raw("Emulation.setEmulatedMedia", dark).await.map(drop)
    }
}

/// Keeps a picture and the source of a page. Failing to is said, and hides no other failure.
async fn picture(window: &WebDriver, name: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../target/screenshots");
    let kept = async {
        std::fs::create_dir_all(&folder)?;
        window.screenshot(&folder.join(format!("{name}.png"))).await?;
        std::fs::write(folder.join(format!("{name}.html")), window.source().await?)?;
        Ok::<(), Box<dyn std::error::Error + Send + Sync>>(())
    };
    match kept.await {
        Ok(()) => eprintln!("see target/screenshots/{name}.png and .html"),
        Err(error) => eprintln!("the page of `{name}` could not be pictured: {error}"),
    }
}

/// A part of a page, found as a person finds it.
pub(crate) struct Part<'a> {
    browser: &'a Browser,
    root: String,
}

impl Part<'_> {
    /// Types into the field of this label.
    pub(crate) async fn fill(&self, label: &str, text: &str) -> WebDriverResult<()> {
        let field = self.find(&format!("//*[@id=//label[{}]/@for]", says(label))).await?;
        field.clear().await?;
        field.send_keys(text).await
    }

    /// Ticks the box, or chooses the option, of this label.
    pub(crate) async fn choose(&self, label: &str) -> WebDriverResult<()> {
        self.find(&format!("//label[{}]", says(label))).await?.click().await
    }

    /// Presses the button, or follows the link, that says this, and waits until another page has come.
    pub(crate) async fn press(&self, words: &str) -> WebDriverResult<()> {
        turn(&self.find(&format!("//*[self::button or self::a][{}]", says(words))).await?).await
    }

    async fn find(&self, xpath: &str) -> WebDriverResult<WebElement> {
        self.browser.find(&format!("{}{xpath}", self.root)).await
    }
}

/// Clicks what leads to another page, and waits until it has come: an answer under way would overtake the next step.
pub(crate) async fn turn(element: &WebElement) -> WebDriverResult<()> {
    element.click().await?;
    element.wait_until().wait(PATIENCE, POLL).stale().await
}

fn says(words: &str) -> String {
    format!("contains(normalize-space(.), \"{words}\")")
}

/// A virtual authenticator that is plugged in.
pub(crate) struct Authenticator {
    driver: WebDriver,
    id: String,
}

impl Authenticator {
    /// How many passkeys it keeps.
    pub(crate) async fn passkeys(&self) -> WebDriverResult<usize> {
        let asked = serde_json::json!({ "authenticatorId": self.id });
        let kept = self.driver.cdp().send_raw("WebAuthn.getCredentials", asked).await?;
        Ok(kept["credentials"].as_array().map_or(0, Vec::len))
    }

    /// Whether somebody touches it when it asks. While nobody does, a passkey offered in a name field waits.
    pub(crate) async fn is_touched(&self, touched: bool) -> WebDriverResult<()> {
        let wish = serde_json::json!({ "authenticatorId": self.id, "enabled": touched });
        self.driver.cdp().send_raw("WebAuthn.setAutomaticPresenceSimulation", wish).await.map(drop)
    }

    /// Loses it with every passkey on it, as a phone is lost.
    pub(crate) async fn lose(self) -> WebDriverResult<()> {
        let which = serde_json::json!({ "authenticatorId": self.id });
        self.driver.cdp().send_raw("WebAuthn.removeVirtualAuthenticator", which).await.map(drop)
    }
}

/// Headless, alone and silent: no page may ask anything of the world, so the browser does not either.
const FLAGS: [&str; 9] = [
    "--headless=new",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--no-default-browser-check",
    "--window-size=1200,900",
];

/// A chromedriver of our own on a port that it chose itself, ended with all it started.
struct Chromedriver {
    process: Child,
    port: u16,
}

impl Chromedriver {
    fn start() -> Chromedriver {
        let mut process = Command::new("chromedriver")
            .arg("--port=0")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .process_group(0)
            .spawn()
            .unwrap_or_else(|error| panic!("chromedriver did not start ({error}); `./check` installs it"));
        let mut said = BufReader::new(process.stdout.take().expect("its output was asked for"));
        let mut all = String::new();
        let port = loop {
            let mut line = String::new();
            let length = said.read_line(&mut line).expect("chromedriver speaks UTF-8");
            assert!(length > 0, "chromedriver ended before it named its port; it said: {all}");
            // "ChromeDriver was started successfully on port 34567."
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim().trim_end_matches('.').parse().expect("a port is a number");
            }
            all.push_str(&line);
        };
        // Somebody must go on listening, or a chatty chromedriver would stop at a full pipe.
        std::thread::spawn(move || std::io::copy(&mut said, &mut std::io::sink()));
        Chromedriver { process, port }
    }
}

impl Drop for Chromedriver {
    fn drop(&mut self) {
        // The whole group: a Chromium whose session could not be ended must not stay either.
        let group = format!("-{}", self.process.id());
        let ended = Command::new("kill").args(["-KILL", "--", &group]).status();
        if !ended.is_ok_and(|status| status.success()) {
            eprintln!("chromedriver {} could not be ended", self.process.id());
        }
        if let Err(error) = self.process.wait() {
            eprintln!("chromedriver {} was not waited for: {error}", self.process.id());
        }
    }
}

/// Chromium's sandbox refuses to work for root.
fn is_root() -> bool {
    std::fs::metadata("/proc/self").is_ok_and(|own| own.uid() == 0)
}

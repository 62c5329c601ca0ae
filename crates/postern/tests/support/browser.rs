//! A browser without a window: keeps cookies, returns the secret of forms, follows nothing by itself.

use std::collections::BTreeMap;

use reqwest::header::{COOKIE, SET_COOKIE};
use reqwest::redirect::Policy;
use reqwest::{Client, Method, RequestBuilder};

/// Any 43 characters: the server only asks that cookie and form agree (a site elsewhere cannot read the cookie).
const FORM: &str = "0123456789012345678901234567890123456789012";

/// One person's browser. Clones share connections and nothing else.
#[derive(Clone)]
pub(crate) struct Browser {
    client: Client,
    origin: String,
    cookies: BTreeMap<String, String>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) body: String,
}

impl Browser {
    /// A browser for the server on this port of loopback.
    pub(crate) fn new(port: u16) -> Browser {
        let client = Client::builder().redirect(Policy::none()).no_proxy().build().expect("a client is made");
        let cookies = [("__Host-postern-form".to_owned(), FORM.to_owned())].into();
        Browser { client, origin: format!("http://127.0.0.1:{port}"), cookies }
    }

    /// Another person's, over the same connections.
    pub(crate) fn another(&self) -> Browser {
        let form = self.cookies.iter().filter(|(name, _)| name.ends_with("-form"));
        let cookies = form.map(|(name, value)| (name.clone(), value.clone())).collect();
        Browser { client: self.client.clone(), origin: self.origin.clone(), cookies }
    }

    /// The same person, after the server was another process for a while.
    pub(crate) fn with_cookies_of(&self, other: &Browser) -> Browser {
        Browser { cookies: other.cookies.clone(), ..self.clone() }
    }

    /// The value of a cookie.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Asks for a page, and is done. An error means that nobody answered.
    pub(crate) async fn get(mut self, path: &str) -> Result<Answer, reqwest::Error> {
        let request = self.client.request(Method::GET, format!("{}{path}", self.origin));
        self.send(request).await
    }

    /// Sends a form.
    pub(crate) async fn post(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
    ) -> Result<Answer, reqwest::Error> {
        let form = {
            let mut form = url::form_urlencoded::Serializer::new(String::new());
            form.append_pair("csrf", FORM).extend_pairs(fields);
            form.finish()
        };
        let request = self
            .client
            .request(Method::POST, format!("{}{path}", self.origin))
            .header("content-type", "application/x-www-form-urlencoded")
            .body(form);
        self.send(request).await
    }

    async fn send(&mut self, request: RequestBuilder) -> Result<Answer, reqwest::Error> {
        let cookies: Vec<String> =
            self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let response = request.header(COOKIE, cookies.join("; ")).send().await?;
        for cookie in response.headers().get_all(SET_COOKIE) {
            let pair = cookie.to_str().ok().and_then(|text| text.split(';').next()?.split_once('='));
            let (name, value) = pair.expect("the server sets cookies by name and value");
            if value.is_empty() {
                self.cookies.remove(name);
            } else {
                self.cookies.insert(name.to_owned(), value.to_owned());
            }
        }
        Ok(Answer { status: response.status().as_u16(), body: response.text().await? })
    }

    /// Is somebody signed in?
    pub(crate) fn is_signed_in(&self) -> bool {
        self.cookies.contains_key("__Host-postern")
    }

    /// Gives a name and the password: what comes before a code.
    pub(crate) async fn begin(&mut self, name: &str, password: &str) -> Result<Answer, reqwest::Error> {
        let named = self.post("/sign-in", &[("name", name)]).await?;
        if named.status != 303 {
            return Ok(named);
        }
        self.post("/sign-in/prove/password", &[("password", password)]).await
    }

    /// Types the code of the app.
    pub(crate) async fn code(&mut self, code: &str) -> Result<Answer, reqwest::Error> {
        self.post("/sign-in/prove/totp", &[("code", code)]).await
    }
}

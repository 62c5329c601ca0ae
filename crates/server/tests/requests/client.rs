//! A browser without a screen: keeps cookies, sends forms with their token, and reads what comes back.

use std::collections::BTreeMap;
use std::net::SocketAddr;

use axum::Router;
use axum::body::Body;
use axum::extract::ConnectInfo;
use axum::http::{Request, Response, StatusCode, header};
use lifecycle::AccountId;
use server::app::App;
use server::http::cookie;
use server::routes;
use tower::ServiceExt;

use crate::app::session;

/// One browser.
pub(crate) struct Client {
    router: Router,
    cookies: BTreeMap<String, String>,
    /// Where it is; nowhere, if no test asks.
    from: Option<ConnectInfo<SocketAddr>>,
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: StatusCode,
    pub(crate) location: String,
    pub(crate) body: String,
}

impl Answer {
    /// Does the page show this text?
    pub(crate) fn shows(&self, text: &str) -> bool {
        self.body.contains(text)
    }

    /// Panics with the page unless it shows this text.
    pub(crate) fn must_show(&self, text: &str) -> &Self {
        assert!(self.shows(text), "`{text}` is not in {} {}\n{}", self.status, self.location, self.body);
        self
    }
}

impl Client {
    /// Nobody.
    pub(crate) fn visitor(app: &App) -> Client {
        // A token that is as long as ours: what a page would have set (double submit).
        let token = ("c".repeat(43), cookie::CSRF.to_owned());
        Client { router: routes::router(app), cookies: BTreeMap::from([(token.1, token.0)]), from: None }
    }

    /// The same at an address of the network.
    pub(crate) fn at(self, from: ConnectInfo<SocketAddr>) -> Client {
        Client { from: Some(from), ..self }
    }

    /// Somebody with a session of AAL2.
    pub(crate) async fn signed_in(app: &App, id: &AccountId) -> Client {
        let token = session(app, id).await;
        let mut client = Client::visitor(app);
        client.cookies.insert(cookie::SESSION.to_owned(), token.expose().to_owned());
        client
    }

    /// What the browser keeps under this name.
    pub(crate) fn cookie(&self, name: &str) -> Option<&str> {
        self.cookies.get(name).map(String::as_str)
    }

    /// Puts a cookie into the browser, as somebody who copied it would.
    pub(crate) fn set_cookie(&mut self, name: &str, value: &str) {
        self.cookies.insert(name.to_owned(), value.to_owned());
    }

    /// GET.
    pub(crate) async fn get(&mut self, path: &str) -> Answer {
        let request = self.request("GET", path).body(Body::empty()).expect("a request");
        self.send(request).await
    }

    /// POST with the form token, as a page of ours would.
    pub(crate) async fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let token = self.cookies[cookie::CSRF].clone();
        let form = url::form_urlencoded::Serializer::new(String::new())
            .append_pair("csrf", &token)
            .extend_pairs(fields)
            .finish();
        let request = self
            .request("POST", path)
            .header(header::CONTENT_TYPE, "application/x-www-form-urlencoded")
            .body(Body::from(form))
            .expect("a request");
        self.send(request).await
    }

    /// POST, and the page to which that leads.
    pub(crate) async fn post_and_follow(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        let answer = self.post(path, fields).await;
        assert_eq!(answer.status, StatusCode::SEE_OTHER, "{path}: {}", answer.body);
        self.get(&answer.location).await
    }

    fn request(&self, method: &str, path: &str) -> axum::http::request::Builder {
        let cookies: Vec<String> = self.cookies.iter().map(|(key, value)| format!("{key}={value}")).collect();
        Request::builder().method(method).uri(path).header(header::COOKIE, cookies.join("; "))
    }

    async fn send(&mut self, mut request: Request<Body>) -> Answer {
        if let Some(from) = self.from {
            request.extensions_mut().insert(from);
        }
        let response = self.router.clone().oneshot(request).await.expect("a router always answers");
        self.keep(&response);
        let status = response.status();
        let location = response.headers().get(header::LOCATION);
        let location = location.map_or("", |value| value.to_str().expect("an address is text")).to_owned();
        let body = axum::body::to_bytes(response.into_body(), 4 << 20).await.expect("a whole body");
        Answer { status, location, body: String::from_utf8(body.to_vec()).expect("pages are UTF-8") }
    }

    fn keep(&mut self, response: &Response<Body>) {
        for set in response.headers().get_all(header::SET_COOKIE) {
            let text = set.to_str().expect("a cookie is text");
            let (pair, attributes) = text.split_once(';').expect("our cookies have attributes");
            let (key, value) = pair.split_once('=').expect("a cookie has a value");
            if attributes.contains("Max-Age=0") {
                self.cookies.remove(key);
            } else {
                self.cookies.insert(key.to_owned(), value.to_owned());
            }
        }
    }
}

//! Demo mode only: the way in for each role, and the mail that would have been sent.

use askama::Template;

use super::{Frame, When, links};

/// GET `/demo`.
#[derive(Template)]
#[template(path = "demo/landing.html")]
pub struct DemoLanding {
    pub frame: Frame,
    pub roles: Vec<DemoRole>,
    /// Things worth trying, in order.
    pub tour: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct DemoRole {
    /// `Administrator`.
    pub title: String,
    /// `Ada Admin (ada)`.
    pub who: String,
    pub text: String,
    /// An invitation link, or the sign-in page once it is spent.
    pub href: String,
    /// Has the invitation been used?
    pub enrolled: bool,
}

/// GET `/demo/mail`.
#[derive(Template)]
#[template(path = "demo/mail.html")]
pub struct DemoMail {
    pub frame: Frame,
    /// Newest first.
    pub messages: Vec<DemoMessage>,
}

#[derive(Clone, Debug)]
pub struct DemoMessage {
    pub at: When,
    /// `own-mail`, `mobile`.
    pub channel: String,
    pub to: String,
    /// Empty for a text message.
    pub subject: String,
    pub body: String,
}

/// A piece of a message's body.
#[derive(Debug, PartialEq, Eq)]
enum Part<'a> {
    Text(&'a str),
    Link(&'a str),
}

impl DemoMessage {
    /// The body with its `http` and `https` addresses told apart, so that they can be clicked.
    fn parts(&self) -> Vec<Part<'_>> {
        let mut parts = Vec::new();
        let mut rest = self.body.as_str();
        while let Some(start) = ["https://", "http://"].iter().filter_map(|scheme| rest.find(scheme)).min() {
            let (before, link) = rest.split_at(start);
            let end = link.find(|c: char| c.is_whitespace() || "<>\"'".contains(c)).unwrap_or(link.len());
            let end = link[..end].trim_end_matches(['.', ',', ')', ';']).len();
            parts.push(Part::Text(before));
            parts.push(Part::Link(&link[..end]));
            rest = &link[end..];
        }
        parts.push(Part::Text(rest));
        parts
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_in_a_message_are_told_apart_from_its_text() {
        let body = "Open http://localhost/enrol/aB-1. Not you? (https://x.example/stop/2)";
        let message = DemoMessage {
            at: When::at(jiff::Timestamp::UNIX_EPOCH),
            channel: String::new(),
            to: String::new(),
            subject: String::new(),
            body: body.to_owned(),
        };
        let expected = [
            Part::Text("Open "),
            Part::Link("http://localhost/enrol/aB-1"),
            Part::Text(". Not you? ("),
            Part::Link("https://x.example/stop/2"),
            Part::Text(")"),
        ];
        assert_eq!(message.parts(), expected);
    }
}

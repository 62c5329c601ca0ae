//! What a browser keeps and sends: cookies and the token of a form.

use crate::load::{self, Answer, header};

/// Any 43 characters: the cookie and the form say the same.
const TOKEN: &str = "0123456789012345678901234567890123456789012";

/// The cookie of a browser that has seen a form.
pub(crate) fn visitor() -> String {
    format!("__Host-postern-form={TOKEN}")
}

/// A visitor's cookies together with those that an answer sets.
pub(crate) fn after(answer: &Answer) -> String {
    std::iter::once(visitor()).chain(cookies(answer).map(str::to_owned)).collect::<Vec<_>>().join("; ")
}

/// A form of ours, sent.
pub(crate) fn post(host: &str, path: &str, cookies: &str, fields: &str) -> Vec<u8> {
    load::post(host, path, cookies, &format!("csrf={TOKEN}&{fields}"))
}

/// Does it send the browser on?
pub(crate) fn is_redirect(answer: &Answer) -> bool {
    answer.status == 303
}

/// Does it send the browser on with a session?
pub(crate) fn is_signed_in(answer: &Answer) -> bool {
    is_redirect(answer) && has_session(answer)
}

/// Does it send the browser on without one?
pub(crate) fn is_refused(answer: &Answer) -> bool {
    is_redirect(answer) && !has_session(answer)
}

fn has_session(answer: &Answer) -> bool {
    cookies(answer)
        .any(|cookie| cookie.strip_prefix("__Host-postern=").is_some_and(|value| !value.is_empty()))
}

/// Each cookie that the answer sets, as `name=value`.
fn cookies(answer: &Answer) -> impl Iterator<Item = &str> {
    let lines = answer.head.lines().filter_map(|line| header(line, "set-cookie"));
    lines.filter_map(|cookie| cookie.split(';').next())
}

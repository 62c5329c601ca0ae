//! What tests of whole walks need: time that passes, and the mail.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering::Relaxed};
use std::time::Duration;

use server::app::App;
use server::store::notices::{self, Which};

use crate::app::{Person, TestApp};
use crate::client::Answer;
use crate::database::TestDatabase;
use crate::run;

/// The time of a test.
#[derive(Clone)]
pub(crate) struct Time(Arc<AtomicI64>);

impl Time {
    /// Lets some of it pass.
    pub(crate) fn pass(&self, span: Duration) {
        self.0.fetch_add(i64::try_from(span.as_micros()).expect("tests do not take ages"), Relaxed);
    }
}

/// Runs a test that moves the time.
pub(crate) fn with_clock<Test: Future<Output = ()>>(test: impl FnOnce(App, Time) -> Test) {
    let database = TestDatabase::sqlite();
    let here = TestApp::start(&database);
    let time = Time(Arc::clone(&here.clock));
    run(&here, |app| test(app, time));
}

/// The newest message to an address.
pub(crate) async fn mail(app: &App, address: &str) -> String {
    let address = address.to_owned();
    let newest = app.read(move |view| {
        let all = notices::list(view.tx, Which::Pending, 100)?;
        // Messages of the same moment come in any order: the last one counts.
        let latest = all.iter().filter(|notice| notice.address == address).max_by_key(|n| n.created_at);
        latest.map(|notice| notices::body(view.tx, view.keys, &notice.id)).transpose()
    });
    let newest = newest.await.expect("the outbox can be read");
    newest.expect("a message was written").to_string()
}

/// The path of the first link of this kind in a message.
pub(crate) fn link(message: &str, kind: &str) -> String {
    let at = message.find(kind).unwrap_or_else(|| panic!("`{kind}` is not in\n{message}"));
    message[at..].split_whitespace().next().expect("a link has letters").to_owned()
}

/// The first number of so many digits in a message.
pub(crate) fn code(message: &str) -> String {
    let words = message.split(|c: char| !c.is_ascii_digit());
    words.into_iter().find(|word| word.len() == 8).expect("the message holds a code").to_owned()
}

/// The person whose app was shown the secret of this page.
pub(crate) fn with_seed_of(person: &Person, page: &Answer) -> Person {
    let start = page.body.find("class=\"secret\">").expect("the page shows a secret");
    let end = page.body[start..].find("</p>").expect("the secret ends") + start;
    let text = page.body[start + "class=\"secret\">".len()..end].replace("<span>", "").replace("</span>", "");
    let base32: String = text.chars().filter(char::is_ascii_alphanumeric).collect();
    let seed = data_encoding::BASE32_NOPAD.decode(base32.as_bytes()).expect("the secret is base32");
    Person { seed, ..person.clone() }
}

/// The text between two marks of a page.
pub(crate) fn between<'p>(page: &'p Answer, before: &str, after: &str) -> &'p str {
    let start = page.body.find(before).unwrap_or_else(|| panic!("`{before}` is not in\n{}", page.body));
    let rest = &page.body[start + before.len()..];
    &rest[..rest.find(after).expect("the text has an end")]
}

//! Every page with made-up content: for the tests, and for the gallery that a designer looks at.
//!
//! Each text goes through `say`, so that a test can put something hostile wherever a person's words may stand.

// Named, because the gallery takes this file in by its path.
#[path = "samples/blast.rs"]
mod blast;
#[path = "samples/cases.rs"]
mod cases;
#[path = "samples/console.rs"]
mod console;
#[path = "samples/people.rs"]
mod people;

use super::page::{Flash, Frame, Nav, Person, Section, Tab, Tone, When};

/// What to make of each sample text.
pub(crate) type Say = fn(&str) -> String;

/// A page's file name in the gallery, and the page.
pub(crate) type Rendered = (&'static str, askama::Result<String>);

/// Every page in its stages.
pub(crate) fn pages(say: Say) -> Vec<Rendered> {
    [people::pages(say), cases::pages(say), console::pages(say)].into_iter().flatten().collect()
}

const NOW: &str = "2026-11-22T09:30:00Z";

/// A moment, as seen from that of the samples.
fn when(text: &str) -> When {
    let parse = |text: &str| text.parse().expect("sample times are literals");
    When::seen_from(parse(text), parse(NOW))
}

fn visitor(say: Say, path: &str) -> Frame {
    Frame { demo: true, ..Frame::visitor(&say("Example Ltd"), &say("it@example.com"), &say("c5rf"), path) }
}

fn member(say: Say, path: &str) -> Frame {
    let person = Person { name: say("Alice Archer"), login: say("alice"), console: None };
    Frame { person: Some(person), nav: Nav::Account, demo: false, ..visitor(say, path) }
}

fn agent(say: Say, path: &str) -> Frame {
    let person = Person { name: say("Hana Help"), login: say("hana"), console: Some(Section::Overview) };
    let waiting = |section| if section == Section::Approvals { 2 } else { 0 };
    let tabs = Section::ALL.map(|section| Tab { section, waiting: waiting(section) }).to_vec();
    Frame { person: Some(person), nav: Nav::Console(tabs), demo: false, ..visitor(say, path) }
}

fn flash(say: Say, tone: Tone, text: &str) -> Flash {
    Flash { tone, text: say(text) }
}

//! The blast radius.

use askama::Template as _;

use super::super::page::console::blast::{
    AppRadius, BlastPage, BlastRow, Choice, ChoiceGroup, MemberRadius, PopulationRadius, Radius,
};
use super::super::page::{Tone, links};
use super::{Rendered, Say, agent};

pub(super) fn blast(say: Say) -> Vec<Rendered> {
    let choices = || {
        let choice = |value: &str, is_first| Choice { value: say(value), is_first, is_second: false };
        vec![
            ChoiceGroup {
                title: "What an attacker can do",
                choices: vec![choice("phish", true), choice("mailbox(own-mail)", false)],
            },
            ChoiceGroup { title: "Channels", choices: vec![choice("channel.own-mail", false)] },
        ]
    };
    let group = |outcome: &str, tone, steps: &[&str], pieces: &[&str]| MemberRadius {
        who: say("312 members who hold an app and a password"),
        outcome: say(outcome),
        tone,
        effort: say("Weakest way in: effort 8, was 12."),
        some: vec![(say("a1"), say("Alice Archer")), (say("b2"), say("Bob Baker"))],
        others: 310,
        steps: steps.iter().map(|step| say(step)).collect(),
        pieces: pieces.iter().map(|piece| say(piece)).collect(),
    };
    let population = |name: &str, tone, groups| PopulationRadius {
        name: say(name),
        summary: say("312 of 1000 members fall, 80 come nearer"),
        tone,
        groups,
    };
    let radius = Radius {
        falls: vec![say("An attacker can phish anybody (real-time proxy).")],
        headline: say("312 of 1096 members fall"),
        tone: Tone::Bad,
        note: say("Nobody has an account yet, so this is what the policy allows."),
        populations: vec![
            population(
                "staff",
                Tone::Bad,
                vec![
                    group("Falls", Tone::Bad, &["Phish the member (real-time proxy).", "Sign in."], &[]),
                    group("1 more piece", Tone::Warn, &[], &["steal(member,paper)"]),
                ],
            ),
            population("admins", Tone::Good, vec![]),
        ],
        approvers: vec![say("Everybody of the role manager approves, because accounts of staff fall.")],
        apps: vec![AppRadius {
            app: say("payroll"),
            population: say("staff"),
            assurance: say("AAL2, phishing-resistant"),
            outcome: say("Falls"),
            tone: Tone::Bad,
            members: say("as 312 of 1000"),
        }],
    };
    let row = BlastRow {
        value: say("mailbox(own-mail)"),
        populations: vec![say("staff"), say("helpdesk")],
        apps: vec![say("payroll")],
        near: vec![say("admins: 1 more piece")],
    };
    let page = |radius, rows, error: Option<&str>| BlastPage {
        frame: agent(say, links::CONSOLE_BLAST),
        choices: choices(),
        error: error.map(say),
        radius,
        rows,
    };
    vec![
        ("blast-radius", page(Some(radius), vec![], None).render()),
        ("blast-choose", page(None, vec![row], Some("nothing is called `phsh` that may fall")).render()),
        ("blast-empty", page(None, vec![], None).render()),
    ]
}

//! The report as one page that needs nothing else: no network, no script, and print rules for paper.
//!
//! Owns the page. Does not own what it says (`content`) nor the pictures (`graph`).

use std::fmt::Display;

use super::Subject;
use super::content::{DoorPart, Finding, PopulationPart, ProfilePart, Report};
use super::controls::{Control, Outcome};
use crate::diagnostic::Level;
use crate::render::graph::svg::escaped;
use crate::render::graph::{self, Form, words::listed};

const STYLE: &str = include_str!("report.css");

pub(super) fn page(report: &Report, subject: &Subject<'_>) -> String {
    let mut page = Page(String::new());
    let whose = if report.organization.is_empty() { &report.policy } else { &report.organization };
    page.line("<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">");
    page.line("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">");
    page.text("title", &format!("Control chains of {whose}, {}", report.checked_on));
    page.line(&format!("<style>\n{}{STYLE}</style>\n</head>\n<body>\n<main>", graph::STYLE));
    page.text("h1", &format!("Control chains of {whose}"));
    page.text(
        "p",
        "Every way to come by an account, by login or round it, and what an attacker would have to do.",
    );
    page.about(report);
    page.summary(report);
    page.assumed(report);
    for population in &report.populations {
        page.population(population, subject);
    }
    page.apps(report);
    page.findings(report);
    page.exceptions(report);
    page.controls(report);
    page.limits();
    page.line("</main>\n</body>\n</html>");
    page.0
}

struct Page(String);

impl Page {
    fn line(&mut self, html: &str) {
        self.0.push_str(html);
        self.0.push('\n');
    }

    fn text(&mut self, element: &str, words: &str) {
        self.line(&format!("<{element}>{}</{element}>", escaped(words)));
    }

    /// Cells are HTML already.
    fn table(&mut self, caption: &str, head: &[&str], rows: &[Vec<String>]) {
        // Whoever has no mouse scrolls it by its focus.
        self.line(&format!(
            "<div class=\"wide{}\" tabindex=\"0\" role=\"region\" aria-label=\"{}\"><table>",
            if head.len() > FEW_COLUMNS { " many" } else { "" },
            escaped(caption)
        ));
        self.text("caption", caption);
        let head = each(head, |cell| format!("<th scope=\"col\">{}</th>", escaped(cell)));
        self.line(&format!("<thead><tr>{head}</tr></thead>\n<tbody>"));
        for row in rows {
            let cells = each(row.iter().skip(1), |cell| format!("<td>{cell}</td>"));
            let first = row.first().map(String::as_str).unwrap_or_default();
            self.line(&format!("<tr><th scope=\"row\">{first}</th>{cells}</tr>"));
        }
        self.line("</tbody></table></div>");
    }

    fn about(&mut self, report: &Report) {
        let counted = [Level::Error, Level::Warning, Level::Note].map(|level| match report.count(level) {
            1 => format!("1 {}", level.name()),
            many => format!("{many} {}s", level.name()),
        });
        let facts = [
            ("policy", code(&report.policy)),
            ("digest", code(&report.digest)),
            ("checked on", escaped(&report.checked_on)),
            ("checked by", escaped(&report.checked_by)),
            ("open findings", escaped(listed(&counted))),
            ("exceptions", escaped(report.exceptions.len())),
        ];
        self.line("<dl>");
        for (name, value) in facts {
            self.line(&format!("<div><dt>{name}</dt><dd>{value}</dd></div>"));
        }
        self.line("</dl>");
        if report.truncated {
            self.line("<p class=\"bad\"><strong>Truncated.</strong> Some ways were too many to list. Nothing is proved about what this report calls unproved.</p>");
        }
    }

    fn summary(&mut self, report: &Report) {
        let row = |population: &PopulationPart| {
            let worst = population.worst();
            let absent = if worst.is_some() { "none" } else { "not computed" };
            let way = worst.and_then(|profile| profile.weakest.first()).map(|way| way.capabilities.clone());
            let loss = worst.and_then(|profile| profile.lockout.iter().min_by_key(|losses| losses.len()));
            vec![
                escaped(&population.name),
                escaped(population.risk),
                worst.map_or_else(|| tone("unproved", "bad"), |profile| verdict(profile.verdict)),
                effort(worst.and_then(|profile| profile.login_effort)),
                effort(worst.and_then(|profile| profile.effort)),
                way.map_or_else(|| absent.into(), |way| code(&way)),
                loss.map_or_else(|| absent.into(), |losses| code(losses.join(" and "))),
            ]
        };
        self.text("h2", "Verdicts");
        let head = [
            "population",
            "risk",
            "verdict",
            "login",
            "weakest way in",
            "what it takes",
            "smallest loss that locks out",
        ];
        let rows: Vec<Vec<String>> = report.populations.iter().map(row).collect();
        self.table("Populations, each as the members meet it who are easiest to take", &head, &rows);
        self.line("<p><strong>Contained:</strong> there is no way in but login. <strong>Not weaker:</strong> there are others, and none is easier than login. <strong>Weaker:</strong> some other way is too easy.</p>");
    }

    fn assumed(&mut self, report: &Report) {
        self.text("h2", "The assumed attacker");
        self.text("p", &report.attacker.statement);
        let deeds = each(&report.attacker.capabilities, |deed| {
            let effort = deed.effort.map_or_else(|| "not considered".into(), |effort| effort.to_string());
            format!("<li>{} <span>{effort}</span></li>", code(deed.name))
        });
        self.line(&format!("<ul class=\"deeds\">{deeds}</ul>"));
    }

    fn population(&mut self, part: &PopulationPart, subject: &Subject<'_>) {
        self.line("<section class=\"chain\">");
        self.text("h2", &format!("The chain of {}", part.name));
        let groups = listed(&part.groups);
        self.text(
            "p",
            &format!("Groups: {groups}. Risk: {}. Identity proofing: {}.", part.risk, part.proofing),
        );
        if part.unproved {
            self.line("<p class=\"bad\">The ways in are too many to list, so nothing is proved about this chain.</p>\n</section>");
            return;
        }
        if let Some(effort) = part.listed_up_to {
            self.text(
                "p",
                &format!("The ways in are too many to list. Those above effort {effort} are left out; they decide no verdict."),
            );
        }
        if let (Some(model), Some(analysis)) = (&subject.checked.model, &subject.checked.analysis)
            && let Some(reading) = graph::easiest(&analysis.populations[usize::from(part.at.0)])
        {
            let picture = graph::chain(model, part.at, reading, Form::Embedded);
            self.line(&format!("<figure>\n{picture}</figure>"));
        }
        let login: Vec<Vec<String>> = (part.login.iter())
            .map(|way| {
                vec![
                    code(way.evidence.join(" and ")),
                    way.aal.map_or_else(|| "none".into(), |aal| format!("AAL{aal}")),
                    if way.phishing_resistant { "yes".into() } else { "no".into() },
                ]
            })
            .collect();
        self.table("Ways to sign in", &["evidence", "assurance", "withstands phishing"], &login);
        let session = &part.session;
        let kept = if session.within { tone("kept", "good") } else { tone("not kept", "bad") };
        self.line(&format!(
            "<p>Sessions end after {} idle and {} in all. SP 800-63B-4 {}: {kept}.</p>",
            escaped(&session.idle),
            escaped(&session.max),
            escaped(session.limit)
        ));
        for profile in &part.profiles {
            self.profile(profile);
        }
        self.line("</section>");
    }

    fn profile(&mut self, part: &ProfilePart) {
        let held = if part.holds.is_empty() { "nothing".into() } else { listed(&part.holds) };
        self.line(&format!("<h3>Members who hold {}: {}</h3>", escaped(&held), verdict(part.verdict)));
        let into = match part.into.as_slice() {
            [] => "in".to_owned(),
            apps => format!("into {}, which not every login of theirs opens,", escaped(listed(apps))),
        };
        for way in &part.weakest {
            self.line(&format!(
                "<p>The weakest way {into} takes {}, effort {}:</p>",
                code(&way.capabilities),
                effort(part.effort)
            ));
            self.steps(&way.steps);
        }
        let columns = ["door", "asks for", "waits", "tells", "verdict", "effort", "SP 800-63B-4"];
        let rows: Vec<Vec<String>> = part.doors.iter().map(door).collect();
        if rows.is_empty() {
            self.text("p", "There is no door besides login.");
        } else {
            self.table("Doors besides login", &columns, &rows);
        }
        match part.lockout.as_slice() {
            [] => self.text("p", "No loss locks these members out."),
            some => {
                let losses: Vec<String> =
                    some.iter().take(MOST_LOSSES).map(|losses| code(losses.join(" and "))).collect();
                let more = some.len().saturating_sub(MOST_LOSSES);
                let more = if more > 0 { format!(", and {more} more") } else { String::new() };
                self.line(&format!("<p>They are locked out by: {}{more}.</p>", losses.join("; ")));
            }
        }
    }

    fn steps(&mut self, steps: &[String]) {
        self.line(&format!("<ol>{}</ol>", each(steps, |step| format!("<li>{}</li>", spoken(step)))));
    }

    fn apps(&mut self, report: &Report) {
        if report.apps.is_empty() {
            return;
        }
        self.text("h2", "Applications");
        let rows = report.apps.iter().flat_map(|app| {
            app.populations.iter().map(|access| {
                vec![
                    escaped(&app.name),
                    escaped(&app.demands),
                    escaped(&access.population),
                    if access.reachable { "yes".into() } else { tone("no", "bad") },
                    effort(access.effort),
                    access.weakest.as_ref().map_or_else(|| "none".into(), code),
                ]
            })
        });
        let rows: Vec<Vec<String>> = rows.collect();
        let head = ["application", "demands", "population", "reach it", "weakest way in", "what it takes"];
        self.table("Who reaches which application, and by what an attacker does", &head, &rows);
    }

    fn findings(&mut self, report: &Report) {
        self.text("h2", "Findings");
        if report.findings.is_empty() {
            self.text("p", "None.");
        }
        for found in &report.findings {
            self.finding(found);
        }
    }

    fn finding(&mut self, found: &Finding) {
        let class = if found.exception.is_some() { "note" } else { found.level };
        self.line(&format!("<article class=\"{class}\">"));
        self.line(&format!(
            "<h3>{} <small>{} {}</small></h3>",
            spoken(&found.message),
            escaped(found.level),
            code(found.code)
        ));
        self.line(&format!(
            "<p>{} at {}, {}:{}</p>",
            code(found.rule),
            code(&found.at),
            escaped(&found.file),
            found.line
        ));
        if !found.steps.is_empty() {
            self.steps(&found.steps);
        }
        for help in &found.help {
            self.line(&format!("<p>Help: {}</p>", spoken(help)));
        }
        if let Some(accepted) = &found.exception {
            let words =
                format!("Accepted by {} until {}: {}", accepted.owner, accepted.expires, accepted.reason);
            self.text("p", &words);
        }
        self.line("</article>");
    }

    fn exceptions(&mut self, report: &Report) {
        self.text("h2", "Exceptions");
        if report.exceptions.is_empty() {
            self.text("p", "None.");
            return;
        }
        let row = |exception: &super::content::ExceptionPart| {
            vec![
                code(&exception.rule),
                code(&exception.at),
                escaped(&exception.owner),
                escaped(&exception.expires),
                escaped(&exception.reason),
                if exception.in_force { "yes".into() } else { tone("no", "bad") },
            ]
        };
        let rows: Vec<Vec<String>> = report.exceptions.iter().map(row).collect();
        let head = ["rule", "place", "owner", "last day", "reason", "lowers a finding"];
        self.table("Known gaps, with the people who answer for them", &head, &rows);
    }

    fn controls(&mut self, report: &Report) {
        self.text("h2", "Requirements of others");
        self.text("p", "Words are ours, identifiers those of the publications. Only what a policy decides is judged here.");
        let mut rest = report.controls.as_slice();
        while let Some(first) = rest.first() {
            let count = rest.iter().take_while(|control| control.framework == first.framework).count();
            let (these, others) = rest.split_at(count);
            let rows: Vec<Vec<String>> = these.iter().map(control).collect();
            self.table(
                first.framework,
                &["identifier", "requirement", "outcome", "what speaks against it"],
                &rows,
            );
            rest = others;
        }
    }

    fn limits(&mut self) {
        self.text("h2", "What this report does not say");
        for words in [
            "It is about the policy. Under which policy a server decided, every event of its audit log says: it names the \
             digest.",
            "Limits of attempts, lifetimes of codes, protection of keys and the content of notices are duties of the \
             server at every door and are not judged here; nor are accounts of machines, of which the OWASP list of \
             non-human identities says more than the one line above.",
            "Efforts are a convention. The minimal sets of deeds, and the verdict `contained`, depend on no number.",
            "Of SP 800-53, titles only were at hand when the lines above were written; PCI DSS was read in secondary copies.",
        ] {
            self.text("p", words);
        }
    }
}

impl PopulationPart {
    /// As in the picture: the worst verdict, then the least effort; of equals the fullest.
    fn worst(&self) -> Option<&ProfilePart> {
        let rank = |profile: &ProfilePart| match profile.verdict {
            "weaker" => 0,
            "not-weaker" => 1,
            _ => 2,
        };
        self.profiles.iter().rev().min_by_key(|profile| (rank(profile), profile.effort.unwrap_or(u32::MAX)))
    }
}

/// Columns that a telephone shows beside each other.
const FEW_COLUMNS: usize = 3;

/// As many as are read.
const MOST_LOSSES: usize = 8;

fn door(part: &DoorPart) -> Vec<String> {
    let conformance = part.conformance.as_ref().map_or_else(String::new, |found| {
        let word = if found.conformant { tone("permitted", "good") } else { tone("not permitted", "bad") };
        format!("{word}, {}: {}", escaped(found.clause), escaped(&found.why))
    });
    vec![
        escaped(&part.name),
        code(&part.requirement),
        escaped(part.wait.as_deref().unwrap_or("no")),
        escaped(if part.notify.is_empty() { "nobody".to_owned() } else { listed(&part.notify) }),
        verdict(part.verdict),
        part.new.to_string(),
        conformance,
    ]
}

fn control(control: &Control) -> Vec<String> {
    let class = match control.outcome {
        Outcome::Met => "good",
        Outcome::MetWithRemarks | Outcome::AcceptedByException => "warn",
        Outcome::NotMet => "bad",
        Outcome::NotApplicable | Outcome::NotAssessed => "soft",
    };
    vec![
        escaped(control.id),
        escaped(control.requirement),
        tone(control.outcome.words(), class),
        escaped(control.findings.join("; ")),
    ]
}

fn code(words: impl Display) -> String {
    format!("<code>{}</code>", escaped(words))
}

/// The same for each, one after the other.
fn each<T>(items: impl IntoIterator<Item = T>, html: impl Fn(T) -> String) -> String {
    items.into_iter().map(html).collect::<Vec<_>>().concat()
}

/// A sentence of the check, whose names and code stand between back-ticks.
fn spoken(words: &str) -> String {
    let parts = words.split('`').enumerate();
    parts.map(|(index, part)| if index % 2 == 1 { code(part) } else { escaped(part) }).collect()
}

fn tone(words: &str, class: &str) -> String {
    format!("<b class=\"{class}\">{}</b>", escaped(words))
}

fn verdict(name: &str) -> String {
    tone(&name.replace('-', " "), if name == "weaker" { "bad" } else { "good" })
}

fn effort(effort: Option<u32>) -> String {
    effort.map_or_else(|| "none".into(), |effort| effort.to_string())
}

//! Pictures as SVG: for a slide, a report, or a page of the console.
//!
//! Owns shapes, colours and letters. Every shape has a class and presentation attributes, so that a page may colour it
//! by its own style sheet and needs no style in the text; a file of its own brings its style.

use std::fmt::Write;

use super::picture::{Column, DoorCard, Edge, End, Node, Picture};
use super::place::{self, Places, Rect, whole};
use super::words::{abridged, shortened, wrapped};
use super::{Form, STYLE};
use crate::takeover::Verdict;

const SANS: &str = "system-ui, -apple-system, 'Segoe UI', Roboto, 'Noto Sans', sans-serif";
const MONO: &str = "ui-monospace, 'SF Mono', 'Cascadia Mono', 'Liberation Mono', Menlo, Consolas, monospace";
/// Between pictures.
const APART: i32 = 40;
const STEP_LINE: i32 = 21;
/// Letters of a name in the heading.
const MOST_OF_POPULATION: usize = 36;

pub(super) fn document(pictures: &[Picture], form: Form) -> String {
    let drawn: Vec<(&Picture, Places)> =
        pictures.iter().map(|picture| (picture, Places::of(picture))).collect();
    let mut body = Svg(String::new());
    let mut y = 0;
    for (index, (picture, places)) in drawn.iter().enumerate() {
        if index > 0 {
            body.line(&format!(r#"<path {} d="M24 {y}H1256"/>"#, EDGE.attributes()));
        }
        body.picture(picture, places, y);
        y += height(picture, places) + APART;
    }
    let height = (y - APART).max(0);
    let width = place::WIDTH;
    let mut svg = Svg(String::new());
    let named: Vec<String> = pictures.iter().map(id).map(|id| format!("{id}-title {id}-desc")).collect();
    svg.line(&format!(
        r#"<svg xmlns="http://www.w3.org/2000/svg" class="chain-picture" viewBox="0 0 {width} {height}" role="img" aria-labelledby="{}" font-family="{SANS}" font-size="14">"#,
        named.join(" ")
    ));
    if form == Form::File {
        svg.line(&format!("<style>\n{STYLE}</style>"));
        svg.line(&format!(r#"<rect class="cp-ground" width="{width}" height="{height}" fill="none"/>"#));
    }
    svg.0.push_str(&body.0);
    svg.line("</svg>");
    svg.0
}

/// Several pictures may stand in one page, each of another population.
fn id(picture: &Picture) -> String {
    let name = picture.population.chars().map(|c| if c.is_ascii_alphanumeric() { c } else { '-' });
    format!("chain-{}", name.collect::<String>())
}

fn height(picture: &Picture, places: &Places) -> i32 {
    let steps: usize = lines(picture).iter().map(Vec::len).sum();
    places.bottom + if steps == 0 { 24 } else { 66 + STEP_LINE * whole(steps) }
}

/// The steps below a picture, numbered and broken.
fn lines(picture: &Picture) -> Vec<Vec<String>> {
    picture.steps.iter().zip(1..).map(|(step, number)| wrapped(&format!("{number}. {step}"), 160)).collect()
}

/// A class, and how it looks where nothing else says so.
struct Look {
    class: &'static str,
    fallback: &'static str,
}

impl Look {
    fn attributes(&self) -> String {
        format!(r#"class="{}" {}"#, self.class, self.fallback)
    }
}

macro_rules! looks {
    ($($name:ident $class:literal $fallback:literal;)*) => {
        $(const $name: Look = Look { class: $class, fallback: $fallback };)*
    };
}

looks! {
    INK       "cp-ink"             r#"fill="currentColor""#;
    SOFT      "cp-soft"            r#"fill="currentColor" fill-opacity="0.72""#;
    BAD       "cp-bad"             r##"fill="#d9463e""##;
    GOOD      "cp-good"            r##"fill="#2f9163""##;
    CARD      "cp-card"            r#"fill="none" stroke="currentColor" stroke-opacity="0.35""#;
    CARD_BAD  "cp-card cp-way"     r##"fill="none" stroke="#d9463e" stroke-width="2""##;
    EDGE      "cp-edge"            r#"fill="none" stroke="currentColor" stroke-opacity="0.6" stroke-width="1.25""#;
    EDGE_BAD  "cp-edge cp-way"     r##"fill="none" stroke="#d9463e" stroke-width="2.5""##;
    PORT      "cp-port"            r#"fill="currentColor" fill-opacity="0.5""#;
    PORT_BAD  "cp-port cp-way"     r##"fill="#d9463e""##;
}

struct Svg(String);

impl Svg {
    fn line(&mut self, text: &str) {
        self.0.push_str(text);
        self.0.push('\n');
    }

    fn text(&mut self, x: i32, y: i32, look: &Look, more: &str, words: &str) {
        self.line(&format!(r#"<text x="{x}" y="{y}" {}{more}>{}</text>"#, look.attributes(), escaped(words)));
    }

    /// A name that must keep within so many characters; the whole of it shows when it is pointed at.
    fn name(&mut self, at: (i32, i32), look: &Look, more: &str, name: &str, most: usize) {
        let short = abridged(name, most);
        let whole = if short == name { String::new() } else { format!("<title>{}</title>", escaped(name)) };
        let (x, y) = at;
        self.line(&format!(
            r#"<text x="{x}" y="{y}" {}{more}>{}{whole}</text>"#,
            look.attributes(),
            escaped(short)
        ));
    }

    fn picture(&mut self, picture: &Picture, places: &Places, y: i32) {
        let id = id(picture);
        self.line(&format!(r#"<g transform="translate(0 {y})">"#));
        self.line(&format!(
            r#"<title id="{id}-title">The control chain of {} and its weakest way in: {}</title>"#,
            escaped(&picture.population),
            picture.verdict_in_words()
        ));
        self.line(&format!(r#"<desc id="{id}-desc">{}</desc>"#, escaped(picture.description())));
        self.heading(picture);
        for edge in picture.edges.iter().filter(|edge| !edge.on_way) {
            self.edge(picture, places, edge);
        }
        for edge in picture.edges.iter().filter(|edge| edge.on_way) {
            self.edge(picture, places, edge);
        }
        for pair in places.doors.windows(2) {
            let (x, top, bottom) = (pair[0].x + 32, pair[0].y + pair[0].height + 2, pair[1].y - 2);
            self.line(&format!(
                r#"<path {} d="M{x} {top}V{bottom}M{} {}L{x} {bottom}L{} {}"/>"#,
                EDGE.attributes(),
                x - 4,
                bottom - 5,
                x + 4,
                bottom - 5
            ));
        }
        for (node, rect) in picture.nodes.iter().zip(&places.nodes) {
            self.node(node, *rect);
        }
        for (door, (card, rect)) in picture.doors.iter().zip(&places.doors).enumerate() {
            self.door(card, *rect);
            for port in 0..card.ports {
                let look = if card.taken == Some(port) { PORT_BAD } else { PORT };
                let y = places.port(picture, door, port);
                self.line(&format!(r#"<circle cx="{}" cy="{y}" r="4.5" {}/>"#, rect.x, look.attributes()));
            }
        }
        for (number, (from, to)) in picture.arcs.iter().enumerate() {
            self.arc(places.doors[*from], places.doors[*to], whole(number));
        }
        self.steps(picture, places);
        self.line("</g>");
    }

    fn heading(&mut self, picture: &Picture) {
        let tone = match picture.verdict {
            None | Some(Verdict::Weaker) => BAD,
            Some(Verdict::NotWeaker | Verdict::Contained) => GOOD,
        };
        let large = picture.population.chars().count().min(MOST_OF_POPULATION);
        self.name(
            (24, 42),
            &INK,
            r#" font-size="24" font-weight="650""#,
            &picture.population,
            MOST_OF_POPULATION,
        );
        // Both stand on one line of 1232 units: 16 a large letter, 8 a small one.
        self.name((1256, 42), &SOFT, r#" text-anchor="end""#, &picture.members, (1200 - 16 * large) / 8);
        self.line(&format!(
            r#"<text x="24" y="70" font-size="16" {}><tspan {} font-weight="650">{}.</tspan> {}</text>"#,
            INK.attributes(),
            tone.attributes(),
            picture.verdict_in_words(),
            picture.summary()
        ));
        let effort = |effort: Option<u32>| {
            effort.map_or_else(|| "none".to_owned(), |effort| format!("effort {effort}"))
        };
        self.text(
            1256,
            70,
            &INK,
            r#" text-anchor="end""#,
            &format!("login: {} · weakest way in: {}", effort(picture.login_effort), effort(picture.effort)),
        );
        let columns = [
            (place::DEEDS.0, "what an attacker does"),
            (place::THINGS.0, "things, channels, people"),
            (place::EVIDENCE.0, "evidence"),
            (place::DOORS.0, "doors, in the order in which a member meets them"),
        ];
        for (x, words) in columns {
            self.text(x, 112, &SOFT, r#" font-size="13""#, words);
        }
    }

    fn edge(&mut self, picture: &Picture, places: &Places, edge: &Edge) {
        let from = places.nodes[edge.from];
        let end = match edge.to {
            End::Node(node) => (places.nodes[node].x, places.nodes[node].middle()),
            End::Port(door, port) => (places.doors[door].x, places.port(picture, door, port)),
        };
        let index = picture.edges.iter().position(|other| std::ptr::eq(other, edge)).unwrap_or_default();
        let mut points = vec![(from.right(), from.middle())];
        points.extend(&places.bends[index]);
        points.push(end);
        let mut path = format!("M{} {}", points[0].0, points[0].1);
        for (leg, pair) in points.windows(2).enumerate() {
            let ((x0, y0), (x1, y1)) = (pair[0], pair[1]);
            // Every second leg passes a column, on the level.
            if leg % 2 == 1 {
                let _ = write!(path, "H{x1}");
            } else {
                let middle = i32::midpoint(x0, x1);
                let _ = write!(path, "C{middle} {y0} {middle} {y1} {x1} {y1}");
            }
        }
        let look = if edge.on_way { EDGE_BAD } else { EDGE };
        self.line(&format!(r#"<path {} d="{path}"/>"#, look.attributes()));
    }

    fn node(&mut self, node: &Node, rect: Rect) {
        let look = if node.on_way { CARD_BAD } else { CARD };
        let radius = if node.column == Column::Things { 16 } else { 8 };
        self.rect(rect, radius, &look);
        let (x, y) = (rect.x + 14, rect.y + 21);
        let width = usize::try_from((rect.width - 28) / 8).unwrap_or_default();
        let weight = if node.on_way { r#" font-weight="600""# } else { "" };
        self.name((x, y), &INK, weight, &node.label, width);
        if !node.cost.is_empty() {
            let end = rect.right() - 14;
            self.text(end, y, &SOFT, r#" font-size="12.5" text-anchor="end""#, &node.cost);
        }
        let lines =
            if node.column == Column::Deeds { place::deed(&node.remark) } else { vec![node.remark.clone()] };
        for (number, line) in lines.iter().filter(|line| !line.is_empty()).enumerate() {
            self.text(x, y + 16 * (whole(number) + 1), &SOFT, r#" font-size="12.5""#, line);
        }
    }

    fn door(&mut self, card: &DoorCard, rect: Rect) {
        let look = if card.on_way { CARD_BAD } else { CARD };
        self.rect(rect, 10, &look);
        let (x, mut y) = (rect.x + 18, rect.y + 27);
        let (tone, cost) =
            if card.is_weaker { (BAD, format!("weaker: {}", card.cost)) } else { (SOFT, card.cost.clone()) };
        // What the cost leaves of the line, in tenths: 66 a small letter, 98 a bold one.
        let room = 10 * (rect.width - 34) - 66 * whole(cost.chars().count());
        let most = usize::try_from(room / 98).unwrap_or_default();
        self.name((x, y), &INK, r#" font-size="15" font-weight="650""#, &card.name, most);
        if !cost.is_empty() {
            self.text(rect.right() - 16, y, &tone, r#" font-size="13" text-anchor="end""#, &cost);
        }
        y += 5;
        for line in place::requirement(&card.requirement) {
            y += 17;
            self.text(x, y, &INK, &format!(r#" font-size="12" font-family="{MONO}""#), &line);
        }
        if !card.remark.is_empty() {
            self.text(x, y + 17, &SOFT, r#" font-size="12.5""#, &shortened(&card.remark, 44));
        }
    }

    /// Along the right side: what was bound at one door opens the other.
    fn arc(&mut self, from: Rect, to: Rect, number: i32) {
        let (x, y0, y1) = (from.right(), from.middle(), to.middle());
        let out = x + 46 + 14 * number;
        self.line(&format!(
            r#"<path {} d="M{x} {y0}C{out} {y0} {out} {y1} {} {y1}"/>"#,
            EDGE_BAD.attributes(),
            x + 8
        ));
        self.line(&format!(r#"<path {} d="M{x} {y1}l9 -5v10z"/>"#, PORT_BAD.attributes()));
        let middle = i32::midpoint(y0, y1);
        for (line, words) in ["binds", "its own"].into_iter().enumerate() {
            let y = middle + 16 * whole(line) - 3;
            self.text(x + 42 + 10 * number, y, &BAD, r#" font-size="12.5""#, words);
        }
    }

    fn steps(&mut self, picture: &Picture, places: &Places) {
        let Some(effort) = picture.effort.filter(|_| !picture.steps.is_empty()) else { return };
        let mut y = places.bottom + 46;
        let title = format!("The weakest way in, effort {effort}");
        self.text(24, y, &BAD, r#" font-weight="650""#, &title);
        for line in lines(picture).iter().flatten() {
            y += STEP_LINE;
            self.text(24, y, &INK, "", line);
        }
    }

    fn rect(&mut self, rect: Rect, radius: i32, look: &Look) {
        let Rect { x, y, width, height } = rect;
        self.line(&format!(
            r#"<rect x="{x}" y="{y}" width="{width}" height="{height}" rx="{radius}" {}/>"#,
            look.attributes()
        ));
    }
}

/// Text that cannot end its element; characters that XML does not know are replaced.
pub(crate) fn escaped(text: impl std::fmt::Display) -> String {
    let text = text.to_string();
    let mut safe = String::with_capacity(text.len());
    for letter in text.chars() {
        match letter {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            '\n' | '\t' => safe.push(' '),
            control if control.is_control() || matches!(control, '\u{fffe}' | '\u{ffff}') => {
                safe.push(char::REPLACEMENT_CHARACTER);
            }
            other => safe.push(other),
        }
    }
    safe
}

//! The picture of a chain: what is on it, that it is the same every time, and that nothing in it can hurt a page.

use policy::model::Date;
use policy::render::graph::{self, Form};
use policy::{Checked, Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// A phishing-resistant login with a phishable way round it.
const LEAK: &str = include_str!("common/leak.toml");

fn judge(text: &str) -> Checked {
    check(&Source::single("postern.toml", text), TODAY)
}

fn company() -> Checked {
    judge(include_str!("../../../examples/company.toml"))
}

/// The words of all elements of this name, in order.
fn words<'s>(svg: &'s str, element: &str) -> Vec<&'s str> {
    let open = format!("<{element} ");
    let ends = svg.split(open.as_str()).skip(1);
    ends.filter_map(|rest| rest.split_once('>')?.1.split_once("</")).map(|(text, _)| text).collect()
}

/// How many shapes have all these classes.
fn with_class(svg: &str, class: &str) -> usize {
    svg.matches(&format!("class=\"{class}\"")).count()
}

#[test]
fn the_doors_stand_in_order_with_what_they_ask_and_cost() {
    let svg = graph::svg(&judge(LEAK), Form::File);
    let texts = words(&svg, "text");
    let place = |wanted: &str| {
        texts.iter().position(|text| *text == wanted).unwrap_or_else(|| panic!("{wanted}: {svg}"))
    };
    assert!(place("login") < place("recover.self-service"));
    assert!(place("recover.self-service") < place("offboard"));
    // Design section 5: a passkey costs 8, codes and a mailed code cost one phishing page, 2.
    place("effort 8");
    place("weaker: effort 2");
    place("codes and issued(own-mail)");
    place("tells own-mail");
    place("everything ends within 60 s");
}

#[test]
fn things_and_channels_are_drawn_once_for_all_that_hang_on_them() {
    let svg = graph::svg(&company(), Form::File);
    let staff = svg.split("<g transform").nth(1).expect("the first chain is drawn");
    let texts = words(staff, "text");
    for shared in ["phone", "own-mail", "helpdesk", "password"] {
        assert_eq!(texts.iter().filter(|text| **text == shared).count(), 1, "{shared}: {texts:?}");
    }
}

#[test]
fn the_weakest_way_in_is_marked_from_the_deed_to_login() {
    let svg = graph::svg(&judge(LEAK), Form::File);
    // One deed, two pieces of evidence, two doors.
    assert_eq!(with_class(&svg, "cp-card cp-way"), 5, "{svg}");
    // Deed to each piece of evidence, each of those to the door, and the arc from the door to login.
    assert_eq!(with_class(&svg, "cp-edge cp-way"), 5, "{svg}");
    let texts = words(&svg, "text");
    assert!(texts.contains(&"The weakest way in, effort 2"), "{texts:?}");
    assert!(
        texts.iter().any(|text| text.starts_with("2. open recover.self-service: binds passkey")),
        "{texts:?}"
    );
}

#[test]
fn a_way_through_people_passes_their_node() {
    let text = LEAK.replace("codes and issued(own-mail)", "approval(desk)");
    let svg = graph::svg(&judge(&format!("{text}\n[approver.desk]\npopulation = \"staff\"\n")), Form::File);
    // The deed, the people, their approval, two doors.
    assert_eq!(with_class(&svg, "cp-card cp-way"), 5, "{svg}");
    assert!(words(&svg, "text").contains(&"talk desk#1 into it"), "{svg}");
}

#[test]
fn whoever_cannot_see_the_picture_is_told_it() {
    let svg = graph::svg(&judge(LEAK), Form::File);
    let title = words(&svg, "title").concat();
    assert_eq!(title, "The control chain of staff and its weakest way in: weaker");
    let desc = words(&svg, "desc").concat();
    for told in [
        "A way around signing in is too easy.",
        "login: passkey; effort 8.",
        "costs an effort of 2: 1. phish",
    ] {
        assert!(desc.contains(told), "{told}: {desc}");
    }
    assert!(svg.contains("role=\"img\" aria-labelledby=\"chain-staff-title chain-staff-desc\""));
}

#[test]
fn an_embedded_picture_needs_no_style_and_a_file_brings_its_own_for_light_and_dark() {
    let checked = judge(LEAK);
    let (file, embedded) = (graph::svg(&checked, Form::File), graph::svg(&checked, Form::Embedded));
    assert!(file.contains("prefers-color-scheme: dark"));
    assert!(!embedded.contains("<style") && !embedded.contains("style="), "{embedded}");
    assert!(embedded.contains("currentColor"));
}

#[test]
fn one_population_is_drawn_when_one_is_asked_for() {
    let mut checked = company();
    assert_eq!(words(&graph::svg(&checked, Form::File), "title").len(), 4);
    checked.narrow("contractors").expect("the example has contractors");
    let svg = graph::svg(&checked, Form::File);
    assert_eq!(words(&svg, "title").len(), 1);
    assert!(svg.contains("The control chain of contractors"));
}

#[test]
fn the_same_policy_is_drawn_the_same_every_time() {
    assert_eq!(graph::svg(&company(), Form::File), graph::svg(&company(), Form::File));
    assert_eq!(graph::dot(&company()), graph::dot(&company()));
}

#[test]
fn every_shipped_example_stays_on_its_canvas_and_no_box_lies_on_another() {
    let examples = [
        include_str!("../../../examples/company.toml"),
        include_str!("../../../examples/bank.toml"),
        include_str!("../../../examples/leaks/delete-then-reenrol.toml"),
        include_str!("../../../examples/leaks/mailbox-counts-twice.toml"),
        include_str!("../../../examples/leaks/one-privileged-human.toml"),
        include_str!("../../../examples/leaks/password-opens-enrolment.toml"),
    ];
    for example in examples {
        let svg = graph::svg(&judge(example), Form::Embedded);
        for chain in svg.split("<g transform").skip(1) {
            let boxes: Vec<[i32; 4]> = chain.split("<rect ").skip(1).map(rect).collect();
            assert!(boxes.len() > 3, "a chain has boxes: {chain}");
            for (index, [x, y, width, height]) in boxes.iter().enumerate() {
                assert!(*x >= 0 && x + width <= 1280 && *y >= 0, "{x} {y} {width} {height}");
                for [a, b, w, h] in &boxes[index + 1..] {
                    let apart = x + width <= *a || a + w <= *x || y + height <= *b || b + h <= *y;
                    assert!(apart, "{x},{y},{width},{height} and {a},{b},{w},{h} in {chain}");
                }
            }
        }
    }
}

/// The place and the size of a box.
fn rect(rest: &str) -> [i32; 4] {
    ["x", "y", "width", "height"].map(|name| {
        let value = rest.split_once(&format!("{name}=\"")).and_then(|(_, rest)| rest.split_once('"'));
        value.and_then(|(value, _)| value.parse().ok()).unwrap_or_else(|| panic!("{name} in {rest}"))
    })
}

#[test]
fn a_policy_that_cannot_be_read_has_no_picture() {
    assert_eq!(words(&graph::svg(&judge("version ="), Form::File), "title").len(), 0);
}

#[test]
fn the_drawing_for_graphviz_has_the_same_parts() {
    let dot = graph::dot(&judge(LEAK));
    assert!(dot.starts_with("digraph postern {") && dot.ends_with("}\n"), "{dot}");
    // The deed to both pieces of evidence, and both to the door: as in the SVG.
    let red =
        dot.lines().filter(|line| line.contains("->") && line.ends_with(" [color = red, penwidth = 2];"));
    assert_eq!(red.count(), 4, "{dot}");
    assert_eq!(dot.matches("[label = binds").count(), 1);
    assert_eq!(dot.matches('{').count(), dot.matches('}').count());
}

#[test]
fn long_names_keep_within_their_boxes_stay_apart_and_can_be_read_in_whole() {
    let name = |number: u8| format!("a-very-long-name-of-an-authenticator-that-is-number-{number}");
    let population = "a-population-whose-name-is-much-longer-than-anybody-needs";
    let kinds: Vec<String> =
        (1..=3).map(|number| format!("[authenticator.{}]\nkind = 'passkey'\n", name(number))).collect();
    let text = format!(
        "version = 1\norganization = {{ name = 'E', domain = 'example.com', support = 's' }}\n{}\
         [population.{population}.login]\nrequire = '{} or {} or {}'\n",
        kinds.concat(),
        name(1),
        name(2),
        name(3)
    );
    let svg = graph::svg(&judge(&text), Form::File);
    // Written short, with the whole as a title inside.
    let short: Vec<&str> = (1..=3)
        .map(|number| {
            let whole = format!("<title>{}</title>", name(number));
            let before = svg.split_once(&whole).unwrap_or_else(|| panic!("{whole}: {svg}")).0;
            before.rsplit_once('>').expect("a text begins").1
        })
        .collect();
    for (number, short) in (1..).zip(&short) {
        assert!(short.chars().count() < 30 && short.contains('…'), "{short}");
        assert!(short.ends_with(&format!("number-{number}")), "{short}");
    }
    assert!(svg.contains(&format!("<title>{population}</title>")));
    // The heading's two names share a line: letters of 16 and of 8 units at most.
    let heading = |size: &str| {
        let line =
            svg.lines().find(|line| line.contains(size) && line.contains("y=\"42\"")).expect("a heading");
        line.split_once("\">").expect("a text").1.split('<').next().unwrap_or_default().chars().count()
    };
    assert!(16 * heading("font-size=\"24\"") + 8 * heading("text-anchor") < 1232, "{svg}");
}

#[test]
fn a_verdict_is_written_in_words() {
    let svg = graph::svg(&company(), Form::File);
    assert!(svg.contains("weakest way in: not weaker</title>"), "{svg}");
    assert!(!svg.contains("not-weaker"), "{svg}");
}

/// The relative luminance of a colour (WCAG 2.2).
fn luminance(colour: &str) -> f64 {
    let part = |at: usize| {
        let value = f64::from(u8::from_str_radix(&colour[at..at + 2], 16).expect("hexadecimal")) / 255.0;
        if value <= 0.04045 { value / 12.92 } else { ((value + 0.055) / 1.055).powf(2.4) }
    };
    0.2126 * part(0) + 0.7152 * part(2) + 0.0722 * part(4)
}

#[test]
fn lines_stand_out_from_the_ground_in_light_and_in_dark() {
    let svg = graph::svg(&company(), Form::File);
    let colours = |name: &str| -> Vec<f64> {
        let named = format!("--{name}: #");
        svg.split(named.as_str()).skip(1).map(|rest| luminance(&rest[..6])).collect()
    };
    let pairs: Vec<(f64, f64)> = colours("ground").into_iter().zip(colours("edge")).collect();
    assert_eq!(pairs.len(), 2);
    for (ground, edge) in pairs {
        let (light, dark) = (ground.max(edge), ground.min(edge));
        // WCAG 2.2, 1.4.11: what is needed to understand a graphic has a contrast of 3 at least.
        assert!((light + 0.05) / (dark + 0.05) >= 3.0, "{ground} {edge}");
    }
}

/// The account is contained, since a password signs in; the vault is not, and the picture is of the way into it.
#[test]
fn a_picture_of_the_way_into_an_application_says_so() {
    let text = "version = 1\norganization = { name = 'E', domain = 'e.example', support = 's@e.example' }\n\
                [authenticator]\npassword = { kind = 'password' }\npasskey = { kind = 'passkey', on = 'phone' }\n\
                codes = { kind = 'recovery-codes', on = 'paper' }\n[channel]\nmobile = { kind = 'sms' }\n\
                [population.staff]\nlogin = { require = 'password or passkey' }\n\
                recover.r = { require = 'password and codes', binds = ['passkey'], notify = ['mobile'] }\n\
                [app.vault]\nfor = ['staff']\naal = 2\nphishing_resistant = true\n";
    let picture = graph::svg(&judge(text), Form::File);
    assert!(picture.contains("members who hold passkey and password, into vault"), "{picture}");
    let texts = words(&picture, "text");
    for said in ["effort 8", "weaker: effort 2"] {
        assert!(texts.contains(&said), "{said}: {texts:?}");
    }
}

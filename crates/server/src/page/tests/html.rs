//! Just enough of an HTML reader to check our own pages: tags with their attributes. It knows no text, no
//! comments and no scripts, which our pages do not contain.

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Open,
    Close,
    /// `<path/>`, in SVG.
    Closed,
}

#[derive(Debug)]
pub(super) struct Tag {
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) attributes: Vec<(String, String)>,
}

impl Tag {
    pub(super) fn has(&self, name: &str) -> bool {
        self.value(name).is_some()
    }

    pub(super) fn value(&self, name: &str) -> Option<&str> {
        self.attributes.iter().find(|(at, _)| at == name).map(|(_, value)| value.as_str())
    }
}

pub(super) const VOID: [&str; 6] = ["meta", "link", "img", "input", "br", "!doctype"];

pub(super) fn tags(html: &str) -> Vec<Tag> {
    let mut tags = Vec::new();
    let mut rest = html;
    while let Some(start) = rest.find('<') {
        rest = &rest[start + 1..];
        let (inside, after) = rest.split_at(end_of_tag(rest));
        tags.push(tag(inside));
        rest = after;
    }
    tags
}

/// What was opened and not closed, or closed and not opened.
pub(super) fn unbalanced(tags: &[Tag]) -> Vec<String> {
    let mut open: Vec<&str> = Vec::new();
    let mut faults = Vec::new();
    for tag in tags.iter().filter(|tag| !VOID.contains(&tag.name.as_str())) {
        match tag.kind {
            Kind::Open => open.push(&tag.name),
            Kind::Closed => {}
            Kind::Close => match open.pop() {
                Some(name) if name == tag.name => {}
                other => faults.push(format!("</{}> closes {other:?}", tag.name)),
            },
        }
    }
    faults.extend(open.iter().map(|name| format!("<{name}> is never closed")));
    faults
}

/// The first `>` outside quotes.
fn end_of_tag(text: &str) -> usize {
    let mut quote = None;
    for (at, c) in text.char_indices() {
        match (quote, c) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(c),
            (Some(open), _) if open == c => quote = None,
            _ => {}
        }
    }
    panic!("a tag is not closed: {text:.60}")
}

fn tag(inside: &str) -> Tag {
    let (inside, kind) = match (inside.strip_prefix('/'), inside.strip_suffix('/')) {
        (Some(inside), _) => (inside, Kind::Close),
        (None, Some(inside)) => (inside, Kind::Closed),
        (None, None) => (inside, Kind::Open),
    };
    let (name, mut rest) = inside.split_once(char::is_whitespace).unwrap_or((inside, ""));
    let mut attributes = Vec::new();
    loop {
        rest = rest.trim_start();
        if rest.is_empty() {
            return Tag { name: name.to_ascii_lowercase(), kind, attributes };
        }
        let end = rest.find(|c: char| c == '=' || c.is_whitespace()).unwrap_or(rest.len());
        let (attribute, after) = rest.split_at(end);
        let value = if let Some(quoted) = after.strip_prefix("=\"") {
            let (value, after) = quoted.split_once('"').expect("our attributes are in double quotes");
            rest = after;
            value
        } else {
            assert!(!after.starts_with('='), "an attribute without quotes: {inside}");
            rest = after;
            ""
        };
        attributes.push((attribute.to_owned(), value.to_owned()));
    }
}

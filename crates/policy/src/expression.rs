//! The expression on a door: text to tree (design section 3).
//!
//! Owns the grammar, its limits and where in the file each part stands. Does not own which names exist or may stand
//! on which door (`resolve::requirement`).
//!
//! ```text
//! expression := and { "or" and }
//! and        := part { "and" part }
//! part       := "(" expression ")" | "any" N "of" "(" term { "," term } ")" | term
//! term       := NAME [ "(" argument { "," argument } ")" ]
//! ```

use crate::diagnostic::Diagnostic;
use crate::model::Span;
use crate::rules::Rule;
use crate::syntax::table::clip;
use crate::syntax::value::Quoted;

/// Parentheses within parentheses. Nobody reads deeper, and the parser's own stack is spared.
const DEEPEST: usize = 16;
/// Terms in one expression.
const MOST_TERMS: usize = 64;

/// Words with a meaning of their own: no authenticator, channel or approver may bear one as a name.
pub(crate) const RESERVED: [&str; 9] =
    ["and", "or", "any", "of", "issued", "invite", "approval", "proofing", "session"];

/// An expression whose names are still text. `All` and `Any` have two members or more.
#[derive(Debug)]
pub(crate) enum Expression<'a> {
    Term(Term<'a>),
    All(Vec<Expression<'a>>),
    Any(Vec<Expression<'a>>),
    AtLeast(Word<'a>, Vec<Term<'a>>),
}

/// `totp`, or `issued(own-mail)`.
#[derive(Debug)]
pub(crate) struct Term<'a> {
    pub(crate) name: Word<'a>,
    pub(crate) arguments: Option<Vec<Word<'a>>>,
    pub(crate) span: Span,
}

/// A word and where it stands.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Word<'a> {
    pub(crate) text: &'a str,
    pub(crate) span: Span,
}

/// Reads an expression; the first mistake ends the reading.
pub(crate) fn parse<'a>(text: &Quoted<'a>, at: &str) -> Result<Expression<'a>, Box<Diagnostic>> {
    let mut parser = Parser { source: *text, at, position: 0, depth: 0, terms: 0 };
    let expression = parser.any()?;
    match parser.peek() {
        None => Ok(expression),
        Some(token) => Err(parser.expected("`and` or `or`", Some(token))),
    }
}

struct Parser<'a, 's> {
    source: Quoted<'a>,
    at: &'s str,
    position: usize,
    depth: usize,
    terms: usize,
}

impl<'a> Parser<'a, '_> {
    fn any(&mut self) -> Result<Expression<'a>, Box<Diagnostic>> {
        let mut members = vec![self.all()?];
        while self.accept("or") {
            members.push(self.all()?);
        }
        Ok(join(members, Expression::Any, |member| match member {
            Expression::Any(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    fn all(&mut self) -> Result<Expression<'a>, Box<Diagnostic>> {
        let mut members = vec![self.part()?];
        while self.accept("and") {
            members.push(self.part()?);
        }
        Ok(join(members, Expression::All, |member| match member {
            Expression::All(inner) => Ok(inner),
            other => Err(other),
        }))
    }

    fn part(&mut self) -> Result<Expression<'a>, Box<Diagnostic>> {
        let Some(token) = self.peek() else { return Err(self.expected("a piece of evidence", None)) };
        match token.text {
            "(" => {
                self.advance(token);
                self.depth += 1;
                if self.depth > DEEPEST {
                    let message = format!("the expression is nested deeper than {DEEPEST} parentheses");
                    return Err(Box::new(
                        self.mistake(token.span, message).help("write it with fewer parentheses"),
                    ));
                }
                let inner = self.any()?;
                self.close(token)?;
                self.depth -= 1;
                Ok(inner)
            }
            "any" => {
                self.advance(token);
                self.at_least()
            }
            _ => Ok(Expression::Term(self.term()?)),
        }
    }

    fn at_least(&mut self) -> Result<Expression<'a>, Box<Diagnostic>> {
        let number = self.word("how many: `any 2 of (...)`")?;
        if !self.accept("of") {
            return Err(self.expected("`of`", self.peek()));
        }
        let Some(open) = self.peek().filter(|token| token.text == "(") else {
            return Err(self.expected("`(`", self.peek()));
        };
        self.advance(open);
        let mut terms = vec![self.term()?];
        while self.accept(",") {
            terms.push(self.term()?);
        }
        self.close(open)?;
        Ok(Expression::AtLeast(number, terms))
    }

    fn term(&mut self) -> Result<Term<'a>, Box<Diagnostic>> {
        let name = self.word("a piece of evidence")?;
        self.terms += 1;
        if self.terms > MOST_TERMS {
            let message = format!("the expression holds more than {MOST_TERMS} terms");
            return Err(Box::new(self.mistake(name.span, message).help("split the door into several doors")));
        }
        let Some(open) = self.peek().filter(|token| token.text == "(") else {
            return Ok(Term { name, arguments: None, span: name.span });
        };
        self.advance(open);
        let mut arguments = vec![self.word("a name")?];
        while self.accept(",") {
            arguments.push(self.word("an argument")?);
        }
        let close = self.close(open)?;
        Ok(Term { name, arguments: Some(arguments), span: Span { end: close.span.end, ..name.span } })
    }

    fn word(&mut self, what: &str) -> Result<Word<'a>, Box<Diagnostic>> {
        match self.peek() {
            Some(token) if is_word(token.text) && !matches!(token.text, "and" | "or" | "of" | "any") => {
                self.advance(token);
                Ok(token)
            }
            other => Err(self.expected(what, other)),
        }
    }

    fn close(&mut self, open: Word<'a>) -> Result<Word<'a>, Box<Diagnostic>> {
        match self.peek() {
            Some(token) if token.text == ")" => {
                self.advance(token);
                Ok(token)
            }
            Some(token) => Err(self.expected("`)`, `and` or `or`", Some(token))),
            None => Err(Box::new(
                self.mistake(open.span, "this parenthesis is never closed").label("opened here"),
            )),
        }
    }

    fn accept(&mut self, text: &str) -> bool {
        match self.peek() {
            Some(token) if token.text == text => {
                self.advance(token);
                true
            }
            _ => false,
        }
    }

    fn advance(&mut self, token: Word<'a>) {
        // `peek` took the token from the rest of the text: it ends where its bytes end.
        let text: &'a str = self.source.text;
        self.position = token.text.as_ptr() as usize - text.as_ptr() as usize + token.text.len();
    }

    /// The next token: a word, or one character of anything else.
    fn peek(&self) -> Option<Word<'a>> {
        let text: &'a str = self.source.text;
        let rest = text[self.position..].trim_start();
        let start = text.len() - rest.len();
        let first = rest.chars().next()?;
        let length =
            if in_word(first) { rest.find(|c| !in_word(c)).unwrap_or(rest.len()) } else { first.len_utf8() };
        Some(Word { text: &rest[..length], span: self.span(start, start + length) })
    }

    fn span(&self, start: usize, end: usize) -> Span {
        match self.source.origin {
            None => self.source.span,
            Some(origin) => {
                let place = |at: usize| origin + u32::try_from(at).unwrap_or(0);
                Span { file: self.source.span.file, start: place(start), end: place(end) }
            }
        }
    }

    fn expected(&self, what: &str, found: Option<Word<'a>>) -> Box<Diagnostic> {
        let (span, found) = match found {
            Some(token) => (token.span, format!("`{}`", clip(token.text))),
            None => (self.source.span, "the end".to_owned()),
        };
        let help = match found.as_str() {
            "`&`" | "`+`" | "`AND`" => Some("write `and` between two pieces that are both required"),
            "`|`" | "`/`" | "`OR`" => Some("write `or` between two pieces of which one suffices"),
            "`,`" => Some("join pieces with `and` or `or`; a list needs `any N of (...)`"),
            "`!`" | "`not`" => Some("there is no `not`: a door says what opens it"),
            _ => None,
        };
        let mut diagnostic =
            self.mistake(span, format!("expected {what}, found {found}")).label(format!("expected {what}"));
        diagnostic.help.extend(help.map(str::to_owned));
        Box::new(diagnostic)
    }

    fn mistake(&self, span: Span, message: impl Into<String>) -> Diagnostic {
        Diagnostic::new(Rule::Syntax, self.at, span, message)
    }
}

/// One member stands for itself; members of the same sort are taken in, so that `All` never holds an `All`.
fn join<'a>(
    mut members: Vec<Expression<'a>>,
    sort: fn(Vec<Expression<'a>>) -> Expression<'a>,
    same: impl Fn(Expression<'a>) -> Result<Vec<Expression<'a>>, Expression<'a>>,
) -> Expression<'a> {
    if members.len() == 1 {
        return members.remove(0);
    }
    let flat = members.into_iter().flat_map(|member| same(member).unwrap_or_else(|other| vec![other]));
    sort(flat.collect())
}

fn in_word(c: char) -> bool {
    c.is_ascii_alphanumeric() || c == '-' || c == '_'
}

fn is_word(token: &str) -> bool {
    token.starts_with(in_word)
}

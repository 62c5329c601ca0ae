//! `Fault`: the world failed. What was being done, why it failed, what to do next, and an incident id.
//!
//! Deliberately not here: refusals (an answer of the core, not a failure) and malformed requests (the
//! caller's mistake). A caller over the network sees only the incident id; the operator's log has the rest.

use std::borrow::Cow;
use std::error::Error;
use std::fmt;
use std::sync::Arc;

/// What the failure means for whoever asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Something outside (the database, the disk) is not there now; trying again later may work. 503.
    Gone,
    /// We have more to do than we accept at once; trying again soon will work. 503.
    Overloaded,
    /// Another transaction got in the way and this one was undone; running it again may work.
    Conflict,
    /// A bug, damaged data or a wrong setting: trying again will not help. 500.
    Broken,
}

/// A failure of the world, ready for an operator's log. Cheap to clone, so that all callers of one failed
/// batch share one incident.
#[derive(Clone, Debug)]
pub struct Fault(Box<Inner>);

#[derive(Clone, Debug)]
struct Inner {
    kind: Kind,
    doing: Cow<'static, str>,
    source: Option<Arc<dyn Error + Send + Sync>>,
    help: Option<Cow<'static, str>>,
    incident: String,
}

impl Fault {
    /// A fault of this kind while `doing` something ("reading the master key from `/etc/key`").
    pub fn new(kind: Kind, doing: impl Into<Cow<'static, str>>) -> Self {
        Self(Box::new(Inner { kind, doing: doing.into(), source: None, help: None, incident: incident() }))
    }

    /// Something outside is not there.
    pub fn gone(doing: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Gone, doing)
    }

    /// More work waits than we accept.
    pub fn overloaded(doing: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Overloaded, doing)
    }

    /// A bug, damaged data or a wrong setting.
    pub fn broken(doing: impl Into<Cow<'static, str>>) -> Self {
        Self::new(Kind::Broken, doing)
    }

    /// Adds the cause: another error, or a plain sentence.
    #[must_use]
    pub fn because(mut self, source: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        self.0.source = Some(Arc::from(source.into()));
        self
    }

    /// Adds what the operator should do next.
    #[must_use]
    pub fn help(mut self, help: impl Into<Cow<'static, str>>) -> Self {
        self.0.help = Some(help.into());
        self
    }

    /// What the failure means for whoever asked.
    pub fn kind(&self) -> Kind {
        self.0.kind
    }

    /// Whether the same request may work later (503) or not (500).
    pub fn is_temporary(&self) -> bool {
        self.0.kind != Kind::Broken
    }

    /// The id that connects a caller's page with the operator's log.
    pub fn incident(&self) -> &str {
        &self.0.incident
    }
}

/// One line for the operator: what we were doing, every cause, and the help. The incident id is a separate
/// field of the log line.
impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.0.doing)?;
        let mut cause: Option<&dyn Error> = match &self.0.source {
            Some(source) => Some(source.as_ref()),
            None => None,
        };
        let mut last = String::new();
        while let Some(error) = cause {
            let text = error.to_string();
            // Some drivers repeat the inner error in the outer one's text.
            if !last.contains(&text) {
                write!(f, ": {text}")?;
            }
            last = text;
            cause = error.source();
        }
        match &self.0.help {
            Some(help) => write!(f, "; {help}"),
            None => Ok(()),
        }
    }
}

impl Error for Fault {}

/// 64 random bits: enough that two incidents in one log never meet, short enough to read aloud.
fn incident() -> String {
    let mut bytes = [0; 8];
    // Without randomness an id of zeros is still better than no report of the fault itself.
    let _ = aws_lc_rs::rand::fill(&mut bytes);
    data_encoding::HEXLOWER.encode(&bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_says_what_why_and_what_next() {
        let fault = Fault::gone("opening the database").because("no route to host").help("start PostgreSQL");
        assert_eq!(fault.to_string(), "opening the database: no route to host; start PostgreSQL");
        assert_eq!(fault.incident().len(), 16);
        assert!(fault.is_temporary());
    }

    #[test]
    fn a_cloned_fault_is_the_same_incident() {
        let fault = Fault::broken("deciding");
        assert_eq!(fault.clone().incident(), fault.incident());
    }
}

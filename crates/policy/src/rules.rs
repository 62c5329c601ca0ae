//! The registry of rules: one line per rule, nothing else.
//!
//! A rule's words live in `rules/<hazard>.md` and its check in `rules/<hazard>.rs`. The rules about the file itself
//! are found while it is read (`syntax`, `expression`, `resolve`), so they have a page only.

use crate::diagnostic::Level;

macro_rules! registry {
    ($($code:ident $file:ident $rule:ident $name:literal $level:ident $summary:literal;)*) => {
        /// A rule that `check` knows.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Rule { $($rule),* }

        impl Rule {
            /// Every rule, in the order of the codes.
            pub const ALL: &[Rule] = &[$(Rule::$rule),*];

            /// The stable code, such as `P0101`.
            pub fn code(self) -> &'static str { match self { $(Rule::$rule => stringify!($code)),* } }

            /// The name used in policies: it names the hazard.
            pub fn name(self) -> &'static str { match self { $(Rule::$rule => $name),* } }

            /// The level of its findings, unless a finding says otherwise.
            pub fn level(self) -> Level { match self { $(Rule::$rule => Level::$level),* } }

            /// What it finds, in a few words.
            pub fn summary(self) -> &'static str { match self { $(Rule::$rule => $summary),* } }

            /// Its page: what it finds, why it matters, an example, and what to write instead.
            pub fn page(self) -> &'static str {
                match self { $(Rule::$rule => include_str!(concat!("rules/", stringify!($file), ".md"))),* }
            }
        }
    };
}

#[rustfmt::skip]
registry! {
    P0001 syntax         Syntax        "syntax"         Error "the file cannot be read as a policy";
    P0002 unknown_name   UnknownName   "unknown-name"   Error "a name that nothing defines";
    P0003 wrong_kind     WrongKind     "wrong-kind"     Error "a thing that cannot stand where it stands";
    P0004 duplicate_name DuplicateName "duplicate-name" Error "one name for two things";
}

impl Rule {
    /// The rule of this name or code.
    pub fn find(name: &str) -> Option<Rule> {
        Rule::ALL.iter().copied().find(|rule| rule.name() == name || rule.code().eq_ignore_ascii_case(name))
    }

    /// May an exception lower its findings? Not where the file itself, or an exception, is at fault.
    pub fn excusable(self) -> bool {
        self.code().starts_with("P01")
    }
}

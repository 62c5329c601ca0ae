//! The page of authenticator kinds: the one table of their properties, as people read it.

use std::fmt::Write as _;

use policy::factor::{Aal, FactorType, TABLE};

#[test]
fn the_page_of_authenticators_is_current() {
    let mut page = String::from(
        "# Kinds of authenticator\n\nThe properties that every reading of a policy starts from, in the terms of NIST SP \
         800-63B-4. \"With another\" is the highest level together with a factor of another type.\n\n\
         | kind | what it shows | phishing-resistant | replay-resistant | verifier-compromise resistant | restricted | \
         exportable | alone | with another |\n|---|---|---|---|---|---|---|---|---|\n",
    );
    for row in &TABLE {
        writeln!(
            page,
            "| `{}` | {} | {} | {} | {} | {} | {} | {} | {} |",
            row.name,
            shows(row.factor),
            word(row.phishing_resistant),
            word(row.replay_resistant),
            word(row.verifier_compromise_resistant),
            word(row.restricted),
            word(row.exportable),
            level(row.alone),
            level(row.combined),
        )
        .expect("a string takes what is written");
    }
    super::is_current("authenticators.md", &page);
}

fn shows(factor: FactorType) -> &'static str {
    match factor {
        FactorType::Know => "something known",
        FactorType::Have => "something held",
        FactorType::HaveAndVerify => "something held that verifies its user",
        FactorType::RecoveryOnly => "serves recovery only",
    }
}

fn word(is_so: bool) -> &'static str {
    if is_so { "yes" } else { "no" }
}

fn level(aal: Option<Aal>) -> String {
    aal.map_or_else(|| "none".to_owned(), |aal| aal.to_string())
}

//! Applications behind single sign-on: for whom, and what they demand.

use super::names::Names;
use super::thing::aal;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::Aal;
use crate::model::{App, PopulationIx};
use crate::rules::Rule;
use crate::syntax::table::{Name, Table};
use crate::syntax::value::Value;

pub(super) fn app(
    name: Name<'_>,
    mut table: Table<'_>,
    names: &Names<'_>,
    out: &mut Diagnostics,
) -> Option<App> {
    super::names::well_formed(name, &table.path, false, out);
    let populations = table.require("for", out).and_then(|value| populations(&value, names, out));
    let aal = table.take("aal").map_or(Some(Aal::One), |value| aal(&value, out));
    let resistant = table.take("phishing_resistant").map_or(Some(false), |value| value.boolean(out));
    let max_age = match table.take("max_age") {
        Some(value) => value.duration(out).map(Some),
        None => Some(None),
    };
    let sensitivity = table.take("sensitivity");
    let sensitive =
        sensitivity.map_or(Some(false), |value| value.one_of(&[("normal", false), ("high", true)], out));
    table.finish(out);
    Some(App {
        name: name.text.to_owned(),
        populations: populations?,
        aal: aal?,
        phishing_resistant: resistant?,
        max_age: max_age?,
        high_sensitivity: sensitive?,
        span: name.span,
    })
}

fn populations(value: &Value<'_>, names: &Names<'_>, out: &mut Diagnostics) -> Option<Vec<PopulationIx>> {
    let texts = value.strings(out)?;
    if texts.is_empty() {
        out.push(
            Diagnostic::new(Rule::WrongKind, &value.path, value.span, "this application is for nobody")
                .label("an empty list")
                .help("name the populations that use it"),
        );
    }
    let found: Vec<Option<PopulationIx>> =
        texts.iter().map(|text| names.population(text.text, text.span, &value.path, out)).collect();
    let mut found: Vec<PopulationIx> = found.into_iter().collect::<Option<_>>()?;
    found.sort_unstable();
    found.dedup();
    Some(found)
}

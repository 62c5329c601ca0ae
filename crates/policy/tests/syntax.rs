//! What the language accepts.

use policy::model::Date;
use policy::{Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

#[test]
fn the_company_example_becomes_a_model() {
    let text = include_str!("../../../examples/company.toml");
    let checked = check(&Source::single("company.toml", text), TODAY);
    let found: Vec<String> = checked.diagnostics.iter().map(|d| format!("{}: {}", d.at, d.message)).collect();
    let model = checked.model.unwrap_or_else(|| panic!("no model: {found:#?}"));
    let names: Vec<&str> = model.populations.iter().map(|p| p.name.as_str()).collect();
    assert_eq!(names, ["staff", "helpdesk", "admins", "contractors"]);
}

//! The end of the human output: one line for each population, and the verdict.

use crate::Checked;
use crate::diagnostic::Level;

/// The table of populations, if the policy could be analysed, and the closing line.
pub(super) fn summary(checked: &Checked, colour: bool) -> String {
    let _ = colour;
    format!("{}\n", verdict(checked))
}

/// `error: 2 errors, 1 warning`, `warning: 1 warning`, or `ok`.
fn verdict(checked: &Checked) -> String {
    let count = |level| checked.diagnostics.iter().filter(|found| found.level == level).count();
    let counted = |level: Level| match count(level) {
        0 => None,
        1 => Some(format!("1 {}", level.name())),
        many => Some(format!("{many} {}s", level.name())),
    };
    let levels = [Level::Error, Level::Warning, Level::Note];
    let found: Vec<String> = levels.into_iter().filter_map(counted).collect();
    let worst = if count(Level::Error) > 0 {
        "error"
    } else if count(Level::Warning) > 0 {
        "warning"
    } else {
        "ok"
    };
    if found.is_empty() { worst.to_owned() } else { format!("{worst}: {}", found.join(", ")) }
}

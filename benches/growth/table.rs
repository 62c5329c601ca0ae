//! Figures of several sizes side by side, as docs/benchmarks.md shows them.

/// One line for each figure, one column for each size.
pub(crate) struct Table {
    sizes: Vec<String>,
    lines: Vec<(String, &'static str, Vec<f64>)>,
}

impl Table {
    pub(crate) fn new(sizes: Vec<String>) -> Table {
        Table { sizes, lines: vec![] }
    }

    /// One figure of the size that is being measured: sizes come one after the other.
    pub(crate) fn note(&mut self, what: &str, unit: &'static str, figure: f64) {
        eprintln!("{what}: {figure:.3} {unit}");
        match self.lines.iter_mut().find(|(known, ..)| known == what) {
            Some((.., figures)) => figures.push(figure),
            None => self.lines.push((what.to_owned(), unit, vec![figure])),
        }
    }

    pub(crate) fn print(&self) {
        println!("| | {} | largest beside the next |", self.sizes.join(" | "));
        println!("|---|{}---|", "---|".repeat(self.sizes.len()));
        for (what, unit, figures) in &self.lines {
            let cells: Vec<String> =
                figures.iter().map(|figure| format!("{} {unit}", short(*figure))).collect();
            let growth = match figures.as_slice() {
                [.., before, last] if *before > 0.0 => format!("{:.1}", last / before),
                _ => String::new(),
            };
            println!("| {what} | {} | {growth} |", cells.join(" | "));
        }
    }
}

/// Three digits that count.
fn short(figure: f64) -> String {
    match figure {
        large if large >= 100.0 => format!("{large:.0}"),
        middle if middle >= 10.0 => format!("{middle:.1}"),
        small => format!("{small:.2}"),
    }
}

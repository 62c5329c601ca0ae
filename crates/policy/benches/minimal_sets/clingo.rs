//! clingo in a process of its own, from the Python that `./check oracle` makes.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::Duration;

use serde_json::{Value, json};

use crate::Anything;
use crate::graphs::Graph;

pub(crate) struct Clingo {
    process: Child,
    input: ChildStdin,
    output: BufReader<ChildStdout>,
}

impl Clingo {
    pub(crate) fn start() -> Result<Clingo, Anything> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let python = here.join("../../target/tools/clingo/bin/python3");
        let mut process = Command::new(&python)
            .arg(here.join("benches/minimal_sets/clingo_sets.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| {
                format!("{}: {error}; `./check oracle` makes what is missing", python.display())
            })?;
        let input = process.stdin.take().ok_or("clingo has no input")?;
        let output = BufReader::new(process.stdout.take().ok_or("clingo has no output")?);
        Ok(Clingo { process, input, output })
    }

    pub(crate) fn solve(&mut self, graph: &Graph) -> Result<Answer, Anything> {
        let given = graph.given.iter().flatten().count();
        let rules: Vec<Value> = graph.rules.iter().map(|rule| json!([rule.head, rule.body])).collect();
        writeln!(self.input, "{}", json!({ "given": given, "goal": graph.goal, "rules": rules }))?;
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        let answer: Value = serde_json::from_str(&line)?;
        let time =
            |name: &str| answer[name].as_f64().map(Duration::from_secs_f64).ok_or("clingo says no time");
        Ok(Answer {
            time: time("cpu")?,
            unread: time("unread")?,
            sets: serde_json::from_value(answer["sets"].clone())?,
        })
    }
}

pub(crate) struct Answer {
    /// Each ascending, sorted.
    pub(crate) sets: Vec<Vec<u16>>,
    /// The CPU time that finding them took, each being read into Python.
    pub(crate) time: Duration,
    /// The same when nobody reads them, which is a limit.
    pub(crate) unread: Duration,
}

impl Drop for Clingo {
    fn drop(&mut self) {
        // Nothing is lost if it has ended already.
        self.process.kill().ok();
        self.process.wait().ok();
    }
}

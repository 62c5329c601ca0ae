//! Minimal sets of generated AND/OR graphs: the engine beside clingo and beside a plain antichain, on the same graphs.
//!
//! `cargo bench -p postern-policy --bench minimal_sets`. Nothing here is a test, but all three must find the same sets. What
//! the figures mean is in docs/benchmarks.md. The engine's own files are compiled in, because the crate shows its
//! readings and not its algebra.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod antichain;
#[path = "../../src/takeover/bitsets.rs"]
mod bitsets;
mod clingo;
#[path = "../../src/takeover/family.rs"]
#[expect(dead_code, reason = "a graph has no circumstances and no people")]
mod family;
mod graphs;
#[path = "../../src/takeover/plain.rs"]
mod plain;
#[path = "../../src/takeover/quick.rs"]
mod quick;
#[path = "../../src/takeover/solve.rs"]
mod solve;

use std::time::Duration;

use clingo::Clingo;
use family::Families;
use graphs::{Graph, Shape};

type Anything = Box<dyn std::error::Error>;

/// There is no limit here, so this does not happen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Truncated;

/// Graphs of one kind; the median is shown.
const GRAPHS: u64 = 9;
/// The antichain takes minutes where there are many sets.
const MOST_FOR_ANTICHAIN: usize = 1500;

fn main() -> Result<(), Anything> {
    let mut clingo = Clingo::start()?;
    println!("CPU time, median of {GRAPHS} graphs (most sets of any)\n");
    println!("{:<24}{:>16}{:>12}{:>12}{:>10}{:>14}", "", "sets", "engine", "clingo", "ratio", "antichain");
    for shape in [Shape::Sparse, Shape::Dense] {
        for capabilities in [10, 20, 30, 40, 50, 60] {
            // Beyond, one graph may take clingo minutes.
            if shape == Shape::Dense && capabilities > 50 {
                continue;
            }
            row(shape, capabilities, &mut clingo)?;
        }
    }
    Ok(())
}

fn row(shape: Shape, capabilities: u16, clingo: &mut Clingo) -> Result<(), Anything> {
    let (mut sizes, mut engines, mut clingos, mut ratios, mut plains) =
        (vec![], vec![], vec![], vec![], vec![]);
    for seed in 1..=GRAPHS {
        let graph = Graph::random(shape, capabilities, seed);
        let (sets, engine) = timed(|| solved(&graph))?;
        let (others, theirs) = clingo.solve(&graph)?;
        assert_eq!(sets, others, "clingo, {shape:?}, {capabilities}, {seed}");
        if sets.len() <= MOST_FOR_ANTICHAIN && capabilities <= 40 {
            let (others, plain) = timed(|| antichain::solve(&graph))?;
            assert_eq!(sets, others, "antichain, {shape:?}, {capabilities}, {seed}");
            plains.push(plain);
        }
        sizes.push(sets.len());
        engines.push(engine);
        clingos.push(theirs);
        ratios.push(Duration::from_secs_f64(theirs.as_secs_f64() / engine.as_secs_f64()));
    }
    sizes.sort_unstable();
    println!(
        "{:<24}{:>16}{:>12}{:>12}{:>9.0}x{:>14}",
        format!("{shape:?}, {capabilities} capabilities"),
        format!("{} ({})", sizes[sizes.len() / 2], sizes[sizes.len() - 1]),
        written(median(engines)),
        written(median(clingos)),
        median(ratios).map_or(0.0, |ratio| ratio.as_secs_f64()),
        written(median(plains))
    );
    Ok(())
}

/// The minimal sets of the goal, each ascending, sorted.
fn solved(graph: &Graph) -> Vec<Vec<u16>> {
    let mut families = Families::within(usize::MAX);
    let goals = solve::solve(&graph.problem(), &[graph.goal], &mut families).unwrap_or_default();
    let mut sets = vec![];
    for goal in goals {
        let mut steps = usize::MAX;
        let listed = families.visit(goal, &mut steps, &|_| true, &mut |set| {
            sets.push(set.to_vec());
            Ok(())
        });
        assert_eq!(listed, Ok(()));
    }
    sets.sort_unstable();
    sets
}

/// The CPU time of one run: the mean of as many as take long enough to be measured.
fn timed<T>(run: impl Fn() -> T) -> Result<(T, Duration), Anything> {
    let start = cpu()?;
    let result = run();
    let mut runs = 1;
    // The clock of a thread moves in steps of a few milliseconds.
    while cpu()?.saturating_sub(start) < Duration::from_millis(50) {
        std::hint::black_box(run());
        runs += 1;
    }
    Ok((result, cpu()?.saturating_sub(start) / runs))
}

/// How long this thread has run on a processor: it matters that others may be busy.
fn cpu() -> Result<Duration, Anything> {
    let all = std::fs::read_to_string("/proc/thread-self/schedstat")?;
    let spent = all.split_whitespace().next().ok_or("/proc/thread-self/schedstat is empty")?;
    Ok(Duration::from_nanos(spent.parse()?))
}

fn median(mut all: Vec<Duration>) -> Option<Duration> {
    all.sort_unstable();
    all.get(all.len() / 2).copied()
}

fn written(time: Option<Duration>) -> String {
    time.map_or_else(|| "-".to_owned(), |time| format!("{:.2} ms", time.as_secs_f64() * 1e3))
}

//! Minimal sets of generated AND/OR graphs: the engine beside clingo and beside a plain antichain, on the same graphs.
//!
//! `cargo bench -p postern-policy --bench minimal_sets`. Nothing here is a test, but all three must find the same sets. What
//! the figures mean is in docs/benchmarks.md. The engine's own files are compiled in, because the crate shows its
//! readings and not its algebra.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

mod antichain;
#[path = "../../src/takeover/bitsets.rs"]
#[cfg_attr(test, expect(dead_code, reason = "its tests run in the crate"))]
mod bitsets;
mod clingo;
#[path = "../../src/takeover/family.rs"]
#[expect(dead_code, reason = "a graph has no circumstances and no people")]
mod family;
mod graphs;
#[path = "../../src/takeover/plain.rs"]
#[cfg_attr(test, expect(dead_code, unused_imports, reason = "its tests run in the crate"))]
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
const GRAPHS: usize = 9;
/// The antichain takes minutes where there are many sets.
const MOST_FOR_ANTICHAIN: usize = 1500;

fn main() -> Result<(), Anything> {
    let mut clingo = Clingo::start()?;
    println!("CPU time, median of {GRAPHS} graphs (most sets of any)\n");
    println!(
        "{:<42}{:>16}{:>12}{:>12}{:>10}{:>12}{:>10}{:>14}",
        "", "sets", "engine", "clingo", "ratio", "unread", "ratio", "antichain"
    );
    for shape in [Shape::Sparse, Shape::Dense] {
        for capabilities in [10, 20, 30, 40, 50, 60] {
            // Beyond, one graph may take clingo minutes.
            if shape == Shape::Dense && capabilities > 50 {
                continue;
            }
            row(shape, capabilities, 0, &mut clingo)?;
        }
    }
    // Most of those have few sets. The ones that have many, whatever they cost.
    row(Shape::Sparse, 60, 500, &mut clingo)?;
    row(Shape::Dense, 40, 1000, &mut clingo)?;
    row(Shape::Dense, 50, 2500, &mut clingo)
}

/// The first graphs that have at least so many sets.
fn row(shape: Shape, capabilities: u16, least: usize, clingo: &mut Clingo) -> Result<(), Anything> {
    let (mut sizes, mut engines, mut plains) = (vec![], vec![], vec![]);
    let (mut clingos, mut ratios, mut unread, mut unread_ratios) = (vec![], vec![], vec![], vec![]);
    for seed in 1.. {
        let graph = Graph::random(shape, capabilities, seed);
        if least > 0 && solved(&graph).len() < least {
            continue;
        }
        let (sets, engine) = timed(|| solved(&graph))?;
        let answer = clingo.solve(&graph)?;
        assert_eq!(sets, answer.sets, "clingo, {shape:?}, {capabilities}, {seed}");
        if sets.len() <= MOST_FOR_ANTICHAIN && capabilities <= 40 {
            let (others, plain) = timed(|| antichain::solve(&graph))?;
            assert_eq!(sets, others, "antichain, {shape:?}, {capabilities}, {seed}");
            plains.push(plain);
        }
        let ratio = |theirs: Duration| Duration::from_secs_f64(theirs.as_secs_f64() / engine.as_secs_f64());
        ratios.push(ratio(answer.time));
        unread_ratios.push(ratio(answer.unread));
        sizes.push(sets.len());
        engines.push(engine);
        clingos.push(answer.time);
        unread.push(answer.unread);
        if sizes.len() == GRAPHS {
            break;
        }
    }
    sizes.sort_unstable();
    let many = if least > 0 { format!(", at least {least} sets") } else { String::new() };
    let times = |ratios| median(ratios).map_or(0.0, |ratio| ratio.as_secs_f64());
    println!(
        "{:<42}{:>16}{:>12}{:>12}{:>9.0}x{:>12}{:>9.0}x{:>14}",
        format!("{shape:?}, {capabilities} capabilities{many}"),
        format!("{} ({})", sizes[sizes.len() / 2], sizes[sizes.len() - 1]),
        written(median(engines)),
        written(median(clingos)),
        times(ratios),
        written(median(unread)),
        times(unread_ratios),
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

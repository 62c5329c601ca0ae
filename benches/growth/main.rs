//! What grows: everything that may depend on how many members there are, or how much has happened, at three sizes
//! that lie tenfold apart.
//!
//! `cargo bench -p postern --bench growth`; a word after `--` chooses a part (`directory`, `company`). Nothing here is
//! a test: a figure is printed, never asserted. What was found is in docs/benchmarks.md.

#![expect(clippy::print_stdout, reason = "a benchmark prints its figures")]

#[path = "../../crates/server/tests/support/authenticator.rs"]
#[expect(dead_code, reason = "the company knows passkeys, which nobody asks for here")]
mod authenticator;
#[path = "../figures/browser.rs"]
#[expect(dead_code, reason = "nobody is refused here")]
mod browser;
mod command;
#[path = "../figures/company.rs"]
#[expect(dead_code, reason = "the company knows passwords and passkeys, which nobody asks for here")]
mod company;
mod directory;
#[path = "../figures/floor.rs"]
#[expect(dead_code, reason = "of the floor only its seed and its clock are needed")]
mod floor;
mod history;
#[path = "../figures/load.rs"]
#[expect(dead_code, reason = "latencies are not asked for here")]
mod load;
mod pages;
#[path = "../figures/process.rs"]
#[expect(dead_code, reason = "what is written is not asked for here")]
mod process;
#[path = "../figures/served.rs"]
#[expect(dead_code, reason = "commits are not counted here")]
mod served;
mod size;
#[path = "../members/synthetic.rs"]
#[expect(dead_code, reason = "what somebody holds is not asked for here")]
mod synthetic;
mod table;
mod upkeep;

use table::Table;

type Anything = Box<dyn std::error::Error + Send + Sync>;

fn main() -> Result<(), Anything> {
    let arguments: Vec<String> = std::env::args().skip(1).filter(|argument| argument != "--bench").collect();
    let is_wanted = |part: &str| arguments.is_empty() || arguments.iter().any(|wanted| wanted == part);
    if is_wanted("directory") {
        let sizes = [10_000, 100_000, 1_000_000];
        let mut table = Table::new(sizes.map(|members| format!("{members} members")).to_vec());
        for members in sizes {
            directory::measure(members, &mut table)?;
        }
        table.print();
    }
    if is_wanted("company") {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build()?;
        let sizes = [1_000, 10_000, 100_000];
        let named = |members| format!("{members} members, {} events", members * history::EVENTS);
        let mut table = Table::new(sizes.map(named).to_vec());
        for members in sizes {
            runtime.block_on(size::measure(members, &mut table))?;
        }
        table.print();
    }
    Ok(())
}

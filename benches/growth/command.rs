//! The command as a process of its own: what it takes from its start to its end.

use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use crate::Anything;
use crate::process::Process;

/// What one run took.
#[derive(Clone, Copy)]
pub(crate) struct Whole {
    pub(crate) seconds: f64,
    /// Seconds on a core.
    pub(crate) cpu: f64,
    /// The most memory that it held, in MiB.
    pub(crate) memory: f64,
}

/// `postern` with these arguments, the median of three runs. It may find something, but it must not fail.
pub(crate) fn whole(arguments: &[&str]) -> Result<Whole, Anything> {
    let mut runs = [once(arguments)?, once(arguments)?, once(arguments)?];
    runs.sort_by(|a, b| a.seconds.total_cmp(&b.seconds));
    Ok(runs[1])
}

fn once(arguments: &[&str]) -> Result<Whole, Anything> {
    let began = Instant::now();
    let child = Command::new(env!("CARGO_BIN_EXE_postern"))
        .args(arguments)
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let mut process = Process(child);
    let (mut cpu, mut memory): (f64, f64) = (0.0, 0.0);
    // Looked at often, because the kernel forgets both with the process. The most so far never shrinks, except at the
    // very start, while the process still has the memory of its parent.
    let status = loop {
        cpu = cpu.max(process.cpu().unwrap_or_default());
        memory = process.memory("VmHWM:").ok().filter(|most| *most > 0.0).unwrap_or(memory);
        if let Some(status) = process.0.try_wait()? {
            break status;
        }
        std::thread::sleep(Duration::from_millis(2));
    };
    if !matches!(status.code(), Some(0 | 1)) {
        return Err(format!("`postern {}` ended with {status}", arguments.join(" ")).into());
    }
    Ok(Whole { seconds: began.elapsed().as_secs_f64(), cpu: cpu / 1e6, memory })
}

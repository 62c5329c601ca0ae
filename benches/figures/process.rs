//! What a process costs, as the kernel counts it.

use std::process::Child;

/// A process that ends with its owner.
pub(crate) struct Process(pub(crate) Child);

impl Process {
    /// Its time on a core, in microseconds.
    pub(crate) fn cpu(&self) -> std::io::Result<f64> {
        cpu(self.0.id())
    }

    /// What it made the kernel write to files so far, in bytes.
    pub(crate) fn written(&self) -> std::io::Result<f64> {
        let io = std::fs::read_to_string(format!("/proc/{}/io", self.0.id()))?;
        let bytes = io.lines().find_map(|line| line.strip_prefix("write_bytes: "));
        Ok(bytes.and_then(|bytes| bytes.parse().ok()).unwrap_or_default())
    }

    /// Resident memory in MiB.
    pub(crate) fn resident(&self) -> std::io::Result<f64> {
        self.memory("VmRSS:")
    }

    /// A line of the kernel's account of its memory, in MiB: `VmRSS:` is what is resident, `VmHWM:` the most of it so far.
    pub(crate) fn memory(&self, what: &str) -> std::io::Result<f64> {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.0.id()))?;
        let line = status.lines().find_map(|line| line.strip_prefix(what)).unwrap_or_default();
        let kib: u32 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
        Ok(f64::from(kib) / 1024.0)
    }
}

/// User and system time of a process since its start, in microseconds.
pub(crate) fn cpu(process: u32) -> std::io::Result<f64> {
    let stat = std::fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name in parentheses may hold blanks; utime and stime are the 14th and 15th fields, in ticks of 10 ms.
    let after = stat.rsplit_once(')').map_or("", |(_, after)| after);
    let ticks: u32 =
        after.split_whitespace().skip(11).take(2).filter_map(|tick| tick.parse::<u32>().ok()).sum();
    Ok(f64::from(ticks) * 1e4)
}

impl Drop for Process {
    fn drop(&mut self) {
        if self.0.kill().and_then(|()| self.0.wait()).is_err() {
            eprintln!("process {} could not be ended", self.0.id());
        }
    }
}

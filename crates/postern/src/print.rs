//! Printing: a reader that goes away (`| head`) is no error, and colour is for terminals only.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Prints to standard output; quietly stops when nobody reads any more. Where it cannot be written (a full disk), the
/// process ends with 2: half a report must not pass for a whole one.
pub(crate) fn out(text: impl Display) {
    let mut out = io::stdout().lock();
    match write!(out, "{text}").and_then(|()| out.flush()) {
        // The only thing to be done about a closed pipe is to say nothing further.
        Err(error) if error.kind() != io::ErrorKind::BrokenPipe => {
            fail(format_args!("writing to standard output: {error}; what is there is not whole"));
            std::process::exit(2);
        }
        _ => {}
    }
}

/// Prints a line to standard error.
pub(crate) fn err(text: impl Display) {
    let _ = writeln!(io::stderr().lock(), "{text}");
}

/// Says in one line why nothing could be done: exit code 2.
pub(crate) fn fail(text: impl Display) -> ExitCode {
    let (red, plain) = if colour(&io::stderr()) { ("\x1b[1;31m", "\x1b[0m") } else { ("", "") };
    err(format_args!("{red}error{plain}: {text}"));
    ExitCode::from(2)
}

/// May this stream carry colour? `NO_COLOR` (no-color.org) has the last word.
pub(crate) fn colour(stream: &impl IsTerminal) -> bool {
    stream.is_terminal() && std::env::var_os("NO_COLOR").is_none_or(|value| value.is_empty())
}

/// A bar on standard error that shows how far something long has come. Only on a terminal, and gone when dropped.
pub(crate) struct Bar(bool);

impl Bar {
    const WIDTH: u64 = 30;

    pub(crate) fn new() -> Bar {
        Bar(io::stderr().is_terminal())
    }

    /// Does anybody watch it? Who asks saves counting what there is to do.
    pub(crate) fn is_shown(&self) -> bool {
        self.0
    }

    /// So much of all is done.
    pub(crate) fn show(&self, doing: &str, done: u64, all: u64) {
        if self.0 {
            let done = done.min(all);
            let full = usize::try_from(Bar::WIDTH * done / all.max(1)).unwrap_or_default();
            let percent = 100 * done / all.max(1);
            let _ = write!(io::stderr().lock(), "\r{doing} [{:<30}] {percent:>3} %", "#".repeat(full));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.0 {
            // Back to the beginning of the line, and clear it.
            let _ = write!(io::stderr().lock(), "\r\x1b[K");
        }
    }
}

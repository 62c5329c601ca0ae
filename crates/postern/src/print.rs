//! Printing: a reader that goes away (`| head`) is no error, and colour is for terminals only.

use std::fmt::Display;
use std::io::{self, IsTerminal, Write};
use std::process::ExitCode;

/// Prints to standard output; quietly stops when nobody reads any more.
pub(crate) fn out(text: impl Display) {
    // The only thing to be done about a closed pipe is to say nothing further.
    let _ = write!(io::stdout().lock(), "{text}");
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

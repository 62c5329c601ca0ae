//! A reader that goes away, as `| head -1` does, is no error and no panic.

use std::process::Stdio;

use crate::place::{COMPANY, Outcome, Place};

/// Runs the command with nobody at the other end of its output.
fn unheard(place: &Place, arguments: &[&str]) -> Outcome {
    let (reader, writer) = std::io::pipe().expect("there are pipes");
    drop(reader);
    let mut command = place.command(arguments);
    command.stdout(writer).stderr(Stdio::piped());
    let output = command.spawn().and_then(std::process::Child::wait_with_output).expect("it was built");
    let err = String::from_utf8(output.stderr).expect("it prints text");
    assert!(!err.contains("panicked"), "{arguments:?}: {err}");
    Outcome { code: output.status.code(), out: String::new(), err }
}

#[test]
fn every_command_that_prints_much_may_be_cut_off() {
    let place = Place::sqlite();
    place.run(&["member", "first-administrator", "ada"]).done();
    for arguments in [
        &["check", COMPANY][..],
        &["check", COMPANY, "--format", "json"],
        &["takeover", COMPANY],
        &["explain", "syntax"],
        &["schema"],
        &["--help"],
        &["member", "list"],
        &["audit", "checkpoint"],
        &["audit", "key"],
        &["audit", "prove", "0"],
        &["audit", "verify"],
    ] {
        let outcome = unheard(&place, arguments);
        assert_eq!((outcome.code, outcome.err.as_str()), (Some(0), ""), "{arguments:?}");
    }
}

#[test]
fn an_export_that_was_cut_off_says_so() {
    let place = Place::sqlite();
    place.run(&["member", "first-administrator", "ada"]).done();
    unheard(&place, &["audit", "export"]).cannot_run(&["writing the export", "pipe"]);
}

#[test]
fn a_report_that_does_not_fit_on_the_disk_is_no_success() {
    let place = Place::sqlite();
    for arguments in [
        &["report", COMPANY, "--format", "html"][..],
        &["graph", COMPANY],
        &["schema"],
        &["explain", "P0101"],
    ] {
        let full = std::fs::File::options().write(true).open("/dev/full").expect("Linux has it");
        let mut command = place.command(arguments);
        command.stdout(full).stderr(Stdio::piped());
        let output = command.spawn().and_then(std::process::Child::wait_with_output).expect("it was built");
        let err = String::from_utf8(output.stderr).expect("it prints text");
        assert_eq!(output.status.code(), Some(2), "{arguments:?}: {err}");
        assert!(err.contains("writing to standard output"), "{arguments:?}: {err}");
    }
}

//! The demo as a newcomer meets it: it says where everything is, works, and takes everything away again.

use std::io::{BufRead, BufReader, Read};
use std::process::{Command, Stdio};

use crate::browser::Browser;
use crate::place::{Place, exists, free_port};

#[test]
fn a_demo_says_where_everything_is_and_leaves_nothing_behind() {
    let place = Place::sqlite();
    let port = free_port();
    let mut command = place.command(&["demo", "--port", &port.to_string()]);
    command.env("TMPDIR", &place.folder).stdout(Stdio::piped()).stderr(Stdio::piped());
    let mut demo = command.spawn().expect("the command was built");
    let mut said = BufReader::new(demo.stdout.take().expect("its output was asked for"));
    let mut summary = String::new();
    while !summary.contains("Ctrl") {
        let read = said.read_line(&mut summary).expect("it prints text");
        assert!(read > 0, "the demo says how to stop it:\n{summary}");
    }
    let origin = format!("http://localhost:{port}");
    assert!(summary.contains(&origin), "{summary}");
    let links: Vec<&str> = summary
        .split_whitespace()
        .filter_map(|word| word.strip_prefix(&*origin))
        .filter(|at| !at.is_empty())
        .collect();
    let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
    for link in &links {
        let answer = runtime.block_on(Browser::new(port).get(link)).expect("the demo answers");
        assert!(answer.status < 400, "{link} of the summary leads somewhere: {}", answer.status);
    }
    assert!(links.iter().any(|link| link.starts_with("/enrol/")), "{summary}");

    // A second one says so before it makes anything.
    place.run(&["demo", "--port", &port.to_string()]).cannot_run(&["listening on", "in use"]);

    let id = demo.id();
    let folder = place.path(&format!("postern-demo-{id}"));
    assert!(exists(&folder), "its database is in the temporary folder");
    let told = Command::new("kill").args(["-INT", &id.to_string()]).status().expect("there is `kill`");
    assert!(told.success());
    let mut rest = String::new();
    said.read_to_string(&mut rest).expect("it prints text");
    assert!(demo.wait().expect("it is our child").success());
    assert!(rest.contains("Stopped"), "{rest}");
    assert!(!exists(&folder), "everything that it made is gone");
}

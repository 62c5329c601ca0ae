//! Keys are rotated while a server runs: it goes on, and what was sealed before still opens.

use crate::browser::Browser;
use crate::people::{self, PASSWORD, step_now};
use crate::place::Place;

#[test]
fn a_rotation_disturbs_nobody() {
    for place in [Place::sqlite(), Place::postgres()] {
        let app = place.app();
        let sam = people::enrol(&app, ["sam".to_owned()].into_iter()).remove(0);
        app.committer().shut_down();
        drop(app);
        let before = std::fs::read_to_string(place.path("data/master.key")).expect("the server made it");
        let serving = place.serve();
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let mut browser = Browser::new(place.port);
        // The password is looked at with the pepper, the code with the seed: both are sealed.
        let begun = runtime.block_on(browser.begin("sam", PASSWORD)).expect("the server answers");
        assert_eq!(begun.status, 303, "{}", begun.body);

        let said = place.run(&["keys", "rotate"]).done();
        assert!(said.contains("6 data keys are wrapped by a new master key"), "{said}");
        let after = std::fs::read_to_string(place.path("data/master.key")).expect("it is still there");
        assert_ne!(before, after);

        let signed_in = runtime.block_on(browser.code(&sam.code(step_now()))).expect("the server answers");
        assert!(browser.is_signed_in(), "{}: {}", signed_in.status, signed_in.body);
        place.run(&["keys", "rotate"]).done();
        drop(serving);

        // A server that starts anew reads the new key, and opens what the first one sealed.
        let serving = place.serve();
        let mut browser = Browser::new(place.port);
        let next = runtime.block_on(async {
            browser.begin("sam", PASSWORD).await?;
            browser.code(&sam.code(step_now() + 1)).await
        });
        assert!(browser.is_signed_in(), "{next:?}");
        serving.stop();
        assert!(place.run(&["audit", "verify"]).done().starts_with("all "));

        place.write_secret("data/master.key", &before, 0o600);
        place.run(&["serve"]).cannot_run(&["the master key is not the one"]);
    }
}

#[test]
fn a_key_that_the_environment_gives_is_rotated_where_it_is_kept() {
    let place = Place::sqlite();
    let mut command = place.command(&["keys", "rotate"]);
    command.env("POSTERN_MASTER_KEY", "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=");
    crate::place::Outcome::of(&mut command)
        .cannot_run(&["rotating the master key", "rotate where it is kept"]);
}

#[test]
fn a_rotation_that_stopped_half_way_is_mended_at_the_next_start() {
    let place = Place::sqlite();
    place.run(&["audit", "key"]).done();
    let before = std::fs::read_to_string(place.path("data/master.key")).expect("the server made it");
    place.run(&["keys", "rotate"]).done();
    let after = std::fs::read_to_string(place.path("data/master.key")).expect("it is still there");
    // As it is after a crash between the commit and the renaming: the new key lies beside the old one.
    let name = staged_name(&place);
    place.write_secret(&name, &after, 0o600);
    place.write_secret("data/master.key", &before, 0o600);
    place.run(&["audit", "verify"]).done();
    let mended = std::fs::read_to_string(place.path("data/master.key")).expect("it is still there");
    assert_eq!(mended, after);
    assert!(!crate::place::exists(&place.path(&name)));
}

/// Where the next rotation's key would have been staged: the database remembers the check value of its key.
fn staged_name(place: &Place) -> String {
    let database = rusqlite::Connection::open(place.path("data/postern.sqlite")).expect("it is a database");
    let check: String = database
        .query_row("SELECT value FROM setting WHERE name LIKE '%master%'", [], |row| row.get(0))
        .expect("the database remembers its master key");
    format!("data/master.key.new-{}", &check[..16])
}

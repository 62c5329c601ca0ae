//! What a waiting time is worth: whom its notices reach, and on how many things.

use policy::model::{Date, Model};
use policy::profile::Profile;
use policy::takeover::{self, NewWays, least_effort};
use policy::{Ranking, Source, check};

/// A recovery by proofing that waits three days. Where two things are told, the owner is missed for days (8 beside the
/// deepfake's 4) or both are read (phished mail 2 and a swapped number 4); where one is, a day's luck is enough (4).
const POLICY: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[attacker]
ignore = ["phish", "sim-swap", "mailbox", "leak"]
[authenticator.key]
kind = "security-key"
on = "key-ring"
[channel.own-mail]
kind = "email"
[channel.other-mail]
kind = "email"
[channel.mobile]
kind = "sms"
on = "phone"
[channel.calls]
kind = "voice"
on = "phone"
[population.staff]
groups = ["staff"]
login = { require = "key" }
[population.staff.recover.desk]
require = "proofing(video)"
binds = ["key"]
wait = "72h"
notify = NOTIFY
"#;

fn model(notify: &str) -> Model {
    let text = POLICY.replace("NOTIFY", notify);
    let checked = check(&Source::single("p.toml", text), Date { year: 2026, month: 11, day: 28 });
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

/// The effort of the weakest way through the recovery.
fn effort(model: &Model) -> Option<u32> {
    let analysis = takeover::analyse(model);
    let reading = analysis.populations[0].everything().expect("it is small");
    NewWays::of(reading.doors.last().expect("there is a door"), reading.up_to).effort()
}

#[test]
fn notices_on_two_things_are_missed_for_days() {
    assert_eq!(effort(&model(r#"["own-mail", "mobile"]"#)), Some(12));
    assert_eq!(effort(&model(r#"["own-mail", "other-mail"]"#)), Some(12));
}

#[test]
fn notices_on_one_phone_are_missed_together() {
    assert_eq!(effort(&model(r#"["mobile", "calls"]"#)), Some(8));
    assert_eq!(effort(&model(r#"["mobile"]"#)), Some(8));
}

#[test]
fn two_names_of_one_mailbox_are_missed_together() {
    let model = model(r#"["own-mail", "other-mail"]"#);
    let analysis = takeover::analyse(&model);
    let ranking = Ranking::of(&model, &analysis);
    let weakest = |addresses: &[&[&str]]| {
        let addresses = addresses.iter().map(|names| names.to_vec());
        let profile = Profile::of_names(&model, &ranking, &["staff".to_owned()], ["key"], addresses);
        let reading = profile.expect("staff are ruled").read(&model).expect("it is small");
        least_effort(&reading.any)
    };
    assert_eq!(weakest(&[&["own-mail"], &["other-mail"]]), Some(12));
    assert_eq!(weakest(&[&["own-mail", "other-mail"]]), Some(8));
}

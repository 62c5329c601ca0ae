//! The blast radius on policies small enough to be followed by hand, and what may be written after `--falls`.

use policy::blast::{self, Blast, Kind, Outcome, Scene, Weakest};
use policy::model::{Date, Model};
use policy::profile::Profile;
use policy::takeover::{self, Takeover};
use policy::{Ranking, Source, check};

const POLICY: &str = r#"
version = 1
[organization]
name = "Example Ltd"
domain = "example.com"
support = "it@example.com"
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
on = "phone"
[authenticator.token]
kind = "hotp"
on = "token"
[authenticator.passkey]
kind = "passkey"
on = "laptop"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.own-mail]
kind = "email"
protected = "phishing-resistant"
[channel.work-mail]
kind = "email"
behind = "login"
[channel.hotp]
kind = "sms"
on = "phone"
[approver.helpdesk]
population = "helpdesk"
[population.helpdesk]
groups = ["helpdesk"]
[population.helpdesk.login]
require = "password and totp"
[population.staff]
groups = ["staff"]
[population.staff.login]
require = "passkey"
[population.staff.recover.desk]
require = "approval(helpdesk, 2)"
binds = ["passkey"]
[population.staff.recover.mail]
require = "codes and issued(own-mail)"
binds = ["passkey"]
[app.wiki]
for = ["staff", "helpdesk"]
aal = 1
[app.payroll]
for = ["staff", "helpdesk"]
aal = 2
phishing_resistant = true
"#;

fn model(text: &str) -> Model {
    let checked = check(&Source::single("policy.toml", text), Date { year: 2026, month: 1, day: 1 });
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn fall(model: &Model, falls: &[&str]) -> Blast {
    let falls: Vec<_> =
        falls.iter().map(|written| blast::parse(model, written).expect("it may fall")).collect();
    let scene = Scene::new(model, Kind::allowed(&takeover::analyse(model))).expect("the policy is small");
    scene.fall(&falls).expect("the policy is small")
}

/// What happens to those of a population who hold everything.
fn account<'b>(model: &Model, blast: &'b Blast, population: &str) -> &'b blast::KindFall {
    let population = model.population(population).expect("it is there");
    blast.kinds.iter().rfind(|kind| kind.population == population).expect("somebody belongs to it")
}

fn left(fall: &blast::Fall) -> Vec<String> {
    let written =
        |way: &&Takeover| way.capabilities.iter().map(ToString::to_string).collect::<Vec<_>>().join(" ");
    fall.left().iter().map(written).collect()
}

#[test]
fn phishing_that_takes_the_help_desk_takes_through_its_approvals_those_whom_it_helps() {
    let model = model(POLICY);
    let blast = fall(&model, &["phish"]);
    let staff = account(&model, &blast, "staff");
    assert_eq!(staff.account.outcome(), Outcome::Falls, "the passkey itself withstands phishing");
    assert_eq!(
        staff.steps,
        [
            "phish helpdesk#1 (real-time proxy): yields password and yields totp",
            "sign in as helpdesk#1 with password and totp",
            "approve as helpdesk#1",
            "phish helpdesk#2 (real-time proxy): yields password and yields totp",
            "sign in as helpdesk#2 with password and totp",
            "approve as helpdesk#2",
            "open recover.desk: binds passkey of the attacker",
            "sign in with passkey",
        ]
    );
    assert_eq!(blast.people, [model.approver("helpdesk").expect("it is there")]);
    let apps: Vec<Outcome> = staff.apps.iter().map(|(_, fall)| fall.outcome()).collect();
    assert_eq!(apps, [Outcome::Falls, Outcome::Falls]);
    let helpdesk = account(&model, &blast, "helpdesk");
    let apps: Vec<Outcome> = helpdesk.apps.iter().map(|(_, fall)| fall.outcome()).collect();
    assert_eq!(apps, [Outcome::Falls, Outcome::Untouched], "no session of theirs is good enough for payroll");
}

#[test]
fn phishing_of_members_alone_does_not_reach_the_help_desk() {
    let model = model(POLICY);
    let blast = fall(&model, &["phish(member)"]);
    assert_eq!(
        account(&model, &blast, "staff").account.outcome(),
        Outcome::Falls,
        "codes and mail are typed in"
    );
    let staff_only = POLICY.replace("codes and issued(own-mail)", "proofing(in-person)");
    let staff_only = self::model(&staff_only);
    let blast = fall(&staff_only, &["phish(member)"]);
    assert_eq!(account(&staff_only, &blast, "staff").account.outcome(), Outcome::Untouched);
    let blast = fall(&staff_only, &["phish(helpdesk)"]);
    assert_eq!(account(&staff_only, &blast, "staff").account.outcome(), Outcome::Falls);
}

#[test]
fn what_falls_in_part_says_which_pieces_are_left() {
    let model = model(POLICY);
    let blast = fall(&model, &["mailbox(own-mail)"]);
    let staff = &account(&model, &blast, "staff").account;
    assert_eq!(staff.outcome(), Outcome::Left(1));
    assert_eq!(left(staff), ["steal(member,paper)"], "to phish was enough before");
    assert_eq!(staff.efforts, (Some(2), Some(2)));
    let both = fall(&model, &["own-mail", "codes"]);
    assert_eq!(account(&model, &both, "staff").account.outcome(), Outcome::Falls);
}

#[test]
fn one_person_of_two_who_must_agree_leaves_one_and_two_leave_none() {
    let model = model(POLICY);
    let one = fall(&model, &["helpdesk"]);
    let staff = &account(&model, &one, "staff").account;
    assert_eq!(staff.outcome(), Outcome::Left(1));
    assert_eq!(left(staff), ["phish(helpdesk#2)", "deceive(helpdesk#2)"]);
    let two = fall(&model, &["helpdesk", "helpdesk"]);
    let staff = account(&model, &two, "staff");
    assert_eq!(staff.account.outcome(), Outcome::Falls);
    assert_eq!(staff.steps[..2], ["approve as helpdesk#1", "approve as helpdesk#2"]);
    let three = fall(&model, &["helpdesk", "helpdesk", "helpdesk"]);
    assert_eq!(account(&model, &three, "staff").account.outcome(), Outcome::Falls);
}

#[test]
fn an_authenticator_falls_for_those_who_hold_it() {
    let model = model(POLICY);
    let blast = fall(&model, &["authenticator.passkey"]);
    assert_eq!(account(&model, &blast, "staff").account.outcome(), Outcome::Falls);
    assert_eq!(account(&model, &blast, "helpdesk").account.outcome(), Outcome::Untouched);
    let profile = |holds: &[&str]| {
        let ranking = Ranking::of(&model, &takeover::analyse(&model));
        Profile::of_names(&model, &ranking, &["staff".to_owned()], holds.iter().copied(), [vec!["own-mail"]])
    };
    let kinds = [(profile(&["passkey"]), 7), (profile(&["codes"]), 2)];
    let kinds =
        kinds.into_iter().map(|(profile, count)| Kind::counted(&profile.expect("staff"), count)).collect();
    let scene = Scene::new(&model, kinds).expect("the policy is small");
    let row =
        &blast::table(&scene, &[blast::parse(&model, "passkey").expect("it may fall")]).expect("small")[0];
    assert_eq!(row.members, Some(7));
}

#[test]
fn members_to_whom_one_thing_brings_another_easier_way_in_are_told_apart() {
    let either = POLICY.replace(r#"require = "passkey""#, r#"require = "passkey or (password and totp)""#);
    let agents = "[population.helpdesk.login]\nrequire = ";
    let unphished = either
        .replace("codes and issued(own-mail)", "proofing(in-person)")
        .replace(&format!("{agents}\"password and totp\""), &format!("{agents}\"passkey\""));
    let model = model(&unphished);
    let scene = Scene::new(&model, Kind::allowed(&takeover::analyse(&model))).expect("the policy is small");
    let blast = scene.fall(&[blast::parse(&model, "helpdesk").expect("it may fall")]).expect("it is small");
    let staff = model.population("staff").expect("it is there");
    let groups = blast::of_population(&scene, &blast, staff);
    let told: Vec<_> = groups
        .iter()
        .map(|group| (left(&group.fall.account), group.fall.account.weakest(), group.kinds.len()))
        .collect();
    let second = ["deceive(helpdesk#2)", "sync-account(helpdesk#2)"].map(str::to_owned).to_vec();
    // Two agents to deceive, then one; who holds a password was always phished for less.
    let passkey = (second.clone(), Weakest::Easier { before: 8, after: 4 }, 1);
    let with_password = (second, Weakest::Same(2), 2);
    assert!(told.len() == 2 && told.contains(&passkey) && told.contains(&with_password), "{told:?}");
    // An application is told of by whoever lets an attacker in most easily.
    let wiki = blast::of_apps(&scene, &blast).into_iter().find(|app| (app.app, app.population) == (0, staff));
    assert_eq!(wiki.map(|app| app.fall.weakest()), Some(Weakest::Same(2)));
}

#[test]
fn what_the_policy_leaves_out_of_account_may_fall_all_the_same() {
    let model = model(POLICY);
    let blast = fall(&model, &["malware"]);
    assert_eq!(account(&model, &blast, "staff").account.outcome(), Outcome::Falls);
    let refused = blast::parse(&model, "malware(member)").expect_err("only for everybody");
    assert!(refused.contains("`[attacker]` leaves `malware` out"), "{refused}");
}

#[test]
fn the_table_is_sorted_by_what_falls() {
    let model = model(POLICY);
    let scene = Scene::new(&model, Kind::allowed(&takeover::analyse(&model))).expect("the policy is small");
    let rows = blast::table(&scene, &blast::everything(&model)).expect("the policy is small");
    let written: Vec<String> = rows.iter().map(|row| row.falling.written(&model)).collect();
    assert_eq!(written[..3], ["phish", "deceive", "sync-account"]);
    let first_untouched = rows.iter().position(|row| !row.matters()).expect("not everything matters");
    assert!(rows[first_untouched..].iter().all(|row| !row.matters()));
    for row in &rows {
        let written = row.falling.written(&model);
        assert_eq!(blast::parse(&model, &written), Ok(row.falling.clone()), "{written} is understood");
    }
}

#[test]
fn what_may_not_fall_says_what_may() {
    let model = model(POLICY);
    for (written, help) in [
        ("mailbx(own-mail)", "did you mean `mailbox`?"),
        ("mailbox(own-mial)", "did you mean `own-mail`?"),
        ("mailbox", "write what `mailbox` is done to, `mailbox(THING)`; THING is `own-mail` or `work-mail`"),
        ("phish(own-mail)", "nobody is called `own-mail`"),
        ("steal(helpdesk#1,phone)", "`steal(helpdesk)` for all people of that role, or `approver.helpdesk`"),
        ("pasword", "did you mean `password`?"),
        ("hotp", "write `channel.hotp` or `kind.hotp`"),
        ("channel.own-mial", "nothing is called `channel.own-mial`"),
        ("mailbox()", "there is no ``"),
        ("", "nothing is called ``"),
    ] {
        let refused = blast::parse(&model, written).expect_err(written);
        assert!(refused.contains(help), "{written}: {refused}");
    }
    assert_eq!(blast::parse(&model, " mailbox( own-mail ) "), blast::parse(&model, "mailbox(own-mail)"));
    assert_eq!(
        blast::parse(&model, "kind.hotp").map(|falling| falling.written(&model)),
        Ok("kind.hotp".to_owned())
    );
}

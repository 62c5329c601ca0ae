//! The directory: names that mean one person, addresses that a door must change once somebody is enrolled.

use lifecycle::directory::{NewMember, acceptable_address, add, change, login_name, set_address};
use lifecycle::enrol::Authority;
use lifecycle::{Caller, What};
use policy::model::ChannelKind;

use super::support::{World, base, code};

fn world() -> World {
    let mut world = World::new(base());
    world.enrolled("ada", "admins", &["passkey"]);
    world.enrolled("hal", "helpdesk", &["passkey"]);
    world.enrolled("ann", "staff", &["passkey", "codes"]);
    for name in ["ada", "hal", "ann"] {
        world.sign_in(name, &["passkey"]).expect("it is a login");
    }
    world
}

fn new(name: &str, addresses: &[(&str, &str)]) -> NewMember {
    NewMember {
        name: name.to_owned(),
        groups: vec!["staff".to_owned()],
        addresses: addresses.iter().map(|(c, a)| ((*c).to_owned(), (*a).to_owned())).collect(),
        ..NewMember::default()
    }
}

#[test]
fn a_name_is_one_person_however_it_is_typed() {
    for typed in ["zoë", " Zoë ", "ZOË", "zoe\u{308}", "ｚoë"] {
        assert_eq!(login_name(typed), "zoë", "{typed:?}");
    }
    let mut world = world();
    world
        .decide(|_, policy, env| add(new(" Zoe\u{308}", &[]), false, Authority::Terminal, policy, env))
        .expect("it is a name");
    assert_eq!(world.account("zoë").display_name, "zoë");
}

#[test]
fn what_is_no_name_or_address_is_refused_and_recorded() {
    let mut world = world();
    let long = "x".repeat(129);
    let elsewhere = NewMember { groups: vec!["stuff".to_owned()], ..new("zoe", &[]) };
    let ada = world.caller("ada");
    let answer =
        world.decide(|_, policy, env| add(elsewhere.clone(), false, Authority::Person(&ada), policy, env));
    assert_eq!(code(&answer), "not-acceptable");
    assert!(world.recorded(What::MemberAdded, Some("not-acceptable")));
    // A script may fill the directory for the policy that comes next.
    let answer = world.decide(|_, policy, env| add(elsewhere, false, Authority::Terminal, policy, env));
    assert_eq!(code(&answer), "ok");
    let bad: [NewMember; 8] = [
        NewMember { display_name: "x".repeat(129), ..new("zoe", &[]) },
        new("", &[]),
        new("two words", &[]),
        new("a/b", &[]),
        new(&long, &[]),
        new("zoe", &[("own-mail", "no address")]),
        new("zoe", &[("pigeon", "zoe@example.com")]),
        new("zoe", &[("own-mail", "zoe@example.com"), ("own-mail", "eve@example.com")]),
    ];
    for member in bad {
        let name = format!("{member:?}");
        let answer = world.decide(|_, policy, env| add(member, false, Authority::Terminal, policy, env));
        assert_eq!(code(&answer), "not-acceptable", "{name}");
        assert!(world.recorded(What::MemberAdded, Some("not-acceptable")), "{name}");
    }
    let answer = world.decide(|_, policy, env| add(new("ann", &[]), true, Authority::Terminal, policy, env));
    assert_eq!(code(&answer), "name-taken");
}

#[test]
fn addresses_have_one_plain_form() {
    use ChannelKind::{Email, Post, Sms};
    for (kind, typed, expected) in [
        (Email, " ann@example.com ", Some("ann@example.com")),
        (Email, "ann@localhost", None),
        (Email, "ann@example.com,eve@example.com", None),
        (Email, "ann@example.com@example.net", None),
        (Email, "Ann <ann@example.com>", None),
        (Email, "ann@example.com\r\nBcc: eve@example.com", None),
        (Email, "@example.com", None),
        (Sms, "+44 20 7946-0000", Some("+442079460000")),
        (Sms, "020 7946 0000", None),
        (Sms, "+1", None),
        (Sms, "+44 20 7946 000x", None),
        (Post, "1 Test Street", Some("1 Test Street")),
        (Post, "", None),
    ] {
        assert_eq!(acceptable_address(kind, typed).ok().as_deref(), expected, "{typed:?}");
    }
}

#[test]
fn only_an_administrator_changes_the_directory() {
    let mut world = world();
    let mut weak = world.caller("ada");
    weak.session.aal = policy::Aal::One;
    let callers: [(Caller, &str); 3] = [
        (world.caller("ann"), "not-authorized"),
        (world.caller("hal"), "not-authorized"),
        (weak, "too-weak"),
    ];
    for (caller, expected) in &callers {
        let (by, ann) = (Authority::Person(caller), world.account("hal"));
        let groups = ann.groups.clone();
        let answers = [
            code(&world.decide(|_, policy, env| add(new("zoe", &[]), false, by, policy, env))),
            code(&world.decide(|_, policy, env| change(&ann, "Hal", groups, None, by, policy, env))),
            code(
                &world.decide(|_, policy, env| set_address(&ann, "own-mail", "a@b.example", by, policy, env)),
            ),
        ];
        assert_eq!(answers, [*expected; 3], "{}", caller.account.name);
    }
}

#[test]
fn an_address_of_an_enrolled_member_changes_through_a_door_only() {
    let mut world = world();
    let ada = world.caller("ada");
    world.add("new", "staff", None);
    for (name, expected) in [("ann", "already-enrolled"), ("new", "ok")] {
        let account = world.account(name);
        let by = Authority::Person(&ada);
        let answer =
            world.decide(|_, policy, env| set_address(&account, "own-mail", "a@b.example", by, policy, env));
        assert_eq!(code(&answer), expected);
    }
    let address = world.account("new").address("own-mail").cloned().expect("she has one");
    assert_eq!((address.address.as_str(), address.confirmed_at), ("a@b.example", None));
}

#[test]
fn nobody_changes_their_own_groups_or_is_their_own_manager() {
    let mut world = world();
    let ada = world.caller("ada");
    let by = Authority::Person(&ada);
    let (own, ann) = (world.account("ada"), world.account("ann"));
    let staff = vec!["staff".to_owned()];
    let answer = world.decide(|_, policy, env| change(&own, "Ada", staff.clone(), None, by, policy, env));
    assert_eq!(code(&answer), "same-person");
    let manager = Some(ann.id.clone());
    let answer = world.decide(|_, policy, env| change(&ann, "Ann", staff, manager, by, policy, env));
    assert_eq!(code(&answer), "same-person");
}

#[test]
fn a_name_is_not_cut_and_a_group_that_the_policy_does_not_have_is_no_group() {
    let mut world = world();
    let ada = world.caller("ada");
    let by = Authority::Person(&ada);
    world.accounts.iter_mut().find(|a| a.name == "ann").expect("she exists").groups.push("old".to_owned());
    let ann = world.account("ann");
    for (name, groups, expected) in [
        ("x".repeat(129), vec!["staff"], "not-acceptable"),
        ("Ann".to_owned(), vec!["staff", "stuff"], "not-acceptable"),
        // She was in it before the policy lost it.
        ("x".repeat(128), vec!["staff", "old"], "ok"),
    ] {
        let groups: Vec<String> = groups.into_iter().map(str::to_owned).collect();
        let answer =
            world.decide(|_, policy, env| change(&ann, &name, groups.clone(), None, by, policy, env));
        assert_eq!(code(&answer), expected, "{groups:?}");
    }
    assert_eq!(world.account("ann").display_name, "x".repeat(128));
}

#[test]
fn other_groups_end_the_sessions_and_other_names_do_not() {
    let mut world = world();
    let ada = world.caller("ada");
    let by = Authority::Person(&ada);
    let ann = world.account("ann");
    world
        .decide(|_, policy, env| change(&ann, "Ann B", ann.groups.clone(), None, by, policy, env))
        .expect("she may");
    assert!(world.is_signed_in("ann"));
    world
        .decide(|_, policy, env| change(&ann, "Ann B", vec!["admins".to_owned()], None, by, policy, env))
        .expect("she may");
    assert!(!world.is_signed_in("ann"));
    assert!(world.recorded(What::MemberChanged, None));
}

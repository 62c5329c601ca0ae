//! What the language accepts, and what it takes for granted.

use std::time::Duration;

use policy::factor::Aal;
use policy::model::{
    Bindable, ChannelKind, Date, Ial, Model, Population, Proofing, Protection, Requirement, Risk, Term,
};
use policy::{Source, check};

const TODAY: Date = Date { year: 2026, month: 11, day: 20 };

/// The smallest policy; everything that may be left out is.
const SMALLEST: &str = r#"
version = 1
organization = { name = "Example Ltd", domain = "example.com", support = "it@example.com" }
[authenticator.passkey]
kind = "passkey"
[authenticator.totp]
kind = "totp"
[authenticator.key]
kind = "security-key"
[channel.own-mail]
kind = "email"
[approver.helpdesk]
population = "staff"
[population.staff.login]
require = "passkey"
"#;

fn model(more: &str) -> Model {
    let checked = check(&Source::single("postern.toml", format!("{SMALLEST}{more}")), TODAY);
    let found: Vec<String> = checked.diagnostics.iter().map(|d| format!("{}: {}", d.at, d.message)).collect();
    checked.model.unwrap_or_else(|| panic!("no model: {found:#?}"))
}

fn staff(more: &str) -> Population {
    model(more).populations.remove(0)
}

fn recover(require: &str) -> Requirement {
    let door = format!("[population.staff.recover.r]\nrequire = '{require}'\nbinds = ['passkey']\n");
    staff(&door).recover.remove(0).door.require
}

#[test]
fn what_is_left_out_has_the_documented_default() {
    let model = model(
        "[app.a]\nfor = ['staff']\n[population.staff.enrol]\nrequire = 'invite(own-mail)'\nbinds = ['passkey']\n",
    );
    let staff = &model.populations[0];
    assert_eq!((staff.risk, staff.proofing), (Risk::Normal, Ial::None));
    assert_eq!(staff.groups, ["staff"]);
    assert_eq!(staff.enrol.as_ref().map(|enrol| enrol.expires), Some(Duration::from_hours(72)));
    assert_eq!(staff.login.session.idle, Duration::from_hours(1));
    assert_eq!(staff.login.session.max, Duration::from_hours(12));
    assert!(staff.bind.is_none() && staff.offboard.is_none() && staff.recover.is_empty());
    assert_eq!(model.channels[0].protected, Protection::Password);
    assert!(!model.channels[0].behind_login);
    assert_eq!((model.approvers[0].aal, model.approvers[0].manager_of_member), (Aal::Two, false));
    assert_eq!((model.apps[0].aal, model.apps[0].max_age), (Aal::One, None));
    assert!(!model.apps[0].phishing_resistant && !model.apps[0].high_sensitivity);
    let [passkey, totp, key] = model.authenticators.as_slice() else { panic!("three authenticators") };
    assert!(passkey.user_verification && !totp.user_verification);
    assert!(key.user_verification && !key.attested);
}

#[test]
fn every_term_means_what_it_says() {
    let term = |require: &str| match recover(require) {
        Requirement::Term(term) => term,
        other => panic!("`{require}` is {other:?}"),
    };
    assert!(matches!(term("totp"), Term::Authenticator(_)));
    assert!(matches!(term("issued(own-mail)"), Term::Issued(_)));
    assert!(matches!(term("invite(own-mail)"), Term::Invite(_)));
    assert!(matches!(term("approval(helpdesk)"), Term::Approval(_, 1)));
    assert!(matches!(term("approval(helpdesk, 2)"), Term::Approval(_, 2)));
    assert_eq!(term("proofing(in-person)"), Term::Proofing(Proofing::InPerson));
    assert_eq!(term("proofing(video)"), Term::Proofing(Proofing::Video));
    assert_eq!(term("proofing(document)"), Term::Proofing(Proofing::Document));

    let bind = staff("[population.staff.bind]\nrequire = 'session(aal2, 10m)'\nbinds = ['passkey']\n").bind;
    let session = Term::Session { aal: Aal::Two, within: Some(Duration::from_mins(10)) };
    assert_eq!(bind.map(|door| door.require), Some(Requirement::Term(session)));
}

#[test]
fn and_binds_tighter_than_or() {
    let without = recover("totp and key or issued(own-mail)");
    assert_eq!(without, recover("(totp and key) or issued(own-mail)"));
    assert_ne!(without, recover("totp and (key or issued(own-mail))"));
    assert_eq!(recover("issued(own-mail) or totp and key"), recover("issued(own-mail) or (totp and key)"));
}

#[test]
fn parentheses_that_change_nothing_leave_no_trace() {
    assert_eq!(recover("((totp))"), recover("totp"));
    assert_eq!(recover("totp and (key and issued(own-mail))"), recover("totp and key and issued(own-mail)"));
    assert_eq!(recover("totp or (key or issued(own-mail))"), recover("totp or key or issued(own-mail)"));
    assert!(
        matches!(recover("totp or (key or issued(own-mail))"), Requirement::Any(members) if members.len() == 3)
    );
}

#[test]
fn any_of_takes_terms_and_a_number() {
    let Requirement::AtLeast(2, terms) = recover("any 2 of (totp, issued(own-mail), approval(helpdesk))")
    else {
        panic!("not an `any 2 of`");
    };
    assert_eq!(terms.len(), 3);
}

#[test]
fn an_expression_may_stand_on_several_lines() {
    let door = "[population.staff.recover.r]\nrequire = '''\n  totp\n  and (key or\n       issued(own-mail))\n'''\nbinds = ['passkey']\n";
    assert_eq!(staff(door).recover[0].door.require, recover("totp and (key or issued(own-mail))"));
}

#[test]
fn a_change_of_address_is_a_binding() {
    let door = "[population.staff.bind]\nrequire = 'session(aal2)'\nbinds = ['passkey', 'own-mail']\nnotify = ['own-mail']\nwait = '7d'\n";
    let bind = staff(door).bind.expect("there is a bind door");
    assert!(matches!(bind.binds.as_slice(), [Bindable::Authenticator(_), Bindable::Channel(_)]));
    assert_eq!((bind.notify.len(), bind.wait), (1, Some(Duration::from_hours(24 * 7))));
}

#[test]
fn every_kind_of_channel_and_authenticator_can_be_named() {
    use ChannelKind::{Email, Post, Sms, Voice};
    let kinds = "[channel.a]\nkind = 'sms'\non = 'phone'\n[channel.b]\nkind = 'voice'\n[channel.c]\nkind = 'post'\n\
                 [channel.d]\nkind = 'email'\nprotected = 'phishing-resistant'\n[channel.e]\nkind = 'email'\nbehind = 'login'\n";
    let model = model(kinds);
    let found: Vec<ChannelKind> = model.channels.iter().map(|channel| channel.kind).collect();
    assert_eq!(found, [Email, Sms, Voice, Post, Email, Email]);
    for row in policy::factor::TABLE {
        let model = self::model(&format!("[authenticator.x]\nkind = '{}'\n", row.name));
        assert_eq!(model.authenticators[3].kind, row.kind);
    }
}

#[test]
fn the_attacker_may_be_moved_ignored_and_widened() {
    let model = model("[attacker]\nignore = ['forge']\nendpoint = true\n[attacker.rank]\nsim-swap = 2\n");
    assert_eq!(model.attacker.ignore, ["forge"]);
    assert_eq!(model.attacker.ranks, [("sim-swap".to_owned(), 2)]);
    assert!(model.attacker.endpoint);
}

#[test]
fn names_stand_where_the_file_has_them() {
    let model = model("");
    let text = |span: policy::model::Span| &SMALLEST[span.start as usize..span.end as usize];
    assert_eq!(text(model.authenticators[0].span), "passkey");
    assert_eq!(text(model.populations[0].span), "staff");
    assert_eq!(text(model.populations[0].login.require_span), "\"passkey\"");
}

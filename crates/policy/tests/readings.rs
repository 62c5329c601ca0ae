//! The readings of whole policies: every row of the table of examples in the language's design, and what a
//! report says about profiles, doors, people and applications.

use policy::model::{AuthenticatorIx, Date, Model, PopulationIx};
use policy::takeover::{self, Analysis, DoorName, Goal, ProfileReading, Takeover, Verdict};
use policy::{Source, check};

const PREAMBLE: &str = r#"
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
[authenticator.passkey]
kind = "passkey"
on = "phone"
[authenticator.security-key]
kind = "security-key"
on = "key"
attestation = "required"
[authenticator.codes]
kind = "recovery-codes"
on = "paper"
[channel.plain-mail]
kind = "email"
[channel.own-mail]
kind = "email"
protected = "mfa"
[channel.work-mail]
kind = "email"
behind = "login"
[channel.mobile]
kind = "sms"
on = "phone"
[approver.helpdesk]
population = "helpdesk"
[population.helpdesk]
groups = ["helpdesk"]
[population.helpdesk.login]
require = "security-key"
[population.helpdesk.offboard]
within = "60s"
[population.staff]
groups = ["staff"]
proofing = "ial1"
[population.staff.offboard]
within = "60s"
"#;

fn model(chain: &str) -> Model {
    let source = Source::single("policy.toml", format!("{PREAMBLE}{chain}"));
    let checked = check(&source, Date { year: 2026, month: 1, day: 1 });
    checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics))
}

fn login_and_recovery(login: &str, recovery: &str) -> Model {
    model(&format!(
        "[population.staff.login]\nrequire = \"{login}\"\n[population.staff.recover.lost]\n{recovery}\n\
         binds = [\"password\", \"totp\", \"passkey\", \"security-key\"]\n"
    ))
}

fn staff(model: &Model) -> PopulationIx {
    model.population("staff").expect("the policy names it")
}

fn reading<'a>(model: &Model, analysis: &'a Analysis, holds: &str) -> &'a ProfileReading {
    let profiles = &analysis.populations[usize::from(staff(model).0)].profiles;
    let named =
        |names: &[AuthenticatorIx]| -> Vec<&str> { names.iter().map(|a| model[*a].name.as_str()).collect() };
    profiles.iter().find(|profile| named(&profile.holds).join(" ") == holds).expect("there is such a profile")
}

fn written(takeover: &Takeover) -> String {
    let capabilities: Vec<String> = takeover.capabilities.iter().map(ToString::to_string).collect();
    capabilities.join(" ")
}

fn all(takeovers: &[Takeover]) -> Vec<String> {
    takeovers.iter().map(written).collect()
}

fn weakest(takeovers: &[Takeover]) -> (u32, Vec<String>) {
    let least = takeover::least_effort(takeovers).expect("there is a way in");
    (least, takeovers.iter().filter(|t| t.effort == least).map(written).collect())
}

/// One row of the table: login, recovery, and the profile that is looked at; then the weakest ways in over
/// login, over the new ways of the chain, and the verdict.
fn row(login: &str, recovery: &str, holds: &str, expected: [(u32, &str); 2], verdict: Verdict) {
    let model = login_and_recovery(login, recovery);
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, holds);
    let (effort, sets) = weakest(&profile.login);
    assert_eq!((effort, sets.join(" | ").as_str()), expected[0], "login {login}");
    let (effort, sets) = weakest(&profile.any);
    assert_eq!((effort, sets.join(" | ").as_str()), expected[1], "chain with {recovery}");
    assert_eq!(profile.verdict, verdict, "{login} with {recovery}");
    assert_eq!(profile.doors[0].verdict, verdict, "{login} with {recovery} alone");
}

const PHISH: (u32, &str) = (2, "phish(member)");
const SYNC: (u32, &str) = (8, "sync-account(member)");

#[test]
fn a_code_to_a_mailbox_behind_a_password_is_weaker_than_two_factors() {
    let recovery = r#"require = "issued(plain-mail)""#;
    row("password and totp", recovery, "password totp", [PHISH, (1, "leak(member)")], Verdict::Weaker);
}

#[test]
fn a_code_to_a_mailbox_with_two_factors_is_no_weaker_than_a_phishable_login_but_nonconformant() {
    let recovery = r#"require = "issued(own-mail)""#;
    row("password and totp", recovery, "password totp", [PHISH, PHISH], Verdict::NotWeaker);
    let model = login_and_recovery("password and totp", recovery);
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "password totp");
    let door = profile.door(DoorName::Recover(0)).expect("the door was read");
    let conformance = door.conformance.as_ref().expect("recovery is judged");
    assert_eq!((conformance.conformant, conformance.clause), (false, "4.2.2.2"));
}

#[test]
fn saved_and_issued_codes_are_a_phishable_way_round_a_passkey() {
    let recovery = r#"require = "codes and issued(own-mail)""#;
    row("passkey", recovery, "passkey", [SYNC, PHISH], Verdict::Weaker);
}

#[test]
fn one_approver_is_weaker_than_a_passkey() {
    let recovery = r#"require = "approval(helpdesk)""#;
    row("passkey", recovery, "passkey", [SYNC, (4, "deceive(helpdesk#1)")], Verdict::Weaker);
}

#[test]
fn two_approvers_are_not_weaker_than_a_passkey() {
    let recovery = r#"require = "approval(helpdesk, 2)""#;
    let either = "deceive(helpdesk#1) deceive(helpdesk#2) | sync-account(member)";
    row("passkey", recovery, "passkey", [SYNC, (8, either)], Verdict::NotWeaker);
}

#[test]
fn proofing_in_person_is_not_weaker_than_a_passkey() {
    let recovery = r#"require = "proofing(in-person)""#;
    let either = "forge(member) | sync-account(member)";
    row("passkey", recovery, "passkey", [SYNC, (8, either)], Verdict::NotWeaker);
}

const SLOW: &str = "require = \"proofing(video) and approval(helpdesk)\"\nwait = \"24h\"\n\
                    notify = [\"own-mail\", \"mobile\"]";

#[test]
fn proofing_approval_and_a_wait_are_not_weaker_than_a_passkey() {
    row("passkey", SLOW, "passkey", [SYNC, SYNC], Verdict::NotWeaker);
    let model = login_and_recovery("passkey", SLOW);
    let analysis = takeover::analyse(&model);
    let new: Vec<Takeover> =
        reading(&model, &analysis, "passkey").any.iter().filter(|way| way.new).cloned().collect();
    let expected = "deceive(helpdesk#1) deepfake(member) unnoticed(member)";
    assert_eq!(weakest(&new), (12, vec![expected.to_owned()]));
}

#[test]
fn proofing_approval_and_a_wait_are_weaker_than_a_security_key() {
    let login = (16, "steal(member,key) unlock(member,key)");
    let round = (12, "deceive(helpdesk#1) deepfake(member) unnoticed(member)");
    row("security-key", SLOW, "security-key", [login, round], Verdict::Weaker);
}

#[test]
fn a_chain_without_new_ways_in_is_contained() {
    let recovery = r#"require = "passkey""#;
    row("passkey or (password and totp)", recovery, "passkey", [SYNC, SYNC], Verdict::Contained);
}

#[test]
fn a_notice_only_to_the_mailbox_that_is_read_anyway_adds_nothing() {
    let with = |notify: &str| {
        let recovery = format!("require = \"issued(own-mail)\"\nwait = \"24h\"\nnotify = [{notify}]");
        let model = login_and_recovery("passkey", &recovery);
        let analysis = takeover::analyse(&model);
        all(&reading(&model, &analysis, "passkey").any)
    };
    assert_eq!(
        with("\"own-mail\""),
        [
            "mailbox(member,own-mail)",
            "phish(member)",
            "steal(member,phone) unlock(member,phone)",
            "sync-account(member)"
        ]
    );
    assert!(with("\"own-mail\", \"mobile\"").contains(&"phish(member) sim-swap(member)".to_owned()));
    assert!(!with("\"own-mail\", \"mobile\"").contains(&"phish(member)".to_owned()));
}

#[test]
fn three_days_and_two_channels_take_an_owner_who_is_away_for_days() {
    let with = |wait: &str, notify: &str| {
        let recovery = format!("require = \"codes\"\nwait = \"{wait}\"\nnotify = [{notify}]");
        let model = login_and_recovery("passkey", &recovery);
        let analysis = takeover::analyse(&model);
        all(&reading(&model, &analysis, "passkey").any)
    };
    let days = "phish(member) unnoticed-for-days(member)".to_owned();
    assert!(with("72h", "\"plain-mail\", \"mobile\"").contains(&days));
    assert!(!with("71h", "\"plain-mail\", \"mobile\"").contains(&days));
    assert!(!with("72h", "\"mobile\"").contains(&days));
}

#[test]
fn a_mailbox_behind_login_is_reached_by_who_is_signed_in_already() {
    let model = login_and_recovery("passkey", r#"require = "codes and issued(work-mail)""#);
    let analysis = takeover::analyse(&model);
    // The code can be phished from its owner; controlling the mailbox takes the login itself.
    let new: Vec<String> =
        reading(&model, &analysis, "passkey").any.iter().filter(|t| t.new).map(written).collect();
    assert_eq!(new, ["phish(member)"]);
}

#[test]
fn changing_an_address_lets_the_attacker_read_it() {
    let model = model(
        r#"
[population.staff.login]
require = "password and totp"
[population.staff.bind]
require = "session(aal2)"
binds = ["own-mail"]
notify = ["mobile"]
[population.staff.recover.lost]
require = "issued(own-mail)"
binds = ["password", "totp"]
"#,
    );
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "password totp");
    assert_eq!(profile.door(DoorName::Bind).map(|door| door.verdict), Some(Verdict::Contained));
    assert!(all(&profile.any).contains(&"mailbox(member,own-mail)".to_owned()));
}

#[test]
fn profiles_are_sorted_and_the_last_holds_everything() {
    let model = login_and_recovery("passkey or (password and totp)", r#"require = "codes""#);
    let analysis = takeover::analyse(&model);
    let profiles = &analysis.populations[usize::from(staff(&model).0)].profiles;
    let names: Vec<Vec<&str>> = (profiles.iter())
        .map(|profile| profile.holds.iter().map(|a| model[*a].name.as_str()).collect())
        .collect();
    let expected: [&[&str]; 4] = [
        &["passkey"],
        &["passkey", "password", "totp"],
        &["password", "totp"],
        &["passkey", "password", "security-key", "totp"],
    ];
    assert_eq!(names, expected);
}

/// Whoever comes at night has eleven hours before anybody reads the notice.
#[test]
fn a_wait_that_may_pass_unread_is_no_defence() {
    let least = |wait: &str| {
        let model = login_and_recovery(
            "passkey",
            &format!(
                "require = \"approval(helpdesk)\"\nwait = \"{wait}\"\nnotify = [\"own-mail\", \"mobile\"]"
            ),
        );
        let analysis = takeover::analyse(&model);
        let profile = reading(&model, &analysis, "passkey");
        profile.any.iter().filter(|way| way.new).map(|way| way.effort).min()
    };
    assert_eq!(least("1s"), Some(4), "talking one agent into it");
    assert_eq!(least("11h"), Some(4));
    assert_eq!(least("12h"), Some(8), "and staying unnoticed");
}

/// The first recovery asks for codes that no door hands out, the second for people who cannot sign in well enough.
#[test]
fn a_way_back_that_nobody_can_open_saves_nobody() {
    let with = |binds: &str, aal: u8| {
        let model = model(&format!(
            "[approver.boss]\npopulation = \"bosses\"\naal = {aal}\n\
             [population.bosses.login]\nrequire = \"password\"\n\
             [population.staff.enrol]\nrequire = \"invite(own-mail)\"\nbinds = [{binds}]\nexpires = \"1d\"\n\
             [population.staff.login]\nrequire = \"security-key\"\n\
             [population.staff.recover.saved]\nrequire = \"codes\"\nbinds = [\"security-key\"]\n\
             [population.staff.recover.boss]\nrequire = \"approval(boss)\"\nbinds = [\"security-key\"]\n"
        ));
        let analysis = takeover::analyse(&model);
        let lockout = &reading(&model, &analysis, "security-key").lockout;
        lockout.iter().map(|set| set.iter().map(ToString::to_string).collect()).collect::<Vec<Vec<String>>>()
    };
    assert_eq!(with("\"security-key\"", 2), [["lose(key)"]]);
    assert_eq!(with("\"security-key\", \"codes\"", 2), [["lose(key)", "lose(paper)"]]);
    assert_eq!(with("\"security-key\"", 1), [["absent(boss)", "lose(key)"]]);
    // A longer way that the shorter one contains reaches more.
    let model = model(
        "[approver.boss]\npopulation = \"bosses\"\n\
         [population.bosses.login]\nrequire = \"password or (password and totp)\"\n\
         [population.staff.login]\nrequire = \"security-key\"\n\
         [population.staff.recover.boss]\nrequire = \"approval(boss)\"\nbinds = [\"security-key\"]\n",
    );
    let analysis = takeover::analyse(&model);
    assert_eq!(reading(&model, &analysis, "security-key").lockout.len(), 1);
    assert_eq!(reading(&model, &analysis, "security-key").lockout[0].len(), 2);
}

/// What a recovery asks for beside the login may be held beside it, as far as it is no other login; `totp` with `password`
/// would be one.
#[test]
fn what_is_kept_for_a_recovery_is_held_beside_each_login() {
    let model =
        login_and_recovery("passkey or (password and totp)", r#"require = "password and totp and codes""#);
    let analysis = takeover::analyse(&model);
    let profiles = &analysis.populations[usize::from(staff(&model).0)].profiles;
    let names: Vec<String> = (profiles.iter())
        .map(|profile| {
            let names: Vec<&str> = profile.holds.iter().map(|a| model[*a].name.as_str()).collect();
            names.join(" ")
        })
        .collect();
    let expected = [
        "passkey",
        "passkey password",
        "passkey password totp",
        "passkey totp",
        "password totp",
        "passkey password security-key totp",
    ];
    assert_eq!(names, expected);
}

/// Whoever kept a password beside a passkey signs in by the passkey, for 8, and comes back in by what one lure yields.
#[test]
fn a_password_that_is_kept_beside_a_passkey_lets_its_owner_down() {
    let model = login_and_recovery(
        "passkey or (password and totp)",
        r#"require = "password and codes and issued(own-mail)""#,
    );
    let analysis = takeover::analyse(&model);
    assert_eq!(reading(&model, &analysis, "passkey").verdict, Verdict::Contained);
    assert_eq!(reading(&model, &analysis, "password totp").verdict, Verdict::NotWeaker);
    let kept = reading(&model, &analysis, "passkey password");
    assert_eq!(weakest(&kept.login).0, 8);
    assert_eq!(weakest(&kept.any), (2, vec!["phish(member)".to_owned()]));
    assert_eq!(kept.verdict, Verdict::Weaker);
}

#[test]
fn a_higher_level_by_a_longer_way_is_a_way_of_its_own() {
    let model = login_and_recovery("password or (password and totp)", r#"require = "codes""#);
    let analysis = takeover::analyse(&model);
    let login = &analysis.populations[usize::from(staff(&model).0)].login;
    let levels: Vec<u8> = login.iter().filter_map(|way| way.assurance).map(|a| u8::from(a.aal)).collect();
    assert_eq!(levels, [1, 2]);
}

#[test]
fn enrolment_is_taken_before_the_owner_arrives() {
    let model = model(
        r#"
[population.staff.enrol]
require = "invite(own-mail) and approval(helpdesk)"
binds = ["passkey"]
expires = "72h"
[population.staff.login]
require = "passkey"
"#,
    );
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "passkey");
    assert_eq!(weakest(&profile.enrolment), (6, vec!["deceive(helpdesk#1) phish(member)".to_owned()]));
    assert_eq!(profile.enrolment[0].doors, [DoorName::Enrol, DoorName::Login]);
    assert_eq!(profile.door(DoorName::Enrol).map(|door| door.verdict), Some(Verdict::Weaker));
    // An account that has its owner is not enrolled again.
    assert_eq!(profile.verdict, Verdict::Contained);
}

#[test]
fn high_risk_asks_for_more_than_login_or_for_two_people() {
    let with = |recovery: &str| {
        let chain = format!(
            "risk = \"high\"\n[population.staff.login]\nrequire = \"passkey\"\n[population.staff.recover.lost]\n\
             require = \"{recovery}\"\nbinds = [\"passkey\"]\n"
        );
        let text =
            PREAMBLE.replace("proofing = \"ial1\"\n[population.staff.offboard]\nwithin = \"60s\"\n", "");
        let source = Source::single("policy.toml", text + &chain);
        let model = check(&source, Date { year: 2026, month: 1, day: 1 }).model.expect("it is well formed");
        let analysis = takeover::analyse(&model);
        reading(&model, &analysis, "passkey").verdict
    };
    assert_eq!(with("proofing(in-person)"), Verdict::Weaker);
    assert_eq!(with("approval(helpdesk, 2)"), Verdict::NotWeaker);
    assert_eq!(with("proofing(in-person) and approval(helpdesk)"), Verdict::NotWeaker);
}

#[test]
fn an_application_is_entered_by_the_ways_to_sign_in_that_it_accepts() {
    let model = model(
        r#"
[population.staff.login]
require = "passkey or (password and totp)"
[app.mail]
for = ["staff"]
[app.payroll]
for = ["staff", "helpdesk"]
aal = 2
phishing_resistant = true
[app.vault]
for = ["staff"]
aal = 3
"#,
    );
    let analysis = takeover::analyse(&model);
    let [mail, payroll, vault] = analysis.apps.as_slice() else { panic!("three applications") };
    assert_eq!(weakest(&mail.populations[0].takeover), (2, vec!["phish(member)".to_owned()]));
    // In the order of the policy: the help desk stands first.
    let key = "steal(member,key) unlock(member,key)".to_owned();
    assert_eq!(weakest(&payroll.populations[0].takeover), (16, vec![key]));
    assert_eq!(weakest(&payroll.populations[1].takeover), (8, vec!["sync-account(member)".to_owned()]));
    assert!(payroll.populations.iter().all(|access| access.reachable));
    assert!(!vault.populations[0].reachable && vault.populations[0].takeover.is_empty());
}

/// By the table of section 4: the password costs a lure, the passkey 8; the door hands a passkey to whoever phished the
/// password and the codes at once.
#[test]
fn an_application_is_compared_with_the_logins_that_it_accepts() {
    let with = |demand: &str| {
        model(&format!(
            "[population.staff.login]\nrequire = \"password or passkey\"\n\
             [population.staff.recover.lost]\nrequire = \"password and codes\"\nbinds = [\"passkey\"]\n\
             [app.mail]\nfor = [\"staff\"]\naal = 1\n[app.vault]\nfor = [\"staff\"]\n{demand}\n"
        ))
    };
    let model = with("aal = 2\nphishing_resistant = true");
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "passkey password");
    assert_eq!(profile.account, Verdict::Contained, "a phished password signs in by itself");
    let [vault] = profile.entries.as_slice() else { panic!("only the vault refuses a login") };
    assert_eq!(weakest(&vault.login), (8, vec!["sync-account(member)".to_owned()]));
    assert_eq!(weakest(&vault.any), (2, vec!["phish(member)".to_owned()]));
    assert_eq!((vault.verdict, profile.verdict), (Verdict::Weaker, Verdict::Weaker));
    assert_eq!(profile.decisive().goal, vault.goal());
    // Who has one way to sign in only has nothing to be let down by.
    assert!(reading(&model, &analysis, "passkey").entries.is_empty());
    // Where every login is accepted, the account tells it all.
    let model = with("aal = 1");
    let analysis = takeover::analyse(&model);
    assert!(reading(&model, &analysis, "passkey password").entries.is_empty());
}

#[test]
fn an_attack_is_told_in_order() {
    let model = login_and_recovery("passkey", r#"require = "codes and issued(own-mail)""#);
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "passkey");
    let phished = profile.any.iter().find(|way| way.new && way.effort == 2).expect("it can be phished");
    assert_eq!(phished.doors, [DoorName::Recover(0), DoorName::Login]);
    assert_eq!(
        takeover::steps(&model, staff(&model), profile, Goal::Account, phished),
        [
            "phish the member (real-time proxy): yields codes and yields the code sent to own-mail",
            "open recover.lost: binds passkey of the attacker",
            "sign in with passkey",
        ]
    );
}

#[test]
fn an_approver_is_overcome_through_the_chain_of_their_own_population() {
    let model = model(
        r#"
[approver.manager]
of = "member"
population = "staff"
[population.staff.login]
require = "password and totp"
[population.staff.recover.lost]
require = "codes and approval(manager)"
binds = ["password", "totp"]
"#,
    );
    let analysis = takeover::analyse(&model);
    let profile = reading(&model, &analysis, "password totp");
    assert!(all(&profile.any).contains(&"phish(manager#1) steal(member,paper)".to_owned()));
    assert!(all(&profile.any).contains(&"deceive(manager#1) steal(member,paper)".to_owned()));
}

#[test]
fn what_the_policy_ignores_is_no_attack() {
    let chain =
        "[population.staff.login]\nrequire = \"password and totp\"\n[attacker]\nignore = [\"phish\"]\n";
    let model = model(chain);
    let analysis = takeover::analyse(&model);
    let login = &reading(&model, &analysis, "password totp").login;
    assert_eq!(all(login), ["leak(member) steal(member,phone) unlock(member,phone)"]);
}

#[test]
fn malware_has_the_sessions_that_the_owner_has() {
    let chain = "[population.staff.login]\nrequire = \"security-key\"\n[attacker]\nendpoint = true\n";
    let model = model(chain);
    let analysis = takeover::analyse(&model);
    let login = &reading(&model, &analysis, "security-key").login;
    assert_eq!(all(login), ["malware(member)", "steal(member,key) unlock(member,key)"]);
}

#[test]
fn an_account_is_read_like_the_profile_that_it_fits() {
    let model =
        login_and_recovery("passkey or (password and totp)", r#"require = "codes and issued(own-mail)""#);
    let analysis = takeover::analyse(&model);
    let names = |names: &[&str]| -> Vec<AuthenticatorIx> {
        names.iter().map(|name| model.authenticator(name).expect("it is named")).collect()
    };
    let channels: Vec<_> =
        ["own-mail", "mobile"].map(|name| model.channel(name).expect("it is named")).to_vec();
    let account =
        takeover::of_account(&model, staff(&model), &names(&["codes", "passkey"]), &channels).expect("small");
    let profile = reading(&model, &analysis, "passkey");
    assert_eq!(account.any, profile.any);
    assert_eq!(account.verdict, profile.verdict);
    // Without codes on paper, nobody recovers this account with them.
    let without =
        takeover::of_account(&model, staff(&model), &names(&["passkey"]), &channels).expect("small");
    assert_eq!(without.verdict, Verdict::Contained);
}

#[test]
fn a_policy_with_too_many_ways_in_is_truncated_and_gets_no_verdict() {
    let token = |i: i32| {
        format!(
            "[authenticator.t{i}]\nkind = \"totp\"\non = \"p{i}\"\n[authenticator.k{i}]\nkind = \"hotp\"\n"
        )
    };
    let phones: Vec<String> = (0..16).map(token).collect();
    let phones = phones.concat();
    let pairs: Vec<String> = (0..16).map(|i| format!("(t{i} or k{i})")).collect();
    let chain = format!(
        "[population.staff.login]\nrequire = \"{}\"\n[attacker]\nignore = [\"phish\"]\n{phones}",
        pairs.join(" and ")
    );
    let model = model(&chain);
    let analysis = takeover::analyse(&model);
    let staff = &analysis.populations[usize::from(staff(&model).0)];
    assert!(analysis.truncated && staff.truncated && staff.profiles.is_empty());
    // The help desk is not staff's fault.
    assert!(!analysis.populations[0].truncated);
}

#[test]
fn who_may_show_more_than_login_asks_for_reaches_more() {
    let text = format!(
        "{PREAMBLE}\n[population.staff.login]\nrequire = \"password or (password and passkey)\"\n\
         [app.vault]\nfor = [\"staff\"]\naal = 2\nphishing_resistant = true\n"
    );
    let checked = check(&Source::single("policy.toml", text), Date { year: 2026, month: 1, day: 1 });
    let found = checked.diagnostics.iter().map(|found| found.rule.name());
    assert_eq!(found.filter(|rule| *rule == "app-unreachable").count(), 0);
    let analysis = takeover::analyse(checked.model.as_ref().expect("it is well formed"));
    assert!(analysis.apps[0].populations[0].reachable);
}

//! How people come by their password and their second factor: password reset, elevated sessions, administrators.
//!
//! Owns what opens those doors. A session of one factor is what a password opens, so a door for such sessions is a
//! recover door: it needs no second factor, and gives one.

use std::time::Duration;

use super::super::draft::Plan;
use super::super::need::Need;
use super::super::node::{Doubt, Node, Notes};
use super::super::text::plain;
use super::access::Level;
use super::settings::{duration, setting};
use super::{Factors, Import, NO};
use crate::factor::Aal;
use crate::model::{Bindable, ChannelIx, PopulationIx, SessionLimits, Term};

const HOUR: Duration = Duration::from_hours(1);
const TEN_YEARS: Duration = Duration::from_hours(3650 * 24);

pub(super) struct Doors {
    session: SessionLimits,
    session_from: String,
    /// Where it says that a mail opens the way to a new password; none: it does not.
    reset: Option<String>,
    elevation: Elevation,
    ends: (Duration, String),
}

/// `identity_validation.elevated_session`: who may change second factors.
struct Elevation {
    /// Who has a second factor must show it, besides the mailed code.
    require_second: bool,
    /// Who has shown a second factor needs no mailed code.
    skip_second: bool,
    from: String,
}

impl Doors {
    pub(super) fn read(import: &mut Import<'_>) -> Doors {
        let (session, session_from) = session(import);
        let ends = ends(import, session.max);
        Doors { session, session_from, reset: reset(import), elevation: elevation(import), ends }
    }

    /// People at one level, with the doors that do not depend on it.
    pub(super) fn population(
        &self,
        import: &mut Import<'_>,
        factors: &Factors,
        name: &str,
        require: Need<Term>,
        from: [&str; 2],
    ) -> PopulationIx {
        let from = [from[0].to_owned(), from[1].to_owned(), self.session_from.clone()];
        let whose = import.draft.population(name, vec![name.to_owned()], require, self.session, from);
        if let Some(reset) = &self.reset {
            let mail = mailbox(import);
            let plan = Plan {
                require: Need::Piece(Term::Issued(mail)),
                binds: bound(&[factors.password]),
                notify: told(import),
                from: [reset.clone(), "a link by mail sets a new password".to_owned(), TOLD.to_owned()],
            };
            import.draft.recover(whose, "reset-password", plan);
        }
        let (within, from) = self.ends.clone();
        import.draft.offboard(whose, within, from);
        whose
    }

    /// The doors to a second factor, where one is asked for.
    pub(super) fn elevation(&self, import: &mut Import<'_>, factors: &Factors, whose: PopulationIx) {
        let mail = mailbox(import);
        let code = || Need::Piece(Term::Issued(mail));
        let Elevation { require_second, skip_second, from } = &self.elevation;
        let mut binds = factors.bindable.clone();
        binds.extend(factors.codes.iter().flat_map(|codes| bound(&[*codes])));
        let session = |aal| Need::Piece(Term::Session { aal, within: None });
        let signed_in = match (require_second, skip_second) {
            (_, true) => session(Aal::Two),
            (true, false) => Need::all([session(Aal::Two), code()]),
            (false, false) => Need::all([session(Aal::One), code()]),
        };
        let notify = told(import);
        let plan = |require, binds: &[Bindable], from: [String; 2]| Plan {
            require,
            binds: binds.to_vec(),
            notify: notify.clone(),
            from: [from[0].clone(), from[1].clone(), TOLD.to_owned()],
        };
        let what = || IN_THE_PORTAL.to_owned();
        let newcomers =
            if *require_second { "; who has none yet needs a password and a mailed code" } else { "" };
        import.draft.bind(whose, plan(signed_in, &binds, [format!("{from}{newcomers}"), what()]));
        // Set up for the first time by whoever has the password and reads the mail; and, unless a second factor is
        // required of those who have one, set up anew by them as well.
        if *require_second {
            self_enrolment(import, factors, whose);
        } else {
            self.first(import, factors, whose);
        }
        if let Some(codes) = factors.codes {
            // Signs in, and does not elevate: the mailed code is asked for as well, unless it is skipped.
            let mut shown = vec![Need::Piece(factors.password), Need::Piece(codes)];
            if !skip_second {
                shown.push(code());
            }
            let why = "recovery_codes in place of the second factor, then the elevated session".to_owned();
            import.draft.recover(whose, "recovery-codes", plan(Need::all(shown), &binds, [why, what()]));
        }
    }

    /// Must who has a second factor show it to set up another one?
    pub(super) fn asks_for_the_old(&self) -> bool {
        self.elevation.require_second
    }

    /// The way to a second factor of somebody who shows none.
    pub(super) fn first(&self, import: &mut Import<'_>, factors: &Factors, whose: PopulationIx) {
        let mail = mailbox(import);
        let mut binds = factors.bindable.clone();
        binds.extend(factors.codes.iter().flat_map(|codes| bound(&[*codes])));
        let one = Need::any([Need::Piece(factors.password), factors.passkey.clone()]);
        let Elevation { require_second, from, .. } = &self.elevation;
        let why = if *require_second {
            "a password and a mailed code set up the first second factor"
        } else {
            "a password and a mailed code replace the second factor"
        };
        let plan = Plan {
            require: Need::all([one, Need::Piece(Term::Issued(mail))]),
            binds,
            notify: told(import),
            from: [format!("{from}: {why}"), IN_THE_PORTAL.to_owned(), TOLD.to_owned()],
        };
        import.draft.recover(whose, "elevated-session", plan);
        self_enrolment(import, factors, whose);
    }

    /// `administration`: a group that manages the users of the others.
    pub(super) fn administration(
        &self,
        import: &mut Import<'_>,
        factors: &Factors,
        populations: &[(Level, PopulationIx)],
    ) {
        let Some(section) = import.config.get("administration") else { return };
        let notes = &mut import.draft.notes;
        if !section.flag("enabled", NO, notes) || !section.flag("enable_user_management", NO, notes) {
            return;
        }
        let group = section.text_of("admin_group", notes).unwrap_or_else(|| "authelia-admin".to_owned());
        let one = Need::any([Need::Piece(factors.password), factors.passkey.clone()]);
        let why = "administration.admin_group: its pages ask for one factor";
        let whose = import.draft.population(
            "administrators",
            vec![plain(&group)],
            one,
            self.session,
            [why.to_owned(), factors.from_one.clone(), self.session_from.clone()],
        );
        let (within, from) = self.ends.clone();
        import.draft.offboard(whose, within, from);
        let role = import.draft.approver(
            "administrator",
            whose,
            ["administration.admin_group", "one factor is enough"],
        );
        for (_, member) in populations {
            let plan = Plan {
                require: Need::Piece(Term::Approval(role, 1)),
                binds: bound(&[factors.password]),
                notify: Vec::new(),
                from: [
                    "administration.enable_user_management".to_owned(),
                    "an administrator sets the password of anybody".to_owned(),
                    String::new(),
                ],
            };
            import.draft.recover(*member, "administrator", plan);
        }
    }
}

const TOLD: &str = "Authelia mails a notice of each change to the address of the account";

const IN_THE_PORTAL: &str = "set up and removed in the settings of the portal";

/// Whom a notice reaches: one in a file on the server reaches nobody.
fn told(import: &mut Import<'_>) -> Vec<ChannelIx> {
    let sends = |key| import.config.path(&["notifier", key]).is_some();
    if sends("smtp") && !sends("filesystem") { vec![mailbox(import)] } else { Vec::new() }
}

/// `duo_api.enable_self_enrollment`: who has passed the password, and no device at Duo, is led to set one up.
fn self_enrolment(import: &mut Import<'_>, factors: &Factors, whose: PopulationIx) {
    let Some(duo) = factors.self_enrolled else { return };
    let plan = Plan {
        require: Need::any([Need::Piece(factors.password), factors.passkey.clone()]),
        binds: bound(&[duo]),
        notify: Vec::new(),
        from: [
            "duo_api.enable_self_enrollment: the portal asks for no mailed code".to_owned(),
            "a device of somebody who has none at Duo".to_owned(),
            String::new(),
        ],
    };
    import.draft.recover(whose, "duo-self-enrolment", plan);
}

fn mailbox(import: &mut Import<'_>) -> ChannelIx {
    let file = import.config.path(&["notifier", "filesystem"]).is_some();
    let from =
        if file { "notifier.filesystem: a file on the server, not a mailbox" } else { "notifier.smtp" };
    import.draft.mailbox(from)
}

fn bound(terms: &[Term]) -> Vec<Bindable> {
    let name = |term: &Term| {
        if let Term::Authenticator(name) = term { Some(Bindable::Authenticator(*name)) } else { None }
    };
    terms.iter().filter_map(name).collect()
}

/// Where it says that a mail opens the way to a new password.
fn reset(import: &mut Import<'_>) -> Option<String> {
    let (config, notes) = (&import.config, &mut import.draft.notes);
    let elsewhere = config.path(&["authentication_backend", "password_reset", "custom_url"]);
    if let Some(url) = elsewhere.filter(|url| url.text(notes).is_none_or(|url| !url.is_empty())) {
        notes.push(&url.at, "sends people elsewhere to set a new password: counts as a reset by mail alone");
        return Some(url.at);
    }
    let life = config.path(&["identity_validation", "reset_password"]);
    let life =
        life.and_then(|reset| reset.text_of("jwt_lifespan", notes)).unwrap_or_else(|| "5 minutes".to_owned());
    let life = format!("the link is good for {} (jwt_lifespan)", plain(&life));
    match setting(config, "authentication_backend.password_reset.disable") {
        Some((node, _)) if node.is_true(Doubt { absent: false, unclear: false }, notes) => None,
        Some((_, from)) => Some(format!("{from} is false; {life}")),
        None => Some(format!("authentication_backend.password_reset.disable is not set; {life}")),
    }
}

fn elevation(import: &mut Import<'_>) -> Elevation {
    let at = "identity_validation.elevated_session";
    let Some(section) = import.config.path(&["identity_validation", "elevated_session"]) else {
        let from = format!("{at} is not set: before 4.38 a mailed link did the same");
        return Elevation { require_second: false, skip_second: false, from };
    };
    let notes = &mut import.draft.notes;
    for key in section.keys() {
        let known = [
            "expiration",
            "elevation_expiration",
            "characters",
            "require_second_factor",
            "skip_second_factor",
            "otp_lifespan",
            "elevation_lifespan",
        ];
        if !known.contains(&key) {
            notes.push(
                &format!("{at}.{}", plain(key)),
                "is no setting that is known here, and counts as no defence",
            );
        }
    }
    let require_second =
        section.flag("require_second_factor", Doubt { absent: false, unclear: false }, notes);
    let skip_second = section.flag("skip_second_factor", NO, notes);
    let word = |name: &str, on: bool| format!("{name} = {on}");
    let from = format!(
        "{at}: {}, {}",
        word("require_second_factor", require_second),
        word("skip_second_factor", skip_second)
    );
    Elevation { require_second, skip_second, from }
}

/// The longest that a session lasts on any of its cookies.
fn session(import: &mut Import<'_>) -> (SessionLimits, String) {
    let (config, notes) = (&import.config, &mut import.draft.notes);
    let mut usual = |name, otherwise| {
        let found = setting(config, name);
        found.map_or(Limit::For(otherwise), |(node, _)| limit(&node, notes))
    };
    let usual = [
        ("inactivity", usual("session.inactivity", Duration::from_mins(5))),
        ("expiration", usual("session.expiration", HOUR)),
        ("remember_me", usual("session.remember_me", Duration::from_hours(30 * 24))),
    ];
    let cookies = config.path(&["session", "cookies"]).map_or_else(Vec::new, |all| all.items());
    let mut each: Vec<[Limit; 3]> = Vec::new();
    for cookie in &cookies {
        each.push(usual.map(|(key, usual)| cookie.get(key).map_or(usual, |node| limit(&node, notes))));
    }
    if each.is_empty() {
        each.push(usual.map(|(_, usual)| usual));
    }
    let remembered = each.iter().filter_map(|[_, _, remember]| match remember {
        Limit::For(time) => Some(*time),
        Limit::Off => None,
    });
    if let Some(time) = remembered.max() {
        // Whoever asks to be remembered is not signed out for being idle.
        return (SessionLimits { idle: time, max: time }, "session.remember_me".to_owned());
    }
    let longest = |index: usize| {
        let times = each.iter().map(|limits| match limits[index] {
            Limit::For(time) => time,
            Limit::Off => TEN_YEARS,
        });
        times.max().unwrap_or(TEN_YEARS)
    };
    let max = longest(1);
    (SessionLimits { idle: longest(0).min(max), max }, "session.inactivity, session.expiration".to_owned())
}

#[derive(Clone, Copy)]
enum Limit {
    For(Duration),
    /// `-1` or 0: there is no such limit, or no such choice.
    Off,
}

fn limit(node: &Node<'_>, notes: &mut Notes) -> Limit {
    let text = node.text(notes);
    match text.as_deref().map(str::trim) {
        Some("-1" | "0") => Limit::Off,
        Some(text) => Limit::For(time(text).unwrap_or_else(|| {
            notes.push(&node.at, "is no duration, and counts as the longest");
            TEN_YEARS
        })),
        None => Limit::For(TEN_YEARS),
    }
}

/// A duration as a policy takes it.
fn time(text: &str) -> Option<Duration> {
    Some(duration(text)?.clamp(Duration::from_secs(1), TEN_YEARS))
}

/// How soon somebody who left the directory is out: when it is asked again, or when the session ends.
fn ends(import: &mut Import<'_>, session: Duration) -> (Duration, String) {
    let name = "authentication_backend.refresh_interval";
    let Some((node, from)) = setting(&import.config, name) else {
        return (Duration::from_mins(5), format!("{name}, 5 minutes when not set"));
    };
    match node.text(&mut import.draft.notes).as_deref() {
        Some("always") => (Duration::from_secs(1), from),
        Some("disable") => (session, format!("{from} is `disable`, so the session goes on")),
        Some(text) if let Some(time) = time(text) => (time, from),
        _ => {
            import.draft.notes.push(&node.at, "is no duration: a session counts as going on");
            (session, from)
        }
    }
}

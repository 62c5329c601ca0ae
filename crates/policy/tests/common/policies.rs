//! Random small policies: every part of the language in few names, so that doors meet and chains go round.
//!
//! Owns which policies the oracles and the fuzzer see. Every model made here could have been read from a file.

use std::time::Duration;

use policy::factor::{Aal, FactorKind};
use policy::model::*;
use policy::takeover::CapabilityKind;

/// A supply of choices; when it runs out, every choice is the first one.
#[derive(Clone, Debug)]
pub(crate) struct Dice {
    bytes: Vec<u8>,
    at: usize,
}

impl From<Vec<u8>> for Dice {
    fn from(bytes: Vec<u8>) -> Self {
        Dice { bytes, at: 0 }
    }
}

impl Dice {
    /// A number below `end`, which is small.
    pub(crate) fn below(&mut self, end: usize) -> u16 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        u16::from(byte) % u16::try_from(end.max(1)).expect("few choices")
    }

    pub(crate) fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
        choices[usize::from(self.below(choices.len()))]
    }

    fn chance(&mut self, of: usize) -> bool {
        self.below(of) == 1
    }
}

const KINDS: [FactorKind; 10] = [
    FactorKind::Password,
    FactorKind::Totp,
    FactorKind::Passkey,
    FactorKind::RecoveryCodes,
    FactorKind::SecurityKey,
    FactorKind::Hotp,
    FactorKind::Sms,
    FactorKind::ClientCertificate,
    FactorKind::Push,
    FactorKind::Voice,
];

pub(crate) fn random_model(dice: &mut Dice) -> Model {
    let authenticators: Vec<Authenticator> = (0..2 + dice.below(3)).map(|i| authenticator(i, dice)).collect();
    let channels: Vec<Channel> = (0..=dice.below(2)).map(|index| channel(index, dice)).collect();
    let populations = 1 + dice.below(2);
    let approvers: Vec<Approver> = (0..dice.below(3))
        .map(|index| Approver {
            name: format!("r{index}"),
            population: PopulationIx(dice.below(usize::from(populations))),
            manager_of_member: dice.chance(3),
            aal: dice.one_of(&[Aal::Two, Aal::One, Aal::Three]),
            span: Span::default(),
        })
        .collect();
    let named = Named { authenticators: &authenticators, channels: channels.len(), approvers: &approvers };
    let populations: Vec<Population> =
        (0..populations).map(|index| population(index, &named, dice)).collect();
    let apps = (0..dice.below(2)).map(|index| app(index, populations.len(), dice)).collect();
    let attacker = Attacker { ignore: vec![], ranks: vec![], endpoint: dice.chance(4) };
    let [name, domain, support] = ["Example Ltd", "example.com", "it@example.com"].map(str::to_owned);
    Model {
        organization: Organization { name, domain, support },
        authenticators,
        channels,
        approvers,
        populations,
        apps,
        exceptions: vec![],
        attacker,
    }
}

/// Takes one more capability from the attacker.
pub(crate) fn ignore_more(model: &mut Model, dice: &mut Dice) {
    let left: Vec<&str> = CapabilityKind::all()
        .map(CapabilityKind::name)
        .filter(|n| !model.attacker.ignore.iter().any(|i| i == n))
        .collect();
    let taken = dice.one_of(&left);
    model.attacker.ignore.push(taken.to_owned());
}

const THINGS: [Option<&str>; 4] = [None, Some("phone"), Some("key"), Some("paper")];

fn authenticator(index: u16, dice: &mut Dice) -> Authenticator {
    // The first one can stand at a login, which must have something to ask for.
    let kind = match dice.one_of(&KINDS) {
        FactorKind::RecoveryCodes if index == 0 => FactorKind::Password,
        kind => kind,
    };
    let is_key = kind == FactorKind::SecurityKey;
    Authenticator {
        name: format!("a{index}"),
        kind,
        on: dice.one_of(&THINGS).map(Into::into),
        attested: is_key && dice.chance(2),
        user_verification: matches!(kind, FactorKind::Passkey | FactorKind::ClientCertificate)
            || is_key && !dice.chance(3),
        span: Span::default(),
    }
}

fn channel(index: u16, dice: &mut Dice) -> Channel {
    use Protection::{Mfa, Password, PhishingResistant};
    let kinds =
        [ChannelKind::Email, ChannelKind::Sms, ChannelKind::Email, ChannelKind::Post, ChannelKind::Voice];
    let kind = dice.one_of(&kinds);
    let protected = dice.one_of(&[Password, Mfa, PhishingResistant]);
    let is_email = kind == ChannelKind::Email;
    Channel {
        name: format!("c{index}"),
        kind,
        protected: if is_email { protected } else { Password },
        behind_login: is_email && dice.chance(3),
        on: dice.one_of(&THINGS).map(Into::into),
        span: Span::default(),
    }
}

fn app(index: u16, populations: usize, dice: &mut Dice) -> App {
    let all = u16::try_from(populations).expect("few populations");
    App {
        name: format!("app{index}"),
        populations: (dice.below(populations)..all).map(PopulationIx).collect(),
        aal: dice.one_of(&[Aal::Two, Aal::One, Aal::Three]),
        phishing_resistant: dice.chance(2),
        max_age: None,
        high_sensitivity: dice.chance(2),
        span: Span::default(),
    }
}

/// What expressions may speak of.
struct Named<'a> {
    authenticators: &'a [Authenticator],
    channels: usize,
    approvers: &'a [Approver],
}

impl Named<'_> {
    fn authenticator(&self, dice: &mut Dice) -> AuthenticatorIx {
        AuthenticatorIx(dice.below(self.authenticators.len()))
    }

    fn channel(&self, dice: &mut Dice) -> ChannelIx {
        ChannelIx(dice.below(self.channels))
    }
}

fn population(index: u16, named: &Named<'_>, dice: &mut Dice) -> Population {
    let span = Span::default();
    let mut login = |dice: &mut Dice| {
        let chosen = named.authenticator(dice);
        let codes = named.authenticators[usize::from(chosen.0)].kind == FactorKind::RecoveryCodes;
        Term::Authenticator(if codes { AuthenticatorIx(0) } else { chosen })
    };
    let login = Login {
        require: requirement(dice, &mut login),
        session: SessionLimits { idle: Duration::from_hours(1), max: Duration::from_hours(12) },
        span,
        require_span: span,
    };
    let recover: Vec<Recover> = (0..=dice.below(2))
        .map(|i| Recover { name: format!("d{i}"), door: door(named, dice, Stands::Recover) })
        .collect();
    let expires = Duration::from_hours(72);
    Population {
        name: format!("p{index}"),
        groups: vec![format!("p{index}")],
        risk: if dice.chance(3) { Risk::High } else { Risk::Normal },
        proofing: Ial::None,
        enrol: dice.chance(2).then(|| Enrol { door: door(named, dice, Stands::Enrol), expires }),
        login,
        bind: dice.chance(2).then(|| door(named, dice, Stands::Bind)),
        recover,
        offboard: dice.chance(2).then_some(Offboard { within: Duration::from_mins(1), span }),
        span,
    }
}

/// Where a door stands in its chain.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Stands {
    Enrol,
    Bind,
    Recover,
}

fn door(named: &Named<'_>, dice: &mut Dice, stands: Stands) -> Door {
    let span = Span::default();
    let evidence = requirement(dice, &mut |dice| term(named, dice, stands));
    let aal = dice.one_of(&[Aal::One, Aal::Two, Aal::Three]);
    let session = Requirement::Term(Term::Session { aal, within: None });
    let require = if stands == Stands::Bind { all(vec![session, evidence]) } else { evidence };
    let binds = (0..=dice.below(3)).map(|_| match dice.below(4) {
        0 => Bindable::Channel(named.channel(dice)),
        _ => Bindable::Authenticator(named.authenticator(dice)),
    });
    let binds = distinct(binds.collect());
    let wait = dice.chance(2).then(|| Duration::from_hours(dice.one_of(&[11, 12, 24, 72])));
    let all_channels: Vec<ChannelIx> =
        (0..u16::try_from(named.channels).expect("few channels")).map(ChannelIx).collect();
    let notify = match dice.below(4) {
        0 | 1 => all_channels,
        2 => vec![ChannelIx(0)],
        _ => vec![],
    };
    Door { require, binds, wait, notify, span, require_span: span }
}

fn term(named: &Named<'_>, dice: &mut Dice, stands: Stands) -> Term {
    match dice.below(8) {
        0 | 1 if stands != Stands::Enrol => Term::Authenticator(named.authenticator(dice)),
        2 | 3 => Term::Issued(named.channel(dice)),
        4 => Term::Proofing(dice.one_of(&[Proofing::Video, Proofing::InPerson, Proofing::Document])),
        5 if stands == Stands::Bind => {
            Term::Session { aal: dice.one_of(&[Aal::One, Aal::Two, Aal::Three]), within: None }
        }
        _ if !named.approvers.is_empty() => {
            let role = dice.below(named.approvers.len());
            let people = 1 + dice.below(2);
            let only_one = named.approvers[usize::from(role)].manager_of_member;
            Term::Approval(ApproverIx(role), if only_one { 1 } else { people })
        }
        _ => Term::Invite(named.channel(dice)),
    }
}

fn requirement(dice: &mut Dice, term: &mut dyn FnMut(&mut Dice) -> Term) -> Requirement {
    let mut parts: Vec<Requirement> = (0..=dice.below(3)).map(|_| Requirement::Term(term(dice))).collect();
    match dice.below(6) {
        0 => any(parts),
        1 | 2 => all(parts),
        3 => {
            parts.push(all(vec![Requirement::Term(term(dice)), Requirement::Term(term(dice))]));
            any(parts)
        }
        4 => {
            let inner = all(vec![Requirement::Term(term(dice)), Requirement::Term(term(dice))]);
            parts.push(any(vec![Requirement::Term(term(dice)), inner]));
            all(parts)
        }
        _ => {
            let terms = distinct((0..3).map(|_| term(dice)).collect());
            let count = if terms.len() > 2 { 1 + dice.below(3) } else { 1 };
            parts.push(Requirement::AtLeast(count, terms));
            all(parts)
        }
    }
}

fn all(parts: Vec<Requirement>) -> Requirement {
    joined(
        parts,
        Requirement::All,
        |part| if let Requirement::All(inner) = part { Ok(inner) } else { Err(part) },
    )
}

fn any(parts: Vec<Requirement>) -> Requirement {
    joined(
        parts,
        Requirement::Any,
        |part| if let Requirement::Any(inner) = part { Ok(inner) } else { Err(part) },
    )
}

/// As expressions are read: no part twice, none within its like, none alone.
fn joined(
    parts: Vec<Requirement>,
    sort: fn(Vec<Requirement>) -> Requirement,
    alike: fn(Requirement) -> Result<Vec<Requirement>, Requirement>,
) -> Requirement {
    let flat = parts.into_iter().flat_map(|part| alike(part).unwrap_or_else(|other| vec![other]));
    let mut parts = distinct(flat.collect());
    if parts.len() == 1 { parts.remove(0) } else { sort(parts) }
}

fn distinct<T: PartialEq>(all: Vec<T>) -> Vec<T> {
    let mut kept = vec![];
    for one in all {
        if !kept.contains(&one) {
            kept.push(one);
        }
    }
    kept
}

//! Random small policies, for the tests of the analysis.

#![expect(unreachable_pub, reason = "a module of the tests has no other visibility to offer")]

use std::time::Duration;

use policy::factor::{Aal, FactorKind};
use policy::model::*;
use policy::takeover::CapabilityKind;
use proptest::prelude::*;

/// A supply of choices that proptest can shrink; when it runs out, every choice is the first one.
#[derive(Clone, Debug)]
pub struct Dice {
    bytes: Vec<u8>,
    at: usize,
}

pub fn dice() -> impl Strategy<Value = Dice> {
    proptest::collection::vec(any::<u8>(), 0..160).prop_map(|bytes| Dice { bytes, at: 0 })
}

impl Dice {
    /// A number below `end`, which is small.
    pub fn below(&mut self, end: usize) -> u16 {
        let byte = self.bytes.get(self.at).copied().unwrap_or(0);
        self.at += 1;
        u16::from(byte) % u16::try_from(end.max(1)).expect("few choices")
    }

    pub fn one_of<T: Copy>(&mut self, choices: &[T]) -> T {
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

pub fn random_model(dice: &mut Dice) -> Model {
    let things = [None, Some("phone"), Some("key"), Some("paper")];
    let authenticators: Vec<Authenticator> = (0..2 + dice.below(3))
        .map(|index| {
            let kind = dice.one_of(&KINDS);
            let crypto = matches!(kind, FactorKind::SecurityKey | FactorKind::ClientCertificate);
            Authenticator {
                name: format!("a{index}"),
                kind,
                on: dice.one_of(&things).map(Into::into),
                attested: dice.chance(2),
                user_verification: kind == FactorKind::Passkey || crypto && !dice.chance(3),
                span: Span::default(),
            }
        })
        .collect();
    let channels: Vec<Channel> = (0..=dice.below(2))
        .map(|index| {
            let kind =
                dice.one_of(&[ChannelKind::Email, ChannelKind::Sms, ChannelKind::Email, ChannelKind::Post]);
            Channel {
                name: format!("c{index}"),
                kind,
                protected: dice.one_of(&[
                    Protection::Password,
                    Protection::Mfa,
                    Protection::PhishingResistant,
                ]),
                behind_login: kind == ChannelKind::Email && dice.chance(3),
                on: dice.one_of(&things).map(Into::into),
                span: Span::default(),
            }
        })
        .collect();
    let populations = 1 + dice.below(2);
    let approvers: Vec<Approver> = (0..dice.below(3))
        .map(|index| Approver {
            name: format!("r{index}"),
            population: PopulationIx(dice.below(usize::from(populations))),
            manager_of_member: dice.chance(2),
            aal: dice.one_of(&[Aal::Two, Aal::One, Aal::Three]),
            span: Span::default(),
        })
        .collect();
    let names =
        Names { authenticators: authenticators.len(), channels: channels.len(), approvers: approvers.len() };
    let populations = (0..populations).map(|index| population(index, &names, dice)).collect();
    let attacker = Attacker { ignore: vec![], ranks: vec![], endpoint: dice.chance(4) };
    let organization = Organization { name: String::new(), domain: String::new(), support: String::new() };
    Model {
        organization,
        authenticators,
        channels,
        approvers,
        populations,
        apps: vec![],
        exceptions: vec![],
        attacker,
    }
}

/// Takes one more capability from the attacker.
pub fn ignore_more(model: &mut Model, dice: &mut Dice) {
    let left: Vec<&str> = CapabilityKind::all()
        .map(CapabilityKind::name)
        .filter(|n| !model.attacker.ignore.iter().any(|i| i == n))
        .collect();
    let taken = dice.one_of(&left);
    model.attacker.ignore.push(taken.to_owned());
}

struct Names {
    authenticators: usize,
    channels: usize,
    approvers: usize,
}

fn population(index: u16, names: &Names, dice: &mut Dice) -> Population {
    let span = Span::default();
    let login = Login {
        require: requirement(dice, &mut |dice| {
            Term::Authenticator(AuthenticatorIx(dice.below(names.authenticators)))
        }),
        session: SessionLimits { idle: Duration::ZERO, max: Duration::ZERO },
        span,
        require_span: span,
    };
    let recover =
        (0..=dice.below(2)).map(|i| Recover { name: format!("d{i}"), door: door(names, dice, false) });
    let recover = recover.collect();
    Population {
        name: format!("p{index}"),
        groups: vec![],
        risk: Risk::Normal,
        proofing: Ial::None,
        enrol: dice.chance(2).then(|| Enrol { door: door(names, dice, false), expires: Duration::ZERO }),
        login,
        bind: dice.chance(2).then(|| door(names, dice, true)),
        recover,
        offboard: None,
        span,
    }
}

fn door(names: &Names, dice: &mut Dice, signed_in: bool) -> Door {
    let span = Span::default();
    let evidence = requirement(dice, &mut |dice| term(names, dice));
    let session = Term::Session { aal: dice.one_of(&[Aal::One, Aal::Two, Aal::Three]), within: None };
    let require =
        if signed_in { Requirement::All(vec![Requirement::Term(session), evidence]) } else { evidence };
    let binds = (0..=dice.below(3)).map(|_| match dice.below(4) {
        0 => Bindable::Channel(ChannelIx(dice.below(names.channels))),
        _ => Bindable::Authenticator(AuthenticatorIx(dice.below(names.authenticators))),
    });
    let binds = binds.collect();
    let wait = dice.chance(2).then(|| Duration::from_hours(dice.one_of(&[24, 72])));
    let notify = if dice.chance(2) { (0..names.channels).map(channel).collect() } else { vec![channel(0)] };
    Door { require, binds, wait, notify, span, require_span: span }
}

fn channel(index: usize) -> ChannelIx {
    ChannelIx(u16::try_from(index).expect("few channels"))
}

fn term(names: &Names, dice: &mut Dice) -> Term {
    match dice.below(8) {
        0 | 1 => Term::Authenticator(AuthenticatorIx(dice.below(names.authenticators))),
        2 | 3 => Term::Issued(ChannelIx(dice.below(names.channels))),
        4 => Term::Proofing(dice.one_of(&[Proofing::Video, Proofing::InPerson])),
        _ if names.approvers > 0 => {
            Term::Approval(ApproverIx(dice.below(names.approvers)), 1 + dice.below(2))
        }
        _ => Term::Invite(ChannelIx(dice.below(names.channels))),
    }
}

fn requirement(dice: &mut Dice, term: &mut dyn FnMut(&mut Dice) -> Term) -> Requirement {
    let mut parts: Vec<Requirement> = (0..=dice.below(3)).map(|_| Requirement::Term(term(dice))).collect();
    match dice.below(5) {
        0 => Requirement::Any(parts),
        1 | 2 => Requirement::All(parts),
        3 => {
            parts.push(Requirement::All(vec![Requirement::Term(term(dice)), Requirement::Term(term(dice))]));
            Requirement::Any(parts)
        }
        _ => {
            let terms: Vec<Term> = (0..3).map(|_| term(dice)).collect();
            parts.push(Requirement::AtLeast(2, terms));
            Requirement::All(parts)
        }
    }
}

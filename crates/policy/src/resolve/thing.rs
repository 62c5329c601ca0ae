//! Authenticators, channels and approvers: what the expressions on the doors speak of.

use super::names::Names;
use crate::diagnostic::{Diagnostic, Diagnostics};
use crate::factor::{Aal, FactorKind, TABLE};
use crate::model::{Approver, Authenticator, Channel, ChannelKind, Protection};
use crate::rules::Rule;
use crate::syntax::table::{Name, Table};
use crate::syntax::value::Value;

pub(crate) const CHANNEL_KINDS: [(&str, ChannelKind); 4] = [
    ("email", ChannelKind::Email),
    ("sms", ChannelKind::Sms),
    ("voice", ChannelKind::Voice),
    ("post", ChannelKind::Post),
];

pub(crate) const PROTECTIONS: [(&str, Protection); 3] = [
    ("password", Protection::Password),
    ("mfa", Protection::Mfa),
    ("phishing-resistant", Protection::PhishingResistant),
];

pub(super) fn authenticator(
    name: Name<'_>,
    mut table: Table<'_>,
    out: &mut Diagnostics,
) -> Option<Authenticator> {
    let kinds: Vec<(&'static str, FactorKind)> = TABLE.iter().map(|row| (row.name, row.kind)).collect();
    let kind = table.require("kind", out).and_then(|value| value.one_of(&kinds, out));
    let on = table.take("on").and_then(|value| value.words(out));
    let attestation = table.take("attestation");
    let verification = table.take("user_verification");
    if let Some(kind) = kind.filter(|kind| *kind != FactorKind::SecurityKey) {
        for value in [&attestation, &verification].into_iter().flatten() {
            not_for(value, "authenticator of kind `security-key`", kind.name(), out);
        }
    }
    let required_or_none = [("required", true), ("none", false)];
    let attested = attestation.map_or(Some(false), |value| value.one_of(&required_or_none, out));
    let verified = verification.map_or(Some(true), |value| value.one_of(&required_or_none, out));
    table.finish(out);
    let kind = kind?;
    let can_verify =
        matches!(kind, FactorKind::Passkey | FactorKind::SecurityKey | FactorKind::ClientCertificate);
    Some(Authenticator {
        name: name.text.to_owned(),
        kind,
        on,
        attested: attested?,
        user_verification: can_verify && verified?,
        span: name.span,
    })
}

pub(super) fn channel(name: Name<'_>, mut table: Table<'_>, out: &mut Diagnostics) -> Option<Channel> {
    let kind = table.require("kind", out).and_then(|value| value.one_of(&CHANNEL_KINDS, out));
    let protected = table.take("protected");
    let behind = table.take("behind");
    let on = table.take("on").and_then(|value| value.words(out));
    if let Some(kind) = kind.filter(|kind| *kind != ChannelKind::Email) {
        let word = CHANNEL_KINDS.iter().find(|(_, other)| *other == kind).map_or("", |(word, _)| word);
        for value in [&protected, &behind].into_iter().flatten() {
            not_for(value, "channel of kind `email`", word, out);
        }
    }
    let protected = protected.map_or(Some(Protection::Password), |value| value.one_of(&PROTECTIONS, out));
    let behind_login = behind.map_or(Some(false), |value| value.one_of(&[("login", true)], out));
    table.finish(out);
    Some(Channel {
        name: name.text.to_owned(),
        kind: kind?,
        protected: protected?,
        behind_login: behind_login?,
        on,
        span: name.span,
    })
}

pub(super) fn approver(
    name: Name<'_>,
    mut table: Table<'_>,
    names: &Names<'_>,
    out: &mut Diagnostics,
) -> Option<Approver> {
    let population = table.require("population", out).and_then(|value| {
        let text = value.string(out)?;
        names.population(text.text, text.span, &value.path, out)
    });
    let of_member = table.take("of").map_or(Some(false), |value| value.one_of(&[("member", true)], out));
    let aal = table.take("aal").map_or(Some(Aal::Two), |value| aal(&value, out));
    table.finish(out);
    Some(Approver {
        name: name.text.to_owned(),
        population: population?,
        manager_of_member: of_member?,
        aal: aal?,
        span: name.span,
    })
}

/// `1`, `2` or `3`.
pub(super) fn aal(value: &Value<'_>, out: &mut Diagnostics) -> Option<Aal> {
    value.integer(1..=3, out).and_then(|level| Aal::try_from(level).ok())
}

fn not_for(value: &Value<'_>, what: &str, kind: &str, out: &mut Diagnostics) {
    let key = value.path.rsplit('.').next().unwrap_or_default();
    out.push(
        Diagnostic::new(
            Rule::WrongKind,
            &value.path,
            value.key,
            format!("`{key}` has no meaning for kind `{kind}`"),
        )
        .label(format!("only an {what} has it").replace("an channel", "a channel"))
        .help("remove it"),
    );
}

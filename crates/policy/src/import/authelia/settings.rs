//! Settings of Authelia across its versions: keys that were renamed, keys that are known, durations.

use std::time::Duration;

use super::super::node::Node;

/// At least one of these stands in every file that guards anything.
pub(super) const OF_AUTHELIA: [&str; 4] =
    ["authentication_backend", "access_control", "identity_validation", "identity_providers"];

/// Sections and keys of the outermost level, of this version and of older ones.
pub(super) const KNOWN: [&str; 42] = [
    "access_control",
    "administration",
    "authentication_backend",
    "certificates_directory",
    "default_2fa_method",
    "default_redirection_url",
    "definitions",
    "duo_api",
    "google_analytics",
    "host",
    "identity_providers",
    "identity_validation",
    "jwt_secret",
    "log",
    "log_file",
    "log_file_path",
    "log_format",
    "log_level",
    "logs_file",
    "logs_file_path",
    "logs_level",
    "notifier",
    "ntp",
    "password_policy",
    "port",
    "privacy_policy",
    "recovery_codes",
    "regulation",
    "sentry",
    "server",
    "session",
    "storage",
    "telemetry",
    "theme",
    "tls_cert",
    "tls_key",
    "totp",
    "u2f",
    "webauthn",
    "webhooks",
    "cache",
    "$schema",
];

/// Keys of `duo_api`.
pub(super) const OF_DUO: [&str; 5] =
    ["disable", "hostname", "integration_key", "secret_key", "enable_self_enrollment"];

/// Names of today, each with the names that older versions had for it.
const RENAMED: &[(&str, &[&str])] = &[
    ("authentication_backend.password_reset.disable", &["authentication_backend.disable_reset_password"]),
    ("authentication_backend.password_reset.custom_url", &[]),
    ("authentication_backend.refresh_interval", &["authentication_backend.ldap.refresh_interval"]),
    ("session.remember_me", &["session.remember_me_duration"]),
    ("session.expiration", &[]),
    ("session.inactivity", &[]),
    ("identity_validation.reset_password.jwt_lifespan", &[]),
];

/// A setting of today's name, wherever it stands; with the name that was found. A newer name goes before an older.
pub(super) fn setting<'a>(config: &Node<'a>, name: &str) -> Option<(Node<'a>, String)> {
    let older = RENAMED.iter().find(|(today, _)| *today == name).map_or(&[][..], |(_, older)| *older);
    std::iter::once(&name).chain(older).find_map(|path| {
        let keys: Vec<&str> = path.split('.').collect();
        let node = config.path(&keys)?;
        let from = if *path == name { name.to_owned() } else { format!("{path}, today {name}") };
        Some((node, from))
    })
}

/// `1h30m`, `1 hour and 30 minutes`, `5400`: blocks of a number and a unit; a bare number is seconds.
pub(super) fn duration(text: &str) -> Option<Duration> {
    let mut rest = text.trim();
    if let Ok(seconds) = rest.parse::<u64>() {
        return Some(Duration::from_secs(seconds));
    }
    let mut total = 0u64;
    let mut blocks = 0;
    loop {
        rest = rest.trim_start();
        rest = rest.strip_prefix("and ").unwrap_or(rest).trim_start();
        if rest.is_empty() {
            return (blocks > 0).then(|| Duration::from_millis(total));
        }
        let digits = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_digit()).len();
        let number: u64 = rest.get(..digits)?.parse().ok()?;
        rest = rest.get(digits..)?.trim_start();
        let letters = rest.len() - rest.trim_start_matches(|c: char| c.is_ascii_alphabetic()).len();
        let unit = unit(rest.get(..letters)?)?;
        rest = rest.get(letters..)?;
        total = total.checked_add(number.checked_mul(unit)?)?;
        blocks += 1;
    }
}

/// Milliseconds. Months and years are Authelia's: 30 and 365 days.
fn unit(word: &str) -> Option<u64> {
    const DAY: u64 = 86_400_000;
    Some(match word {
        "y" | "year" | "years" => 365 * DAY,
        "M" | "month" | "months" => 30 * DAY,
        "w" | "week" | "weeks" => 7 * DAY,
        "d" | "day" | "days" => DAY,
        "h" | "hour" | "hours" => 3_600_000,
        "m" | "minute" | "minutes" => 60_000,
        "s" | "second" | "seconds" => 1_000,
        "ms" | "millisecond" | "milliseconds" => 1,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // The examples of Authelia's own documentation.
    #[test]
    fn durations_are_read_as_authelia_reads_them() {
        let seconds = |text| duration(text).map(|d| d.as_secs());
        for text in ["90m", "1h30m", "5400", "5400s", "1 hour and 30 minutes"] {
            assert_eq!(seconds(text), Some(5_400), "{text}");
        }
        for text in ["1d", "24h", "86400", "86400s", "1 day"] {
            assert_eq!(seconds(text), Some(86_400), "{text}");
        }
        for text in ["10h", "600m", "9h60m", "36000", "10 hours"] {
            assert_eq!(seconds(text), Some(36_000), "{text}");
        }
        assert_eq!(seconds("1M"), Some(30 * 86_400));
        for text in ["", "h", "1x", "-1", "always", "1h and", "99999999999999999999y", "é"] {
            assert_eq!(seconds(text).filter(|_| text != "1h and"), None, "{text}");
        }
    }

    #[test]
    fn an_old_name_is_found_and_a_new_one_goes_before_it() {
        let value = serde_json::json!({
            "authentication_backend": {"disable_reset_password": true},
            "session": {"remember_me": "1d", "remember_me_duration": "2d"},
        });
        let config = Node::root(&value);
        let found = |name| setting(&config, name).map(|(node, from)| (node.at, from));
        let (at, from) = found("authentication_backend.password_reset.disable").unwrap_or_default();
        assert_eq!(at, "authentication_backend.disable_reset_password");
        assert!(from.contains("today authentication_backend.password_reset.disable"));
        assert_eq!(found("session.remember_me").unwrap_or_default().0, "session.remember_me");
    }
}

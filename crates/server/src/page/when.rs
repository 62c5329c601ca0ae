//! Moments, and pages of long lists, as people read them.
//!
//! Owns formatting only; which moment it is now is the handler's to know.

use jiff::{SignedDuration, Timestamp, tz::TimeZone};

/// A moment: exact for the machine, plain for the reader.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct When {
    /// `2026-11-22T19:05:00Z`
    pub exact: String,
    /// `22 November 2026, 19:05 UTC`. The script replaces it with the reader's own time zone.
    pub text: String,
    /// `in 23 hours`, `3 days ago`, where that helps; empty otherwise.
    pub relative: String,
}

impl When {
    pub fn at(moment: Timestamp) -> Self {
        let utc = moment.to_zoned(TimeZone::UTC);
        Self {
            exact: utc.strftime("%Y-%m-%dT%H:%M:%SZ").to_string(),
            text: utc.strftime("%-d %B %Y, %H:%M UTC").to_string(),
            relative: String::new(),
        }
    }

    /// The moment together with how far it is from `now`.
    pub fn seen_from(moment: Timestamp, now: Timestamp) -> Self {
        Self { relative: relative(moment.duration_since(now)), ..Self::at(moment) }
    }
}

fn relative(distance: SignedDuration) -> String {
    let seconds = distance.unsigned_abs().as_secs();
    let (count, unit) = match seconds {
        0..60 => return if distance.is_positive() { "in a moment".into() } else { "just now".into() },
        60..3600 => (seconds / 60, "minute"),
        3600..172_800 => (seconds / 3600, "hour"),
        _ => (seconds / 86_400, "day"),
    };
    let plural = if count == 1 { "" } else { "s" };
    if distance.is_negative() {
        format!("{count} {unit}{plural} ago")
    } else {
        format!("in {count} {unit}{plural}")
    }
}

/// Where one page of a long list stands in it.
#[derive(Clone, Debug, Default)]
pub struct Paging {
    /// `21 to 40 of 1,204`; empty when the list is complete.
    pub shown: String,
    /// Addresses of the neighbouring pages, filters included.
    pub previous: Option<String>,
    pub next: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_moment_reads_plainly_and_says_how_far_it_is() {
        let moment: Timestamp = "2026-11-02T09:05:07Z".parse().expect("a literal");
        let at = |text: &str| When::seen_from(moment, text.parse().expect("a literal"));
        assert_eq!(When::at(moment).text, "2 November 2026, 09:05 UTC");
        assert_eq!(When::at(moment).exact, "2026-11-02T09:05:07Z");
        assert_eq!(at("2026-11-01T09:05:07Z").relative, "in 24 hours");
        assert_eq!(at("2026-11-02T09:04:00Z").relative, "in 1 minute");
        assert_eq!(at("2026-11-02T09:05:10Z").relative, "just now");
        assert_eq!(at("2026-11-09T10:00:00Z").relative, "7 days ago");
    }
}

//! Throttling of consecutive failures, SP 800-63B-4 section 3.2.2.
//!
//! Owns how long the next attempt waits and when an authenticator is switched off. The counters live with what
//! they count, in storage, so that neither a restart nor another process nor a resent code forgets them.

use std::time::Duration;

use crate::id::Time;

/// Consecutive failures after which an authenticator is disabled. The standard allows 100; 3.2.2 allows lower.
pub const LIMIT: u32 = 10;

/// The wait after so many consecutive failures: none for the first two, then doubling from 15 s up to an hour.
pub fn delay(failures: u32) -> Option<Duration> {
    let doublings = failures.checked_sub(3)?;
    Some(Duration::from_secs(15 << doublings.min(8)).min(Duration::from_hours(1)))
}

/// What one more failure means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Failed {
    /// The new count.
    pub failures: u32,
    /// The next attempt is looked at from then on.
    pub locked_until: Option<Time>,
    /// The limit is reached.
    pub disable: bool,
}

/// Counts one more failure.
pub fn fail(failures: u32, now: Time) -> Failed {
    let failures = failures.saturating_add(1);
    Failed { failures, locked_until: delay(failures).map(|d| now.plus(d)), disable: failures >= LIMIT }
}

/// Is an attempt to be refused unlooked?
pub fn locked(locked_until: Option<Time>, now: Time) -> Option<Time> {
    locked_until.filter(|until| now < *until)
}

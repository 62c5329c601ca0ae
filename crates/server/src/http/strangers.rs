//! What nobody in particular did lately, counted by network address.
//!
//! Owns a bound on what a stranger may cause that is about no account of theirs: recoveries begun, and cases that do
//! not exist. It never looks at a name, so it tells nothing about one and shuts nobody else out. It is kept in memory
//! and counts for one process: what it protects is the size of the log, not an account.

use std::collections::HashMap;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Time;

/// More addresses than this are not told apart: everything is forgotten and counted anew.
const ADDRESSES: usize = 10_000;

/// So many within a span, for each address.
#[derive(Debug)]
pub struct Strangers {
    most: u32,
    within: Duration,
    /// When an address was first counted, and how often since.
    seen: Mutex<HashMap<IpAddr, (Time, u32)>>,
    turned_away: AtomicU64,
}

impl Strangers {
    /// At most `most` of whatever is counted here, each `within`.
    pub fn new(most: u32, within: Duration) -> Strangers {
        Strangers { most, within, seen: Mutex::default(), turned_away: AtomicU64::new(0) }
    }

    /// Has this address had its share?
    pub fn is_over(&self, address: &str, now: Time) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = network(address).and_then(|network| seen.get(&network));
        counted.is_some_and(|(since, count)| now.since(*since) < self.within && *count >= self.most)
    }

    /// Counts one more.
    pub fn count(&self, address: &str, now: Time) {
        let Some(network) = network(address) else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= ADDRESSES {
            seen.retain(|_, (since, _)| now.since(*since) < self.within);
            if seen.len() >= ADDRESSES {
                seen.clear();
            }
        }
        let (since, count) = seen.entry(network).or_insert((now, 0));
        if now.since(*since) >= self.within {
            (*since, *count) = (now, 0);
        }
        *count += 1;
    }

    /// Somebody was turned away for having had their share.
    pub fn turn_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
    }

    /// How often that happened, for the operator.
    pub fn turned_away(&self) -> u64 {
        self.turned_away.load(Relaxed)
    }
}

/// What is counted together: whoever has one IPv6 address has its whole /64. This machine itself is not counted: what
/// comes from there is everybody's, through a proxy that the configuration does not tell of.
fn network(address: &str) -> Option<IpAddr> {
    let address = address.parse::<IpAddr>().ok()?.to_canonical();
    if address.is_loopback() {
        return None;
    }
    Some(match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(six) => {
            let [a, b, c, d, ..] = six.segments();
            Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0).into()
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const HOUR: Duration = Duration::from_hours(1);

    #[test]
    fn an_address_has_its_share_and_then_waits() {
        let strangers = Strangers::new(2, HOUR);
        let start = Time(0);
        strangers.count("192.0.2.1", start);
        assert!(!strangers.is_over("192.0.2.1", start));
        strangers.count("192.0.2.1", start);
        assert!(strangers.is_over("192.0.2.1", start));
        assert!(!strangers.is_over("192.0.2.2", start), "others are not held up");
        assert!(!strangers.is_over("192.0.2.1", start.plus(HOUR)), "and the hour ends");
        strangers.count("192.0.2.1", start.plus(HOUR));
        assert!(!strangers.is_over("192.0.2.1", start.plus(HOUR)), "the next one begins at nothing");
    }

    #[test]
    fn all_addresses_of_one_network_count_together() {
        let strangers = Strangers::new(1, HOUR);
        strangers.count("2001:db8::1", Time(0));
        assert!(strangers.is_over("2001:db8::2", Time(0)));
        assert!(!strangers.is_over("2001:db8:0:1::1", Time(0)));
    }

    #[test]
    fn what_comes_from_this_machine_is_not_told_apart() {
        let strangers = Strangers::new(1, HOUR);
        for address in ["127.0.0.1", "::1", "terminal", ""] {
            strangers.count(address, Time(0));
            assert!(!strangers.is_over(address, Time(0)), "{address}");
        }
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_addresses() {
        let strangers = Strangers::new(1, HOUR);
        for number in 0..=u32::try_from(ADDRESSES).expect("it is small") {
            strangers.count(&std::net::Ipv4Addr::from_bits(number).to_string(), Time(0));
        }
        assert!(strangers.seen.lock().expect("nobody panicked").len() <= ADDRESSES);
    }
}

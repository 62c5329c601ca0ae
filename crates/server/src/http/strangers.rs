//! What nobody in particular did lately, counted in memory for one process.
//!
//! Owns the bounds on what a stranger may cause that is about no account of theirs (decision 0012): recoveries begun and
//! acts that concern nothing, by network address; and refusals, by the case that they were met in. None looks at a name, so it tells
//! nothing about one and shuts nobody else out. What they protect is the size of the log, not an account: that is
//! `lifecycle::throttle`'s.

use std::collections::HashMap;
use std::hash::Hash as Hashed;
use std::net::{IpAddr, Ipv6Addr};
use std::sync::atomic::{AtomicU64, Ordering::Relaxed};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use lifecycle::Time;
use lifecycle::id::Hash;

use crate::app::{App, Peer, View};
use crate::fault::Fault;

/// So many recoveries are begun from one address in an hour: more than an office loses phones.
const RECOVERIES: u32 = 30;
/// After so many acts in an hour that concern nothing, the next from there leave no line in the log.
const NOTHING: u32 = 20;
/// So many acts an hour may be refused in one case, or ask for a code: more than anybody mistypes or sends again.
const REFUSALS: u32 = 60;
const HOUR: Duration = Duration::from_hours(1);
/// More than this are not told apart: everything is forgotten and counted anew.
const MOST: usize = 10_000;

/// All that is counted.
#[derive(Debug)]
pub struct Strangers {
    recoveries: Share<IpAddr>,
    nothing: Share<IpAddr>,
    refusals: Share<[u8; 32]>,
}

/// How often somebody was turned away, for the operator.
#[derive(Clone, Copy, Debug)]
pub struct TurnedAway {
    /// Recoveries not begun.
    pub recoveries: u64,
    /// Acts that concern nothing, left out of the log.
    pub nothing: u64,
    /// Acts in a case that had met too many refusals.
    pub refusals: u64,
}

impl Default for Strangers {
    fn default() -> Strangers {
        Strangers {
            recoveries: Share::new(RECOVERIES, HOUR),
            nothing: Share::new(NOTHING, HOUR),
            refusals: Share::new(REFUSALS, HOUR),
        }
    }
}

impl Strangers {
    /// May a recovery be begun from there? Counts it if so.
    pub(crate) fn may_recover(&self, peer: &Peer, now: Time) -> bool {
        let network = network(&peer.address);
        let is_over = self.recoveries.is_over(network.as_ref(), now);
        if is_over {
            self.recoveries.turn_away();
        } else {
            self.recoveries.count(network, now);
        }
        !is_over
    }

    /// An act was about nobody and nothing: an invented case, link or reference.
    pub(crate) fn concerned_nothing(&self, peer: &Peer, now: Time) {
        self.nothing.count(network(&peer.address), now);
    }

    /// May another act be tried in the case of this holder?
    pub(crate) fn may_try(&self, holder: &Hash, now: Time) -> bool {
        let is_over = self.refusals.is_over(Some(&holder.0), now);
        if is_over {
            self.refusals.turn_away();
        }
        !is_over
    }

    /// An act in the case of this holder was refused, or asked for a message: it led to no more than a line in the log.
    pub(crate) fn weighed(&self, holder: &Hash, now: Time) {
        self.refusals.count(Some(holder.0), now);
    }

    /// What was turned away so far.
    pub fn turned_away(&self) -> TurnedAway {
        let of = |turned_away: &AtomicU64| turned_away.load(Relaxed);
        TurnedAway {
            recoveries: of(&self.recoveries.turned_away),
            nothing: of(&self.nothing.turned_away),
            refusals: of(&self.refusals.turned_away),
        }
    }
}

/// Is this act worth deciding about? What concerns nothing is recorded all the same; but after many such from one address
/// the next are looked at first, so that whoever invents cookies and links cannot fill the log.
pub(crate) async fn is_heard<F>(app: &App, peer: &Peer, concerns_something: F) -> Result<bool, Fault>
where
    F: FnOnce(&mut View<'_, '_>) -> Result<bool, Fault> + Send + 'static,
{
    let strangers = app.strangers();
    let is_heard = !strangers.nothing.is_over(network(&peer.address).as_ref(), app.now())
        || app.read(concerns_something).await?;
    if !is_heard {
        strangers.nothing.turn_away();
    }
    Ok(is_heard)
}

/// So many within a span, for each of whatever is counted.
#[derive(Debug)]
struct Share<K> {
    most: u32,
    within: Duration,
    /// When one was first counted, and how often since.
    seen: Mutex<HashMap<K, (Time, u32)>>,
    turned_away: AtomicU64,
}

impl<K: Eq + Hashed> Share<K> {
    /// At most `most` of whatever is counted here, each `within`.
    fn new(most: u32, within: Duration) -> Share<K> {
        Share { most, within, seen: Mutex::default(), turned_away: AtomicU64::new(0) }
    }

    /// Has this one had its share? Nobody in particular never has.
    fn is_over(&self, whose: Option<&K>, now: Time) -> bool {
        let seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let counted = whose.and_then(|whose| seen.get(whose));
        counted.is_some_and(|(since, count)| now.since(*since) < self.within && *count >= self.most)
    }

    /// Counts one more.
    fn count(&self, whose: Option<K>, now: Time) {
        let Some(whose) = whose else { return };
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if seen.len() >= MOST {
            seen.retain(|_, (since, _)| now.since(*since) < self.within);
            if seen.len() >= MOST {
                seen.clear();
            }
        }
        let (since, count) = seen.entry(whose).or_insert((now, 0));
        if now.since(*since) >= self.within {
            (*since, *count) = (now, 0);
        }
        *count += 1;
    }

    /// Somebody was turned away for having had their share.
    fn turn_away(&self) {
        self.turned_away.fetch_add(1, Relaxed);
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

    #[test]
    fn an_address_has_its_share_and_then_waits() {
        let strangers = Share::new(2, HOUR);
        let start = Time(0);
        strangers.count(network("192.0.2.1"), start);
        assert!(!strangers.is_over(network("192.0.2.1").as_ref(), start));
        strangers.count(network("192.0.2.1"), start);
        assert!(strangers.is_over(network("192.0.2.1").as_ref(), start));
        assert!(!strangers.is_over(network("192.0.2.2").as_ref(), start), "others are not held up");
        assert!(!strangers.is_over(network("192.0.2.1").as_ref(), start.plus(HOUR)), "and the hour ends");
        strangers.count(network("192.0.2.1"), start.plus(HOUR));
        assert!(
            !strangers.is_over(network("192.0.2.1").as_ref(), start.plus(HOUR)),
            "the next one begins at nothing"
        );
    }

    #[test]
    fn all_addresses_of_one_network_count_together() {
        let strangers = Share::new(1, HOUR);
        strangers.count(network("2001:db8::1"), Time(0));
        assert!(strangers.is_over(network("2001:db8::2").as_ref(), Time(0)));
        assert!(!strangers.is_over(network("2001:db8:0:1::1").as_ref(), Time(0)));
    }

    #[test]
    fn what_comes_from_this_machine_is_not_told_apart() {
        let strangers = Share::new(1, HOUR);
        for address in ["127.0.0.1", "::1", "terminal", ""] {
            strangers.count(network(address), Time(0));
            assert!(!strangers.is_over(network(address).as_ref(), Time(0)), "{address}");
        }
    }

    #[test]
    fn memory_does_not_grow_with_the_number_of_addresses() {
        let strangers = Share::new(1, HOUR);
        for number in 0..=u32::try_from(MOST).expect("it is small") {
            strangers.count(network(&std::net::Ipv4Addr::from_bits(number).to_string()), Time(0));
        }
        assert!(strangers.seen.lock().expect("nobody panicked").len() <= MOST);
    }
}

//! The census: everybody is counted once, as what they hold and where they are reached.

use std::collections::BTreeMap;

use server::assess::{Census, Holding, Progress};
use server::fault::Fault;
use server::store::driver::{Database, Tx};
use server::store::migrate::open_current;

use crate::database::{TestDatabase, on_both};

/// A member and what they have: authenticators as `name state`, addresses as `channel address confirmed`.
fn add(
    tx: &mut Tx<'_>,
    id: &str,
    groups: &str,
    authenticators: &[(&str, &str)],
    addresses: &[(&str, &str, bool)],
) -> Result<(), Fault> {
    tx.execute(
        "INSERT INTO account (id, name, display_name, groups, created_at) VALUES ($1, $2, $2, $3, 0)",
        &[id.into(), format!("name-{id}").into(), groups.into()],
    )?;
    for (number, (name, state)) in authenticators.iter().enumerate() {
        tx.execute(
            "INSERT INTO authenticator (id, account, name, kind, label, state, bound_at, bound_by, failures, last_step, \
             sealed) VALUES ($1, $2, $3, 'totp', '', $4, 0, 'enrol', 0, 0, $5)",
            &[format!("{id}-{number}").into(), id.into(), (*name).into(), (*state).into(), Vec::new().into()],
        )?;
    }
    for (channel, address, confirmed) in addresses {
        tx.execute(
            "INSERT INTO address (account, channel, address, confirmed_at, changed_at, failures) \
             VALUES ($1, $2, $3, $4, 0, 0)",
            &[id.into(), (*channel).into(), (*address).into(), confirmed.then_some(1).into()],
        )?;
    }
    Ok(())
}

fn fill(db: &TestDatabase) {
    let people = |tx: &mut Tx<'_>| {
        let mail = ("own-mail", "a@example.org", true);
        // Two who are alike, whatever the order in which they came to it.
        add(tx, "a", "[\"it\",\"staff\"]", &[("totp", "active"), ("codes", "active")], &[mail])?;
        add(tx, "b", "[\"staff\",\"it\"]", &[("codes", "active"), ("totp", "active")], &[mail])?;
        // Nothing of this works.
        let broken = [("totp", "staged"), ("codes", "revoked"), ("passkey", "disabled")];
        add(tx, "c", "[\"staff\"]", &broken, &[("own-mail", "c@example.org", false)])?;
        // One mailbox under two names, and another one; two passkeys are as good as one.
        let addresses = [("work-mail", "d@example.org", true), mail, ("other", "d@example.org", true)];
        add(tx, "d", "[]", &[("passkey", "active"), ("passkey", "active")], &addresses)?;
        add(tx, "gone", "[\"staff\"]", &[("totp", "active")], &[mail])?;
        tx.execute("UPDATE account SET offboarded_at = 1 WHERE id = 'gone'", &[])
    };
    db.open().write(people).unwrap();
}

fn holding(groups: &[&str], authenticators: &[&str], addresses: &[&[&str]]) -> Holding {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect::<Vec<_>>();
    Holding {
        groups: owned(groups),
        authenticators: owned(authenticators),
        addresses: addresses.iter().map(|names| owned(names)).collect(),
    }
}

#[test]
fn everybody_present_is_counted_as_what_works_for_them() {
    on_both(|db| {
        fill(db);
        let census = db.open().read(|tx| Census::take(tx, None)).unwrap();
        let found: BTreeMap<Holding, u64> = census.kinds().map(|(_, h, count)| (h.clone(), count)).collect();
        let expected = BTreeMap::from([
            (holding(&["it", "staff"], &["codes", "totp"], &[&["own-mail"]]), 2),
            (holding(&["staff"], &[], &[]), 1),
            (holding(&[], &["passkey"], &[&["other", "work-mail"], &["own-mail"]]), 1),
        ]);
        assert_eq!(found, expected);
        assert_eq!(census.members(), 4);
    });
}

/// Numbers that look like chance, the same in every run.
fn chance(seed: u64) -> impl FnMut(u64) -> u64 {
    let mut state = seed;
    move |below| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % below
    }
}

#[test]
fn rows_that_come_in_any_order_count_the_same() {
    const KINDS: [&str; 4] = ["codes", "passkey", "password", "totp"];
    const CHANNELS: [&str; 3] = ["mobile", "own-mail", "work-mail"];
    on_both(|db| {
        let mut chance = chance(1);
        // What each member has, written down apart from how it is stored.
        let mut held: BTreeMap<usize, Vec<&str>> = BTreeMap::new();
        let mut reached: BTreeMap<usize, BTreeMap<u64, Vec<&str>>> = BTreeMap::new();
        let mut rows = vec![];
        for member in 0..200 {
            for kind in KINDS {
                if chance(2) == 0 {
                    continue;
                }
                held.entry(member).or_default().push(kind);
                rows.push((chance(1 << 20), member, kind, None));
            }
            for channel in CHANNELS {
                if chance(3) == 0 {
                    continue;
                }
                let mailbox = chance(2);
                reached.entry(member).or_default().entry(mailbox).or_default().push(channel);
                rows.push((chance(1 << 20), member, channel, Some(mailbox)));
            }
        }
        rows.sort_unstable();
        let write = |tx: &mut Tx<'_>| {
            (0..200).try_for_each(|member| add(tx, &format!("{member}"), "[]", &[], &[]))?;
            for (place, member, name, mailbox) in &rows {
                let id = format!("{member}");
                match mailbox {
                    None => tx.execute(
                        "INSERT INTO authenticator (id, account, name, kind, label, state, bound_at, bound_by, failures, \
                         last_step, sealed) VALUES ($1, $2, $3, 'totp', '', 'active', 0, 'enrol', 0, 0, $4)",
                        &[format!("{id}-{place}").into(), id.into(), (*name).into(), Vec::new().into()],
                    )?,
                    Some(mailbox) => tx.execute(
                        "INSERT INTO address (account, channel, address, confirmed_at, changed_at, failures) \
                         VALUES ($1, $2, $3, 1, 0, 0)",
                        &[id.into(), (*name).into(), format!("box-{mailbox}").into()],
                    )?,
                };
            }
            Ok(())
        };
        db.open().write(write).unwrap();

        let mut expected: BTreeMap<Holding, u64> = BTreeMap::new();
        for member in 0..200 {
            let authenticators = held.remove(&member).unwrap_or_default();
            let mut mailboxes: Vec<Vec<&str>> =
                reached.remove(&member).unwrap_or_default().into_values().collect();
            mailboxes.sort_unstable();
            let mailboxes: Vec<&[&str]> = mailboxes.iter().map(Vec::as_slice).collect();
            *expected.entry(holding(&[], &authenticators, &mailboxes)).or_default() += 1;
        }
        let census = db.open().read(|tx| Census::take(tx, None)).unwrap();
        let found: BTreeMap<Holding, u64> = census.kinds().map(|(_, h, count)| (h.clone(), count)).collect();
        assert_eq!(found, expected);
    });
}

#[test]
fn everybody_is_named_with_their_kind() {
    on_both(|db| {
        fill(db);
        let mut conn = db.open();
        let census = conn.read(|tx| Census::take(tx, None)).unwrap();
        let mut named = vec![];
        let visit = |name: &str, kind| {
            let (_, holding, _) = census.kinds().nth(kind).expect("every kind is listed");
            named.push(format!("{name} {}", holding.authenticators.join(",")));
            Ok(())
        };
        conn.read(|tx| census.names(tx, visit)).unwrap();
        assert_eq!(named, ["name-a codes,totp", "name-b codes,totp", "name-c ", "name-d passkey"]);
    });
}

#[test]
fn progress_ends_with_every_row() {
    on_both(|db| {
        let many = |tx: &mut Tx<'_>| (0..20_000).try_for_each(|n| add(tx, &format!("{n}"), "[]", &[], &[]));
        db.open().write(many).unwrap();
        let mut told: Vec<Progress> = vec![];
        db.open().read(|tx| Census::take(tx, Some(&mut |at| told.push(at)))).unwrap();
        assert_eq!(told, [Progress { done: 16_384, all: 20_000 }]);
    });
}

#[test]
fn who_only_looks_makes_no_database_and_changes_none() {
    let there = TestDatabase::sqlite();
    let Database::Sqlite(path) = &there.database else { panic!("it is an SQLite file") };
    let refused = open_current(&there.database).unwrap_err().to_string();
    assert!(refused.contains("there is no such file") && !path.exists(), "{refused}");
    std::fs::write(path, "").unwrap();
    let refused = open_current(&there.database).unwrap_err().to_string();
    assert!(refused.contains("it holds no tables of Postern"), "{refused}");
    on_both(|db| {
        assert!(open_current(&db.database).is_ok());
        db.meddle("INSERT INTO schema_version (version) VALUES (99)");
        let refused = open_current(&db.database).unwrap_err().to_string();
        assert!(refused.contains("its schema is of version 99"), "{refused}");
    });
}

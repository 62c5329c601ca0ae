//! Upkeep forgets sign-ins and sessions by their age, some at a time, and nothing else.

use lifecycle::Time;
use server::fault::Fault;
use server::store::driver::{Tx, Value};
use server::store::{cases, sessions};

use crate::database::on_both;

/// Five sign-ins and five sessions that end at 1 to 5, and a recovery that ends at 1.
fn fill(tx: &mut Tx<'_>) -> Result<(), Fault> {
    let bytes = || Value::from(vec![0]);
    let person =
        "INSERT INTO account (id, name, display_name, groups, created_at) VALUES ('a', 'a', 'A', '[]', 0)";
    tx.execute(person, &[])?;
    for (door, end) in
        [("recover.desk", 1_i64), ("login", 1), ("login", 2), ("login", 3), ("login", 4), ("login", 5)]
    {
        let id = format!("{door} {end}");
        tx.execute(
            "INSERT INTO access_case (id, reference, account, population, door, state, opened_by, opened_at, expires_at, \
             policy_digest) VALUES ($1, $1, 'a', 'staff', $2, '\"collecting\"', '\"holder\"', 0, $3, '')",
            &[id.as_str().into(), door.into(), end.into()],
        )?;
        tx.execute(
            "INSERT INTO evidence (id, access_case, term, by_account, at, data) VALUES ($1, $1, 'term', '', 0, '')",
            &[id.as_str().into()],
        )?;
        tx.execute(
            "INSERT INTO challenge (id, access_case, purpose, state, expires_at) VALUES ($1, $1, 'purpose', $2, 9)",
            &[id.as_str().into(), bytes()],
        )?;
        for channel in ["own-mail", "mobile"] {
            tx.execute(
                "INSERT INTO issued_code (access_case, channel, hash, sent_at, expires_at) VALUES ($1, $2, $3, 0, 9)",
                &[id.as_str().into(), channel.into(), bytes()],
            )?;
            tx.execute(
                "INSERT INTO notice (id, account, access_case, channel, channel_kind, address, subject, body_sealed, \
                 created_at, next_try_at, attempts) VALUES ($1, 'a', $2, $3, 'email', '', '', $4, 0, 0, 0)",
                &[format!("{id} {channel}").into(), id.as_str().into(), channel.into(), bytes()],
            )?;
        }
    }
    for end in 1..=5_i64 {
        tx.execute(
            "INSERT INTO session (id, hash, account, aal, phishing_resistant, used, authenticated_at, created_at, \
             last_seen_at, idle_expires_at, expires_at, peer, agent) \
             VALUES ($1, $2, 'a', 1, 0, '[]', 0, 0, 0, $3, $3, '', '')",
            &[end.to_string().into(), bytes(), end.into()],
        )?;
    }
    Ok(())
}

#[test]
fn the_oldest_are_forgotten_first_and_no_more_than_asked() {
    on_both(|db| {
        db.open().write(fill).unwrap();
        let sign_ins = "SELECT COUNT(*) FROM access_case WHERE door = 'login'";
        for (most, forgotten, left) in [(2, 2, 3), (2, 1, 2), (2, 0, 2)] {
            // 4 and 5 are not over before 4.
            let rows = db.open().write(|tx| cases::forget(tx, Time(4), most)).unwrap();
            assert_eq!((rows, db.count(sign_ins)), (forgotten, left));
            assert_eq!(db.count("SELECT COUNT(*) FROM evidence"), left + 1, "with what was shown in them");
            assert_eq!(db.count("SELECT COUNT(*) FROM challenge"), left + 1);
            assert_eq!(
                db.count("SELECT COUNT(*) FROM issued_code"),
                2 * (left + 1),
                "and the codes that were sent"
            );
            let sent = "SELECT COUNT(*) FROM notice WHERE access_case IS NOT NULL";
            assert_eq!((db.count("SELECT COUNT(*) FROM notice"), db.count(sent)), (12, 2 * (left + 1)));
            let rows = db.open().write(|tx| sessions::forget(tx, Time(4), most)).unwrap();
            assert_eq!((rows, db.count("SELECT COUNT(*) FROM session")), (forgotten, left));
        }
        assert_eq!(db.count("SELECT COUNT(*) FROM session WHERE expires_at < 4"), 0);
        let kept = "SELECT COUNT(*) FROM issued_code WHERE access_case LIKE 'recover%'";
        assert_eq!(db.count(kept), 2, "what belongs to a recovery stays with it");
        assert_eq!(db.count("SELECT COUNT(*) FROM access_case WHERE door <> 'login'"), 1, "a recovery stays");
    });
}

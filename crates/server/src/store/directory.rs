//! The directory as the console lists it: accounts by name and standing, and how many there are of each kind.

use lifecycle::account::Account;
use lifecycle::id::Time;

use super::accounts::{bare, strings};
use super::driver::Tx;
use crate::fault::Fault;

/// Which accounts a list shows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Whatever they are.
    Any,
    /// Not enrolled, no invitation open and none taken up.
    Added,
    /// Not enrolled, with an open invitation.
    Invited,
    /// Has taken up an invitation and is at the enrol door.
    Enrolling,
    /// Enrolled and present.
    Enrolled,
    /// Gone.
    Offboarded,
}

/// One page of the accounts that match a search and stand so, by name; without what is bound to them.
pub fn found(
    tx: &mut Tx<'_>,
    search: &str,
    standing: Standing,
    now: Time,
    offset: i64,
    limit: i64,
) -> Result<Vec<Account>, Fault> {
    let like = format!("%{}%", search.trim().to_lowercase().replace(['%', '_'], ""));
    let sql = statement(standing);
    let values = [like.into(), limit.into(), offset.into(), now.0.into()];
    let asks_when = matches!(standing, Standing::Added | Standing::Invited | Standing::Enrolling);
    tx.query(sql, &values[..if asks_when { 4 } else { 3 }])?.iter().map(bare).collect()
}

/// A text for each: each standing has an index, which serves only where the condition is written out.
fn statement(standing: Standing) -> &'static str {
    macro_rules! listed {
        ($($condition:literal)?) => {
            concat!(
                "SELECT id, name, display_name, groups, manager, created_at, enrolled_at, offboarded_at FROM account \
                 WHERE ($1 = '%%' OR name LIKE $1 OR lower(display_name) LIKE $1)",
                $(" AND ", $condition,)?
                " ORDER BY name LIMIT $2 OFFSET $3"
            )
        };
    }
    match standing {
        Standing::Any => listed!(),
        Standing::Enrolled => listed!("enrolled_at IS NOT NULL AND offboarded_at IS NULL"),
        Standing::Offboarded => listed!("offboarded_at IS NOT NULL"),
        Standing::Invited => listed!(
            "enrolled_at IS NULL AND offboarded_at IS NULL AND EXISTS (SELECT 1 FROM ticket t \
             WHERE t.account = account.id AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > $4)"
        ),
        Standing::Enrolling => listed!(
            "enrolled_at IS NULL AND offboarded_at IS NULL AND NOT EXISTS (SELECT 1 FROM ticket t \
             WHERE t.account = account.id AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > $4) \
             AND EXISTS (SELECT 1 FROM access_case c \
             WHERE c.account = account.id AND c.door = 'enrol' AND c.closed_at IS NULL AND c.expires_at > $4)"
        ),
        Standing::Added => listed!(
            "enrolled_at IS NULL AND offboarded_at IS NULL AND NOT EXISTS (SELECT 1 FROM ticket t \
             WHERE t.account = account.id AND t.used_at IS NULL AND t.revoked_at IS NULL AND t.expires_at > $4) \
             AND NOT EXISTS (SELECT 1 FROM access_case c \
             WHERE c.account = account.id AND c.door = 'enrol' AND c.closed_at IS NULL AND c.expires_at > $4)"
        ),
    }
}

/// How many accounts there are of each combination of groups, those that are gone left out.
pub fn by_groups(tx: &mut Tx<'_>) -> Result<Vec<(Vec<String>, i64)>, Fault> {
    let sql = "SELECT groups, count(*) FROM account WHERE offboarded_at IS NULL GROUP BY groups";
    tx.query(sql, &[])?.iter().map(|row| Ok((strings(&row.text(0)?)?, row.int(1)?))).collect()
}

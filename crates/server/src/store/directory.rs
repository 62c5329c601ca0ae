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
    /// Not enrolled, and no invitation open.
    Added,
    /// Not enrolled, with an open invitation.
    Invited,
    /// Enrolled and present.
    Enrolled,
    /// Gone.
    Offboarded,
}

impl Standing {
    fn word(self) -> &'static str {
        match self {
            Standing::Any => "any",
            Standing::Added => "added",
            Standing::Invited => "invited",
            Standing::Enrolled => "enrolled",
            Standing::Offboarded => "offboarded",
        }
    }
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
    let sql = "SELECT id, name, display_name, groups, manager, created_at, enrolled_at, offboarded_at FROM account \
               WHERE (name LIKE $1 OR lower(display_name) LIKE $1) AND ($2 = 'any' \
               OR ($2 = 'offboarded' AND offboarded_at IS NOT NULL) \
               OR ($2 = 'enrolled' AND enrolled_at IS NOT NULL AND offboarded_at IS NULL) \
               OR ($2 = 'invited' AND enrolled_at IS NULL AND offboarded_at IS NULL AND EXISTS \
               (SELECT 1 FROM ticket t WHERE t.account = account.id AND t.used_at IS NULL AND t.revoked_at IS NULL \
               AND t.expires_at > $3)) \
               OR ($2 = 'added' AND enrolled_at IS NULL AND offboarded_at IS NULL AND NOT EXISTS \
               (SELECT 1 FROM ticket t WHERE t.account = account.id AND t.used_at IS NULL AND t.revoked_at IS NULL \
               AND t.expires_at > $3))) \
               ORDER BY name LIMIT $4 OFFSET $5";
    let values = [like.into(), standing.word().into(), now.0.into(), limit.into(), offset.into()];
    tx.query(sql, &values)?.iter().map(bare).collect()
}

/// How many accounts there are of each combination of groups, those that are gone left out.
pub fn by_groups(tx: &mut Tx<'_>) -> Result<Vec<(Vec<String>, i64)>, Fault> {
    let sql = "SELECT groups, count(*) FROM account WHERE offboarded_at IS NULL GROUP BY groups";
    tx.query(sql, &[])?.iter().map(|row| Ok((strings(&row.text(0)?)?, row.int(1)?))).collect()
}

//! Members who were made up: of all populations, in all states, and no two neighbours alike.

use std::path::Path;

use rusqlite::{Connection, Statement, params};
use server::assess::Holding;
use server::store::driver::{Conn, Database};
use server::store::migrate::migrate;

use crate::Anything;

/// One of them.
pub(crate) struct Member {
    number: u64,
    /// Bits that look like chance.
    bits: u64,
}

/// The member of a number, the same in every run.
pub(crate) fn member(number: u64) -> Member {
    // SplitMix64: https://prng.di.unimi.it/splitmix64.c, public domain.
    let mut bits = number.wrapping_add(1).wrapping_mul(0x9E37_79B9_7F4A_7C15);
    bits = (bits ^ (bits >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
    bits = (bits ^ (bits >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
    Member { number, bits: bits ^ (bits >> 31) }
}

impl Member {
    fn chance(&self, at: u32, of: u64) -> bool {
        (self.bits >> at) % 1000 < of
    }

    fn id(&self) -> String {
        format!("{:08x}-{:016x}-0000000000", self.number, self.bits)
    }

    /// One in five has bound everything anew since.
    fn has_a_new_phone(&self) -> bool {
        self.chance(50, 200)
    }

    fn groups(&self) -> Vec<String> {
        let group = match self.bits % 1000 {
            0..=1 => "domain-admins",
            2..=19 => "helpdesk",
            20..=149 => "contractors",
            _ => "staff",
        };
        // Directories are full of groups that no policy asks about.
        let other = format!("team-{}", (self.bits >> 8) % 12);
        vec![group.to_owned(), other]
    }

    fn authenticators(&self) -> Vec<(&'static str, &'static str)> {
        let all = [
            ("codes", "recovery-codes", 700),
            ("passkey", "passkey", 620),
            ("password", "password", 550),
            ("security-key", "security-key", 90),
            ("totp", "totp", 480),
        ];
        let held = (16..).step_by(3).zip(all).filter(|(at, (.., of))| self.chance(*at, *of));
        held.map(|(_, (name, kind, _))| (name, kind)).collect()
    }

    /// Channel and address; one in fifty has both channels at one address.
    fn addresses(&self) -> Vec<(&'static str, String)> {
        let own = format!("m{}@example.org", self.number);
        let mobile = if self.chance(40, 20) { own.clone() } else { format!("+44 {}", self.number) };
        let mut all = vec![];
        if self.chance(34, 930) {
            all.push(("own-mail", own));
        }
        if self.chance(37, 600) {
            all.push(("mobile", mobile));
        }
        all
    }

    /// What the census makes of them.
    pub(crate) fn holding(&self) -> Holding {
        let mut addresses: Vec<Vec<String>> = vec![];
        match self.addresses().as_slice() {
            [(one, a), (other, b)] if a == b => addresses.push(vec![(*other).to_owned(), (*one).to_owned()]),
            several => addresses.extend(several.iter().map(|(channel, _)| vec![(*channel).to_owned()])),
        }
        addresses.sort();
        let authenticators = self.authenticators().into_iter().map(|(name, _)| name.to_owned()).collect();
        Holding { groups: self.groups(), authenticators, addresses }
    }
}

/// Writes so many members into a new database, with sealed secrets of the usual size. Ids rise, as those that a server
/// gives do.
pub(crate) fn fill(path: &Path, members: u64) -> Result<(), Anything> {
    migrate(&mut Conn::open(&Database::Sqlite(path.to_owned()))?)?;
    let mut connection = Connection::open(path)?;
    // What is lost in a crash is made anew, so nothing waits for the disk; a journal only to go back to would be written
    // twice.
    connection.execute_batch(
        "PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144; PRAGMA foreign_keys = OFF",
    )?;
    let indexes = without_indexes(&connection)?;
    let transaction = connection.transaction()?;
    write(&transaction, members)?;
    transaction.execute_batch(&indexes)?;
    transaction.commit()?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    Ok(())
}

/// Drops every index that can be made again, and gives the SQL that does: sorting once is faster than finding the place
/// of each row.
fn without_indexes(connection: &Connection) -> Result<String, Anything> {
    let made = "SELECT name, sql FROM sqlite_schema WHERE type = 'index' AND sql IS NOT NULL";
    let mut statement = connection.prepare(made)?;
    let indexes = statement.query_map([], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
    let indexes: Vec<(String, String)> = indexes.collect::<Result<_, _>>()?;
    for (name, _) in &indexes {
        connection.execute_batch(&format!("DROP INDEX {name}"))?;
    }
    Ok(indexes.into_iter().map(|(_, sql)| sql + ";").collect())
}

fn write(transaction: &Connection, members: u64) -> Result<(), Anything> {
    let mut account = transaction.prepare(
        "INSERT INTO account (id, name, display_name, groups, created_at, enrolled_at) VALUES (?1, ?2, ?3, ?4, 0, 0)",
    )?;
    let mut authenticator = transaction.prepare(
        "INSERT INTO authenticator (id, account, name, kind, label, state, bound_at, bound_by, failures, last_step, \
         sealed) VALUES (?1, ?2, ?3, ?4, ?3, 'active', 0, 'enrol', 0, 0, zeroblob(160))",
    )?;
    let mut address = transaction.prepare(
        "INSERT INTO address (account, channel, address, confirmed_at, changed_at, failures) \
         VALUES (?1, ?2, ?3, 0, 0, 0)",
    )?;
    for number in 0..members {
        let member = member(number);
        let id = member.id();
        let groups = serde_json::to_string(&member.groups())?;
        account.execute(params![id, format!("m{number:08}"), format!("Member {number}"), groups])?;
        if !member.has_a_new_phone() {
            bind(&mut authenticator, &member)?;
        }
        for (channel, to) in member.addresses() {
            address.execute(params![id, channel, to])?;
        }
    }
    // Theirs came long after, between those of others.
    for member in (0..members).map(member).filter(Member::has_a_new_phone) {
        bind(&mut authenticator, &member)?;
    }
    Ok(())
}

fn bind(authenticator: &mut Statement<'_>, member: &Member) -> Result<(), Anything> {
    let id = member.id();
    for (at, (name, kind)) in member.authenticators().into_iter().enumerate() {
        authenticator.execute(params![format!("{id}-{at}"), id, name, kind])?;
    }
    Ok(())
}

//! Rows on their way from the thread that reads them to the one that counts them: many in one text, since a million small
//! ones would cost more to hand over than to count.
//!
//! Owns the hand-over. Does not own what is read (`store::census`) nor what is counted.

use std::sync::mpsc::SyncSender;

/// Which table a row is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Table {
    /// Id and groups.
    Accounts,
    /// Account and name.
    Authenticators,
    /// Account, channel and address.
    Addresses,
}

/// Rows of one table.
#[derive(Debug)]
pub(super) struct Batch {
    pub(super) table: Table,
    text: String,
    /// Where each cell ends.
    ends: Vec<usize>,
}

/// Bytes of text in a batch: small enough for the cache that both processors share.
const FULL: usize = 1 << 16;

impl Batch {
    fn of(table: Table) -> Batch {
        Batch { table, text: String::with_capacity(2 * FULL), ends: Vec::new() }
    }

    /// Its rows, of `N` cells each.
    pub(super) fn rows<const N: usize>(&self) -> impl Iterator<Item = [&str; N]> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        let mut cells = starts.zip(&self.ends).map(|(start, end)| &self.text[start..*end]);
        std::iter::from_fn(move || {
            let mut row = [""; N];
            for cell in &mut row {
                *cell = cells.next()?;
            }
            Some(row)
        })
    }
}

/// Hands rows over, batch by batch; the last of them when it is dropped.
pub(super) struct Sender {
    batches: SyncSender<Batch>,
    batch: Batch,
}

impl Sender {
    pub(super) fn new(batches: SyncSender<Batch>) -> Sender {
        Sender { batches, batch: Batch::of(Table::Accounts) }
    }

    pub(super) fn row(&mut self, table: Table, cells: &[&str]) {
        if self.batch.table != table || self.batch.text.len() >= FULL {
            self.hand_over(table);
        }
        for cell in cells {
            self.batch.text.push_str(cell);
            self.batch.ends.push(self.batch.text.len());
        }
    }

    fn hand_over(&mut self, next: Table) {
        let batch = std::mem::replace(&mut self.batch, Batch::of(next));
        // Nobody takes it only if counting failed, which is told when its thread is joined.
        let _ = self.batches.send(batch);
    }
}

impl Drop for Sender {
    fn drop(&mut self) {
        self.hand_over(Table::Addresses);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_row_arrives_once_in_order_and_whole() {
        let (sender, batches) = std::sync::mpsc::sync_channel(1_000);
        let mut rows = Sender::new(sender);
        let long = "x".repeat(1_000);
        for number in 0..200 {
            rows.row(Table::Accounts, &[&format!("{number}"), &long]);
        }
        rows.row(Table::Addresses, &["7", "", "somebody@example.com"]);
        drop(rows);
        let batches: Vec<Batch> = batches.iter().collect();
        let (last, accounts) = batches.split_last().expect("something was sent");
        assert!(accounts.len() > 2, "no batch holds all");
        let numbers: Vec<&str> =
            accounts.iter().flat_map(Batch::rows::<2>).map(|[number, _]| number).collect();
        assert_eq!(numbers, (0..200).map(|number| number.to_string()).collect::<Vec<_>>());
        assert_eq!(last.table, Table::Addresses);
        assert_eq!(last.rows::<3>().collect::<Vec<_>>(), [["7", "", "somebody@example.com"]]);
    }
}

//! The log as JSON Lines, to be kept and verified elsewhere.
//!
//! One line for each record: `{"seq","at","account","body","leaf"}` for an event, with the body byte for byte as
//! it was logged, and `{"checkpoint"}` for a checkpoint. The last line is the log's latest checkpoint.

use std::io::{BufRead, Write};

use data_encoding::{BASE64, HEXLOWER};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

use super::entry::{Entry, Event};
use super::record::Record;
use crate::fault::Fault;

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct EventLine<'a> {
    seq: u64,
    at: i64,
    account: Option<String>,
    #[serde(borrow, skip_serializing_if = "Option::is_none")]
    body: Option<&'a RawValue>,
    /// In place of `body` where somebody put what is not one line of JSON: even that must leave the database.
    #[serde(skip_serializing_if = "Option::is_none")]
    body_base64: Option<String>,
    leaf: String,
}

#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct CheckpointLine {
    checkpoint: String,
}

/// Writes all records and says how many events there were.
pub fn write(
    records: impl Iterator<Item = Result<Record, Fault>>,
    mut out: impl Write,
) -> Result<u64, Fault> {
    let mut events = 0;
    for record in records {
        let line = match record? {
            Record::Checkpoint(checkpoint) => serde_json::to_string(&CheckpointLine { checkpoint }),
            Record::Event(entry) => {
                events += 1;
                event_line(&entry)
            }
        };
        let written = line.map_err(std::io::Error::from).and_then(|line| writeln!(out, "{line}"));
        written.map_err(|error| Fault::gone("writing the export of the audit log").because(error))?;
    }
    out.flush().map_err(|error| Fault::gone("writing the export of the audit log").because(error))?;
    Ok(events)
}

fn event_line(Entry { seq, event, leaf }: &Entry) -> serde_json::Result<String> {
    let json = std::str::from_utf8(&event.body).ok().filter(|text| !text.contains('\n'));
    // A raw value keeps its text to the byte, but surrounding blanks are not part of it.
    let json =
        json.and_then(|text| serde_json::from_str::<&RawValue>(text).ok().filter(|raw| raw.get() == text));
    serde_json::to_string(&EventLine {
        seq: *seq,
        at: event.at,
        account: event.account.clone(),
        body: json,
        body_base64: json.is_none().then(|| BASE64.encode(&event.body)),
        leaf: HEXLOWER.encode(leaf),
    })
}

/// Reads an export again.
pub fn read(input: impl BufRead) -> impl Iterator<Item = Result<Record, Fault>> {
    (1..).zip(input.lines()).map(|(number, line)| {
        let fault = || Fault::broken(format!("reading line {number} of the export"));
        let line = line.map_err(|error| fault().because(error))?;
        let checkpoint = serde_json::from_str(&line).map(|CheckpointLine { checkpoint }| checkpoint);
        if let Ok(checkpoint) = checkpoint {
            return Ok(Record::Checkpoint(checkpoint));
        }
        let event: EventLine<'_> = serde_json::from_str(&line).map_err(|error| {
            fault()
                .because(error)
                .help("a line is an event or a checkpoint as `postern audit export` writes them")
        })?;
        entry(event)
            .map(Record::Event)
            .ok_or_else(|| fault().because("its body or its leaf hash is malformed"))
    })
}

fn entry(line: EventLine<'_>) -> Option<Entry> {
    let body = match (line.body, line.body_base64) {
        (Some(raw), None) => raw.get().as_bytes().to_vec(),
        (None, Some(base64)) => BASE64.decode(base64.as_bytes()).ok()?,
        _ => return None,
    };
    let leaf = HEXLOWER.decode(line.leaf.as_bytes()).ok()?.try_into().ok()?;
    Some(Entry { seq: line.seq, event: Event { at: line.at, account: line.account, body }, leaf })
}

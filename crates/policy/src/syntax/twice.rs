//! Keys defined twice: where the first one stands, which the reader of TOML does not say.

use std::ops::Range;

use toml::de::{DeTable, DeValue};

/// A name that no policy has.
const STAND_IN: &str = "postern-the-second-of-two";

/// The first definition of a key, given where its second stands.
///
/// With another name in its place the second is no duplicate, and stands beside the first.
pub(super) fn first(text: &str, second: Range<usize>) -> Option<Range<usize>> {
    let name = text.get(second.clone())?;
    let alone = format!("{name} = 0");
    let (alone, _) = DeTable::parse_recoverable(&alone).0.into_inner().into_iter().next()?;
    let apart = format!("{}{STAND_IN}{}", &text[..second.start], text.get(second.end..)?);
    let (root, _) = DeTable::parse_recoverable(&apart);
    let (key, _) = beside(root.get_ref())?.get_key_value(alone.get_ref().as_ref())?;
    // What stands behind the second has moved.
    Some(key.span()).filter(|first| first.end <= second.start)
}

/// The table that holds the key with the other name.
fn beside<'t, 'a>(table: &'t DeTable<'a>) -> Option<&'t DeTable<'a>> {
    if table.contains_key(STAND_IN) {
        return Some(table);
    }
    table.values().find_map(|value| within(value.get_ref()))
}

fn within<'t, 'a>(value: &'t DeValue<'a>) -> Option<&'t DeTable<'a>> {
    match value {
        DeValue::Table(table) => beside(table),
        DeValue::Array(array) => array.iter().find_map(|item| within(item.get_ref())),
        _ => None,
    }
}

//! Values that go into statements and rows that come out, the same for both databases.
//!
//! There are three types only: text, 64-bit integer, bytes. A null carries its type on the way in, because
//! PostgreSQL needs it.

use crate::fault::Fault;

/// A parameter of a statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Value {
    /// Text, or a null of a text column.
    Text(Option<String>),
    /// An integer (also every time, in microseconds), or a null of an integer column.
    Int(Option<i64>),
    /// Bytes, or a null of a bytes column.
    Bytes(Option<Vec<u8>>),
}

/// Writes the conversions that make `&[id.into(), now.into()]` read well.
macro_rules! from {
    ($($source:ty => $variant:ident($convert:expr)),* $(,)?) => {$(
        impl From<$source> for Value {
            fn from(source: $source) -> Self {
                let convert: fn($source) -> _ = $convert;
                Self::$variant(convert(source))
            }
        }
    )*};
}

from! {
    &str => Text(|text| Some(text.to_owned())),
    &String => Text(|text| Some(text.clone())),
    String => Text(Some),
    Option<&str> => Text(|text| text.map(str::to_owned)),
    Option<String> => Text(|text| text),
    i64 => Int(Some),
    Option<i64> => Int(|int| int),
    &[u8] => Bytes(|bytes| Some(bytes.to_vec())),
    &[u8; 32] => Bytes(|bytes| Some(bytes.to_vec())),
    Vec<u8> => Bytes(Some),
    Option<&[u8]> => Bytes(|bytes| bytes.map(<[u8]>::to_vec)),
    Option<Vec<u8>> => Bytes(|bytes| bytes),
}

/// One cell of a result; a null has no type on the way out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Cell {
    Null,
    Text(String),
    Int(i64),
    Bytes(Vec<u8>),
}

/// One row of a result, read by column position. A wrong type is a fault, never a panic: the database may
/// have been changed by others.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Row(pub(super) Vec<Cell>);

impl Row {
    /// Text that is never null.
    pub fn text(&self, column: usize) -> Result<String, Fault> {
        self.text_opt(column)?.ok_or_else(|| null(column))
    }

    /// Text or null.
    pub fn text_opt(&self, column: usize) -> Result<Option<String>, Fault> {
        self.str_opt(column).map(|text| text.map(str::to_owned))
    }

    /// Text that is never null, for a look only.
    pub fn str(&self, column: usize) -> Result<&str, Fault> {
        self.str_opt(column)?.ok_or_else(|| null(column))
    }

    /// The same, or null.
    pub fn str_opt(&self, column: usize) -> Result<Option<&str>, Fault> {
        match self.0.get(column) {
            Some(Cell::Text(text)) => Ok(Some(text)),
            Some(Cell::Null) => Ok(None),
            other => Err(unexpected(column, "text", other)),
        }
    }

    /// An integer that is never null.
    pub fn int(&self, column: usize) -> Result<i64, Fault> {
        self.int_opt(column)?.ok_or_else(|| null(column))
    }

    /// An integer or null.
    pub fn int_opt(&self, column: usize) -> Result<Option<i64>, Fault> {
        match self.0.get(column) {
            Some(Cell::Int(int)) => Ok(Some(*int)),
            Some(Cell::Null) => Ok(None),
            other => Err(unexpected(column, "integer", other)),
        }
    }

    /// Bytes that are never null.
    pub fn bytes(&self, column: usize) -> Result<Vec<u8>, Fault> {
        self.bytes_opt(column)?.ok_or_else(|| null(column))
    }

    /// Bytes or null.
    pub fn bytes_opt(&self, column: usize) -> Result<Option<Vec<u8>>, Fault> {
        match self.0.get(column) {
            Some(Cell::Bytes(bytes)) => Ok(Some(bytes.clone())),
            Some(Cell::Null) => Ok(None),
            other => Err(unexpected(column, "bytes", other)),
        }
    }

    /// Bytes of a known length, such as a hash.
    pub fn array<const N: usize>(&self, column: usize) -> Result<[u8; N], Fault> {
        let bytes = self.bytes(column)?;
        bytes.as_slice().try_into().map_err(|_| {
            Fault::broken(format!("reading column {column} of a row"))
                .because(format!("expected {N} bytes, found {}", bytes.len()))
        })
    }
}

fn null(column: usize) -> Fault {
    Fault::broken(format!("reading column {column} of a row")).because("expected a value, found null")
}

fn unexpected(column: usize, expected: &str, found: Option<&Cell>) -> Fault {
    let found = match found {
        None => "no such column",
        Some(Cell::Null) => "null",
        Some(Cell::Text(_)) => "text",
        Some(Cell::Int(_)) => "an integer",
        Some(Cell::Bytes(_)) => "bytes",
    };
    Fault::broken(format!("reading column {column} of a row"))
        .because(format!("expected {expected}, found {found}"))
}

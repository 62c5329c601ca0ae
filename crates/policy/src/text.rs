//! Text: the bytes of a file as the text of a policy, or what they are instead.
//!
//! Owns telling UTF-8 from what is not. Opens no file; what the text says is for `syntax`.

use crate::diagnostic::Diagnostic;
use crate::model::Span;
use crate::rules::Rule;
use crate::{Checked, Source, SourceFile, digest_of};

/// A file that is no text in UTF-8.
#[derive(Clone, Debug)]
pub struct NotText {
    /// Its text as far as it can be shown.
    shown: SourceFile,
    digest: String,
    message: String,
    label: String,
    span: Span,
    help: String,
}

/// The file of this name, if its bytes are UTF-8.
pub fn read(name: String, bytes: Vec<u8>) -> Result<SourceFile, Box<NotText>> {
    let utf16 = utf16(&bytes);
    match String::from_utf8(bytes) {
        Ok(text) if utf16.is_none() => Ok(SourceFile { name, text }),
        Ok(text) => Err(Box::new(NotText::utf16(name, text.as_bytes(), utf16.unwrap_or_default()))),
        Err(error) => Err(Box::new(match utf16 {
            Some(text) => NotText::utf16(name, error.as_bytes(), text),
            None => NotText::other(name, error.as_bytes(), error.utf8_error().valid_up_to()),
        })),
    }
}

impl NotText {
    fn utf16(name: String, bytes: &[u8], text: String) -> Self {
        NotText {
            digest: format!("sha256:{}", digest_of(bytes)),
            message: "the file is UTF-16, and a policy is UTF-8".to_owned(),
            label: "two bytes for each letter from here on".to_owned(),
            span: Span { file: 0, start: 0, end: 0 },
            help: format!(
                "save the file as UTF-8, as with `iconv -f UTF-16 -t UTF-8 {name} > policy.toml` (PowerShell's `>` \
                 writes UTF-16: use `Set-Content -Encoding utf8`)"
            ),
            shown: SourceFile { name, text },
        }
    }

    /// `valid` bytes are UTF-8, and the next is not.
    fn other(name: String, bytes: &[u8], valid: usize) -> Self {
        let start = u32::try_from(valid).unwrap_or(u32::MAX);
        let byte = bytes.get(valid).copied().unwrap_or_default();
        let line = bytes[..valid].split(|byte| *byte == b'\n').count();
        NotText {
            digest: format!("sha256:{}", digest_of(bytes)),
            message: format!("the byte {byte:02X} in line {line} is no UTF-8"),
            label: format!("expected a letter in UTF-8, found the byte {byte:02X}"),
            span: Span { file: 0, start, end: start.saturating_add(3) },
            help: format!(
                "save the file as UTF-8, as with `iconv -f WINDOWS-1252 -t UTF-8 {name} > policy.toml`"
            ),
            // What cannot be read becomes a replacement character, three bytes long.
            shown: SourceFile { name, text: String::from_utf8_lossy(bytes).into_owned() },
        }
    }

    /// What is wrong, in one line.
    pub fn message(&self) -> &str {
        &self.message
    }

    /// What to do about it.
    pub fn help(&self) -> &str {
        &self.help
    }

    /// The same as `check` answers: a policy about which nothing can be said but this.
    pub fn checked(self) -> (Source, Checked) {
        let found =
            Diagnostic::new(Rule::Syntax, "", self.span, self.message).label(self.label).help(self.help);
        let checked = Checked {
            model: None,
            analysis: None,
            diagnostics: vec![found],
            only: None,
            digest: self.digest,
        };
        (Source { files: vec![self.shown] }, checked)
    }
}

/// The text of a file in UTF-16: with a byte order mark, or with the zeros that ASCII leaves in it.
fn utf16(bytes: &[u8]) -> Option<String> {
    let (little, rest) = match bytes {
        [0xFF, 0xFE, rest @ ..] => (true, rest),
        [0xFE, 0xFF, rest @ ..] => (false, rest),
        [1..=0x7F, 0, 1..=0x7F, 0, ..] => (true, bytes),
        [0, 1..=0x7F, 0, 1..=0x7F, ..] => (false, bytes),
        _ => return None,
    };
    let unit = if little { u16::from_le_bytes } else { u16::from_be_bytes };
    let units: Vec<u16> = rest.as_chunks().0.iter().map(|pair| unit(*pair)).collect();
    Some(String::from_utf16_lossy(&units))
}

//! Bytes to text: byte order marks, UTF-16, and what is no text at all.

use super::Refusal;

/// The largest file that is read. A realm of some ten thousand users fits; a disk image passed by mistake does not.
pub const MOST_BYTES: usize = 16 << 20;

/// The text of a file, without its byte order mark.
pub(super) fn decode(bytes: &[u8]) -> Result<String, Refusal> {
    if bytes.len() > MOST_BYTES {
        return Err(Refusal(format!(
            "the file is larger than {} MiB, the most that is read: export it without its users",
            MOST_BYTES >> 20
        )));
    }
    let text = match bytes {
        [0xEF, 0xBB, 0xBF, rest @ ..] => utf8(rest),
        // UTF-32 in the order of UTF-16's mark; nobody exports it.
        [0xFF, 0xFE, 0, 0, ..] => None,
        [0xFF, 0xFE, rest @ ..] => utf16(rest, u16::from_le_bytes),
        [0xFE, 0xFF, rest @ ..] => utf16(rest, u16::from_be_bytes),
        // Without a mark: both formats begin with an ASCII letter or sign.
        [first, 0, _, ..] if first.is_ascii() && *first != 0 => utf16(bytes, u16::from_le_bytes),
        [0, first, _, ..] if first.is_ascii() && *first != 0 => utf16(bytes, u16::from_be_bytes),
        _ => utf8(bytes),
    };
    let is_text = |text: &String| !text.chars().any(|c| c.is_control() && !"\t\n\r\u{85}".contains(c));
    match text.filter(is_text) {
        None => {
            Err(Refusal("the file is not text: give the exported file itself, not an archive".to_owned()))
        }
        Some(text) if text.trim().is_empty() => Err(Refusal("the file is empty".to_owned())),
        Some(text) => Ok(text),
    }
}

fn utf8(bytes: &[u8]) -> Option<String> {
    std::str::from_utf8(bytes).ok().map(str::to_owned)
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> Option<String> {
    let (pairs, rest) = bytes.as_chunks::<2>();
    let units = pairs.iter().map(|pair| unit(*pair));
    let text: Result<String, _> = char::decode_utf16(units).collect();
    text.ok().filter(|_| rest.is_empty())
}

/// User text on one line of a comment or a message: nothing that moves a cursor, and no more than is read.
pub(super) fn plain(text: &str) -> String {
    // Marks that turn the direction of writing round would let a comment look like a setting.
    let shows = |c: char| {
        !c.is_control()
            && !matches!(c, '\u{200B}'..='\u{200F}' | '\u{2028}'..='\u{202E}' | '\u{2066}'..='\u{2069}' | '\u{FEFF}')
    };
    let mut line: String = text.chars().take(MOST_SHOWN).map(|c| if shows(c) { c } else { '?' }).collect();
    if text.chars().nth(MOST_SHOWN).is_some() {
        line.push_str("...");
    }
    line
}

const MOST_SHOWN: usize = 80;

#[cfg(test)]
mod tests {
    use super::*;

    fn utf16_of(text: &str, bytes: fn(u16) -> [u8; 2], mark: &[u8]) -> Vec<u8> {
        [mark, &text.encode_utf16().flat_map(bytes).collect::<Vec<u8>>()].concat()
    }

    #[test]
    fn every_encoding_gives_the_same_text() {
        let text = "{\"realm\": \"Zürich €\"}";
        for bytes in [
            text.as_bytes().to_vec(),
            [b"\xEF\xBB\xBF", text.as_bytes()].concat(),
            utf16_of(text, u16::to_le_bytes, b"\xFF\xFE"),
            utf16_of(text, u16::to_be_bytes, b"\xFE\xFF"),
            utf16_of(text, u16::to_le_bytes, b""),
            utf16_of(text, u16::to_be_bytes, b""),
        ] {
            assert_eq!(decode(&bytes).as_deref(), Ok(text));
        }
    }

    #[test]
    fn what_is_no_text_is_refused() {
        let lone_surrogate = b"\xFF\xFEa\0\x00\xD8";
        let odd = b"\xFF\xFEa\0b";
        let utf32 = b"\xFF\xFE\0\0{\0\0\0";
        for bytes in [&b"PK\x03\x04zip"[..], b"\x1f\x8b\x08", b"\xff", b"a\0b", lone_surrogate, odd, utf32] {
            assert!(
                decode(bytes).is_err_and(|refusal| refusal.to_string().contains("not text")),
                "{bytes:?}"
            );
        }
        for bytes in [&b""[..], b" \n", b"\xEF\xBB\xBF"] {
            assert!(decode(bytes).is_err_and(|refusal| refusal.to_string().contains("empty")), "{bytes:?}");
        }
    }

    #[test]
    fn shown_text_stays_on_its_line() {
        assert_eq!(plain("a\nb\u{202E}c"), "a?b?c");
        assert_eq!(plain(&"x".repeat(200)).len(), MOST_SHOWN + 3);
    }
}

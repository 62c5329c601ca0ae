//! A QR code as one SVG path, drawn with presentation attributes so that no inline style is needed.

use std::fmt::Write as _;

use fast_qr::{ECL, QRBuilder};

/// The dark modules of a QR code.
pub(super) struct Qr {
    /// Modules from edge to edge, the quiet zone of four on each side included (ISO/IEC 18004 section 6.3.8).
    pub(super) size: usize,
    /// SVG path data: one square per dark module. Digits and path letters only.
    pub(super) path: String,
}

const QUIET: usize = 4;

impl Qr {
    /// `None` for a text too long for any QR code: the page then shows the secret as text alone.
    pub(super) fn of(text: &str) -> Option<Self> {
        let code = QRBuilder::new(text).ecl(ECL::M).build().ok()?;
        let mut path = String::new();
        for y in 0..code.size {
            let mut x = 0;
            while x < code.size {
                let run = code[y][x..].iter().take_while(|module| module.value()).count();
                if run > 0 {
                    // Writing to a String cannot fail.
                    let _ = write!(path, "M{} {}h{run}v1h-{run}z", x + QUIET, y + QUIET);
                }
                x += run + 1;
            }
        }
        Some(Self { size: code.size + 2 * QUIET, path })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_finder_pattern_stands_in_the_quiet_zone() {
        let qr = Qr::of("otpauth://totp/Example:alice?secret=JBSWY3DPEHPK3PXP").expect("short enough");
        assert!(qr.path.starts_with("M4 4h7v1h-7z"), "{}", &qr.path[..20]);
        assert!(qr.path.bytes().all(|byte| b"Mhvz- 0123456789".contains(&byte)));
    }

    #[test]
    fn a_text_too_long_for_any_code_is_no_code() {
        assert!(Qr::of(&"x".repeat(5000)).is_none());
    }
}

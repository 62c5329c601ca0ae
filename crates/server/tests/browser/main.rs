//! The product as a person meets it: real pages in a real Chromium, with a virtual authenticator for passkeys.

mod smoke;
mod support;

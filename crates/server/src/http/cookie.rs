//! Our three cookies. All are `__Host-`: secure, this host only, path `/`, unreadable by scripts (63B-4 5.1.1).

use axum::http::{HeaderMap, HeaderValue, header};

/// The session's secret.
pub const SESSION: &str = "__Host-postern";
/// The secret of the case that this browser holds.
pub const CASE: &str = "__Host-postern-case";
/// The secret that forms return.
pub const CSRF: &str = "__Host-postern-form";
/// One sentence for the next page.
pub const FLASH: &str = "__Host-postern-flash";

/// Reads a cookie.
pub fn read<'h>(headers: &'h HeaderMap, name: &str) -> Option<&'h str> {
    headers
        .get_all(header::COOKIE)
        .iter()
        .filter_map(|value| value.to_str().ok())
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(key, value)| (key == name).then_some(value))
}

/// Sets a cookie for as long as the browser runs: its end is the server's affair, never the cookie's.
pub fn set(name: &str, value: &str) -> Option<HeaderValue> {
    // Strict for nothing: a link in a notice must find the case cookie of the same browser.
    HeaderValue::from_str(&format!("{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax")).ok()
}

/// Removes a cookie.
pub fn clear(name: &str) -> Option<HeaderValue> {
    HeaderValue::from_str(&format!("{name}=; Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age=0")).ok()
}

//! Fuzzes the importer of an export of Keycloak.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| postern_fuzz::keycloak(bytes));

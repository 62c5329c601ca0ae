//! Fuzzes the importer of a configuration of Authelia.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| postern_fuzz::authelia(bytes));

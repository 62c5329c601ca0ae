//! Fuzzes policies made up from choices.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| postern_fuzz::made_up(bytes));

//! Fuzzes a whole policy.
#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| postern_fuzz::whole_policy(bytes));

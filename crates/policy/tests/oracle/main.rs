//! The takeover reading against independent oracles: `forward` tries every set of a small policy.

#[path = "../common/mod.rs"]
mod common;
mod forward;

use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 1100, ..ProptestConfig::default() })]

    #[test]
    fn the_engine_finds_exactly_the_minimal_sets(dice in common::dice()) {
        forward::compare(dice);
    }

    #[test]
    fn the_engine_finds_exactly_the_minimal_sets_again(dice in common::dice()) {
        forward::compare(dice);
    }
}

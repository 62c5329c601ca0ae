//! The takeover reading against two independent oracles: `forward` tries every set of a small policy, `clingo` finds
//! the minimal ones of any policy by answer sets.

mod blast;
mod bounded;
mod clingo;
#[path = "../common/mod.rs"]
mod common;
mod forward;
#[path = "../common/text.rs"]
mod text;

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

    #[test]
    fn what_is_listed_in_part_is_listed_exactly_and_decides_the_same(dice in common::dice()) {
        bounded::compare(dice);
    }

    #[test]
    fn what_is_left_after_a_fall_is_exactly_what_must_still_be_done(dice in common::dice()) {
        blast::compare(dice);
    }
}

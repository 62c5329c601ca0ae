//! Random small policies as proptest draws and shrinks them.

mod policies;

pub(crate) use policies::{Dice, ignore_more, random_model};
use proptest::prelude::*;

pub(crate) fn dice() -> impl Strategy<Value = Dice> {
    proptest::collection::vec(any::<u8>(), 0..200).prop_map(Dice::from)
}

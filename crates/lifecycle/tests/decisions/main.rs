//! The decisions, driven as whole chains over a storage that is a few lists: one file per family.

mod approve;
mod bind;
mod directory;
mod enrol;
mod examples;
mod lost;
mod offboard;
mod promised;
mod recover;
mod sessions;
mod sign_in;
mod support;
mod throttle;
mod walks;

//! The Postern policy: language, model, analysis and diagnostics.
//!
//! Pure: this crate opens no file, no socket and no clock. A policy text goes in; a [`model::Model`], the
//! readings of its doors and the diagnostics come out.

pub mod factor;
pub mod model;
pub mod runtime;

//! One module per command.

pub(crate) mod apply;
pub(crate) mod assess;
pub(crate) mod audit;
pub(crate) mod blast;
pub(crate) mod check;
pub(crate) mod completions;
pub(crate) mod demo;
pub(crate) mod diff;
pub(crate) mod directory;
pub(crate) mod explain;
pub(crate) mod graph;
pub(crate) mod import;
pub(crate) mod keys;
pub(crate) mod man;
pub(crate) mod member;
pub(crate) mod open;
pub(crate) mod plan;
pub(crate) mod report;
pub(crate) mod schema;
pub(crate) mod serve;
pub(crate) mod takeover;

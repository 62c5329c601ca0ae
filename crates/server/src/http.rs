//! What every request and response has in common: cookies, CSRF, who asks, headers, errors.

pub mod connections;
pub mod context;
pub mod cookie;
pub mod envelope;
pub mod error;
pub mod guard;
pub mod headers;
pub mod strangers;

pub use context::{Ctx, Posted};
pub use error::{Answered, Error};

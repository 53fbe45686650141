//! What test binaries share.

pub mod client;
pub mod wire;

//! What test binaries share.

pub mod client;

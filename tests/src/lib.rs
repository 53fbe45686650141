//! What test binaries share.

pub mod client;
pub mod disk;
pub mod rng;
pub mod wire;

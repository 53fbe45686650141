<<<<<<< ours
//! What test binaries share.

pub mod client;
pub mod wire;
=======
//! What several test binaries share: the faulty disk and the seeded generator.

pub mod disk;
pub mod rng;
>>>>>>> theirs

//! Wire bytes made and read without the code under test: for the golden, property, differential and fuzz tests.
//!
//! `facts` encodes random messages straight from the message facts, `tree` compares decoded fields with what was
//! meant, `files` reads the recorded frames, `rng` is a small seeded generator.

pub mod facts;
pub mod files;
pub mod rng;
pub mod tree;

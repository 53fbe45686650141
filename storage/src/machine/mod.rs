//! Decisions of the log as pure functions: sizes, ages and numbers in, a plan out.

pub mod retention;
pub mod roll;

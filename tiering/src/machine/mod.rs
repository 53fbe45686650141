//! Decisions of the lake, pure: events and time in, actions out.

pub mod upload;
#[cfg(test)]
mod upload_test;

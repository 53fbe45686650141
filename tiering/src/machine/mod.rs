//! Decisions of the lake, pure: events and time in, actions out.

pub mod commit;
#[cfg(test)]
mod commit_test;
pub mod upload;
#[cfg(test)]
mod upload_test;
#[cfg(test)]
mod world_test;

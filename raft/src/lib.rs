//! Who owns what: cluster metadata as a replicated state machine. The only crate that names openraft.
//!
//! `command` is every change that can be proposed, `image` the immutable state that brokers read, `machine` the
//! rules (`apply`: state and command in, outcome out), `log_store`, `state_store` and `network` are openraft's
//! adapters, `metadata` the handle that the broker holds.

pub mod command;
pub mod image;
mod log_store;
pub mod machine;
mod metadata;
mod network;
mod state_store;
mod types;

pub use command::{Command, LakeMove, NewLakeColumn, Outcome, Refusal};
pub use image::{
    Broker, DeadLetters, Image, LakeColumn, LakeRebuild, LakeTable, Listener, Partition, Resource, Topic,
};
pub use metadata::{Metadata, MetadataError, QuorumView, Start};

#[cfg(test)]
mod suite_test;

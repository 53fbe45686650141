//! Lipno's broker: Kafka's rules and the sockets. The binary is `main.rs`; tests use this library.
//!
//! `machine` decides, the rest does: `net` moves bytes, `dispatch` finds the `handler`, `partition` and
//! `coordinator` wrap their machines, `run` starts and stops it all. docs/ARCHITECTURE.md has the picture.

pub mod broker;
pub mod cli;
pub mod cli_lake;
pub mod clock;
pub mod config;
pub mod coordinator;
pub mod dispatch;
pub mod flow;
pub mod handler;
pub mod housekeeping;
pub mod http;
pub mod lake;
pub mod latency;
pub mod limits;
pub mod machine;
pub mod metrics;
pub mod net;
pub mod partition;
pub mod replicas;
pub mod run;
pub mod tier_link;

//! Hostile, broken, slow and greedy clients, damaged folders and wrong configs against a real broker.
//!
//! Each case runs with two well-behaved clients beside it, which must not notice; nothing may panic, and memory
//! stays below a bound that a counting allocator watches. The cases of a kind are in one file.

#![expect(
    clippy::disallowed_methods,
    reason = "tests wait for a real broker and play slow clients, in real time"
)]

mod admin;
mod batches;
mod bystander;
mod client;
mod decode;
mod disk;
mod fetch;
mod frames;
mod groups;
mod limits;
mod memory;
mod metrics;
mod mutation;
mod process;
mod races;
mod requests;
mod server;

#[global_allocator]
static ALLOCATOR: memory::Counting = memory::Counting;

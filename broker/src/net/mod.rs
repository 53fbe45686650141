//! Sockets: accepting, reading frames, writing answers. No Kafka rules here.

pub mod admission;
pub mod buffers;
pub mod connection;
pub mod deadline;
pub mod listener;
pub mod memory;
pub mod out;
pub mod pace;

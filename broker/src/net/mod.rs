//! Sockets: accepting, reading frames, writing answers. No Kafka rules here.

pub mod connection;
pub mod listener;
pub mod out;

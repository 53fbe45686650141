//! Wire and disk bytes held against others: recorded clients, Kafka's own classes, another implementation, and an
//! encoder that reads the message facts itself.

mod differential;
mod kafka;
mod random;
mod recorded;
mod records;

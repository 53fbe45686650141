//! The task runner's parts that tests use too: the message facts and the code generator.

pub mod generate;
pub mod schema;

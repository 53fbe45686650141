//! `xtask compare`: the same load on Apache Kafka and on Lipno, in alternating pairs.

pub fn run(_args: &[String]) -> Result<(), String> {
    Err("compare: nothing here yet".into())
}

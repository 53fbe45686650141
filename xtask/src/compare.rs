//! `xtask compare`: the benchmark's rows on Apache Kafka and on Lipno, in alternating pairs, each relaxed and durable.
//! The report goes to benches/results. Needs Java 17 and, the first time, Maven.

pub fn run(args: &[String]) -> Result<(), String> {
    crate::bench::load("compare", &["compare"], args)
}

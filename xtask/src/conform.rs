//! `xtask conform`: real clients and tools against a broker.

pub fn run(_args: &[String]) -> Result<(), String> {
    Err("conform: nothing here yet".into())
}

//! `xtask sim`: the simulator over many seeds.

pub fn run(_args: &[String]) -> Result<(), String> {
    Err("sim: nothing here yet".into())
}

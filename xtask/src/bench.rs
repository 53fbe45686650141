//! `xtask bench`: load on one broker over a real socket.

pub fn run(_args: &[String]) -> Result<(), String> {
    Err("bench: nothing here yet".into())
}

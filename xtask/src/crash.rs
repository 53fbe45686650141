//! `xtask crash`: kill -9 and power cuts under load.

pub fn run(_args: &[String]) -> Result<(), String> {
    Err("crash: nothing here yet".into())
}

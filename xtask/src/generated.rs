//! `xtask gen`: writes the messages of protocol/src/message from the facts in protocol/schema, or compares.

use crate::process::root;
use std::process::{Command, Stdio};

fn rustfmt(text: &str) -> Result<String, String> {
    use std::io::Write as _;
    let mut child = Command::new("rustfmt")
        .args(["--edition", "2024", "--config-path"])
        .arg(root())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .map_err(|e| format!("rustfmt: {e}"))?;
    let mut stdin = child.stdin.take().ok_or("no stdin")?;
    let owned = text.to_string();
    let writer = std::thread::spawn(move || stdin.write_all(owned.as_bytes()));
    let out = child.wait_with_output().map_err(|e| e.to_string())?;
    let _ = writer.join();
    if !out.status.success() {
        return Err("rustfmt refused the generated code".into());
    }
    String::from_utf8(out.stdout).map_err(|e| e.to_string())
}

/// Writes the generated messages, or with `check` compares them with what is committed.
pub fn run(check: bool) -> Result<(), String> {
    let schema = root().join("protocol/schema/messages.kmn");
    let text = std::fs::read_to_string(&schema).map_err(|e| format!("{}: {e}", schema.display()))?;
    let messages = xtask::schema::parse(&text)?;
    let dir = root().join("protocol/src/message");
    let files = xtask::generate::generate(&messages);
    let mut stale = Vec::new();
    for (name, raw) in &files {
        let wanted = rustfmt(raw).map_err(|e| {
            let dump = std::env::temp_dir().join(name);
            let _ = std::fs::write(&dump, raw);
            format!("{name}: {e} (see {})", dump.display())
        })?;
        let path = dir.join(name);
        if std::fs::read_to_string(&path).ok().as_deref() == Some(&wanted) {
            continue;
        }
        stale.push(name.clone());
        if !check {
            std::fs::write(&path, wanted).map_err(|e| format!("{}: {e}", path.display()))?;
        }
    }
    for entry in std::fs::read_dir(&dir).map_err(|e| e.to_string())? {
        let entry = entry.map_err(|e| e.to_string())?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if !files.contains_key(&name) {
            stale.push(format!("{name} (no longer generated)"));
            if !check {
                std::fs::remove_file(entry.path()).map_err(|e| e.to_string())?;
            }
        }
    }
    if check && !stale.is_empty() {
        return Err(format!("generated code is stale: {}; run `cargo xtask gen`", stale.join(", ")));
    }
    Ok(())
}

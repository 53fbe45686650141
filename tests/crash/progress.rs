//! How far a long run is, on the screen and in the file of `--resume`.
//!
//! ```text
//!  kills=37
//!  power-cuts=4
//!  ...
//! ```
//! Invariant: a round counts once it was checked; the file is replaced as a whole after each.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

#[derive(Debug, Default)]
pub struct Progress {
    file: Option<PathBuf>,
    counts: BTreeMap<String, u64>,
}

impl Progress {
    /// Goes on from `file`, if there is one and it exists.
    pub fn open(file: Option<&Path>) -> Result<Progress, String> {
        let mut p = Progress { file: file.map(Path::to_path_buf), counts: BTreeMap::new() };
        let Some(path) = file.filter(|f| f.exists()) else { return Ok(p) };
        let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        for line in text.lines().filter(|l| !l.trim().is_empty()) {
            let parsed = line.split_once('=').and_then(|(k, v)| Some((k.trim(), v.trim().parse().ok()?)));
            let (k, v) = parsed.ok_or_else(|| format!("{}: not a count: {line}", path.display()))?;
            p.counts.insert(k.to_string(), v);
        }
        Ok(p)
    }

    pub fn get(&self, what: &str) -> u64 {
        self.counts.get(what).copied().unwrap_or(0)
    }

    pub fn add(&mut self, what: &str, n: u64) {
        *self.counts.entry(what.to_string()).or_default() += n;
    }

    pub fn save(&self) -> Result<(), String> {
        let Some(path) = &self.file else { return Ok(()) };
        let text: String = self.counts.iter().map(|(k, v)| format!("{k}={v}\n")).collect();
        let temp = path.with_extension("tmp");
        std::fs::write(&temp, text).map_err(|e| format!("{}: {e}", temp.display()))?;
        std::fs::rename(&temp, path).map_err(|e| format!("{}: {e}", path.display()))
    }

    pub fn summary(&self) -> String {
        self.counts.iter().map(|(k, v)| format!("{v} {k}")).collect::<Vec<_>>().join(", ")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn counts_survive() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("progress");
        let mut p = Progress::open(Some(&file)).unwrap();
        p.add("kills", 3);
        p.save().unwrap();
        let mut p = Progress::open(Some(&file)).unwrap();
        p.add("kills", 1);
        p.save().unwrap();
        assert_eq!(Progress::open(Some(&file)).unwrap().get("kills"), 4);
        std::fs::write(&file, "kills=many").unwrap();
        assert!(Progress::open(Some(&file)).is_err());
    }
}

//! Where config values come from: a TOML file, the environment, flags; later ones win.
//!
//! Invariant: keys are kept as Kafka writes them (`log.retention.ms`); nested TOML tables are joined with dots.

use super::ConfigError;
use std::collections::BTreeMap;
use std::ffi::OsString;
use std::path::Path;

/// Key -> value, as text.
pub type Values = BTreeMap<String, String>;

/// Reads a TOML file. `retention.ms = 5`, `"retention.ms" = 5` and `[retention] ms = 5` mean the same.
pub fn from_file(path: &Path) -> Result<Values, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|e| ConfigError::File(format!("{}: {e}", path.display())))?;
    let table: toml::Table =
        text.parse().map_err(|e| ConfigError::File(format!("{}: {e}", path.display())))?;
    let mut out = Values::new();
    flatten("", &toml::Value::Table(table), &mut out)?;
    Ok(out)
}

fn flatten(prefix: &str, value: &toml::Value, out: &mut Values) -> Result<(), ConfigError> {
    let text = match value {
        toml::Value::Table(t) if t.is_empty() && !prefix.is_empty() => {
            return Err(ConfigError::invalid(prefix, "{}", "is an empty table"));
        }
        toml::Value::Table(t) => {
            for (k, v) in t {
                let key = if prefix.is_empty() { k.clone() } else { format!("{prefix}.{k}") };
                flatten(&key, v, out)?;
            }
            return Ok(());
        }
        toml::Value::Array(items) => {
            let words: Option<Vec<&str>> = items.iter().map(|i| i.as_str()).collect();
            words
                .map(|w| w.join(","))
                .ok_or_else(|| ConfigError::invalid(prefix, "[..]", "a list must hold strings"))?
        }
        toml::Value::String(s) => s.clone(),
        other => other.to_string(),
    };
    if let Some(first) = out.insert(prefix.to_string(), text) {
        return Err(ConfigError::invalid(prefix, &first, "stands twice in the file"));
    }
    Ok(())
}

/// Variables with our prefix that are no configs: those of the examples and of the tests, and those that Kubernetes
/// sets in every pod beside a service named `lipno`.
fn is_foreign(name: &str) -> bool {
    const OTHERS: [&str; 11] = [
        "BOOTSTRAP",
        "TOPIC",
        "LAKE",
        "CACHE",
        "COMMAND",
        "SEED",
        "CASES",
        "ONCE",
        "ALLOC_TRACE",
        "WIRE_SEED",
        "CRASH_AT",
    ];
    let Some(rest) = name.strip_prefix("LIPNO_") else { return true };
    let is_link = |r: &str| {
        matches!(r, "PORT" | "SERVICE_HOST" | "SERVICE_PORT")
            || r.starts_with("SERVICE_PORT_")
            || r.strip_prefix("PORT_").is_some_and(|p| p.starts_with(|c: char| c.is_ascii_digit()))
    };
    OTHERS.contains(&rest) || is_link(rest)
}

/// `LIPNO_LOG_RETENTION_MS` -> `log.retention.ms`, for every known key.
pub fn from_environment<'a>(
    known: impl Iterator<Item = &'a str>,
    vars: impl Iterator<Item = (OsString, OsString)>,
) -> Result<Values, ConfigError> {
    let names: BTreeMap<String, &str> =
        known.map(|k| (format!("LIPNO_{}", k.to_uppercase().replace('.', "_")), k)).collect();
    let mut out = Values::new();
    // What is not ours may be anything, also not text.
    for (name, value) in vars.map(|(n, v)| (n.to_string_lossy().into_owned(), v)) {
        let key = names.get(&name);
        if key.is_none() && is_foreign(&name) {
            continue;
        }
        let Some(key) = key else {
            return Err(ConfigError::unknown(&name, names.keys().map(String::as_str)));
        };
        let value = value
            .into_string()
            .map_err(|v| ConfigError::invalid(&name, &v.to_string_lossy(), "is not UTF-8"))?;
        out.insert((*key).to_string(), value);
    }
    Ok(out)
}

/// `key=value` of a `--set` flag.
pub fn from_flag(text: &str) -> Result<(String, String), ConfigError> {
    match text.split_once('=') {
        Some((k, v)) => Ok((k.trim().to_string(), v.trim().to_string())),
        None => Err(ConfigError::invalid(text, "", "--set takes key=value")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::ffi::OsStringExt;

    #[test]
    fn three_spellings_of_toml() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("lipno.toml");
        for text in ["log.retention.ms = 5", "\"log.retention.ms\" = 5", "[log.retention]\nms = \"5\""] {
            std::fs::write(&path, text).unwrap();
            assert_eq!(from_file(&path).unwrap(), Values::from([("log.retention.ms".into(), "5".into())]));
        }
        std::fs::write(&path, "listeners = [\"a\", \"b\"]\nwrite.caching = true").unwrap();
        assert_eq!(from_file(&path).unwrap()["listeners"], "a,b");
        std::fs::write(&path, "log.retention.ms = 5\n[log.retention]\nbytes = 6").unwrap();
        assert!(from_file(&path).is_err(), "TOML closes a table that was made by dots");
        std::fs::write(&path, "log.retention.ms = 5\n\"log.retention.ms\" = 6").unwrap();
        assert!(from_file(&path).unwrap_err().to_string().contains("stands twice"));
    }

    #[test]
    fn environment_names() {
        let bytes = |b: &[u8]| OsString::from_vec(b.to_vec());
        let vars = |k: &str| vec![(k.into(), "1".into()), (bytes(b"PATH\xff"), bytes(b"\xff"))];
        let known = || ["node.id", "log.dirs"].into_iter();
        for other in ["LIPNO_SERVICE_HOST", "LIPNO_PORT", "LIPNO_PORT_9092_TCP_ADDR", "LIPNO_BOOTSTRAP"] {
            assert!(from_environment(known(), vars(other).into_iter()).unwrap().is_empty(), "{other}");
        }
        assert!(from_environment(known(), vars("LIPNO_PORTS").into_iter()).is_err());
        assert_eq!(from_environment(known(), vars("LIPNO_NODE_ID").into_iter()).unwrap()["node.id"], "1");
        let wrong = from_environment(known(), vars("LIPNO_NODE_IDS").into_iter()).unwrap_err();
        assert!(wrong.to_string().contains("did you mean 'LIPNO_NODE_ID'"), "{wrong}");
        let wrong = from_environment(known(), [("LIPNO_NODE_ID".into(), bytes(b"\xff"))].into_iter());
        assert!(wrong.unwrap_err().to_string().contains("UTF-8"));
    }
}

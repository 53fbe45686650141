//! The command line: where configs come from, and what is printed.

use crate::config::source::{self, Values};
use crate::config::{BrokerConfig, ConfigError, broker::known_keys};
use clap::Parser;
use std::path::PathBuf;

/// A Kafka-protocol broker whose topics are lake tables. Without a subcommand it runs the broker.
#[derive(Debug, Default, Parser)]
#[command(name = "lipno", version)]
pub struct Args {
    /// A TOML file with configs in Kafka's names
    #[arg(long, value_name = "FILE")]
    pub config: Option<PathBuf>,
    /// Folder for everything: raft/, logs/, lake/ [default: ./lipno-data]
    #[arg(long, value_name = "DIR")]
    pub data_dir: Option<PathBuf>,
    /// Sets one config, over file and environment; may be repeated
    #[arg(long, value_name = "KEY=VALUE")]
    pub set: Vec<String>,
}

impl Args {
    /// File, then environment, then flags.
    pub fn config(&self, vars: impl Iterator<Item = (String, String)>) -> Result<BrokerConfig, ConfigError> {
        let mut values = match &self.config {
            Some(path) => source::from_file(path)?,
            None => Values::new(),
        };
        values.extend(source::from_environment(known_keys(), vars)?);
        if let Some(dir) = &self.data_dir {
            values.insert("data.dir".into(), dir.to_string_lossy().into_owned());
        }
        for s in &self.set {
            let (k, v) = source::from_flag(s)?;
            values.insert(k, v);
        }
        BrokerConfig::from_values(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flags_win_over_environment_over_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, "node.id = 1\nnum.partitions = 1\nfetch.max.bytes = 2048").unwrap();
        let args = Args { config: Some(file), set: vec!["node.id=3".into()], ..Args::default() };
        let vars = [("LIPNO_NODE_ID", "2"), ("LIPNO_NUM_PARTITIONS", "2")];
        let c = args.config(vars.iter().map(|(k, v)| (k.to_string(), v.to_string()))).unwrap();
        assert_eq!((c.node_id, c.num_partitions, c.fetch_max_bytes), (3, 2, 2048));
    }
}

//! The command line: where configs come from, and what is printed.

use crate::cli_lake::LakeArgs;
use crate::config::broker::{known_keys, lay_over};
use crate::config::source::{self, Values};
use crate::config::{BrokerConfig, ConfigError};
use clap::{Parser, Subcommand};
use std::ffi::OsString;
use std::path::PathBuf;

/// What `--help` says behind the options.
const MORE: &str = "\
Configs have Kafka's names where Kafka has them. Later ones win: the file, the environment, then flags.
  File         TOML: log.retention.ms = 5, \"log.retention.ms\" = 5 and a table [log.retention] mean the same
  Environment  LIPNO_ and the key in upper case, dots to _: LIPNO_LOG_RETENTION_MS=5
  RUST_LOG     what is logged to stderr: error, warn, info (default), debug, trace, or lipno::net=debug,info

SIGTERM and SIGINT finish what is in flight, write checkpoints and end with exit code 0; a second one ends at once.";

/// A Kafka-protocol broker whose topics are lake tables. Without a subcommand it runs the broker.
#[derive(Debug, Default, Parser)]
#[command(name = "lipno", version, after_help = MORE)]
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
    #[command(subcommand)]
    pub command: Option<Command>,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    Lake(LakeArgs),
}

impl Args {
    /// File, then environment, then flags.
    pub fn config(
        &self,
        vars: impl Iterator<Item = (OsString, OsString)>,
    ) -> Result<BrokerConfig, ConfigError> {
        let mut values = match &self.config {
            Some(path) => source::from_file(path)?,
            None => Values::new(),
        };
        lay_over(&mut values, source::from_environment(known_keys(), vars)?);
        if let Some(dir) = &self.data_dir {
            let text = dir
                .to_str()
                .ok_or_else(|| ConfigError::invalid("data.dir", &dir.to_string_lossy(), "is not UTF-8"))?;
            values.insert("data.dir".into(), text.to_string());
        }
        let flags = self.set.iter().map(|s| source::from_flag(s)).collect::<Result<Values, _>>()?;
        lay_over(&mut values, flags);
        BrokerConfig::from_values(values)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn config(args: &Args, vars: &[(&str, &str)]) -> Result<BrokerConfig, ConfigError> {
        args.config(vars.iter().map(|(k, v)| (k.into(), v.into())))
    }

    #[test]
    fn flags_win_over_environment_over_file() {
        let dir = tempfile::tempdir().unwrap();
        let file = dir.path().join("c.toml");
        std::fs::write(&file, "node.id = 1\nnum.partitions = 1\nfetch.max.bytes = 2048").unwrap();
        let args = Args { config: Some(file), set: vec!["node.id=3".into()], ..Args::default() };
        let c = config(&args, &[("LIPNO_NODE_ID", "2"), ("LIPNO_NUM_PARTITIONS", "2")]).unwrap();
        assert_eq!((c.node_id, c.num_partitions, c.fetch_max_bytes), (3, 2, 2048));
    }

    #[test]
    fn every_key_can_come_from_the_environment() {
        let names: Vec<String> =
            known_keys().map(|k| format!("LIPNO_{}", k.to_uppercase().replace('.', "_"))).collect();
        let unique: std::collections::BTreeSet<&String> = names.iter().collect();
        assert_eq!(unique.len(), names.len(), "two keys with one name");
    }

    #[test]
    fn mistakes_are_named() {
        let with = |set: &str| config(&Args { set: vec![set.into()], ..Args::default() }, &[]);
        assert!(with("node.id").unwrap_err().to_string().contains("key=value"));
        assert!(with("node.idd=1").unwrap_err().to_string().contains("did you mean 'node.id'"));
        let missing = Args { config: Some("/nowhere/c.toml".into()), ..Args::default() };
        assert!(config(&missing, &[]).unwrap_err().to_string().contains("/nowhere/c.toml"));
    }
}

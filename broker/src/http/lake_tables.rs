//! The broker's tables as the catalog shows them.
//!
//! Invariant: what is shown is the Raft record and the metadata file that it names, nothing else. Called by the
//! catalog with each request.

use super::catalog::{Listed, Tables};
use crate::broker::Broker;
use crate::config::lake::ClientConfig;
use crate::lake::Lake;
use crate::lake::read::METADATA_BYTES_MAX;
use bytes::Bytes;
use raft::LakeTable;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct LakeTables {
    pub broker: Arc<Broker>,
    pub lake: Arc<Lake>,
}

impl LakeTables {
    /// Every table that there is to show: the topics' own, and those of their dead letters.
    fn shown(&self) -> Vec<Listed> {
        let image = self.broker.metadata.image();
        let root = self.lake.uri();
        let mut out = Vec::new();
        for (topic, t) in image.lake.iter().filter(|(_, t)| is_shown(t)) {
            let listed = |name: &str, metadata: &str, key: String| Listed {
                name: name.to_string(),
                metadata_location: format!("{root}/{metadata}"),
                version: t.version,
                uuid_key: key,
            };
            out.push(listed(&t.table, &t.metadata, topic.to_string()));
            if let Some(d) = &t.dead_letters {
                out.push(listed(&d.table, &d.metadata, format!("{topic} dead letters")));
            }
        }
        out
    }
}

/// Tables without a commit have no metadata to show, dropped ones soon none any more.
fn is_shown(t: &LakeTable) -> bool {
    !t.metadata.is_empty() && !t.dropped
}

impl Tables for LakeTables {
    fn namespace(&self) -> &str {
        &self.lake.namespace
    }

    fn warehouse(&self) -> String {
        self.lake.uri()
    }

    fn list(&self) -> Vec<String> {
        let mut names: Vec<String> = self.shown().into_iter().map(|t| t.name).collect();
        names.sort();
        // A topic may have the name that another one's dead letters have: the topic is what is found.
        names.dedup();
        names
    }

    fn find(&self, table: &str) -> Option<Listed> {
        let shown = self.shown();
        let own = |t: &&Listed| t.name == table && !t.uuid_key.ends_with("dead letters");
        shown.iter().find(own).or_else(|| shown.iter().find(|t| t.name == table)).cloned()
    }

    async fn load(&self, table: &Listed) -> Result<Bytes, String> {
        let store = self.lake.store()?;
        let path = store.path_of(&table.metadata_location).ok_or("it is not in the lake")?;
        let found = store.get(&path, METADATA_BYTES_MAX).await.map_err(|e| e.to_string())?;
        found.ok_or_else(|| format!("{} is missing", table.metadata_location))
    }

    fn client_config(&self) -> BTreeMap<String, String> {
        let c = &self.broker.config.lake;
        let is_s3 = self.lake.uri().starts_with("s3://");
        match c.client_config {
            _ if !is_s3 => BTreeMap::new(),
            ClientConfig::None => BTreeMap::new(),
            ClientConfig::Settings => c.s3.for_clients(false),
            ClientConfig::Credentials => c.s3.for_clients(true),
        }
    }
}

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
use protocol::ids::TopicId;
use raft::LakeTable;
use std::collections::BTreeMap;
use std::sync::Arc;

pub struct LakeTables {
    pub broker: Arc<Broker>,
    pub lake: Arc<Lake>,
}

impl LakeTables {
    fn listed(&self, topic: &TopicId, t: &LakeTable) -> Listed {
        Listed {
            name: t.table.clone(),
            metadata_location: format!("{}/{}", self.lake.uri(), t.metadata),
            version: t.version,
            uuid_key: topic.to_string(),
        }
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
        let image = self.broker.metadata.image();
        let mut names: Vec<String> =
            image.lake.values().filter(|t| is_shown(t)).map(|t| t.table.clone()).collect();
        names.sort();
        names
    }

    fn find(&self, table: &str) -> Option<Listed> {
        let image = self.broker.metadata.image();
        let (topic, t) = image.lake.iter().find(|(_, t)| t.table == table && is_shown(t))?;
        Some(self.listed(topic, t))
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

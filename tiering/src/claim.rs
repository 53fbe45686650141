//! Whose a namespace of the lake is: an object in it names the cluster that writes there.
//!
//! ```text
//! <lake.url>/<namespace>/_lipno-cluster.json   {"cluster.id":"…"}
//! ```
//! Invariants: the object is there before the first table is; a namespace that has rows of this cluster according to
//! Raft but no such object is not the one that they are in (a file system that is not mounted, a mistyped folder),
//! and nothing is written to it; two clusters never write into one namespace. Its name can be no table's. Called by
//! the broker's tier link before it touches a table.

use crate::store::{PutError, Store, StoreError};
use bytes::Bytes;
use std::sync::Arc;

const NAME: &str = "_lipno-cluster.json";
/// No object of ours is larger.
const BYTES_MAX: u64 = 4096;

#[derive(Debug, thiserror::Error)]
pub enum ClaimError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("storing {0}: {1}")]
    Put(String, PutError),
    #[error(
        "{path} belongs to cluster {theirs}, this is cluster {ours}: choose another lake.url or lake.namespace"
    )]
    Foreign { path: String, theirs: String, ours: String },
    #[error(
        "{path} is missing, though tables of this cluster have rows in there: is the lake's file system mounted and \
         lake.url the same? If the tables are lost for good, put {content} there and new rows go on from here"
    )]
    Missing { path: String, content: String },
    #[error("{0} is not an object of ours")]
    Unreadable(String),
}

fn content(cluster_id: &str) -> String {
    format!("{{\"cluster.id\":\"{cluster_id}\"}}")
}

fn read(bytes: &[u8]) -> Option<String> {
    let text = str::from_utf8(bytes).ok()?;
    let (_, rest) = text.split_once("\"cluster.id\"")?;
    let value = rest.trim_start().strip_prefix(':')?.trim_start().strip_prefix('"')?;
    value.split_once('"').map(|(id, _)| id.to_string())
}

/// Makes sure that the namespace is this cluster's; marks it if it is nobody's and has no rows of ours.
pub async fn claim(
    store: &Arc<Store>,
    namespace: &str,
    cluster_id: &str,
    has_rows: bool,
) -> Result<(), ClaimError> {
    let object = format!("{namespace}/{NAME}");
    let path = store.uri(&object);
    if let Some(found) = store.get(&object, BYTES_MAX).await? {
        return match read(&found) {
            Some(id) if id == cluster_id => Ok(()),
            Some(theirs) => Err(ClaimError::Foreign { path, theirs, ours: cluster_id.to_string() }),
            None => Err(ClaimError::Unreadable(path)),
        };
    }
    let content = content(cluster_id);
    if has_rows {
        return Err(ClaimError::Missing { path, content });
    }
    let Err(e) = store.put(&object, vec![Bytes::from(content)]).await else { return Ok(()) };
    // Another table of this cluster was quicker, or it is unknown whether this object is there: what is there tells.
    match store.get(&object, BYTES_MAX).await? {
        Some(found) if read(&found).as_deref() == Some(cluster_id) => Ok(()),
        _ => Err(ClaimError::Put(path, e)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(flavor = "multi_thread", worker_threads = 4)]
    async fn tables_that_claim_at_once_all_succeed() {
        for _ in 0..20 {
            let dir = tempfile::tempdir().unwrap();
            let store = Arc::new(Store::open(dir.path()).unwrap());
            let one = |store: Arc<Store>| async move { claim(&store, "ns", "c1", false).await };
            let all: Vec<_> = (0..8).map(|_| tokio::spawn(one(store.clone()))).collect();
            for t in all {
                t.await.unwrap().unwrap();
            }
        }
    }

    #[tokio::test]
    async fn a_namespace_has_one_cluster() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        let file = dir.path().join("ns").join(NAME);
        let missing = claim(&store, "ns", "c1", true).await.unwrap_err();
        let text = missing.to_string();
        assert!(matches!(missing, ClaimError::Missing { .. }) && !file.exists(), "{text}");
        claim(&store, "ns", "c1", false).await.unwrap();
        claim(&store, "ns", "c1", true).await.unwrap();
        assert!(text.contains(&std::fs::read_to_string(&file).unwrap()), "the way out is what is written");
        claim(&store, "other", "c2", false).await.unwrap();
        for has_rows in [false, true] {
            let foreign = claim(&store, "ns", "c2", has_rows).await.unwrap_err();
            assert!(matches!(&foreign, ClaimError::Foreign { theirs, .. } if theirs == "c1"), "{foreign}");
        }
        for other in ["", "{}", "{\"cluster.id\": 1}"] {
            std::fs::write(&file, other).unwrap();
            assert!(
                matches!(claim(&store, "ns", "c1", true).await, Err(ClaimError::Unreadable(_))),
                "{other}"
            );
        }
        std::fs::write(&file, vec![b' '; 5000]).unwrap();
        assert!(matches!(claim(&store, "ns", "c1", true).await, Err(ClaimError::Store(_))), "bounded");
    }
}

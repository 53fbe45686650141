//! openraft's own storage suite against our log and state stores.

use crate::image::Image;
use crate::log_store::LogStore;
use crate::state_store::StateStore;
use crate::types::{StorageError, TypeConfig};
use arc_swap::ArcSwap;
use openraft::testing::{StoreBuilder, Suite};
use std::sync::Arc;
use storage::RealDisk;
use tempfile::TempDir;

struct Builder;

impl StoreBuilder<TypeConfig, LogStore, StateStore<RealDisk>, TempDir> for Builder {
    async fn build(&self) -> Result<(TempDir, LogStore, StateStore<RealDisk>), StorageError> {
        let dir = tempfile::tempdir().unwrap();
        let disk = Arc::new(RealDisk);
        let log = LogStore::open(disk.clone(), dir.path()).unwrap();
        let image = Arc::new(ArcSwap::from_pointee(Image::default()));
        let state = StateStore::open(disk, dir.path(), image, Arc::new(|_| {})).unwrap();
        Ok((dir, log, state))
    }
}

#[test]
fn openraft_storage_suite() {
    Suite::test_all(Builder).unwrap();
}

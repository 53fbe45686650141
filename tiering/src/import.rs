//! Data files of a table that has no metadata yet: its rows were committed before tables had any.
//!
//! Invariants: only files whose names say that all their offsets are committed; each is described by its own footer.
//! Called once per such table, before its first commit.

use crate::iceberg::manifest::DataFile;
use crate::iceberg::stats;
use crate::layout::{self, FileName};
use crate::store::{Store, StoreError};
use parquet::errors::ParquetError;
use parquet::file::metadata::ParquetMetaDataReader;
use std::collections::BTreeMap;

/// No data file of ours is larger.
const FILE_BYTES_MAX: u64 = 1 << 30;

#[derive(Debug, thiserror::Error)]
pub enum ImportError {
    #[error("{0}")]
    Store(#[from] StoreError),
    #[error("{0} is gone")]
    Gone(String),
    #[error("{0}: {1}")]
    Parquet(String, ParquetError),
}

/// The files below `location` whose offsets are all below their partition's next one.
pub async fn committed_files(
    store: &Store,
    location: &str,
    offsets: &BTreeMap<i32, i64>,
) -> Result<Vec<DataFile>, ImportError> {
    let mut found = Vec::new();
    for day in store.list(&layout::data_prefix(location)).await?.folders {
        for folder in store.list(&day).await?.folders {
            for path in store.list(&folder).await?.objects {
                let Some(name) = FileName::parse(&path) else { continue };
                if offsets.get(&name.partition).is_some_and(|next| name.end <= *next) {
                    found.push(describe(store, path, name).await?);
                }
            }
        }
    }
    Ok(found)
}

async fn describe(store: &Store, path: String, name: FileName) -> Result<DataFile, ImportError> {
    let bytes = store.get(&path, FILE_BYTES_MAX).await?;
    let bytes = bytes.ok_or_else(|| ImportError::Gone(path.clone()))?;
    let footer = ParquetMetaDataReader::new()
        .parse_and_finish(&bytes)
        .map_err(|e| ImportError::Parquet(path.clone(), e))?;
    Ok(stats::data_file(store.uri(&path), name.day.0, bytes.len() as i64, &footer))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::layout::Day;
    use crate::parquet::FileBuilder;
    use crate::typed::Columns;
    use protocol::ids::{TopicId, Uuid};
    use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
    use std::sync::Arc;

    async fn put(store: &Arc<Store>, partition: i32, end: i64) -> String {
        let mut file = FileBuilder::new(TopicId(Uuid([1; 16])), partition, 0, &Columns::default()).unwrap();
        let mut b = BatchBuilder::new(Codec::None);
        b.push(NewRecord { value: Some(b"v"), ..NewRecord::default() });
        let batch = b.finish().unwrap();
        file.push(&BatchHeader::read(&batch).unwrap(), &batch, 5_000).unwrap();
        let parts = file.finish(end).unwrap().parts;
        let name = FileName { day: Day(3), partition, base: 0, end, leader_epoch: 0, random: 7 };
        store.put(&name.path("ns/t"), parts).await.unwrap();
        name.path("ns/t")
    }

    #[tokio::test]
    async fn committed_files_are_found_and_described() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        let (committed, _later, _other) =
            (put(&store, 0, 10).await, put(&store, 0, 11).await, put(&store, 1, 1).await);
        let found = committed_files(&store, "ns/t", &[(0, 10)].into()).await.unwrap();
        assert_eq!(found.len(), 1);
        let one = &found[0];
        assert_eq!((one.path.as_str(), one.day, one.rows), (store.uri(&committed).as_str(), 3, 1));
        let broken =
            "ns/t/data/dt=1970-01-04/kp=00000/00000000000000000002-00000000000000000003-0-00000007.parquet";
        store.put(broken, vec![bytes::Bytes::from_static(b"no footer")]).await.unwrap();
        let e = committed_files(&store, "ns/t", &[(0, 10)].into()).await.unwrap_err();
        assert!(e.to_string().contains(broken), "{e}");
    }
}

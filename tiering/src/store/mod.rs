//! The object store of the lake, with "unknown" as a result.
//!
//! Invariants: a put counts when the object, and in a folder every name on the way to it, is safe; an object is never
//! overwritten; a delete is for good when it returns. What is neither stored for sure nor refused for sure is looked at:
//! the same bytes under the name are the put's own. If that cannot be told either, the put is `Unknown`, and its name is
//! never used for anything else. A local folder is served through `object_store` like any other store; only syncing and
//! the sweep of staging files are its own.

mod s3;

use bytes::Bytes;
use futures::{StreamExt, TryStreamExt, stream};
use object_store::local::LocalFileSystem;
use object_store::path::Path as ObjectPath;
use object_store::{Error, ObjectMeta, ObjectStore, ObjectStoreExt, PutMode, PutOptions, PutPayload};
use parking_lot::Mutex;
use std::collections::BTreeSet;
use std::fs::File;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

pub use s3::{Bucket, S3Config, bucket_of};

/// Folders remembered as synced; above this all are forgotten and synced once more.
const SYNCED_FOLDERS_MAX: usize = 10_000;

#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("lake.url '{0}': {1}")]
    Url(String, String),
    #[error("{0}")]
    Store(#[from] Error),
    #[error("{path} has {size} bytes, at most {bytes_max} were expected")]
    TooLarge { path: String, size: u64, bytes_max: u64 },
    #[error(
        "{0} lets an object be put over another one (If-None-Match: * is ignored): the lake needs a store that refuses"
    )]
    NoConditionalPut(String),
    #[error("{0} is not the name of a file of this lake")]
    NotOurs(String),
    #[error("{path}: {source}")]
    Io { path: String, source: io::Error },
}

/// How a put failed.
#[derive(Debug, thiserror::Error)]
pub enum PutError {
    #[error("not stored: {0}")]
    NotStored(String),
    #[error("it is unknown whether the object was stored: {0}")]
    Unknown(String),
}

/// What lies directly below a prefix.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    pub folders: Vec<String>,
    pub objects: Vec<String>,
}

/// An object that a listing found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Found {
    pub path: String,
    pub bytes: u64,
    /// By the store's clock.
    pub modified_ms: i64,
}

struct Local {
    root: PathBuf,
    /// Folders whose own name is on disk in the folder above.
    synced: Mutex<BTreeSet<PathBuf>>,
}

enum Place {
    Local(Local),
    /// The URI of the prefix, and the client that never repeats a put.
    S3 {
        uri: String,
        clients: s3::Clients,
    },
}

pub struct Store {
    objects: Arc<dyn ObjectStore>,
    place: Place,
}

/// Tries of a put whose outcome is unknown, and the first pause between them.
const PUT_TRIES: u32 = 4;
const PUT_PAUSE: Duration = Duration::from_millis(200);

/// The folder that `lake.url` names: a path, or a file:// URL.
pub fn folder_of(url: &str) -> Result<PathBuf, StoreError> {
    let bad = |why: &str| Err(StoreError::Url(url.to_string(), why.to_string()));
    let Some((scheme, rest)) = url.split_once("://") else {
        return if url.is_empty() { bad("is empty") } else { Ok(PathBuf::from(url)) };
    };
    if !scheme.eq_ignore_ascii_case("file") {
        return bad("is none of s3://bucket/prefix, a file:// URL or a path");
    }
    let path = rest.strip_prefix("localhost").unwrap_or(rest);
    if !path.starts_with('/') {
        return bad("a file:// URL needs an absolute path, file:///data/lake");
    }
    match percent_decode(path) {
        Some(p) => Ok(PathBuf::from(p)),
        None => bad("has a broken %-escape"),
    }
}

fn percent_decode(text: &str) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.bytes();
    while let Some(b) = bytes.next() {
        if b == b'%' {
            let hex = [bytes.next()?, bytes.next()?];
            out.push(u8::from_str_radix(std::str::from_utf8(&hex).ok()?, 16).ok()?);
        } else {
            out.push(b);
        }
    }
    String::from_utf8(out).ok()
}

fn at(path: &Path) -> impl Fn(io::Error) -> StoreError + '_ {
    move |source| StoreError::Io { path: path.display().to_string(), source }
}

fn sync(path: &Path) -> Result<(), StoreError> {
    File::open(path).and_then(|f| f.sync_all()).map_err(at(path))
}

/// Runs blocking file work of the store.
async fn blocking<T: Send + 'static>(
    f: impl FnOnce() -> Result<T, StoreError> + Send + 'static,
) -> Result<T, StoreError> {
    match tokio::task::spawn_blocking(f).await {
        Ok(r) => r,
        Err(e) => Err(StoreError::Io { path: "blocking task".into(), source: io::Error::other(e) }),
    }
}

impl Store {
    /// Opens the folder, made if it is missing.
    pub fn open(folder: &Path) -> Result<Store, StoreError> {
        let is_new = !folder.exists();
        std::fs::create_dir_all(folder).map_err(at(folder))?;
        let root = folder.canonicalize().map_err(at(folder))?;
        if is_new && let Some(parent) = root.parent() {
            sync(parent)?;
        }
        let objects = Arc::new(LocalFileSystem::new_with_prefix(&root)?);
        let synced = Mutex::new(BTreeSet::from([root.clone()]));
        Ok(Store { objects, place: Place::Local(Local { root, synced }) })
    }

    /// A prefix of a bucket. Nothing is asked of it yet: see `probe`.
    pub fn open_s3(bucket: &Bucket, config: &S3Config) -> Result<Store, StoreError> {
        let clients = s3::Clients::new(bucket, config)?;
        Ok(Store { objects: clients.objects.clone(), place: Place::S3 { uri: bucket.uri(), clients } })
    }

    /// Proves that the store refuses to put an object over another one. A folder does.
    pub async fn probe(&self, namespace: &str, unique: &str) -> Result<(), StoreError> {
        let Place::S3 { clients, .. } = &self.place else { return Ok(()) };
        let name = ObjectPath::parse(format!("{namespace}/_lipno-probe-{unique}")).map_err(Error::from)?;
        let options = || PutOptions { mode: PutMode::Create, ..PutOptions::default() };
        clients.puts.put_opts(&name, "1".into(), options()).await?;
        let second = clients.puts.put_opts(&name, "2".into(), options()).await;
        self.objects.delete(&name).await?;
        match second {
            Err(Error::AlreadyExists { .. }) => Ok(()),
            Err(e) => Err(e.into()),
            Ok(_) => Err(StoreError::NoConditionalPut(self.uri(""))),
        }
    }

    pub fn is_folder(&self) -> bool {
        self.folder().is_some()
    }

    /// The folder, if it is one.
    fn folder(&self) -> Option<&Local> {
        match &self.place {
            Place::Local(local) => Some(local),
            Place::S3 { .. } => None,
        }
    }

    /// The absolute URI of a path below the root, as table metadata names it.
    pub fn uri(&self, path: &str) -> String {
        match &self.place {
            Place::Local(local) if path.is_empty() => format!("file://{}", local.root.display()),
            Place::Local(local) => format!("file://{}/{path}", local.root.display()),
            Place::S3 { uri, .. } if path.is_empty() => uri.clone(),
            Place::S3 { uri, .. } => format!("{uri}/{path}"),
        }
    }

    /// The path below the root of a URI that `uri` made.
    pub fn path_of(&self, uri: &str) -> Option<String> {
        let rest = uri.strip_prefix(&self.uri(""))?;
        rest.strip_prefix('/').filter(|path| !path.is_empty()).map(str::to_string)
    }

    /// The file that holds an object, in a local folder.
    pub fn local_path(&self, path: &str) -> Option<PathBuf> {
        self.folder().map(|local| local.root.join(path))
    }

    /// Stores or replaces an object that nothing depends on: not synced, its loss is the caller's to bear.
    pub async fn put_over(&self, path: &str, bytes: Bytes) -> Result<(), StoreError> {
        let name = ObjectPath::parse(path).map_err(Error::from)?;
        self.objects.put(&name, bytes.into()).await?;
        Ok(())
    }

    /// Stores an object under a name that is not taken.
    pub async fn put(self: &Arc<Self>, path: &str, parts: Vec<Bytes>) -> Result<(), PutError> {
        let name = ObjectPath::parse(path).map_err(|e| PutError::NotStored(e.to_string()))?;
        let payload = PutPayload::from_iter(parts);
        let local = match &self.place {
            Place::Local(local) => local,
            Place::S3 { clients, .. } => return self.put_resolved(&*clients.puts, &name, payload).await,
        };
        put_once(&*self.objects, &name, payload).await?;
        let (store, file) = (self.clone(), local.root.join(path));
        blocking(move || store.folder().map_or(Ok(()), |l| l.sync_object(&file)))
            .await
            .map_err(|e| PutError::Unknown(e.to_string()))
    }

    /// A conditional put whose outcome, if it is unknown, is told by what is under the name. Repeating it is safe: a
    /// first try that arrives late finds its own bytes there, and is refused.
    async fn put_resolved(
        &self,
        puts: &dyn ObjectStore,
        name: &ObjectPath,
        payload: PutPayload,
    ) -> Result<(), PutError> {
        let mut pause = PUT_PAUSE;
        let mut last = String::new();
        for attempt in 0..PUT_TRIES {
            match put_once(puts, name, payload.clone()).await {
                // Ours may be what is in the way, if it is not the first try.
                Err(PutError::NotStored(_)) if attempt > 0 => {}
                Err(PutError::Unknown(e)) => last = e,
                done => return done,
            }
            match self.holds(name, &payload).await {
                Ok(Some(true)) => return Ok(()),
                Ok(Some(false)) => return Err(PutError::Unknown(format!("{name} holds something else"))),
                Ok(None) => {}
                Err(e) => last = e.to_string(),
            }
            tokio::time::sleep(pause).await;
            pause *= 4;
        }
        Err(PutError::Unknown(last))
    }

    /// Whether an object has exactly these bytes; `None` if there is none.
    async fn holds(&self, name: &ObjectPath, payload: &PutPayload) -> Result<Option<bool>, Error> {
        let found = match self.objects.get(name).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(e),
        };
        if found.meta.size != payload.content_length() as u64 {
            return Ok(Some(false));
        }
        let bytes = found.bytes().await?;
        let mut rest = bytes.as_ref();
        let same = payload.iter().all(|part| match rest.split_at_checked(part.len()) {
            Some((head, tail)) if head == part.as_ref() => {
                rest = tail;
                true
            }
            _ => false,
        });
        Ok(Some(same && rest.is_empty()))
    }

    /// A small object's bytes; `None` if it is not there, an error if it has more than `bytes_max`.
    pub async fn get(&self, path: &str, bytes_max: u64) -> Result<Option<Bytes>, StoreError> {
        let name = ObjectPath::parse(path).map_err(Error::from)?;
        let found = match self.objects.get(&name).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(None),
            Err(e) => return Err(e.into()),
        };
        if found.meta.size > bytes_max {
            let size = found.meta.size;
            return Err(StoreError::TooLarge { path: path.to_string(), size, bytes_max });
        }
        Ok(Some(found.bytes().await?))
    }

    /// Removes an object for good; one that is not there is removed already.
    pub async fn delete(&self, path: &str) -> Result<(), StoreError> {
        let name = ObjectPath::parse(path).map_err(Error::from)?;
        match self.objects.delete(&name).await {
            Ok(()) | Err(Error::NotFound { .. }) => {}
            Err(e) => return Err(e.into()),
        }
        let Some(local) = self.folder() else { return Ok(()) };
        let file = local.root.join(path);
        blocking(move || match file.parent().filter(|p| p.exists()) {
            Some(folder) => sync(folder),
            None => Ok(()),
        })
        .await
    }

    /// Removes objects in as few requests as the store can do with. Whether that lasts is not waited for.
    pub async fn delete_all(&self, paths: Vec<String>) -> Result<(), StoreError> {
        let names: Result<Vec<ObjectPath>, _> = paths.iter().map(ObjectPath::parse).collect();
        let names = names.map_err(Error::from)?;
        let mut done = self.objects.delete_stream(stream::iter(names.into_iter().map(Ok)).boxed());
        while let Some(result) = done.next().await {
            match result {
                Ok(_) | Err(Error::NotFound { .. }) => {}
                Err(e) => return Err(e.into()),
            }
        }
        Ok(())
    }

    /// Folders and objects directly below `prefix`; nothing if it does not exist.
    pub async fn list(&self, prefix: &str) -> Result<Listing, StoreError> {
        let name = ObjectPath::parse(prefix).map_err(Error::from)?;
        let found = match self.objects.list_with_delimiter(Some(&name)).await {
            Ok(found) => found,
            Err(Error::NotFound { .. }) => return Ok(Listing::default()),
            Err(e) => return Err(e.into()),
        };
        Ok(Listing {
            folders: found.common_prefixes.iter().map(|p| p.to_string()).collect(),
            objects: found.objects.iter().map(|o| o.location.to_string()).collect(),
        })
    }

    /// Every object below `prefix`.
    pub async fn list_all(&self, prefix: &str) -> Result<Vec<Found>, StoreError> {
        let name = ObjectPath::parse(prefix).map_err(Error::from)?;
        let one = |o: ObjectMeta| Found {
            path: o.location.to_string(),
            bytes: o.size,
            modified_ms: o.last_modified.timestamp_millis(),
        };
        let found: Result<Vec<Found>, Error> = self.objects.list(Some(&name)).map_ok(one).try_collect().await;
        match found {
            Err(Error::NotFound { .. }) => Ok(Vec::new()),
            found => Ok(found?),
        }
    }

    /// Removes everything below a prefix, for good.
    pub async fn remove_all(&self, prefix: &str) -> Result<usize, StoreError> {
        let found = self.list_all(prefix).await?;
        for f in &found {
            self.objects.delete(&ObjectPath::parse(&f.path).map_err(Error::from)?).await?;
        }
        if let Some(local) = self.folder() {
            let folder = local.root.join(prefix);
            blocking(move || match std::fs::remove_dir_all(&folder) {
                Err(e) if e.kind() != io::ErrorKind::NotFound => Err(at(&folder)(e)),
                _ => folder.parent().filter(|p| p.exists()).map_or(Ok(()), sync),
            })
            .await?;
            local.synced.lock().clear();
        }
        Ok(found.len())
    }

    /// Removes what puts that a crash cut short left in a folder: `<object>#<n>`, which no listing shows.
    pub async fn sweep_staging(&self, folder: &str) -> Result<usize, StoreError> {
        let Some(local) = self.folder() else { return Ok(0) };
        let folder = local.root.join(folder);
        blocking(move || {
            let mut removed = 0;
            for entry in std::fs::read_dir(&folder).map_err(at(&folder))? {
                let path = entry.map_err(at(&folder))?.path();
                let name = path.file_name().and_then(|n| n.to_str()).unwrap_or_default();
                let staged = name
                    .rsplit_once(".parquet#")
                    .is_some_and(|(_, n)| !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()));
                if staged {
                    std::fs::remove_file(&path).map_err(at(&path))?;
                    removed += 1;
                }
            }
            Ok(removed)
        })
        .await
    }
}

async fn put_once(store: &dyn ObjectStore, name: &ObjectPath, payload: PutPayload) -> Result<(), PutError> {
    let options = PutOptions { mode: PutMode::Create, ..PutOptions::default() };
    match store.put_opts(name, payload, options).await {
        Ok(_) => Ok(()),
        Err(
            e @ (Error::NotFound { .. }
            | Error::AlreadyExists { .. }
            | Error::PermissionDenied { .. }
            | Error::Unauthenticated { .. }
            | Error::NotImplemented { .. }),
        ) => Err(PutError::NotStored(e.to_string())),
        Err(e) => Err(PutError::Unknown(e.to_string())),
    }
}

impl Local {
    /// The object's bytes and every name on the way to it.
    fn sync_object(&self, file: &Path) -> Result<(), StoreError> {
        sync(file)?;
        let Some(folder) = file.parent() else { return Ok(()) };
        sync(folder)?;
        let new: Vec<PathBuf> = {
            let synced = self.synced.lock();
            folder.ancestors().take_while(|f| !synced.contains(*f)).map(Path::to_path_buf).collect()
        };
        for f in &new {
            if let Some(parent) = f.parent() {
                sync(parent)?;
            }
        }
        let mut synced = self.synced.lock();
        if synced.len() + new.len() > SYNCED_FOLDERS_MAX {
            synced.clear();
            synced.insert(self.root.clone());
        }
        synced.extend(new);
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_folder_or_a_file_url() {
        assert_eq!(folder_of("/data/lake").unwrap(), PathBuf::from("/data/lake"));
        assert_eq!(folder_of("lake").unwrap(), PathBuf::from("lake"));
        assert_eq!(folder_of("file:///data/my%20lake").unwrap(), PathBuf::from("/data/my lake"));
        assert_eq!(folder_of("file://localhost/d").unwrap(), PathBuf::from("/d"));
        for (url, says) in [
            ("ftp://bucket/x", "file:// URL"),
            ("file://data", "absolute path"),
            ("file:///a%2", "escape"),
            ("", "empty"),
        ] {
            let message = folder_of(url).unwrap_err().to_string();
            assert!(message.contains("lake.url") && message.contains(says), "{message}");
        }
    }

    #[tokio::test]
    async fn objects_come_and_go() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(&dir.path().join("new/lake")).unwrap());
        let name = "ns/t/data/dt=2026-01-01/kp=00000/a.parquet";
        let parts = || vec![Bytes::from_static(b"hello "), Bytes::from_static(b"lake")];
        store.put(name, parts()).await.unwrap();
        assert_eq!(std::fs::read(dir.path().join("new/lake").join(name)).unwrap(), b"hello lake");
        assert!(store.put(name, parts()).await.is_err(), "never overwritten");
        assert_eq!(std::fs::read(dir.path().join("new/lake").join(name)).unwrap(), b"hello lake");
        let l = store.list("ns/t/data").await.unwrap();
        assert_eq!((l.folders, l.objects), (vec!["ns/t/data/dt=2026-01-01".to_string()], vec![]));
        let folder = "ns/t/data/dt=2026-01-01/kp=00000";
        std::fs::write(dir.path().join("new/lake").join(folder).join("b.parquet#1"), b"x").unwrap();
        std::fs::write(dir.path().join("new/lake").join(folder).join("notes.txt"), b"x").unwrap();
        assert_eq!(store.list(folder).await.unwrap().objects.len(), 2);
        assert_eq!(store.sweep_staging(folder).await.unwrap(), 1);
        assert!(dir.path().join("new/lake").join(folder).join("notes.txt").exists());
        let uri = store.uri(name);
        assert!(
            uri.starts_with("file:///")
                && uri.ends_with("/new/lake/ns/t/data/dt=2026-01-01/kp=00000/a.parquet")
        );
        assert_eq!(store.path_of(&uri).as_deref(), Some(name));
        assert_eq!(store.path_of("file:///elsewhere/a.parquet"), None);
        store.put_over("ns/t/hint", Bytes::from_static(b"1")).await.unwrap();
        store.put_over("ns/t/hint", Bytes::from_static(b"2")).await.unwrap();
        assert_eq!(store.get("ns/t/hint", 10).await.unwrap().unwrap(), "2");
        store.delete(name).await.unwrap();
        store.delete(name).await.unwrap();
        assert!(!dir.path().join("new/lake").join(name).exists());
        assert_eq!(store.list("ns/none").await.unwrap(), Listing::default());
    }

    #[tokio::test]
    async fn a_place_that_cannot_be_written_is_an_error() {
        let dir = tempfile::tempdir().unwrap();
        let store = Arc::new(Store::open(dir.path()).unwrap());
        std::fs::write(dir.path().join("ns"), b"a file where a folder must be").unwrap();
        assert!(store.put("ns/t/x.parquet", vec![Bytes::from_static(b"x")]).await.is_err());
        assert!(Store::open(&dir.path().join("ns/lake")).is_err());
    }
}

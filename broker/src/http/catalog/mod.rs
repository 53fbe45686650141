//! The reading half of the Iceberg REST catalog, under `/v1`: engines find the topics' tables here and load them.
//!
//! Invariants: nothing here changes a table, every write is refused with the reason; whatever is refused below `/v1`
//! is refused in the spec's error form; no request's body takes more than `BODY_BYTES_MAX`. Knows nothing of the
//! broker but `Tables`; mounted by the HTTP listener.

mod answers;
mod errors;
mod etag;
mod paging;
mod routes;
mod snapshots;

#[cfg(test)]
mod catalog_test;

use answers::Parameters;
use axum::Router;
use axum::body::Body;
use axum::extract::{Request, State};
use axum::response::{IntoResponse, Response};
use axum::routing::any;
use bytes::Bytes;
use errors::Failure;
use routes::Action;
use std::collections::BTreeMap;
use std::future::Future;
use std::sync::Arc;

/// A report on a scan is some kilobytes; a commit, which is refused anyway, is read so far and no further.
const BODY_BYTES_MAX: usize = 1024 * 1024;
/// Between the parts of a namespace's name.
const SEPARATOR: char = '\u{1f}';

/// A table as the catalog shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    pub name: String,
    /// Absolute URI of the current metadata file.
    pub metadata_location: String,
    /// Grows with every commit.
    pub version: u64,
    /// Never the same for two tables, even if one gets the name of the other.
    pub uuid_key: String,
}

/// Where the catalog has its tables from. All are asked with each request and must answer from memory, but `load`.
pub trait Tables: Send + Sync + 'static {
    /// The one namespace; the parts of a deeper one are separated by U+001F.
    fn namespace(&self) -> &str;
    /// Absolute URI of the lake's root.
    fn warehouse(&self) -> String;
    /// Names of the tables that have metadata, sorted, none twice.
    fn list(&self) -> Vec<String>;
    /// A table that has metadata.
    fn find(&self, table: &str) -> Option<Listed>;
    /// The JSON of the metadata file, of a bounded size. An error may be shown to clients.
    fn load(&self, table: &Listed) -> impl Future<Output = Result<Bytes, String>> + Send;
    /// Settings that clients need to read the lake's files; empty for a local folder. With an access key among them
    /// they are given out as storage credentials, too, to whoever can reach the listener.
    fn client_config(&self) -> BTreeMap<String, String>;
}

/// Serves `/v1` and all that is below; to be merged into the listener's router.
pub fn router<T: Tables>(tables: Arc<T>) -> Router {
    let serve = any(serve::<T>);
    Router::new()
        .route("/v1", serve.clone())
        .route("/v1/", serve.clone())
        .route("/v1/{*rest}", serve)
        .with_state(tables)
}

async fn serve<T: Tables>(State(tables): State<Arc<T>>, request: Request) -> Response {
    answer(&*tables, request).await.unwrap_or_else(Failure::into_response)
}

async fn answer<T: Tables>(tables: &T, request: Request) -> Result<Response, Failure> {
    let (head, body) = request.into_parts();
    // Read before anything is refused: a client that still sends would see a reset connection and not the answer.
    let fits = discard(body).await;
    let path = routes::find(&head.method, head.uri.path())?;
    let parameters = Parameters::parse(&head.uri)?;
    match path.action {
        Action::Config => answers::config(tables, &parameters),
        Action::Token => Ok(errors::no_token_needed()),
        Action::ListNamespaces => answers::list_namespaces(tables, &parameters),
        Action::LoadNamespace => answers::load_namespace(tables, &path.namespace),
        Action::NamespaceExists => answers::namespace_exists(tables, &path.namespace),
        Action::ListTables => answers::list_tables(tables, &path.namespace, &parameters),
        Action::LoadTable => answers::load_table(tables, &path, &parameters, &head.headers).await,
        Action::TableExists => answers::table_exists(tables, &path),
        Action::Report if !fits => Err(Failure::too_large(BODY_BYTES_MAX)),
        // What engines tell of their scans is of no use to the broker, but they want to be rid of it.
        Action::Report => answers::table_exists(tables, &path),
        Action::ListViews => answers::list_views(tables, &path.namespace, &parameters),
        Action::LoadView | Action::ViewExists => Err(Failure::no_view(&path.namespace, &path.name)),
        Action::Commit | Action::Write => Err(Failure::read_only()),
    }
}

/// Reads what the client sends and forgets it. False if there is too much of it.
async fn discard(body: Body) -> bool {
    axum::body::to_bytes(body, BODY_BYTES_MAX).await.is_ok()
}

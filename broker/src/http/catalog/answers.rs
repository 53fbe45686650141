//! What the catalog answers to each request that reads.
//!
//! Invariants: an answer is made of the tables as they are when it is asked for, nothing is kept; a table's metadata
//! goes out as the bytes of its file. Called by the router with what `routes` found.

use super::errors::{Failure, json_answer};
use super::paging::Page;
use super::routes::{self, Found};
use super::snapshots::{self, Snapshots};
use super::{Listed, SEPARATOR, Tables, etag};
use axum::extract::Query;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri};
use axum::response::{IntoResponse, Response};
use bytes::Bytes;
use serde_json::json;
use std::collections::BTreeMap;

/// Warehouse name that is accepted whatever the lake's place and namespace are.
const WAREHOUSE: &str = "lipno";
/// Times that a table is looked up anew because its metadata moved on while it was read.
const LOADS_MAX: usize = 3;
/// Settings with this one among them are credentials.
const ACCESS_KEY: &str = "s3.access-key-id";

/// The parameters behind the question mark; of one that is there twice, the first.
pub struct Parameters(Vec<(String, String)>);

impl Parameters {
    pub fn parse(uri: &Uri) -> Result<Parameters, Failure> {
        match Query::try_from_uri(uri) {
            Ok(Query(pairs)) => Ok(Parameters(pairs)),
            Err(e) => Err(Failure::bad_request(format!("the query is broken: {e}"))),
        }
    }

    fn get(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str())
    }

    fn page(&self) -> Result<Page, Failure> {
        Page::parse(self.get("pageToken"), self.get("pageSize"))
    }
}

fn ok(body: serde_json::Value) -> Response {
    json_answer(StatusCode::OK, body.to_string())
}

pub fn config<T: Tables>(tables: &T, parameters: &Parameters) -> Result<Response, Failure> {
    let (root, asked) = (tables.warehouse(), parameters.get("warehouse").unwrap_or_default());
    let same_place = asked.trim_end_matches('/') == root.trim_end_matches('/');
    if !same_place && !["", WAREHOUSE, tables.namespace()].contains(&asked) {
        return Err(Failure::no_warehouse(asked));
    }
    let endpoints: Vec<String> = routes::advertised().collect();
    Ok(ok(json!({"defaults": {}, "overrides": {"warehouse": root}, "endpoints": endpoints})))
}

/// Refuses every namespace but the one. A trailing separator is none of its parts.
fn known<T: Tables>(tables: &T, namespace: &str) -> Result<(), Failure> {
    if namespace == tables.namespace() { Ok(()) } else { Err(Failure::no_namespace(namespace)) }
}

pub fn list_namespaces<T: Tables>(tables: &T, parameters: &Parameters) -> Result<Response, Failure> {
    let page = parameters.page()?;
    let all = match parameters.get("parent") {
        None | Some("") => vec![tables.namespace().to_string()],
        Some(parent) => {
            known(tables, parent)?;
            Vec::new()
        }
    };
    let (shown, next) = page.cut(&all);
    let namespaces: Vec<Vec<&str>> = shown.iter().map(|name| name.split(SEPARATOR).collect()).collect();
    Ok(ok(json!({"namespaces": namespaces, "next-page-token": next})))
}

pub fn load_namespace<T: Tables>(tables: &T, namespace: &str) -> Result<Response, Failure> {
    known(tables, namespace)?;
    let parts: Vec<&str> = namespace.split(SEPARATOR).collect();
    Ok(ok(json!({"namespace": parts, "properties": {}})))
}

pub fn namespace_exists<T: Tables>(tables: &T, namespace: &str) -> Result<Response, Failure> {
    known(tables, namespace)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub fn list_tables<T: Tables>(
    tables: &T,
    namespace: &str,
    parameters: &Parameters,
) -> Result<Response, Failure> {
    known(tables, namespace)?;
    let page = parameters.page()?;
    let all = tables.list();
    let (shown, next) = page.cut(&all);
    let parts: Vec<&str> = namespace.split(SEPARATOR).collect();
    let identifiers: Vec<_> = shown.iter().map(|name| json!({"namespace": parts, "name": name})).collect();
    Ok(ok(json!({"identifiers": identifiers, "next-page-token": next})))
}

pub fn list_views<T: Tables>(
    tables: &T,
    namespace: &str,
    parameters: &Parameters,
) -> Result<Response, Failure> {
    known(tables, namespace)?;
    parameters.page()?;
    Ok(ok(json!({"identifiers": [], "next-page-token": null})))
}

fn find<T: Tables>(tables: &T, path: &Found) -> Result<Listed, Failure> {
    let none = || Failure::no_table(&path.namespace, &path.name);
    // Not "no such namespace": of a table clients ask for its own existence, and take only this name as a no.
    if path.namespace != tables.namespace() {
        return Err(none());
    }
    tables.find(&path.name).ok_or_else(none)
}

pub fn table_exists<T: Tables>(tables: &T, path: &Found) -> Result<Response, Failure> {
    find(tables, path)?;
    Ok(StatusCode::NO_CONTENT.into_response())
}

pub async fn load_table<T: Tables>(
    tables: &T,
    path: &Found,
    parameters: &Parameters,
    headers: &HeaderMap,
) -> Result<Response, Failure> {
    let snapshots = Snapshots::parse(parameters.get("snapshots"))?;
    let config = tables.client_config();
    let has = |tag: &str| {
        let mut given = headers.get_all(IF_NONE_MATCH).iter().filter_map(|value| value.to_str().ok());
        given.any(|value| etag::matches(value, tag))
    };
    let mut table = find(tables, path)?;
    for tries_left in (0..LOADS_MAX).rev() {
        let tag = etag::of(&table, snapshots, &config);
        if has(&tag) {
            return Ok(tagged(StatusCode::NOT_MODIFIED.into_response(), &tag));
        }
        let why = match tables.load(&table).await {
            Ok(metadata) => {
                let body = loaded(&tables.warehouse(), &table, &metadata, snapshots, &config)?;
                return Ok(tagged(json_answer(StatusCode::OK, body), &tag));
            }
            Err(why) => why,
        };
        let now = find(tables, path)?;
        if tries_left == 0 || now.metadata_location == table.metadata_location {
            tracing::warn!("the catalog cannot read {}: {why}", table.metadata_location);
            let message = format!("the metadata of table {} cannot be read for now: {why}", table.name);
            return Err(Failure::unavailable(message));
        }
        // A commit came in between and the file that it replaced is gone already.
        table = now;
    }
    Err(Failure::internal("no load was tried".into()))
}

fn tagged(mut answer: Response, tag: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(tag) {
        answer.headers_mut().insert(ETAG, value);
    }
    answer
}

/// The body of a loaded table: the metadata's bytes as they are, between what the catalog adds.
fn loaded(
    warehouse: &str,
    table: &Listed,
    metadata: &Bytes,
    snapshots: Snapshots,
    config: &BTreeMap<String, String>,
) -> Result<Vec<u8>, Failure> {
    let broken = || {
        tracing::warn!("{} is not a table's metadata", table.metadata_location);
        Failure::internal(format!("the metadata of table {} is broken", table.name))
    };
    let whole = metadata.trim_ascii();
    if !whole.starts_with(b"{") || !whole.ends_with(b"}") {
        return Err(broken());
    }
    let of_refs = match snapshots {
        Snapshots::All => None,
        Snapshots::Refs => Some(snapshots::of_refs(whole).ok_or_else(broken)?),
    };
    let inline = of_refs.as_deref().unwrap_or(whole);
    let before = format!("{{\"metadata-location\":{},\"metadata\":", json!(table.metadata_location));
    let mut after = format!(",\"config\":{}", json!(config));
    // Engines make a secret of each entry that they find here, and one without keys would hide the user's own.
    if config.contains_key(ACCESS_KEY) {
        let prefix = format!("{}/", warehouse.trim_end_matches('/'));
        let credentials = json!([{"prefix": prefix, "config": config}]);
        after.push_str(&format!(",\"storage-credentials\":{credentials}"));
    }
    after.push('}');
    Ok([before.as_bytes(), inline, after.as_bytes()].concat())
}

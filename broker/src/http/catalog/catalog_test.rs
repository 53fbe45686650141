//! The catalog over tables of a test: each answer in the form that the Iceberg REST spec gives it.

use super::*;
use axum::http::header::{ETAG, IF_NONE_MATCH};
use serde_json::{Value, json};

struct Two {
    config: BTreeMap<String, String>,
    is_away: bool,
}

const METADATA: &str = r#"{"format-version":2,"refs":{"main":{"snapshot-id":2}},"current-snapshot-id":2,"snapshots":[{"snapshot-id":1},{"snapshot-id":2}]}"#;

impl Tables for Two {
    fn namespace(&self) -> &str {
        "lipno"
    }

    fn warehouse(&self) -> String {
        "file:///lake".into()
    }

    fn list(&self) -> Vec<String> {
        vec!["airlines".into(), "flights".into()]
    }

    fn find(&self, table: &str) -> Option<Listed> {
        self.list().iter().find(|name| *name == table).map(|name| Listed {
            name: name.clone(),
            metadata_location: format!("file:///lake/lipno/{name}/metadata/1.metadata.json"),
            version: 1,
            uuid_key: name.clone(),
        })
    }

    async fn load(&self, _: &Listed) -> Result<Bytes, String> {
        if self.is_away { Err("the store is away".into()) } else { Ok(METADATA.into()) }
    }

    fn client_config(&self) -> BTreeMap<String, String> {
        self.config.clone()
    }
}

fn two() -> Two {
    Two { config: BTreeMap::new(), is_away: false }
}

async fn ask_with(tables: &Two, method: &str, uri: &str, tag: Option<&str>) -> (u16, Option<String>, Value) {
    let mut request = Request::builder().method(method).uri(uri);
    if let Some(tag) = tag {
        request = request.header(IF_NONE_MATCH, tag);
    }
    let answer = answer(tables, request.body(Body::from("{}")).unwrap()).await;
    let answer = answer.unwrap_or_else(Failure::into_response);
    let tag = answer.headers().get(ETAG).map(|t| t.to_str().unwrap().to_string());
    let status = answer.status().as_u16();
    let body = axum::body::to_bytes(answer.into_body(), 1 << 20).await.unwrap();
    let body = if body.is_empty() { Value::Null } else { serde_json::from_slice(&body).unwrap() };
    (status, tag, body)
}

async fn ask(method: &str, uri: &str) -> (u16, Value) {
    let (status, _, body) = ask_with(&two(), method, uri, None).await;
    (status, body)
}

#[tokio::test]
async fn the_config_names_what_is_served() {
    for uri in [
        "/v1/config",
        "/v1/config?warehouse=",
        "/v1/config?warehouse=lipno",
        "/v1/config?warehouse=file%3A%2F%2F%2Flake%2F",
    ] {
        let (status, body) = ask("GET", uri).await;
        assert_eq!((status, &body["defaults"]), (200, &json!({})), "{uri}");
        assert_eq!(body["overrides"]["warehouse"], "file:///lake");
        assert!(body["endpoints"].as_array().unwrap().contains(&json!("GET /v1/{prefix}/namespaces")));
    }
    let (status, body) = ask("GET", "/v1/config?warehouse=other").await;
    assert_eq!((status, &body["error"]["type"]), (404, &json!("NoSuchWarehouseException")));
}

#[tokio::test]
async fn namespaces_and_tables_are_listed_in_pages() {
    assert_eq!(ask("GET", "/v1/namespaces").await.1["namespaces"], json!([["lipno"]]));
    assert_eq!(ask("GET", "/v1/namespaces?parent=lipno").await.1["namespaces"], json!([]));
    assert_eq!(ask("GET", "/v1/namespaces/lipno").await.1["namespace"], json!(["lipno"]));
    assert_eq!(ask("HEAD", "/v1/namespaces/lipno").await, (204, Value::Null));
    assert_eq!(ask("GET", "/v1/namespaces/x/tables").await.0, 404);
    let (_, first) = ask("GET", "/v1/namespaces/lipno/tables?pageSize=1&pageToken=").await;
    assert_eq!(first["identifiers"], json!([{"namespace": ["lipno"], "name": "airlines"}]));
    let token = first["next-page-token"].as_str().unwrap();
    let (_, rest) = ask("GET", &format!("/v1/namespaces/lipno/tables?pageSize=1&pageToken={token}")).await;
    assert_eq!(rest["identifiers"][0]["name"], "flights");
    assert_eq!(rest["next-page-token"], Value::Null);
    assert_eq!(ask("GET", "/v1/namespaces/lipno/tables?pageSize=x").await.0, 400);
    assert_eq!(ask("GET", "/v1/namespaces/lipno/views").await.1["identifiers"], json!([]));
    assert_eq!(
        ask("GET", "/v1/namespaces/lipno/views/flights").await.1["error"]["type"],
        "NoSuchViewException"
    );
}

#[tokio::test]
async fn a_table_is_loaded_once_per_version() {
    let uri = "/v1/namespaces/lipno/tables/flights";
    let (status, tag, body) = ask_with(&two(), "GET", uri, None).await;
    assert_eq!((status, &body["metadata"]["current-snapshot-id"]), (200, &json!(2)));
    assert_eq!(body["metadata-location"], "file:///lake/lipno/flights/metadata/1.metadata.json");
    assert_eq!((&body["config"], body.get("storage-credentials")), (&json!({}), None));
    assert_eq!(ask_with(&two(), "GET", uri, tag.as_deref()).await.0, 304);
    let (status, _, body) = ask_with(&two(), "GET", &format!("{uri}?snapshots=refs"), tag.as_deref()).await;
    assert_eq!((status, &body["metadata"]["snapshots"]), (200, &json!([{"snapshot-id": 2}])));
    assert_eq!(ask("GET", &format!("{uri}?snapshots=few")).await.0, 400);
    assert_eq!(ask("HEAD", uri).await, (204, Value::Null));
    let (status, body) = ask("GET", "/v1/namespaces/lipno/tables/none").await;
    assert_eq!((status, &body["error"]["type"]), (404, &json!("NoSuchTableException")));
    assert_eq!(body["error"]["code"], 404);
    let away = Two { is_away: true, ..two() };
    let (status, _, body) = ask_with(&away, "GET", uri, None).await;
    assert_eq!((status, &body["error"]["type"]), (503, &json!("ServiceUnavailableException")));
}

#[tokio::test]
async fn keys_are_credentials() {
    let config = BTreeMap::from([("s3.access-key-id".to_string(), "k".to_string())]);
    let tables = Two { config, ..two() };
    let (_, _, body) = ask_with(&tables, "GET", "/v1/namespaces/lipno/tables/flights", None).await;
    assert_eq!(body["config"]["s3.access-key-id"], "k");
    assert_eq!(body["storage-credentials"][0]["prefix"], "file:///lake/");
}

#[tokio::test]
async fn nothing_is_written() {
    for (method, uri) in [
        ("POST", "/v1/namespaces"),
        ("POST", "/v1/namespaces/lipno/tables"),
        ("POST", "/v1/namespaces/lipno/tables/flights"),
        ("DELETE", "/v1/namespaces/lipno/tables/flights"),
        ("POST", "/v1/tables/rename"),
        ("POST", "/v1/transactions/commit"),
    ] {
        let (status, body) = ask(method, uri).await;
        assert_eq!((status, &body["error"]["type"]), (403, &json!("ForbiddenException")), "{method} {uri}");
        assert!(body["error"]["message"].as_str().unwrap().contains("read-only"));
    }
    assert_eq!(ask("POST", "/v1/namespaces/lipno/tables/flights/metrics").await, (204, Value::Null));
    assert_eq!(ask("PUT", "/v1/namespaces").await.0, 405);
    assert_eq!(ask("GET", "/v1/other").await.0, 404);
}

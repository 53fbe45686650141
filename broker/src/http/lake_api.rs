//! `/lake/v1`: what `lipno lake` asks, for people and programs.
//!
//! ```text
//! GET  /lake/v1/topics                                   every table: lag, size, snapshots
//! GET  /lake/v1/topics/{topic}                           one
//! GET  /lake/v1/topics/{topic}/verify                    lines of JSON: progress, and last the verdict
//! GET  /lake/v1/topics/{topic}/offsets[?snapshot=S]      where a snapshot ends
//! GET  /lake/v1/topics/{topic}/snapshot?partition=P&(offset=O|time=T)
//! POST /lake/v1/topics/{topic}/seek?snapshot=S&group=G   sets a group to a snapshot's end
//! ```
//! Invariants: errors are `{"error": text}` with a status that fits; only `seek` changes anything. Mounted by the
//! listener.

use crate::broker::Broker;
use crate::lake::snapshots::{self, NoAnswer, SnapshotEnd};
use crate::lake::verify::Progress;
use crate::lake::{Lake, status, verify};
use crate::replicas::TopicEntry;
use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Query, State};
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Serialize;
use serde_json::json;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A proof says this often that it is still at it.
const PROGRESS: Duration = Duration::from_millis(500);
/// Lines that wait for a client; more are left out.
const LINES: usize = 64;

#[derive(Clone)]
struct Api {
    broker: Arc<Broker>,
    lake: Arc<Lake>,
}

pub fn router(broker: Arc<Broker>, lake: Arc<Lake>) -> Router {
    Router::new()
        .route("/lake/v1/topics", get(all))
        .route("/lake/v1/topics/{topic}", get(one))
        .route("/lake/v1/topics/{topic}/verify", get(prove))
        .route("/lake/v1/topics/{topic}/offsets", get(offsets))
        .route("/lake/v1/topics/{topic}/snapshot", get(snapshot))
        .route("/lake/v1/topics/{topic}/seek", post(seek))
        .with_state(Api { broker, lake })
}

struct Failure(StatusCode, String);

impl IntoResponse for Failure {
    fn into_response(self) -> Response {
        answer(self.0, &json!({ "error": self.1 }))
    }
}

impl From<NoAnswer> for Failure {
    fn from(e: NoAnswer) -> Failure {
        match e {
            NoAnswer::NotFound(why) => Failure(StatusCode::NOT_FOUND, why),
            NoAnswer::Refused(why) => Failure(StatusCode::CONFLICT, why),
            NoAnswer::Unavailable(why) => unavailable(why),
        }
    }
}

fn answer(status: StatusCode, body: &impl Serialize) -> Response {
    match serde_json::to_vec(body) {
        Ok(body) => (status, [(CONTENT_TYPE, "application/json")], body).into_response(),
        Err(e) => (StatusCode::INTERNAL_SERVER_ERROR, e.to_string()).into_response(),
    }
}

fn bad(why: impl Into<String>) -> Failure {
    Failure(StatusCode::BAD_REQUEST, why.into())
}

fn unavailable(why: String) -> Failure {
    Failure(StatusCode::SERVICE_UNAVAILABLE, why)
}

impl Api {
    fn topic(&self, name: &str) -> Result<Arc<TopicEntry>, Failure> {
        let none = || Failure(StatusCode::NOT_FOUND, format!("there is no topic {name}"));
        self.broker.replicas.by_name(name).ok_or_else(none)
    }
}

type Parameters = Query<BTreeMap<String, String>>;

/// A number among the parameters.
fn number<T: std::str::FromStr>(q: &Parameters, name: &str) -> Result<Option<T>, Failure> {
    let wrong = |text: &String| bad(format!("{name} must be a whole number, it is {text}"));
    q.get(name).map(|text| text.parse().map_err(|_| wrong(text))).transpose()
}

fn needed<T>(name: &str, value: Option<T>) -> Result<T, Failure> {
    value.ok_or_else(|| bad(format!("{name} is missing")))
}

async fn all(State(api): State<Api>) -> Result<Response, Failure> {
    let tables = status::status(&api.broker, &api.lake, None).await.map_err(unavailable)?;
    Ok(answer(StatusCode::OK, &json!({ "tables": tables })))
}

async fn one(State(api): State<Api>, Path(topic): Path<String>) -> Result<Response, Failure> {
    let id = api.topic(&topic)?.id;
    let tables = status::status(&api.broker, &api.lake, Some(id)).await.map_err(unavailable)?;
    Ok(answer(StatusCode::OK, &json!({ "tables": tables })))
}

async fn offsets(
    State(api): State<Api>,
    Path(topic): Path<String>,
    q: Parameters,
) -> Result<Response, Failure> {
    let metadata = snapshots::metadata(&api.broker, &api.lake, &*api.topic(&topic)?).await?;
    Ok(answer(StatusCode::OK, &snapshots::offsets(&metadata, number(&q, "snapshot")?)?))
}

#[derive(Serialize)]
struct Containing {
    partition: i32,
    offset: i64,
    #[serde(flatten)]
    snapshot: SnapshotEnd,
}

async fn snapshot(
    State(api): State<Api>,
    Path(topic): Path<String>,
    q: Parameters,
) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let partition: i32 = needed("partition", number(&q, "partition")?)?;
    entry.partition(partition).ok_or_else(|| snapshots::no_partition(&entry, partition))?;
    let offset = match (number(&q, "offset")?, number(&q, "time")?) {
        (Some(offset), None) => offset,
        (None, Some(time)) => snapshots::offset_of_time(&entry, partition, time).await?,
        _ => return Err(bad("offset or time (in milliseconds since 1970) is wanted, and only one")),
    };
    let metadata = snapshots::metadata(&api.broker, &api.lake, &entry).await?;
    let image = api.broker.metadata.image();
    let gaps = image.lake.get(&entry.id).and_then(|t| t.gaps.get(&partition)).map_or(&[][..], Vec::as_slice);
    let snapshot = snapshots::containing(&metadata, gaps, partition, offset)?;
    Ok(answer(StatusCode::OK, &Containing { partition, offset, snapshot }))
}

async fn seek(State(api): State<Api>, Path(topic): Path<String>, q: Parameters) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let snapshot: i64 = needed("snapshot", number(&q, "snapshot")?)?;
    let group = needed("group", q.get("group").filter(|g| !g.is_empty()).cloned())?;
    if group.len() > crate::limits::GROUP_ID_MAX {
        return Err(bad("the group's name is too long"));
    }
    let metadata = snapshots::metadata(&api.broker, &api.lake, &entry).await?;
    let end = snapshots::offsets(&metadata, Some(snapshot))?;
    snapshots::seek(&api.broker, &entry, &end, group.clone()).await?;
    Ok(answer(StatusCode::OK, &json!({ "group": group, "topic": topic, "snapshot": end })))
}

/// A line that the client gets of a proof.
enum Line {
    Progress(Progress),
    Last(serde_json::Value),
}

async fn prove(State(api): State<Api>, Path(topic): Path<String>) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let (tell, told) = mpsc::channel(LINES);
    tokio::spawn(start_proof(api, entry, tell));
    let lines = futures::stream::unfold(Some(told), |told| async move {
        let mut told = told?;
        let line = match tokio::time::timeout(PROGRESS, told.recv()).await {
            Err(_) => json!({}),
            Ok(Some(Line::Progress(p))) => json!({ "progress": p }),
            Ok(Some(Line::Last(verdict))) => return Some((line_of(&verdict), None)),
            Ok(None) => return Some((line_of(&json!({ "error": "the proof was cut short" })), None)),
        };
        Some((line_of(&line), Some(told)))
    });
    Ok(([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response())
}

fn line_of(value: &serde_json::Value) -> Result<Bytes, std::convert::Infallible> {
    Ok(Bytes::from(format!("{value}\n")))
}

/// Runs a proof on a thread of its own, once no other runs; ends early if nobody listens any more.
async fn start_proof(api: Api, topic: Arc<TopicEntry>, tell: mpsc::Sender<Line>) {
    let stop = api.lake.audits.stop_flag();
    let slot = loop {
        match api.lake.audits.slot() {
            Some(slot) => break slot,
            None if tell.is_closed() || stop.is_set() => return,
            None => tokio::time::sleep(PROGRESS).await,
        }
    };
    let (lake, last) = (api.lake.clone(), tell.clone());
    let job = move || async move {
        let mut next = Instant::now();
        let progress = |p| {
            if Instant::now() >= next {
                next = Instant::now() + PROGRESS;
                // A slow client misses some.
                drop(tell.try_send(Line::Progress(p)));
            }
        };
        let is_stopped = || stop.is_set() || tell.is_closed();
        let line = match verify::prove(&api.broker, &api.lake, &topic, is_stopped, progress).await {
            Ok(v) => serde_json::to_value(v).unwrap_or_else(|e| json!({ "error": e.to_string() })),
            Err(e) => json!({ "error": e }),
        };
        drop(tell.send(Line::Last(line)).await);
    };
    if let Err(e) = lake.audits.run(slot, job) {
        drop(last.send(Line::Last(json!({ "error": format!("no thread for the proof: {e}") }))).await);
    }
}

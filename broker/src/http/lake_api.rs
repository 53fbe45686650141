//! `/lake/v1`: what `lipno lake` asks, for people and programs.
//!
//! ```text
//! GET  /lake/v1/topics                                   every table: lag, size, snapshots
//! GET  /lake/v1/topics/{topic}                           one
//! GET  /lake/v1/topics/{topic}/verify                    lines of JSON: progress, and last the verdict
//! GET  /lake/v1/topics/{topic}/offsets[?snapshot=S]      where a snapshot ends
//! GET  /lake/v1/topics/{topic}/snapshot?partition=P&(offset=O|time=T)
//! POST /lake/v1/topics/{topic}/seek?snapshot=S&group=G   sets a group to a snapshot's end
//! POST /lake/v1/topics/{topic}/rebuild                   lines of JSON: progress, and last what was done
//! DELETE /lake/v1/topics/{topic}/rebuild                 gives up what is rebuilt so far
//! ```
//! Invariants: errors are `{"error": text}` with a status that fits; only `seek` and `rebuild` change anything. Mounted by the
//! listener.

use crate::broker::Broker;
use crate::lake::snapshots::{self, NoAnswer, SnapshotEnd};
use crate::lake::verify::Progress;
use crate::lake::{Lake, rebuild, status, verify};
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
use std::cell::Cell;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;
use tiering::pool::{Pool, StopFlag};
use tokio::sync::mpsc;
use tokio::time::Instant;

/// A long job says this often that it is still at it.
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
        .route("/lake/v1/topics/{topic}/rebuild", post(rebuild_table).delete(cancel_rebuild))
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

async fn prove(State(api): State<Api>, Path(topic): Path<String>) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let pool = api.lake.audits.clone();
    Ok(lines_of(pool, move |job| async move {
        let told = |p| job.progress(p);
        let found = verify::prove(&api.broker, &api.lake, &entry, || job.is_stopped(), told).await;
        found.map(|v| json!(v))
    }))
}

async fn rebuild_table(State(api): State<Api>, Path(topic): Path<String>) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let pool = api.lake.rebuilds.clone();
    Ok(lines_of(pool, move |job| async move {
        let (stop, told) = (api.lake.rebuilds.stop_flag(), |p| job.progress(p));
        let done = rebuild::rebuild(&api.broker, &api.lake, &entry, &stop, || job.is_stopped(), told).await;
        done.map(|v| json!(v))
    }))
}

async fn cancel_rebuild(State(api): State<Api>, Path(topic): Path<String>) -> Result<Response, Failure> {
    let entry = api.topic(&topic)?;
    let cancelled = rebuild::cancel(&api.broker, &entry).await.map_err(unavailable)?;
    Ok(answer(StatusCode::OK, &json!({ "topic": topic, "cancelled": cancelled })))
}

/// A line that the client gets of a long job.
enum Line {
    Progress(Progress),
    Last(serde_json::Value),
}

/// What a long job knows of its client.
struct Listener {
    tell: mpsc::Sender<Line>,
    stop: StopFlag,
    next: Cell<Instant>,
}

impl Listener {
    /// Nobody listens any more, or the broker stops.
    fn is_stopped(&self) -> bool {
        self.stop.is_set() || self.tell.is_closed()
    }

    fn progress(&self, p: Progress) {
        if Instant::now() >= self.next.get() {
            self.next.set(Instant::now() + PROGRESS);
            // A slow client misses some.
            drop(self.tell.try_send(Line::Progress(p)));
        }
    }
}

/// Runs a job on a thread of its own, once no other of its pool runs, and answers with lines of JSON: what it tells
/// meanwhile, and last its result. It ends early if nobody listens any more.
fn lines_of<F: Future<Output = Result<serde_json::Value, String>> + 'static>(
    pool: Arc<Pool>,
    job: impl FnOnce(Listener) -> F + Send + 'static,
) -> Response {
    let (tell, told) = mpsc::channel(LINES);
    tokio::spawn(start(pool, tell, job));
    let lines = futures::stream::unfold(Some(told), |told| async move {
        let mut told = told?;
        let line = match tokio::time::timeout(PROGRESS, told.recv()).await {
            Err(_) => json!({}),
            Ok(Some(Line::Progress(p))) => json!({ "progress": p }),
            Ok(Some(Line::Last(verdict))) => return Some((line_of(&verdict), None)),
            Ok(None) => return Some((line_of(&json!({ "error": "it was cut short" })), None)),
        };
        Some((line_of(&line), Some(told)))
    });
    ([(CONTENT_TYPE, "application/x-ndjson")], Body::from_stream(lines)).into_response()
}

fn line_of(value: &serde_json::Value) -> Result<Bytes, std::convert::Infallible> {
    Ok(Bytes::from(format!("{value}\n")))
}

async fn start<F: Future<Output = Result<serde_json::Value, String>> + 'static>(
    pool: Arc<Pool>,
    tell: mpsc::Sender<Line>,
    job: impl FnOnce(Listener) -> F + Send + 'static,
) {
    let stop = pool.stop_flag();
    let slot = loop {
        match pool.slot() {
            Some(slot) => break slot,
            None if tell.is_closed() || stop.is_set() => return,
            None => tokio::time::sleep(PROGRESS).await,
        }
    };
    let last = tell.clone();
    let run = move || async move {
        let at_the_end = tell.clone();
        let listener = Listener { tell, stop, next: Cell::new(Instant::now()) };
        let line = job(listener).await.unwrap_or_else(|e| json!({ "error": e }));
        drop(at_the_end.send(Line::Last(line)).await);
    };
    if let Err(e) = pool.run(slot, run) {
        drop(last.send(Line::Last(json!({ "error": format!("no thread for it: {e}") }))).await);
    }
}

//! The HTTP listener: /metrics, /healthz, /readyz, the catalog under /v1 and the lake's own
//! answers under /lake/v1.
//!
//! Gauges that would cost something to keep (log sizes, lags) are computed when somebody asks, in `series`.

mod bounded;
mod catalog;
mod lake_api;
mod lake_tables;
mod series;

pub use bounded::Bounded;

use crate::broker::Broker;
use crate::lake::Lake;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

#[derive(Clone)]
struct Http {
    broker: Arc<Broker>,
    metrics: PrometheusHandle,
}

pub fn router(broker: Arc<Broker>, lake: Arc<Lake>, metrics: PrometheusHandle) -> Router {
    let tables = lake_tables::LakeTables { broker: broker.clone(), lake: lake.clone() };
    let api = lake_api::router(broker.clone(), lake);
    Router::new()
        .route("/metrics", get(render))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Http { broker, metrics })
        .merge(catalog::router(Arc::new(tables)))
        .merge(api)
}

async fn render(State(h): State<Http>) -> impl IntoResponse {
    h.metrics.run_upkeep();
    let mut text = h.metrics.render();
    h.broker.metrics.render(&mut text);
    let topics = h.broker.replicas.all();
    series::topics(&mut text, &topics);
    series::partitions(&mut text, &h.broker, &topics);
    series::groups(&mut text, &h.broker).await;
    ([(CONTENT_TYPE, "text/plain; version=0.0.4; charset=utf-8")], text)
}

/// Ready when the metadata has a leader and no partition is offline.
async fn ready(State(h): State<Http>) -> (StatusCode, String) {
    if h.broker.metadata.quorum().leader.is_none() {
        return (StatusCode::SERVICE_UNAVAILABLE, "the metadata quorum has no leader\n".into());
    }
    for dir in h.broker.replicas.dirs() {
        if dir.is_failed() {
            return (StatusCode::SERVICE_UNAVAILABLE, format!("log dir {} failed\n", dir.path.display()));
        }
    }
    for t in h.broker.replicas.all() {
        if let Some((p, why)) = t.partitions.iter().find_map(|p| Some((p, p.why_offline()?))) {
            let partition = p.id.partition.0;
            return (StatusCode::SERVICE_UNAVAILABLE, format!("{}-{partition} is offline: {why}\n", t.name));
        }
    }
    (StatusCode::OK, "ready\n".into())
}

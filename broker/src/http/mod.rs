//! The HTTP listener: /metrics, /healthz, /readyz.
//!
//! Gauges that would cost something to keep (log sizes, lags) are computed when somebody asks.

use crate::broker::Broker;
use crate::coordinator::Call;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::http::header::CONTENT_TYPE;
use axum::response::IntoResponse;
use axum::routing::get;
use metrics::gauge;
use metrics_exporter_prometheus::PrometheusHandle;
use std::sync::Arc;

#[derive(Clone)]
struct Http {
    broker: Arc<Broker>,
    metrics: PrometheusHandle,
}

pub fn router(broker: Arc<Broker>, metrics: PrometheusHandle) -> Router {
    Router::new()
        .route("/metrics", get(render))
        .route("/healthz", get(|| async { "ok\n" }))
        .route("/readyz", get(ready))
        .with_state(Http { broker, metrics })
}

async fn render(State(h): State<Http>) -> impl IntoResponse {
    sizes(&h.broker);
    lags(&h.broker).await;
    h.metrics.run_upkeep();
    let mut text = h.metrics.render();
    h.broker.metrics.render(&mut text);
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
    (StatusCode::OK, "ready\n".into())
}

fn sizes(broker: &Broker) {
    let image = broker.metadata.image();
    for t in broker.replicas.all() {
        for p in &t.partitions {
            let labels = [("topic", t.name.to_string()), ("partition", p.id.partition.0.to_string())];
            gauge!("lipno_log_size_bytes", &labels).set(p.reader().size() as f64);
            if let Some(lag) = crate::tier_link::lag(&image, &t, p) {
                gauge!("lipno_lake_lag", &labels).set(lag as f64);
            }
        }
    }
}

async fn lags(broker: &Broker) {
    let Ok(all) = broker.groups.ask(|reply| Call::AllOffsets { reply }).await else { return };
    for (group, offsets) in all {
        for (topic, partition, o) in offsets {
            let Some(replica) = broker.replicas.partition(&topic, partition) else { continue };
            let lag = (replica.ends().high_watermark - o.offset).max(0);
            let labels = [("group", group.clone()), ("topic", topic), ("partition", partition.to_string())];
            gauge!("lipno_consumer_lag", &labels).set(lag as f64);
        }
    }
}

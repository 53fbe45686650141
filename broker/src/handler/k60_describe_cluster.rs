//! DescribeCluster (60), versions 0-2. Cluster id, controller, brokers.

use super::authorized;
use crate::broker::Broker;
use crate::dispatch::Head;
use protocol::message::k60_describe_cluster::response::DescribeClusterBroker;
use protocol::message::k60_describe_cluster::{DescribeClusterRequest, DescribeClusterResponse};
use protocol::{ErrorCode, Str};
use std::sync::Arc;

pub async fn handle(broker: Arc<Broker>, head: Head, q: DescribeClusterRequest) -> DescribeClusterResponse {
    let image = broker.metadata.image();
    if q.endpoint_type != 1 {
        return DescribeClusterResponse {
            error_code: ErrorCode::MISMATCHED_ENDPOINT_TYPE.0,
            error_message: Some(Str::from_static("this is a broker's listener, not a controller's")),
            endpoint_type: 1,
            ..Default::default()
        };
    }
    let brokers = broker
        .endpoints(&image, head.listener)
        .map(|(id, host, port, rack)| DescribeClusterBroker {
            broker_id: id,
            host,
            port,
            rack,
            ..Default::default()
        })
        .collect();
    DescribeClusterResponse {
        endpoint_type: 1,
        cluster_id: Str::from(&image.cluster_id),
        controller_id: broker.me.0,
        brokers,
        cluster_authorized_operations: authorized::if_asked(
            authorized::CLUSTER,
            q.include_cluster_authorized_operations,
        ),
        ..Default::default()
    }
}

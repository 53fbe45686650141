//! stub
use crate::broker::Broker;
use std::sync::Arc;
pub async fn prepare(_b: &Arc<Broker>) -> Result<(), String> {
    Ok(())
}
pub async fn run(_b: Arc<Broker>) {}

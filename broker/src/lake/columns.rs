//! A table's typed columns in the Raft record, as the conversion sees them.
//!
//! Invariant: columns are added by compare-and-set on how many there are, so that two conversions of one table never add
//! the same one twice. Called by the conversion, on a thread of the pool, and by whoever needs a table's schema.

use crate::broker::Broker;
use protocol::ids::TopicId;
use raft::{Command, LakeTable, NewLakeColumn, Outcome, Refusal};
use std::sync::Arc;
use tiering::typed::{Column, ColumnSource, Columns, Kind, NewColumn};

/// The typed columns that the record of a table has.
pub fn of_table(t: &LakeTable) -> Columns {
    let one = |c: &raft::LakeColumn| {
        let kind = Kind::from_name(&c.kind)?;
        Some(Column { id: c.id, name: c.name.clone(), path: c.path.clone(), kind })
    };
    Columns::new(t.columns.iter().filter_map(one).collect())
}

/// The columns of one topic's table.
pub struct TableColumns {
    pub broker: Arc<Broker>,
    pub topic: TopicId,
}

impl ColumnSource for TableColumns {
    fn columns(&self) -> Columns {
        self.broker.metadata.image().lake.get(&self.topic).map(|t| of_table(t)).unwrap_or_default()
    }

    async fn add(&self, have: usize, new: Vec<NewColumn>) -> Result<Columns, String> {
        let names: Vec<&str> = new.iter().map(|c| c.name.as_str()).collect();
        tracing::info!("lake: topic {} gets columns {}", self.topic, names.join(", "));
        let one =
            |c: NewColumn| NewLakeColumn { name: c.name, path: c.path, kind: c.kind.name().to_string() };
        let columns = new.into_iter().map(one).collect();
        let add = Command::AddLakeColumns { topic: self.topic, have, columns };
        match self.broker.metadata.propose(add).await {
            // Somebody else was faster: what there is now may be enough.
            Ok(Outcome::Refused(Refusal::LakeColumns { .. })) => Ok(self.columns()),
            Ok(Outcome::Refused(e)) => Err(e.to_string()),
            Ok(_) => Ok(self.columns()),
            Err(e) => Err(e.to_string()),
        }
    }
}

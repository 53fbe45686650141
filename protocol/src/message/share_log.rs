//! Keys and values of `__share_group_state`. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.

pub use share_snapshot_key::ShareSnapshotKey;
pub use share_snapshot_value::ShareSnapshotValue;
pub use share_update_key::ShareUpdateKey;
pub use share_update_value::ShareUpdateValue;

pub mod share_snapshot_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareSnapshotKey {
        pub group_id: Str,
        pub topic_id: Uuid,
        pub partition: i32,
    }

    impl Default for ShareSnapshotKey {
        fn default() -> Self {
            Self { group_id: Str::default(), topic_id: Default::default(), partition: 0 }
        }
    }

    impl Message for ShareSnapshotKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic_id = r.uuid()?;
            m.partition = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.uuid(&self.topic_id);
            w.i32(self.partition);
        }
    }
}

pub mod share_snapshot_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareSnapshotValue {
        pub snapshot_epoch: i32,
        pub state_epoch: i32,
        pub leader_epoch: i32,
        pub start_offset: i64,
        pub delivery_complete_count: i32,
        pub create_timestamp: i64,
        pub write_timestamp: i64,
        pub state_batches: Vec<StateBatch>,
    }

    impl Default for ShareSnapshotValue {
        fn default() -> Self {
            Self {
                snapshot_epoch: 0,
                state_epoch: 0,
                leader_epoch: 0,
                start_offset: 0,
                delivery_complete_count: -1,
                create_timestamp: 0,
                write_timestamp: 0,
                state_batches: Default::default(),
            }
        }
    }

    impl Message for ShareSnapshotValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.snapshot_epoch = r.i32()?;
            m.state_epoch = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.start_offset = r.i64()?;
            m.create_timestamp = r.i64()?;
            m.write_timestamp = r.i64()?;
            m.state_batches =
                r.array(true, 20, |r| Ok(StateBatch::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.tags(|r, tag| {
                match tag {
                    0 => m.delivery_complete_count = r.i32()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.snapshot_epoch);
            w.i32(self.state_epoch);
            w.i32(self.leader_epoch);
            w.i64(self.start_offset);
            w.i64(self.create_timestamp);
            w.i64(self.write_timestamp);
            w.array(true, Some(&self.state_batches), |w, x| {
                x.encode(w, v);
            });
            w.uvarint(0 + u32::from(self.delivery_complete_count != -1));
            if self.delivery_complete_count != -1 {
                w.tag(0, |w| {
                    w.i32(self.delivery_complete_count);
                });
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct StateBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_state: i8,
        pub delivery_count: i16,
    }

    impl Default for StateBatch {
        fn default() -> Self {
            Self { first_offset: 0, last_offset: 0, delivery_state: 0, delivery_count: 0 }
        }
    }

    impl Message for StateBatch {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.first_offset = r.i64()?;
            m.last_offset = r.i64()?;
            m.delivery_state = r.i8()?;
            m.delivery_count = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.first_offset);
            w.i64(self.last_offset);
            w.i8(self.delivery_state);
            w.i16(self.delivery_count);
            w.no_tags();
        }
    }
}

pub mod share_update_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Uuid, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareUpdateKey {
        pub group_id: Str,
        pub topic_id: Uuid,
        pub partition: i32,
    }

    impl Default for ShareUpdateKey {
        fn default() -> Self {
            Self { group_id: Str::default(), topic_id: Default::default(), partition: 0 }
        }
    }

    impl Message for ShareUpdateKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.group_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            m.topic_id = r.uuid()?;
            m.partition = r.i32()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.group_id));
            w.uuid(&self.topic_id);
            w.i32(self.partition);
        }
    }
}

pub mod share_update_value {
    use crate::primitive::{DecodeError, Message, Reader, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct ShareUpdateValue {
        pub snapshot_epoch: i32,
        pub leader_epoch: i32,
        pub start_offset: i64,
        pub delivery_complete_count: i32,
        pub state_batches: Vec<StateBatch>,
    }

    impl Default for ShareUpdateValue {
        fn default() -> Self {
            Self {
                snapshot_epoch: 0,
                leader_epoch: 0,
                start_offset: 0,
                delivery_complete_count: -1,
                state_batches: Default::default(),
            }
        }
    }

    impl Message for ShareUpdateValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.snapshot_epoch = r.i32()?;
            m.leader_epoch = r.i32()?;
            m.start_offset = r.i64()?;
            m.state_batches =
                r.array(true, 20, |r| Ok(StateBatch::decode(r, v)?))?.ok_or(DecodeError::NullNotAllowed)?;
            r.tags(|r, tag| {
                match tag {
                    0 => m.delivery_complete_count = r.i32()?,
                    _ => return Ok(false),
                }
                Ok(true)
            })?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            w.i32(self.snapshot_epoch);
            w.i32(self.leader_epoch);
            w.i64(self.start_offset);
            w.array(true, Some(&self.state_batches), |w, x| {
                x.encode(w, v);
            });
            w.uvarint(0 + u32::from(self.delivery_complete_count != -1));
            if self.delivery_complete_count != -1 {
                w.tag(0, |w| {
                    w.i32(self.delivery_complete_count);
                });
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct StateBatch {
        pub first_offset: i64,
        pub last_offset: i64,
        pub delivery_state: i8,
        pub delivery_count: i16,
    }

    impl Default for StateBatch {
        fn default() -> Self {
            Self { first_offset: 0, last_offset: 0, delivery_state: 0, delivery_count: 0 }
        }
    }

    impl Message for StateBatch {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.first_offset = r.i64()?;
            m.last_offset = r.i64()?;
            m.delivery_state = r.i8()?;
            m.delivery_count = r.i16()?;
            r.skip_tags()?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.i64(self.first_offset);
            w.i64(self.last_offset);
            w.i8(self.delivery_state);
            w.i16(self.delivery_count);
            w.no_tags();
        }
    }
}

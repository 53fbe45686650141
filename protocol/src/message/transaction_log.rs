//! Keys and values of `__transaction_state`. Generated from schema/messages.kmn.
//!
//! Never edit: `cargo xtask gen` writes it. Called by the coordinators and by tools that read their logs.

pub use transaction_log_key::TransactionLogKey;
pub use transaction_log_value::TransactionLogValue;

pub mod transaction_log_key {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct TransactionLogKey {
        pub transactional_id: Str,
    }

    impl Default for TransactionLogKey {
        fn default() -> Self {
            Self { transactional_id: Str::default() }
        }
    }

    impl Message for TransactionLogKey {
        fn decode(r: &mut Reader<'_>, _v: i16) -> Result<Self, DecodeError> {
            let mut m = Self::default();
            m.transactional_id = r.string(false)?.ok_or(DecodeError::NullNotAllowed)?;
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, _v: i16) {
            w.string(false, Some(&self.transactional_id));
        }
    }
}

pub mod transaction_log_value {
    use crate::primitive::{DecodeError, Message, Reader, Str, Writer};

    #[derive(Clone, Debug, PartialEq)]
    pub struct TransactionLogValue {
        pub producer_id: i64,
        pub previous_producer_id: i64,
        pub next_producer_id: i64,
        pub producer_epoch: i16,
        pub next_producer_epoch: i16,
        pub transaction_timeout_ms: i32,
        pub transaction_status: i8,
        pub transaction_partitions: Option<Vec<PartitionsSchema>>,
        pub transaction_last_update_timestamp_ms: i64,
        pub transaction_start_timestamp_ms: i64,
        pub client_transaction_version: i16,
    }

    impl Default for TransactionLogValue {
        fn default() -> Self {
            Self {
                producer_id: 0,
                previous_producer_id: -1,
                next_producer_id: -1,
                producer_epoch: 0,
                next_producer_epoch: -1,
                transaction_timeout_ms: 0,
                transaction_status: 0,
                transaction_partitions: Some(Default::default()),
                transaction_last_update_timestamp_ms: 0,
                transaction_start_timestamp_ms: 0,
                client_transaction_version: 0,
            }
        }
    }

    impl Message for TransactionLogValue {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.producer_id = r.i64()?;
            m.producer_epoch = r.i16()?;
            m.transaction_timeout_ms = r.i32()?;
            m.transaction_status = r.i8()?;
            m.transaction_partitions = r.array(flex, 2, |r| Ok(PartitionsSchema::decode(r, v)?))?;
            m.transaction_last_update_timestamp_ms = r.i64()?;
            m.transaction_start_timestamp_ms = r.i64()?;
            if flex {
                r.tags(|r, tag| {
                    match tag {
                        0 if v >= 1 => m.previous_producer_id = r.i64()?,
                        1 if v >= 1 => m.next_producer_id = r.i64()?,
                        3 if v >= 1 => m.next_producer_epoch = r.i16()?,
                        2 if v >= 1 => m.client_transaction_version = r.i16()?,
                        _ => return Ok(false),
                    }
                    Ok(true)
                })?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.i64(self.producer_id);
            w.i16(self.producer_epoch);
            w.i32(self.transaction_timeout_ms);
            w.i8(self.transaction_status);
            w.array(flex, self.transaction_partitions.as_deref(), |w, x| {
                x.encode(w, v);
            });
            w.i64(self.transaction_last_update_timestamp_ms);
            w.i64(self.transaction_start_timestamp_ms);
            if flex {
                w.uvarint(
                    0 + u32::from(v >= 1 && self.previous_producer_id != -1)
                        + u32::from(v >= 1 && self.next_producer_id != -1)
                        + u32::from(v >= 1 && self.client_transaction_version != 0)
                        + u32::from(v >= 1 && self.next_producer_epoch != -1),
                );
                if v >= 1 && self.previous_producer_id != -1 {
                    w.tag(0, |w| {
                        w.i64(self.previous_producer_id);
                    });
                }
                if v >= 1 && self.next_producer_id != -1 {
                    w.tag(1, |w| {
                        w.i64(self.next_producer_id);
                    });
                }
                if v >= 1 && self.client_transaction_version != 0 {
                    w.tag(2, |w| {
                        w.i16(self.client_transaction_version);
                    });
                }
                if v >= 1 && self.next_producer_epoch != -1 {
                    w.tag(3, |w| {
                        w.i16(self.next_producer_epoch);
                    });
                }
            }
        }
    }

    #[derive(Clone, Debug, PartialEq)]
    pub struct PartitionsSchema {
        pub topic: Str,
        pub partition_ids: Vec<i32>,
    }

    impl Default for PartitionsSchema {
        fn default() -> Self {
            Self { topic: Str::default(), partition_ids: Default::default() }
        }
    }

    impl Message for PartitionsSchema {
        fn decode(r: &mut Reader<'_>, v: i16) -> Result<Self, DecodeError> {
            let flex = v >= 1;
            let mut m = Self::default();
            m.topic = r.string(flex)?.ok_or(DecodeError::NullNotAllowed)?;
            m.partition_ids = r.array(flex, 4, |r| Ok(r.i32()?))?.ok_or(DecodeError::NullNotAllowed)?;
            if flex {
                r.skip_tags()?;
            }
            Ok(m)
        }

        fn encode(&self, w: &mut Writer<'_>, v: i16) {
            let flex = v >= 1;
            w.string(flex, Some(&self.topic));
            w.array(flex, Some(&self.partition_ids), |w, x| {
                w.i32(*x);
            });
            if flex {
                w.no_tags();
            }
        }
    }
}

//! Records of `__consumer_offsets` in Kafka's formats: key and value start with an int16 version.
//!
//! Written: offset commits (key 1, value 3, or 1 with an expiry) and group metadata (key 2, value 3), which every
//! Kafka tool of the last years reads. Read: all versions of both; other keys are left alone.

use crate::machine::coordinator::Entry;
pub use crate::machine::coordinator::partition_of;
use crate::machine::group::classic::PersistedMember;
use crate::machine::group::{CommittedOffset, Persist};
use bytes::{BufMut, Bytes, BytesMut};
use protocol::message::group_log::group_metadata_value::MemberMetadata;
use protocol::message::group_log::{
    GroupMetadataKey, GroupMetadataValue, OffsetCommitKey, OffsetCommitValue,
};
use protocol::primitive::{DecodeError, Reader, Writer};
use protocol::records::{BatchBuilder, BatchHeader, Codec, NewRecord};
use protocol::{ErrorCode, Message, Str};

const OFFSET_COMMIT: i16 = 1;
const GROUP_METADATA: i16 = 2;
const OFFSET_VALUE_VERSION: i16 = 3;
const OFFSET_VALUE_WITH_EXPIRY: i16 = 1;
const GROUP_VALUE_VERSION: i16 = 3;

/// A record's key and value; no value is a tombstone.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyValue {
    pub key: Bytes,
    pub value: Option<Bytes>,
}

fn versioned<M: Message>(prefix: i16, m: &M, version: i16) -> Bytes {
    let mut b = BytesMut::new();
    b.put_i16(prefix);
    m.encode(&mut Writer::new(&mut b, &mut Vec::new()), version);
    b.freeze()
}

pub fn offset(group: &str, topic: &str, partition: i32, offset: Option<&CommittedOffset>) -> KeyValue {
    let key = OffsetCommitKey { group: group.into(), topic: topic.into(), partition };
    let value = offset.map(|o| {
        let version = if o.expire_ms >= 0 { OFFSET_VALUE_WITH_EXPIRY } else { OFFSET_VALUE_VERSION };
        let v = OffsetCommitValue {
            offset: o.offset,
            leader_epoch: o.leader_epoch,
            metadata: Str::from(&o.metadata),
            commit_timestamp: o.commit_ms,
            expire_timestamp: o.expire_ms,
            ..Default::default()
        };
        versioned(version, &v, version)
    });
    KeyValue { key: versioned(OFFSET_COMMIT, &key, 0), value }
}

pub fn group(group: &str, state: Option<&Persist>) -> KeyValue {
    let key = GroupMetadataKey { group: group.into() };
    let value = state.map(|p| {
        let v = GroupMetadataValue {
            protocol_type: Str::from(&p.protocol_type),
            generation: p.generation,
            protocol: p.protocol.as_ref().map(Str::from),
            leader: p.leader.as_ref().map(Str::from),
            current_state_timestamp: p.state_ms,
            members: p.members.iter().map(member).collect(),
        };
        versioned(GROUP_VALUE_VERSION, &v, GROUP_VALUE_VERSION)
    });
    KeyValue { key: versioned(GROUP_METADATA, &key, 0), value }
}

fn member(m: &PersistedMember) -> MemberMetadata {
    MemberMetadata {
        member_id: Str::from(&m.member_id),
        group_instance_id: m.instance_id.as_ref().map(Str::from),
        client_id: Str::from(&m.client_id),
        client_host: Str::from(&m.client_host),
        rebalance_timeout: m.rebalance_timeout_ms,
        session_timeout: m.session_timeout_ms,
        subscription: m.subscription.clone(),
        assignment: m.assignment.clone(),
    }
}

/// Splits the version off and decodes the rest; a version above the newest known one is an error.
fn decode<M: Message>(b: &Bytes, newest: i16) -> Result<(M, i16), DecodeError> {
    let mut r = Reader::new(b);
    let version = r.i16()?;
    if !(0..=newest).contains(&version) {
        return Err(DecodeError::BadVersion(version));
    }
    Ok((M::decode(&mut r, version)?, version))
}

/// Reads a record of the offsets topic.
pub fn parse(key: &Bytes, value: Option<&Bytes>) -> Result<Entry, DecodeError> {
    let mut r = Reader::new(key);
    match r.i16()? {
        0 | OFFSET_COMMIT => {
            let k = OffsetCommitKey::decode(&mut r, 0)?;
            let offset = value.map(|v| decode::<OffsetCommitValue>(v, 4)).transpose()?.map(|(v, version)| {
                CommittedOffset {
                    offset: v.offset,
                    leader_epoch: v.leader_epoch,
                    metadata: v.metadata.to_string(),
                    commit_ms: v.commit_timestamp,
                    expire_ms: if version == 1 { v.expire_timestamp } else { -1 },
                }
            });
            Ok(Entry::Offset {
                group: k.group.to_string(),
                topic: k.topic.to_string(),
                partition: k.partition,
                offset,
            })
        }
        GROUP_METADATA => {
            let k = GroupMetadataKey::decode(&mut r, 0)?;
            let state =
                value.map(|v| decode::<GroupMetadataValue>(v, 4)).transpose()?.map(|(v, _)| persist(&v));
            Ok(Entry::Group { group: k.group.to_string(), state })
        }
        _ => Ok(Entry::Other),
    }
}

fn persist(v: &GroupMetadataValue) -> Persist {
    Persist {
        number: 0,
        generation: v.generation,
        protocol_type: v.protocol_type.to_string(),
        protocol: v.protocol.as_ref().map(|p| p.to_string()),
        leader: v.leader.as_ref().map(|l| l.to_string()),
        state_ms: v.current_state_timestamp,
        members: v
            .members
            .iter()
            .map(|m| PersistedMember {
                member_id: m.member_id.to_string(),
                instance_id: m.group_instance_id.as_ref().map(|i| i.to_string()),
                client_id: m.client_id.to_string(),
                client_host: m.client_host.to_string(),
                rebalance_timeout_ms: if m.rebalance_timeout < 0 {
                    m.session_timeout
                } else {
                    m.rebalance_timeout
                },
                session_timeout_ms: m.session_timeout,
                subscription: m.subscription.clone(),
                assignment: m.assignment.clone(),
            })
            .collect(),
    }
}

/// A record's form in the log; `None` for a kind that is not ours to write.
fn encode(entry: &Entry) -> Option<KeyValue> {
    match entry {
        Entry::Offset { group, topic, partition, offset: o } => {
            Some(offset(group, topic, *partition, o.as_ref()))
        }
        Entry::Group { group: name, state } => Some(group(name, state.as_ref())),
        Entry::Other => None,
    }
}

/// The records as one batch.
pub fn batch(entries: &[Entry], now_ms: i64) -> Result<(Bytes, BatchHeader), ErrorCode> {
    let mut b = BatchBuilder::new(Codec::None);
    for kv in entries.iter().filter_map(encode) {
        b.push(NewRecord { timestamp: now_ms, key: Some(&kv.key), value: kv.value.as_deref(), headers: &[] });
    }
    let batch = b.finish().map_err(|_| ErrorCode::UNKNOWN_SERVER_ERROR)?;
    let h = BatchHeader::read(&batch).ok_or(ErrorCode::UNKNOWN_SERVER_ERROR)?;
    Ok((batch, h))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn golden_bytes_of_an_offset_commit() {
        let o =
            CommittedOffset { offset: 7, leader_epoch: 3, metadata: "m".into(), commit_ms: 5, expire_ms: -1 };
        let kv = offset("g", "t", 2, Some(&o));
        assert_eq!(kv.key[..], [0, 1, 0, 1, b'g', 0, 1, b't', 0, 0, 0, 2]);
        let want = [0, 3, 0, 0, 0, 0, 0, 0, 0, 7, 0, 0, 0, 3, 0, 1, b'm', 0, 0, 0, 0, 0, 0, 0, 5];
        assert_eq!(kv.value.as_deref(), Some(&want[..]));
        let back = parse(&kv.key, kv.value.as_ref()).unwrap();
        assert_eq!(
            back,
            Entry::Offset { group: "g".into(), topic: "t".into(), partition: 2, offset: Some(o) }
        );
        let with_expiry = CommittedOffset {
            offset: 7,
            leader_epoch: -1,
            metadata: String::new(),
            commit_ms: 5,
            expire_ms: 9,
        };
        let kv = offset("g", "t", 2, Some(&with_expiry));
        assert!(
            matches!(parse(&kv.key, kv.value.as_ref()).unwrap(), Entry::Offset { offset: Some(o), .. } if o == with_expiry)
        );
    }

    #[test]
    fn groups_come_back_as_they_went() {
        let p = Persist {
            number: 0,
            generation: 4,
            protocol_type: "consumer".into(),
            protocol: Some("range".into()),
            leader: Some("a".into()),
            state_ms: 99,
            members: vec![PersistedMember {
                member_id: "a".into(),
                instance_id: Some("i".into()),
                client_id: "c".into(),
                client_host: "/1.2.3.4".into(),
                rebalance_timeout_ms: 5,
                session_timeout_ms: 6,
                subscription: Bytes::from_static(b"s"),
                assignment: Bytes::from_static(b"x"),
            }],
        };
        let kv = group("g", Some(&p));
        assert_eq!(
            parse(&kv.key, kv.value.as_ref()).unwrap(),
            Entry::Group { group: "g".into(), state: Some(p) }
        );
        assert_eq!(parse(&kv.key, None).unwrap(), Entry::Group { group: "g".into(), state: None });
        assert_eq!(parse(&Bytes::from_static(&[0, 5, 1]), None).unwrap(), Entry::Other);
        assert!(parse(&kv.key, Some(&Bytes::from_static(&[0, 9]))).is_err());
    }

    #[test]
    fn partitions_as_java_counts() {
        // "my-group".hashCode() = 1748733706, and "polygenelubricants".hashCode() = Integer.MIN_VALUE.
        assert_eq!(partition_of("polygenelubricants", 50), 0);
        assert_eq!(partition_of("", 50), 0);
        assert_eq!(partition_of("ab", 50), (97 * 31 + 98) % 50);
    }
}

//! Bytes on their way to one client: encoded heads in one buffer, log slices in the gaps between.
//!
//! Invariant: what leaves is exactly the concatenation, in order, whatever the socket takes at once. Nothing is
//! copied that lies in the log. Called by the connection.

use super::buffers;
use bytes::{Buf, BytesMut};
use protocol::Message;
use protocol::primitive::{Gap, Writer};
use smallvec::SmallVec;
use std::collections::VecDeque;
use std::io::{self, IoSlice};
use storage::Slice;

/// Slices handed to one `writev`.
const IOVECS_MAX: usize = 64;
/// Slices of one answer.
pub type Slices = SmallVec<[Slice; 2]>;

/// Places of slices that an idle connection keeps.
const GAPS_KEPT: usize = 8;

#[derive(Default)]
pub struct Out {
    buf: BytesMut,
    /// Where in the stream `buf` starts; gaps are placed by stream position.
    base: u64,
    gaps: VecDeque<(u64, Slice)>,
    /// Bytes of the first gap's slice that were written.
    gap_done: usize,
    gap_bytes: usize,
    scratch: Vec<Gap>,
}

/// One encoded answer that waits for its turn.
#[derive(Default)]
pub struct Answer {
    pub head: BytesMut,
    pub gaps: Vec<Gap>,
    pub slices: Slices,
}

/// Encodes a whole frame: length, header, message. External records are counted in the length.
pub fn encode_frame<M: Message>(
    buf: &mut BytesMut,
    gaps: &mut Vec<Gap>,
    correlation: i32,
    header_version: i16,
    message: &M,
    version: i16,
) {
    let start = buf.len();
    let gaps_before = gaps.len();
    let mut w = Writer::new(buf, gaps);
    w.i32(0);
    w.i32(correlation);
    if header_version >= 1 {
        w.no_tags();
    }
    message.encode(&mut w, version);
    let external: usize = gaps.iter().skip(gaps_before).map(|g| g.len as usize).sum();
    let len = (buf.len() - start - 4 + external) as i32;
    if let Some(at) = buf.get_mut(start..start + 4) {
        at.copy_from_slice(&len.to_be_bytes());
    }
}

impl Answer {
    pub fn encode<M: Message>(
        correlation: i32,
        header_version: i16,
        m: &M,
        version: i16,
        slices: Slices,
    ) -> Answer {
        let mut a = Answer { slices, ..Answer::default() };
        encode_frame(&mut a.head, &mut a.gaps, correlation, header_version, m, version);
        a
    }

    /// Bytes that it will put on the wire.
    pub fn len(&self) -> usize {
        self.head.len() + self.slices.iter().map(Slice::len).sum::<usize>()
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

impl Out {
    /// Bytes not yet written.
    pub fn len(&self) -> usize {
        self.buf.len() + self.gap_bytes - self.gap_done
    }

    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Bytes not yet written that take memory: slices of the log are mapped.
    pub fn heap_len(&self) -> usize {
        self.buf.len()
    }

    /// The connection is about to wait: what is not needed goes back.
    pub fn park(&mut self) {
        if self.is_empty() && self.buf.capacity() > 0 {
            self.base += self.buf.len() as u64;
            buffers::give(std::mem::take(&mut self.buf));
            if self.gaps.capacity() > GAPS_KEPT {
                self.gaps = VecDeque::new();
                self.scratch = Vec::new();
            }
        }
    }

    fn ready(&mut self) {
        if self.buf.capacity() == 0 {
            self.buf = buffers::take();
        }
    }

    /// Encodes a frame straight into the stream.
    pub fn push<M: Message>(
        &mut self,
        correlation: i32,
        header_version: i16,
        m: &M,
        version: i16,
        slices: &mut Slices,
    ) {
        self.ready();
        let mut scratch = std::mem::take(&mut self.scratch);
        encode_frame(&mut self.buf, &mut scratch, correlation, header_version, m, version);
        for g in scratch.drain(..) {
            if let Some(s) = slices.get_mut(g.slot as usize) {
                self.gap_bytes += s.len();
                self.gaps.push_back((
                    self.base + g.at as u64,
                    std::mem::replace(s, Slice::Bytes(bytes::Bytes::new())),
                ));
            }
        }
        self.scratch = scratch;
        slices.clear();
    }

    /// Appends an answer that was encoded before.
    pub fn append(&mut self, mut a: Answer) {
        self.ready();
        let start = self.base + self.buf.len() as u64;
        self.buf.extend_from_slice(&a.head);
        for g in &a.gaps {
            if let Some(s) = a.slices.get_mut(g.slot as usize) {
                self.gap_bytes += s.len();
                self.gaps.push_back((
                    start + g.at as u64,
                    std::mem::replace(s, Slice::Bytes(bytes::Bytes::new())),
                ));
            }
        }
    }

    /// Hands what fits into one vectored write to `write` and takes note of how much was taken.
    pub fn write(&mut self, write: impl FnOnce(&[IoSlice<'_>]) -> io::Result<usize>) -> io::Result<usize> {
        let mut parts: SmallVec<[IoSlice<'_>; IOVECS_MAX]> = SmallVec::new();
        let mut at = 0usize;
        for (i, (place, slice)) in self.gaps.iter().enumerate() {
            let until = (place - self.base) as usize;
            if let Some(head) = self.buf.get(at..until).filter(|h| !h.is_empty()) {
                parts.push(IoSlice::new(head));
            }
            at = until;
            parts.push(slice.for_writev(if i == 0 { self.gap_done } else { 0 }));
            if parts.len() + 2 > IOVECS_MAX {
                break;
            }
        }
        if parts.len() < IOVECS_MAX
            && let Some(rest) = self.buf.get(at..).filter(|r| !r.is_empty() && parts.len() + 2 <= IOVECS_MAX)
        {
            parts.push(IoSlice::new(rest));
        }
        let n = write(&parts)?;
        drop(parts);
        self.advance(n);
        Ok(n)
    }

    fn advance(&mut self, mut n: usize) {
        while n > 0 {
            let before_gap = self.gaps.front().map_or(self.buf.len(), |(p, _)| (p - self.base) as usize);
            let head = n.min(before_gap);
            self.buf.advance(head);
            self.base += head as u64;
            n -= head;
            if n == 0 && head < before_gap {
                break;
            }
            let Some((_, slice)) = self.gaps.front() else { break };
            let left = slice.len() - self.gap_done;
            let taken = n.min(left);
            self.gap_done += taken;
            n -= taken;
            if self.gap_done == slice.len() {
                self.gap_bytes -= slice.len();
                self.gap_done = 0;
                self.gaps.pop_front();
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bytes::Bytes;
    use protocol::Records;
    use protocol::message::k01_fetch::FetchResponse;
    use protocol::message::k01_fetch::response::{FetchableTopicResponse, PartitionData};

    fn response(lens: &[u32]) -> FetchResponse {
        let partitions = lens
            .iter()
            .enumerate()
            .map(|(i, len)| PartitionData {
                records: Some(Records::External { len: *len, slot: i as u32 }),
                ..PartitionData::default()
            })
            .collect();
        FetchResponse {
            responses: vec![FetchableTopicResponse { partitions, ..Default::default() }],
            ..FetchResponse::default()
        }
    }

    fn slices(lens: &[u32]) -> Slices {
        lens.iter().map(|l| Slice::Bytes(Bytes::from(vec![*l as u8; *l as usize]))).collect()
    }

    fn inline(lens: &[u32]) -> Vec<u8> {
        let mut r = response(lens);
        for (p, l) in r.responses[0].partitions.iter_mut().zip(lens) {
            p.records = Some(Records::Bytes(Bytes::from(vec![*l as u8; *l as usize])));
        }
        let mut buf = BytesMut::new();
        encode_frame(&mut buf, &mut Vec::new(), 7, 1, &r, 12);
        buf.to_vec()
    }

    #[test]
    fn any_split_of_writes_gives_the_same_bytes() {
        let lens = [5u32, 0, 100, 1, 37];
        let want = [inline(&lens), inline(&[9]), inline(&lens)].concat();
        for step in [1usize, 2, 3, 7, 50, 10_000] {
            let mut out = Out::default();
            out.push(7, 1, &response(&lens), 12, &mut slices(&lens));
            out.append(Answer::encode(7, 1, &response(&[9]), 12, slices(&[9])));
            out.push(7, 1, &response(&lens), 12, &mut slices(&lens));
            assert_eq!(out.len(), want.len());
            let mut got = Vec::new();
            while !out.is_empty() {
                out.write(|parts| {
                    let all: Vec<u8> = parts.iter().flat_map(|p| p.iter().copied()).collect();
                    let n = step.min(all.len());
                    got.extend_from_slice(&all[..n]);
                    Ok(n)
                })
                .unwrap();
            }
            assert_eq!(got, want, "step {step}");
        }
    }
}

//! The bounds on connections, times and memory: each with a value small enough to be reached in a test.

use crate::client::{Client, encode, framed, until};
use crate::memory;
use crate::requests;
use crate::server::{Case, Server, alone, assert_no_panics};
use protocol::message::k00_produce::ProduceResponse;
use protocol::message::k01_fetch::FetchResponse;
use protocol::message::k18_api_versions::{ApiVersionsRequest, ApiVersionsResponse};
use std::io::Write;

fn hello(c: &mut Client) -> Option<ApiVersionsResponse> {
    c.try_call(18, 0, &ApiVersionsRequest::default())
}

#[test]
fn a_slow_sender_is_cut_off() {
    let case = Case::new(&[("socket.request.timeout.ms", "300")]);
    // One byte now and then, for as long as the broker takes it.
    let mut c = Client::connect(case.address());
    let request = framed(&requests::all().pop().unwrap().2);
    let mut sent = 0;
    until("the slow one is closed", || {
        std::thread::sleep(std::time::Duration::from_millis(20));
        let at = sent % (request.len() - 1);
        sent += 1;
        // The last byte never comes.
        c.stream.write_all(&request[at..at + 1]).is_err()
    });
    assert!(c.drain().is_empty());
    // A frame that stops in the middle.
    let mut c = Client::connect(case.address());
    c.send(&request[..request.len() - 1]);
    c.assert_closed("a frame that does not get further");
    case.finish();
}

#[test]
fn a_large_frame_may_take_long_if_it_keeps_coming() {
    // 10,000 bytes a second in windows of 200 ms.
    let case =
        Case::new(&[("socket.request.timeout.ms", "200"), ("socket.request.min.bytes.per.second", "10000")]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    let value = vec![7u8; 500_000];
    let q = requests::produce("t", 0, requests::batch(&[&value]), -1);
    let frame = framed(&encode(0, 9, 7, None, &q));
    for part in frame.chunks(frame.len() / 20) {
        c.send(part);
        std::thread::sleep(std::time::Duration::from_millis(50));
    }
    let a: ProduceResponse = c.read_answer(0, 9).expect("a frame that keeps coming is read to its end");
    assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    // Too slow: 100 bytes in each window.
    let mut slow = Client::connect(case.address());
    let mut at = 0;
    until("the slow one is closed", || {
        std::thread::sleep(std::time::Duration::from_millis(50));
        at += 25;
        slow.stream.write_all(&frame[at - 25..at]).is_err()
    });
    drop((c, slow));
    case.finish();
}

#[test]
fn idle_connections_end_and_busy_ones_do_not() {
    let case = Case::new(&[("connections.max.idle.ms", "300")]);
    let mut idle = Client::connect(case.address());
    assert!(hello(&mut idle).is_some());
    let mut mute = Client::connect(case.address());
    let mut waiting = Client::connect(case.address());
    requests::make_topic(&mut waiting, "t", 1);
    // It waits for us far beyond the idle time.
    let q = protocol::message::k01_fetch::FetchRequest { max_wait_ms: 2000, ..requests::fetch("t", 0) };
    waiting.send_request(1, 12, &q);
    idle.assert_closed("a client that has nothing to say");
    mute.assert_closed("a client that never said anything");
    let f: FetchResponse = waiting.read_answer(1, 12).expect("who waits for an answer is not idle");
    assert_eq!(f.error_code, 0);
    drop(waiting);
    case.finish();
}

#[test]
fn connections_are_bounded_in_all_and_by_address() {
    let case = Case::new(&[("max.connections", "12"), ("max.connections.per.ip", "8")]);
    // Two are the bystanders'.
    let mut all: Vec<Client> = (0..6).map(|_| Client::connect(case.address())).collect();
    all.iter_mut().for_each(|c| assert!(hello(c).is_some()));
    let mut one_more = Client::connect(case.address());
    one_more.assert_closed("the ninth from one address");
    all.pop();
    until("the place is free", || hello(&mut Client::connect(case.address())).is_some());
    drop((all, one_more));
    case.finish();

    let case = Case::new(&[("max.connections", "4")]);
    let mut all: Vec<Client> = (0..2).map(|_| Client::connect(case.address())).collect();
    all.iter_mut().for_each(|c| assert!(hello(c).is_some()));
    Client::connect(case.address()).assert_closed("the fifth of four");
    drop(all);
    case.finish();
}

#[test]
fn new_connections_are_paced_and_none_is_refused() {
    let _alone = alone();
    let dir = tempfile::tempdir().unwrap();
    let server = Server::start(dir.path(), &[("max.connection.creation.rate", "40")]).unwrap();
    // 40 at once, the others one by one: more than a second's worth.
    let mut all: Vec<Client> = (0..100).map(|_| Client::connect(server.address)).collect();
    assert!(server.net.connections() < 100, "the broker does not take them all at once");
    all.iter_mut().for_each(|c| assert!(hello(c).is_some()));
    drop(all);
    server.stop();
    assert_no_panics();
}

/// Produce requests of which all but the last byte is sent.
fn unfinished(case: &Case, n: usize, bytes: usize) -> Vec<(Client, u8)> {
    (0..n)
        .map(|_| {
            let mut c = Client::connect(case.address());
            let value = vec![7u8; bytes];
            let q = requests::produce("t", 0, requests::batch(&[&value]), -1);
            let frame = framed(&encode(0, 9, 7, None, &q));
            let (last, rest) = frame.split_last().unwrap();
            c.stream.set_nonblocking(true).unwrap();
            // What the broker does not read stays in the sockets' buffers, which are larger than this.
            assert_eq!(c.stream.write(rest).unwrap(), rest.len());
            c.stream.set_nonblocking(false).unwrap();
            (c, *last)
        })
        .collect()
}

#[test]
fn above_its_memory_the_broker_reads_one_request_at_a_time() {
    let case = Case::new(&[("queued.max.request.bytes", "1000000")]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    drop(c);
    // 6 MB in all, of which about one is read.
    let mut all = unfinished(&case, 20, 300_000);
    until("the bound is reached", || case.server.net.memory.is_over());
    std::thread::sleep(std::time::Duration::from_millis(100));
    let used = case.server.net.memory.used();
    assert!(used < 3_000_000, "{used} bytes are held above a bound of 1,000,000");
    // Those that wait are read in turn once the others are complete.
    all.iter_mut().for_each(|(c, last)| c.send(&[*last]));
    for (c, _) in &mut all {
        let a: ProduceResponse = c.read_answer(0, 9).unwrap();
        assert_eq!(a.responses[0].partition_responses[0].error_code, 0);
    }
    drop(all);
    case.finish();
}

#[test]
fn who_holds_memory_and_does_not_go_on_is_cut_off() {
    let case = Case::new(&[("queued.max.request.bytes", "1000000"), ("socket.request.timeout.ms", "300")]);
    let mut c = Client::connect(case.address());
    requests::make_topic(&mut c, "t", 1);
    drop(c);
    // All begun, none completed: without the time bound nobody could ever read again.
    let all = unfinished(&case, 20, 300_000);
    until("the bound is reached", || case.server.net.memory.is_over());
    until("there is room again", || !case.server.net.memory.is_over());
    let mut c = Client::connect(case.address());
    let p: ProduceResponse = c.call(0, 9, &requests::produce("t", 0, requests::batch(&[&[7; 300_000]]), -1));
    assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    drop((c, all));
    case.finish();
}

#[test]
fn answers_that_nobody_reads_do_not_stay() {
    let case = Case::new(&[("socket.request.timeout.ms", "300")]);
    let c = Client::connect(case.address());
    let mut sender = c.stream.try_clone().unwrap();
    let sending = std::thread::spawn(move || {
        let q = encode(18, 0, 7, None, &ApiVersionsRequest::default());
        let chunk = framed(&q).repeat(1000);
        // Until the broker closes.
        while sender.write_all(&chunk).is_ok() {}
    });
    sending.join().unwrap();
    drop(c);
    case.finish();
}

#[test]
fn an_idle_connection_is_small() {
    const CONNECTIONS: usize = 500;
    let case = Case::new(&[]);
    let mut first = Client::connect(case.address());
    requests::make_topic(&mut first, "t", 1);
    let ready = |_| {
        let mut c = Client::connect(case.address());
        assert!(hello(&mut c).is_some());
        let p: ProduceResponse = c.call(0, 9, &requests::produce("t", 0, requests::batch(&[b"x"]), -1));
        assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
        let f: FetchResponse = c.call(1, 12, &requests::fetch("t", 0));
        assert_eq!(f.responses[0].partitions[0].error_code, 0);
        c
    };
    // Whatever is made once is made.
    let warm: Vec<Client> = (0..10).map(ready).collect();
    let before = memory::live();
    let all: Vec<Client> = (0..CONNECTIONS).map(ready).collect();
    let each = memory::live().saturating_sub(before) / CONNECTIONS;
    println!("an idle connection that was used holds {each} bytes");
    assert!(each <= 5 * 1024, "{each} bytes");
    drop((first, warm, all));
    case.finish();
}

#[test]
fn a_parked_fetch_holds_no_buffer() {
    const CONNECTIONS: usize = 300;
    let case = Case::new(&[]);
    let mut first = Client::connect(case.address());
    requests::make_topic(&mut first, "t", 1);
    let park = |_| {
        let mut c = Client::connect(case.address());
        // Names and client ids are slices of what was read: none of them may keep the buffer.
        c.send_request(1, 11, &requests::fetch("t", 0));
        c
    };
    let warm: Vec<Client> = (0..10).map(park).collect();
    until("they are parked", || case.server.net.memory.used() > 0);
    let before = memory::live();
    let all: Vec<Client> = (0..CONNECTIONS).map(park).collect();
    until("all are there", || case.server.net.connections() >= CONNECTIONS);
    // An answer to all of them proves that all were parked.
    let each = memory::live().saturating_sub(before) / CONNECTIONS;
    let mut other = Client::connect(case.address());
    let p: ProduceResponse = other.call(0, 9, &requests::produce("t", 0, requests::batch(&[b"x"]), -1));
    assert_eq!(p.responses[0].partition_responses[0].error_code, 0);
    for mut c in warm.into_iter().chain(all) {
        let f: FetchResponse = c.read_answer(1, 11).unwrap();
        assert_eq!(f.responses[0].partitions[0].high_watermark, 1);
    }
    println!("a parked fetch holds {each} bytes");
    assert!(each <= 6 * 1024, "{each} bytes");
    drop((first, other));
    case.finish();
}

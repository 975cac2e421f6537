//! Whatever is sent: no panic, and a status that is written down or the end of the connection.

use std::cell::RefCell;
use std::collections::BTreeSet;
use std::sync::OnceLock;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};
use sandyq::wire::{Failure, FileName, Key, path};

use super::raw::{Ask, Reply, exchange_and_end};
use super::served::{Served, rules};
use crate::support::NOW;

/// Statuses of answers to what is no HTTP: they have no body.
const NO_HTTP: [u16; 3] = [400, 414, 431];
const DONE: [u16; 4] = [200, 201, 204, 206];

/// One relay for all cases: what one leaves the next one finds.
fn served() -> &'static Served {
    static SERVED: OnceLock<Served> = OnceLock::new();
    SERVED.get_or_init(|| Served::with_mailbox(rules()))
}

fn check(reply: Option<&Reply>) {
    let Some(reply) = reply else { return };
    let known = DONE.contains(&reply.status) || reply.failure().is_some() || (NO_HTTP.contains(&reply.status) && reply.body.is_empty());
    assert!(known, "{} {:?}", reply.status, String::from_utf8_lossy(&reply.body));
}

fn alive() {
    let reply = served().send(&Ask::new("GET", "/healthz"));
    assert_eq!(reply.status, 200);
}

fn run<S: Strategy>(seed: u8, cases: u32, strategy: S, test: impl Fn(S::Value)) {
    let rng = TestRng::from_seed(RngAlgorithm::ChaCha, &[seed; 32]);
    let mut runner = TestRunner::new_with_rng(Config { cases, failure_persistence: None, ..Config::default() }, rng);
    runner
        .run(&strategy, |value| {
            test(value);
            Ok(())
        })
        .expect("every case holds");
    alive();
}

fn method() -> impl Strategy<Value = String> {
    prop_oneof![4 => prop::sample::select(vec!["GET", "PUT", "DELETE", "HEAD", "POST", "OPTIONS", "CONNECT"]).prop_map(str::to_owned), 1 => "[A-Z]{1,12}"]
}

fn target() -> impl Strategy<Value = String> {
    let mailbox = served().mailbox();
    let known = vec![
        path::NONCE.to_owned(),
        path::mailbox(&mailbox),
        path::list(&mailbox, 0, 10),
        path::file(&mailbox, &FileName::of(b"x")),
        path::freeze(&mailbox),
        path::notice(&mailbox),
        "/healthz".to_owned(),
        "*".to_owned(),
    ];
    let odd = "(/[a-z0-9%.~:@!$&'()*+,;=?#-]{0,40}){1,5}";
    let near = (prop::sample::select(known.clone()), "[a-z0-9/?&=%.-]{1,20}").prop_map(|(path, more)| path + &more);
    prop_oneof![4 => prop::sample::select(known), 1 => odd, 1 => near]
}

fn lines() -> impl Strategy<Value = Vec<(String, String)>> {
    let names = vec!["Content-Length", "Transfer-Encoding", "Authorization", "Range", "Expect", "Connection", "Upgrade", "Host", "Content-Type", "X-Odd"];
    let values = prop_oneof![
        "[0-9]{1,22}",
        "[ -~]{0,80}",
        prop::sample::select(vec!["chunked", "gzip, chunked", "100-continue", "close", "h2c", "bytes=0-", "bytes=5-2", "-1", "Sandyq read - 00 00"])
            .prop_map(str::to_owned),
    ];
    prop::collection::vec((prop::sample::select(names).prop_map(str::to_owned), values), 0..5)
}

fn body() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![Just(Vec::new()), prop::collection::vec(any::<u8>(), 1..300), Just(vec![7; 20_000]), Just(b"{\"keys\":{}}".to_vec())]
}

#[test]
fn any_request_has_a_status_that_is_known() {
    run(1, 400, (method(), target(), lines(), body(), any::<bool>()), |(method, target, lines, body, with_length)| {
        let ask = Ask { lines, ..Ask::new(&method, &target) };
        let ask = if with_length { ask.body(&body) } else { Ask { body, ..ask } };
        if ask.method != "HEAD" {
            check(exchange_and_end(served().address(), &ask.bytes()).as_ref());
        }
    });
}

/// Requests that are nearly right: method and target belong together, also where the body or the key does not.
fn fitting(body: &[u8]) -> Vec<(&'static str, String)> {
    let (mailbox, file) = (served().mailbox(), FileName::of(body));
    vec![
        ("PUT", path::mailbox(&mailbox)),
        ("GET", path::list(&mailbox, 0, 10)),
        ("PUT", path::file(&mailbox, &file)),
        ("GET", path::file(&mailbox, &file)),
        ("PUT", path::freeze(&mailbox)),
        ("GET", path::notice(&mailbox)),
    ]
}

#[test]
fn any_request_of_a_member_has_a_status_that_is_known() {
    let met = RefCell::new(BTreeSet::new());
    let which = (0..8_usize, any::<bool>(), prop::sample::select(vec![Key::Owner, Key::Write, Key::Read]));
    run(2, 500, (method(), target(), lines(), body(), which), |(method, target, lines, body, (at, has_lines, key))| {
        let (method, target) = fitting(&body).into_iter().nth(at).map_or((method, target), |(method, target)| (method.to_owned(), target));
        // Whoever deletes the mailbox ends the story for the rest.
        if method != "HEAD" && method != "DELETE" {
            let lines = lines.into_iter().filter(|(name, _)| has_lines && name != "Authorization" && name != "Content-Length").collect();
            let ask = Ask { lines, ..Ask::new(&method, &target) };
            let ask = if method == "GET" { ask } else { ask.body(&body) };
            let reply = exchange_and_end(served().address(), &served().fresh(ask, key).bytes());
            check(reply.as_ref());
            met.borrow_mut().extend(reply.map(|reply| (reply.status, reply.failure())));
        }
    });
    assert!(met.borrow().len() >= 6, "the cases meet much of what there is to say: {met:?}");
}

#[test]
fn a_request_cut_anywhere_or_with_a_byte_changed_has_a_status_that_is_known() {
    let whole = served().putting(&[3; 700], Key::Write).bytes();
    run(3, 300, (0..whole.len(), any::<u8>(), any::<bool>()), |(at, byte, cut)| {
        let mut bytes = whole.clone();
        if cut {
            bytes.truncate(at)
        } else {
            bytes[at] = byte
        }
        if !bytes.starts_with(b"HEAD ") {
            check(exchange_and_end(served().address(), &bytes).as_ref());
        }
    });
}

#[test]
fn bytes_that_are_no_request_end_the_connection() {
    run(4, 200, prop::collection::vec(any::<u8>(), 0..600), |bytes| {
        check(exchange_and_end(served().address(), &bytes).as_ref());
    });
}

#[test]
fn tickets_and_nonces_of_any_shape_are_judged() {
    let secret = served().relay.identity().secret().clone();
    run(5, 2000, "T?[0-9a-fA-Fé]{0,120}", |text| {
        assert!(sandyq::relay::ticket::check(&secret, &text, NOW).is_none());
        assert_eq!(sandyq::relay::gate::check_nonce(&secret, Some(&text), NOW), Err(Failure::Nonce));
    });
}

//! Every way into a relay and every refusal, over a real socket. What is refused is refused before its body is read.

use std::io::{Read, Write};
use std::sync::Arc;
use std::time::Duration;

use sandyq::relay::store::Terms;
use sandyq::relay::store::memory::Memory;
use sandyq::relay::{Identity, Limits, Rate, Rules, Store};
use sandyq::wire::body::{Admission, Made, Page};
use sandyq::wire::limits::{MAX_FILE, MAX_JSON, MAX_NOTICE};
use sandyq::wire::{Failure, FileName, Key, Pin, path};

use super::raw::{Ask, Keys, Reply, connect, exchange, reply};
use super::served::{Served, hurried, rules};

/// What a relay had to do for one request: bytes of bodies read, signatures checked.
pub fn cost(served: &Served, work: impl FnOnce() -> Reply) -> (Reply, u64, u64) {
    let counted = served.relay.counted();
    let (read, checked) = (counted.bytes_read(), counted.signatures());
    let reply = work();
    (reply, counted.bytes_read() - read, counted.signatures() - checked)
}

/// Checks that a request is refused, without a byte of its body read, after so many signatures.
#[track_caller]
pub fn refused_unread(served: &Served, ask: &Ask, why: Failure, signatures: u64) {
    let (reply, read, checked) = cost(served, || served.send(ask));
    assert_eq!((reply.failure(), read, checked), (Some(why), 0, signatures));
}

pub const BYTES: &[u8] = b"sealed bytes of a file";

fn name() -> FileName {
    FileName::of(BYTES)
}

#[test]
fn a_mailbox_is_made_by_work_and_known_when_it_is_made_again() {
    let served = Served::new(rules());
    let first = served.create();
    assert_eq!((first.status, first.json::<Made>()), (201, Made { quota: 4 * 1024 * 1024, keeps_days: 30 }));
    let again = served.create();
    assert_eq!((again.status, again.json::<Made>()), (200, first.json()));
    let without_work = served.send(&served.creation_by(Admission::Ticket("T".to_owned())));
    assert_eq!(without_work.status, 200, "whoever has the mailbox needs nothing more");
}

#[test]
fn a_file_is_put_listed_and_given_to_the_keys_that_may() {
    let served = Served::with_mailbox(rules());
    let put = served.put(BYTES);
    assert_eq!((put.status, put.body.as_slice()), (201, b"{}".as_slice()));
    let again = served.send(&served.putting(BYTES, Key::Owner));
    assert_eq!((again.status, again.body.as_slice()), (200, b"{}".as_slice()));
    for key in [Key::Read, Key::Owner] {
        let page = served.list(0, 10, key).json::<Page>();
        assert_eq!((page.last, page.count, page.files[0].name, page.files[0].size), (1, 1, name(), BYTES.len() as u64));
        let got = served.get(&name(), key);
        assert_eq!((got.status, got.body.as_slice(), got.line("content-type")), (200, BYTES, Some("application/octet-stream")));
    }
    assert_eq!(served.relay.counted().bytes_stored(), BYTES.len() as u64);
}

#[test]
fn a_part_of_a_file_is_given_for_a_range() {
    let served = Served::with_mailbox(rules());
    served.put(BYTES);
    let part = |range: &str| served.send(&served.fresh(Ask::new("GET", &path::file(&served.mailbox(), &name())), Key::Read).line("Range", range));
    let size = BYTES.len();
    for (range, bytes, said) in
        [("bytes=7-", &BYTES[7..], "bytes 7-21/22"), ("bytes=0-0", &BYTES[..1], "bytes 0-0/22"), ("bytes=3-999", &BYTES[3..], "bytes 3-21/22")]
    {
        let reply = part(range);
        assert_eq!((reply.status, reply.body.as_slice(), reply.line("content-range")), (206, bytes, Some(said)));
    }
    for range in ["bytes=22-", "bytes=5-4", "bytes=-3", "bytes=0-1,3-4", "bits=0-", "bytes=", "bytes=+3-", "bytes=99999999999999999999-"] {
        let reply = part(range);
        let said = format!("bytes */{size}");
        assert_eq!((reply.failure(), reply.line("content-range")), (Some(Failure::Range), Some(said.as_str())), "{range}");
    }
}

#[test]
fn a_frozen_mailbox_still_takes_files_but_gives_them_to_its_owner_only() {
    let served = Served::with_mailbox(rules());
    served.put(BYTES);
    assert_eq!(served.notice(Key::Read).failure(), Some(Failure::NoFile));
    assert_eq!(served.freeze(b"a notice").status, 200);
    assert_eq!(served.list(0, 10, Key::Read).failure(), Some(Failure::Frozen));
    assert_eq!(served.get(&name(), Key::Read).failure(), Some(Failure::Frozen));
    assert_eq!(served.put(b"from somebody who is late").status, 201);
    assert!(served.list(0, 10, Key::Owner).json::<Page>().frozen);
    assert_eq!(served.get(&name(), Key::Owner).body, BYTES);
    assert_eq!(served.freeze(b"another notice").status, 200);
    for key in [Key::Read, Key::Owner] {
        assert_eq!(served.notice(key).body, b"another notice");
    }
}

#[test]
fn after_deletion_everything_is_gone_for_ever() {
    let served = Served::with_mailbox(rules());
    served.put(BYTES);
    let recorded = served.fresh(Ask::new("GET", &path::file(&served.mailbox(), &name())), Key::Read);
    assert_eq!(served.send(&recorded).body, BYTES);
    let creation = served.creation();
    assert_eq!((served.delete().status, served.delete().failure()), (204, Some(Failure::Deleted)));
    let deleted = Some(Failure::Deleted);
    assert_eq!(served.send(&recorded).failure(), deleted, "a recorded request gets nothing");
    assert_eq!(served.send(&creation).failure(), deleted);
    assert_eq!((served.list(0, 1, Key::Owner).failure(), served.notice(Key::Read).failure(), served.freeze(b"x").failure()), (deleted, deleted, deleted));
    refused_unread(&served, &served.putting(BYTES, Key::Write), Failure::Deleted, 0);
    refused_unread(&served, &served.creation(), Failure::Deleted, 0);
}

#[test]
fn health_is_told_to_anybody() {
    let served = Served::new(rules());
    for target in ["/healthz", "/readyz"] {
        assert_eq!(served.send(&Ask::new("GET", target)).status, 200);
    }
}

#[test]
fn whoever_does_not_sign_is_refused_before_anything_else_is_looked_at() {
    let served = Served::with_mailbox(rules());
    let mailbox = served.mailbox();
    let unsigned = |method: &str, target: &str| Ask::new(method, target).body(&[1; 5000]);
    for (method, target) in [
        ("PUT", path::mailbox(&mailbox)),
        ("DELETE", path::mailbox(&mailbox)),
        ("GET", path::list(&mailbox, 0, 1)),
        ("PUT", path::file(&mailbox, &name())),
        ("GET", path::file(&mailbox, &name())),
        ("PUT", path::freeze(&mailbox)),
        ("GET", path::notice(&mailbox)),
    ] {
        refused_unread(&served, &unsigned(method, &target), Failure::Unsigned, 0);
        for line in ["Basic abc", "Sandyq write - 00 00", "Sandyq", ""] {
            refused_unread(&served, &unsigned(method, &target).line("Authorization", line), Failure::Malformed, 0);
        }
    }
    let reply = served.send(&Ask::new("GET", &path::notice(&mailbox)));
    assert_eq!(reply.line("www-authenticate"), Some("Sandyq"));
    let twice = served.putting(BYTES, Key::Write);
    let twice = twice.clone().line("Authorization", &twice.lines.last().expect("a line").1);
    refused_unread(&served, &twice, Failure::Malformed, 0);
}

#[test]
fn what_another_key_signed_is_refused_unread() {
    let served = Served::with_mailbox(rules());
    let stranger = Keys::new(77);
    let target = path::file(&served.mailbox(), &name());
    let ask = Ask::new("PUT", &target).body(BYTES);
    refused_unread(&served, &ask.clone().signed(stranger.of(Key::Write), Key::Write, &served.pin, None), Failure::Signature, 1);
    refused_unread(&served, &ask.clone().signed(served.keys.of(Key::Read), Key::Write, &served.pin, None), Failure::Signature, 1);
    refused_unread(&served, &ask.signed(served.keys.of(Key::Read), Key::Read, &served.pin, None), Failure::WrongKey, 0);
}

#[test]
fn each_request_wants_a_key_of_its_own() {
    let served = Served::with_mailbox(rules());
    let mailbox = served.mailbox();
    for (method, target, wrong) in [
        ("DELETE", path::mailbox(&mailbox), vec![Key::Write, Key::Read]),
        ("PUT", path::mailbox(&mailbox), vec![Key::Write, Key::Read]),
        ("PUT", path::freeze(&mailbox), vec![Key::Write, Key::Read]),
        ("PUT", path::file(&mailbox, &name()), vec![Key::Read]),
        ("GET", path::file(&mailbox, &name()), vec![Key::Write]),
        ("GET", path::list(&mailbox, 0, 1), vec![Key::Write]),
        ("GET", path::notice(&mailbox), vec![Key::Write]),
    ] {
        for key in wrong {
            let ask = if method == "PUT" { Ask::new(method, &target).body(BYTES) } else { Ask::new(method, &target) };
            refused_unread(&served, &served.fresh(ask, key), Failure::WrongKey, 0);
        }
    }
}

#[test]
fn what_is_signed_for_another_relay_is_refused_unread() {
    let served = Served::with_mailbox(rules());
    let target = path::file(&served.mailbox(), &name());
    let elsewhere = Ask::new("PUT", &target).body(BYTES).signed(served.keys.of(Key::Write), Key::Write, &Pin([8; 32]), None);
    refused_unread(&served, &elsewhere, Failure::Signature, 1);
}

#[test]
fn a_relay_with_a_backup_key_takes_what_is_signed_for_either() {
    let backup = Identity::of_seed(&[8; 32]).pin();
    let served = Served::with(Arc::new(Memory::default()), Identity::of_seed(&[7; 32]).with_backup(backup), rules());
    assert_eq!(served.create().status, 201);
    let target = path::file(&served.mailbox(), &name());
    let ask = Ask::new("PUT", &target).body(BYTES).signed(served.keys.of(Key::Write), Key::Write, &backup, None);
    let (reply, _, checked) = cost(&served, || served.send(&ask));
    assert_eq!((reply.status, checked), (201, 2));
    let neither = Ask::new("PUT", &target).body(BYTES).signed(served.keys.of(Key::Write), Key::Write, &Pin([9; 32]), None);
    refused_unread(&served, &neither, Failure::Signature, 2);
}

#[test]
fn a_signature_is_good_for_one_method_target_and_body_only() {
    let served = Served::with_mailbox(rules());
    served.put(BYTES);
    let nonce = served.nonce();
    let list = served.sign(Ask::new("GET", &path::list(&served.mailbox(), 0, 1)), Key::Owner, Some(&nonce));
    assert_eq!(served.send(&list).status, 200);
    refused_unread(&served, &Ask { target: path::list(&served.mailbox(), 0, 2), ..list.clone() }, Failure::Signature, 1);
    refused_unread(&served, &Ask { target: path::notice(&served.mailbox()), ..list.clone() }, Failure::Signature, 1);
    refused_unread(&served, &Ask { method: "DELETE".to_owned(), target: path::mailbox(&served.mailbox()), ..list }, Failure::Signature, 1);
    let put = served.putting(BYTES, Key::Write);
    refused_unread(&served, &Ask { target: path::file(&served.mailbox(), &FileName([1; 32])), ..put.clone() }, Failure::BodyHash, 0);
    let swapped = served.send(&Ask { body: b"sealed bytes of a lie!".to_vec(), ..put });
    assert_eq!(swapped.failure(), Some(Failure::BodyHash));
    assert_eq!(served.list(0, 10, Key::Read).json::<Page>().count, 1);
}

#[test]
fn a_recorded_request_gets_nothing_later_or_at_another_relay() {
    let (served, other) = (Served::with_mailbox(rules()), Served::with(Arc::new(Memory::default()), Identity::of_seed(&[8; 32]), rules()));
    assert_eq!(other.create().status, 201);
    let recorded = served.fresh(Ask::new("GET", &path::list(&served.mailbox(), 0, 1)), Key::Read);
    assert_eq!(served.send(&recorded).status, 200);
    refused_unread(&other, &recorded, Failure::Signature, 1);
    served.advance(300);
    assert_eq!(served.send(&recorded).status, 200);
    served.advance(1);
    refused_unread(&served, &recorded, Failure::Nonce, 1);
}

#[test]
fn a_nonce_is_of_this_relay_and_minutes_old_at_most() {
    let served = Served::with_mailbox(rules());
    let other = Served::with(Arc::new(Memory::default()), Identity::of_seed(&[8; 32]), rules());
    let ask = || Ask::new("GET", &path::list(&served.mailbox(), 0, 1));
    let (foreign, mut forged) = (other.nonce(), served.nonce());
    forged.replace_range(0..1, if forged.starts_with('0') { "1" } else { "0" });
    let cut = &served.nonce()[..62];
    for nonce in [None, Some(foreign.as_str()), Some(&forged), Some(cut), Some("x")] {
        refused_unread(&served, &served.sign(ask(), Key::Read, nonce), Failure::Nonce, 1);
    }
    let early = served.nonce();
    served.advance(-301);
    refused_unread(&served, &served.sign(ask(), Key::Read, Some(&early)), Failure::Nonce, 1);
    let put = Ask::new("PUT", &path::file(&served.mailbox(), &name())).body(BYTES);
    refused_unread(&served, &served.sign(put, Key::Write, Some("x")), Failure::Nonce, 1);
}

#[test]
fn two_processes_with_one_key_take_each_others_nonces() {
    let store: Arc<dyn Store> = Arc::new(Memory::default());
    let one = Served::with(Arc::clone(&store), Identity::of_seed(&[7; 32]), rules());
    let other = Served::with(store, Identity::of_seed(&[7; 32]), rules());
    assert_eq!(one.create().status, 201);
    let ask = one.fresh(Ask::new("GET", &path::list(&one.mailbox(), 0, 1)), Key::Read);
    assert_eq!(other.send(&ask).status, 200);
}

#[test]
fn a_mailbox_that_nobody_made_is_refused_unread() {
    let served = Served::new(rules());
    refused_unread(&served, &served.putting(BYTES, Key::Write), Failure::NoMailbox, 0);
    refused_unread(&served, &served.fresh(Ask::new("GET", &path::list(&served.mailbox(), 0, 1)), Key::Read), Failure::NoMailbox, 0);
    refused_unread(&served, &served.fresh(Ask::new("DELETE", &path::mailbox(&served.mailbox())), Key::Owner), Failure::NoMailbox, 0);
    let freeze = Ask::new("PUT", &path::freeze(&served.mailbox())).body(b"notice");
    refused_unread(&served, &served.fresh(freeze, Key::Owner), Failure::NoMailbox, 0);
}

#[test]
fn a_file_that_is_not_there_is_told_so() {
    let served = Served::with_mailbox(rules());
    assert_eq!(served.get(&name(), Key::Read).failure(), Some(Failure::NoFile));
    assert_eq!(served.notice(Key::Owner).failure(), Some(Failure::NoFile));
}

#[test]
fn a_body_without_a_length_is_refused_unread() {
    let served = Served::with_mailbox(rules());
    let put = served.putting(BYTES, Key::Write).without("Content-Length");
    refused_unread(&served, &Ask { body: Vec::new(), ..put.clone() }, Failure::Length, 1);
    let chunked = put.line("Transfer-Encoding", "chunked");
    refused_unread(&served, &Ask { body: b"5\r\nabcde\r\n0\r\n\r\n".to_vec(), ..chunked }, Failure::Length, 1);
    let creation = served.creation().without("Content-Length");
    refused_unread(&served, &Ask { body: Vec::new(), ..creation }, Failure::Length, 0);
    let freeze = served.fresh(Ask::new("PUT", &path::freeze(&served.mailbox())), Key::Owner);
    refused_unread(&served, &freeze, Failure::Length, 1);
}

#[test]
fn a_body_that_is_too_large_is_refused_unread() {
    let served = Served::with_mailbox(rules());
    let large = vec![1; MAX_FILE as usize + 1];
    refused_unread(&served, &served.putting(&large, Key::Write), Failure::TooLarge, 1);
    let freeze = Ask::new("PUT", &path::freeze(&served.mailbox())).body(&large[..MAX_NOTICE as usize + 1]);
    refused_unread(&served, &served.fresh(freeze, Key::Owner), Failure::TooLarge, 1);
    let creation = Ask::new("PUT", &path::mailbox(&served.mailbox())).body(&large[..MAX_JSON as usize + 1]);
    refused_unread(&served, &served.fresh(creation, Key::Owner), Failure::TooLarge, 0);
    let list = Ask::new("GET", &path::list(&served.mailbox(), 0, 1)).body(b"x");
    refused_unread(&served, &served.fresh(list, Key::Read), Failure::TooLarge, 1);
    assert_eq!(served.put(&large[..MAX_FILE as usize]).status, 201, "the largest there is");
    assert_eq!(served.freeze(&large[..MAX_NOTICE as usize]).status, 200);
}

#[test]
fn a_get_that_claims_a_body_is_refused() {
    let served = Served::with_mailbox(rules());
    let nonce = served.nonce();
    let signed = served.sign(Ask { body: b"x".to_vec(), ..Ask::new("GET", &path::notice(&served.mailbox())) }, Key::Read, Some(&nonce));
    refused_unread(&served, &Ask { body: Vec::new(), ..signed }, Failure::BodyHash, 1);
}

#[test]
fn a_full_mailbox_is_told_before_the_body_is_read() {
    let served = Served::with_mailbox(Rules { terms: Terms { quota: 1000, keeps_days: 1 }, ..rules() });
    assert_eq!(served.put(&[1; 800]).status, 201);
    refused_unread(&served, &served.putting(&[2; 101], Key::Write), Failure::Quota, 1);
    let (again, read, _) = cost(&served, || served.put(&[1; 800]));
    assert_eq!((again.status, read), (200, 0), "whoever lost the answer to what is there gets it");
    assert_eq!(served.send(&served.putting(&[2; 101], Key::Owner)).status, 201);
    refused_unread(&served, &served.putting(&[3; 100], Key::Owner), Failure::Quota, 1);
    let freeze = |size: usize| served.fresh(Ask::new("PUT", &path::freeze(&served.mailbox())).body(&vec![4; size]), Key::Owner);
    refused_unread(&served, &freeze(100), Failure::Quota, 1);
    assert_eq!(served.send(&freeze(99)).status, 200);
    assert_eq!(served.send(&freeze(98)).status, 200, "a notice takes the room of the one before");
}

#[test]
fn a_body_that_comes_too_slowly_is_cut_off() {
    let served = Served::with_mailbox(hurried());
    let ask = served.putting(&[1; 100_000], Key::Write);
    let mut stream = connect(served.address());
    stream.write_all(&[&ask.head()[..], &ask.body[..1500]].concat()).expect("the head and a little");
    let reply = reply(&mut stream).expect("an answer");
    assert_eq!((reply.failure(), served.relay.counted().bytes_read() > 0), (Some(Failure::Slow), true));
    assert_eq!(served.list(0, 10, Key::Read).json::<Page>().count, 0);
}

#[test]
fn a_head_that_comes_too_slowly_ends_the_connection() {
    let served = Served::new(Rules { limits: Limits { header: Duration::from_millis(200), ..rules().limits }, ..rules() });
    let mut stream = connect(served.address());
    stream.write_all(b"GET /v1/nonce HTTP/1.1\r\nHost: re").expect("a little");
    let heard = stream.read(&mut [0; 16]).map_err(|error| error.kind());
    assert!(matches!(heard, Ok(0) | Err(std::io::ErrorKind::ConnectionReset)), "{heard:?}");
}

#[test]
fn a_body_that_breaks_off_stores_nothing() {
    let served = Served::with_mailbox(rules());
    let ask = served.putting(&[1; 100_000], Key::Write);
    let mut stream = connect(served.address());
    stream.write_all(&ask.bytes()[..50_000]).expect("a half");
    stream.shutdown(std::net::Shutdown::Write).expect("shut");
    assert!(reply(&mut stream).is_none_or(|reply| reply.failure() == Some(Failure::Malformed)));
    assert_eq!(served.list(0, 10, Key::Read).json::<Page>().count, 0);
}

#[test]
fn a_list_wants_both_of_its_numbers() {
    let served = Served::with_mailbox(rules());
    let files = format!("/v1/mailboxes/{}/files", served.mailbox());
    for query in
        ["", "?", "?after=0", "?limit=1", "?after=0&limit=0", "?after=0&limit=1001", "?after=-1&limit=1", "?after=0&limit=1&more=1", "?after=0&after=0&limit=1"]
    {
        let ask = served.fresh(Ask::new("GET", &format!("{files}{query}")), Key::Read);
        assert_eq!(served.send(&ask).failure(), Some(Failure::Malformed), "{query}");
    }
    assert_eq!(served.list(u64::MAX, 1000, Key::Read).status, 200);
}

#[test]
fn paths_and_methods_that_are_not_here_are_refused() {
    let served = Served::with_mailbox(rules());
    let mailbox = served.mailbox().to_string();
    let spelled = format!("%{:02x}{}", mailbox.as_bytes()[0], &mailbox[1..]);
    for target in ["/", "/v1", "/v2/nonce", "/v1/nonce/", "/metrics", "//v1/nonce", "/v1/mailboxes", "/v1/mailboxes/", "http://relay/v1/nonce"] {
        assert_eq!(served.send(&Ask::new("GET", target)).failure(), Some(Failure::NoPath), "{target}");
    }
    for id in [&mailbox[..63], &mailbox.to_uppercase(), &format!("{mailbox}0"), &spelled, "x"] {
        refused_unread(&served, &served.fresh(Ask::new("PUT", &format!("/v1/mailboxes/{id}")).body(b"x"), Key::Owner), Failure::NoPath, 0);
        let file = format!("/v1/mailboxes/{mailbox}/files/{id}");
        refused_unread(&served, &served.fresh(Ask::new("GET", &file), Key::Read), if id == mailbox.as_str() { Failure::NoFile } else { Failure::NoPath }, 0);
    }
    for (method, target) in [("POST", path::NONCE), ("DELETE", path::NONCE), ("OPTIONS", path::NONCE), ("QUERY", "/healthz"), ("PUT", "/readyz")] {
        let reply = served.send(&Ask::new(method, target));
        assert_eq!((reply.failure(), reply.line("allow").is_some()), (Some(Failure::Method), true), "{method} {target}");
    }
    for (method, target) in
        [("GET", path::mailbox(&served.mailbox())), ("DELETE", path::file(&served.mailbox(), &name())), ("GET", path::freeze(&served.mailbox()))]
    {
        assert_eq!(served.send(&Ask::new(method, &target)).failure(), Some(Failure::Method), "{method} {target}");
    }
}

#[test]
fn nobody_is_answered_without_a_body_where_one_belongs() {
    let served = Served::new(rules());
    let mut stream = connect(served.address());
    stream.write_all(&Ask::new("HEAD", path::NONCE).bytes()).expect("sent");
    let mut head = String::new();
    std::io::BufRead::read_line(&mut std::io::BufReader::new(stream), &mut head).expect("a line");
    assert!(head.starts_with("HTTP/1.1 405"), "{head}");
}

#[test]
fn whoever_asks_too_often_waits() {
    let rate = Some(Rate { every: Duration::from_secs(3600), burst: 3 });
    let served = Served::new(Rules { limits: Limits { address: rate, ..rules().limits }, ..rules() });
    for _ in 0..3 {
        assert_eq!(served.send(&Ask::new("GET", "/healthz")).status, 200);
    }
    let reply = served.send(&Ask::new("PUT", &path::mailbox(&served.mailbox())).body(&[1; 3000]));
    let wait: u64 = reply.line("retry-after").and_then(|text| text.parse().ok()).expect("seconds");
    assert_eq!((reply.failure(), (3000..=3601).contains(&wait)), (Some(Failure::Rate), true));
    assert_eq!(served.relay.counted().bytes_read(), 0);
}

#[test]
fn a_mailbox_has_a_rate_that_no_stranger_uses_up() {
    let rate = Some(Rate { every: Duration::from_secs(3600), burst: 2 });
    let served = Served::with_mailbox(Rules { limits: Limits { mailbox: rate, ..rules().limits }, ..rules() });
    let foreign = Ask::new("GET", &path::notice(&served.mailbox())).signed(Keys::new(10).of(Key::Read), Key::Read, &served.pin, None);
    for _ in 0..5 {
        assert_eq!(served.send(&foreign).failure(), Some(Failure::Signature));
    }
    assert_eq!((served.put(BYTES).status, served.put(BYTES).status), (201, 200));
    refused_unread(&served, &served.putting(b"more", Key::Write), Failure::Rate, 1);
}

#[test]
fn a_connection_serves_many_requests_and_the_refusal_of_a_large_body_arrives() {
    let served = Served::with_mailbox(rules());
    let mut stream = connect(served.address());
    for number in 0..20_u32 {
        stream.write_all(&served.putting(&number.to_be_bytes(), Key::Write).bytes()).expect("sent");
        assert_eq!(reply(&mut stream).expect("an answer").status, 201);
    }
    for _ in 0..20 {
        let refused = exchange(served.address(), &Ask::new("PUT", "/nowhere").body(&vec![1; MAX_FILE as usize]).bytes());
        assert_eq!(refused.expect("an answer").failure(), Some(Failure::NoPath));
    }
}

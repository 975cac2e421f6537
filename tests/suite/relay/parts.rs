//! Rates, nonces and tickets by themselves.

use std::time::{Duration, Instant};

use sandyq::relay::gate::{Secret, check_nonce, nonce};
use sandyq::relay::store::{Terms, has_room, over};
use sandyq::relay::{Rate, Rates, ticket};
use sandyq::wire::Failure;

const SECOND: Duration = Duration::from_secs(1);

#[test]
fn a_visitor_has_a_burst_and_then_one_request_in_each_while() {
    let (rates, rate, start) = (Rates::default(), Rate { every: SECOND, burst: 3 }, Instant::now());
    for _ in 0..3 {
        rates.ask("one", rate, start).expect("within the burst");
    }
    assert_eq!(rates.ask("one", rate, start), Err(SECOND));
    rates.ask("another", rate, start).expect("its own burst");
    assert!(rates.ask("one", rate, start + SECOND / 2).is_err());
    rates.ask("one", rate, start + SECOND).expect("one more");
    assert!(rates.ask("one", rate, start + SECOND).is_err(), "a refusal costs nothing and gives nothing");
    for _ in 0..3 {
        rates.ask("one", rate, start + 60 * SECOND).expect("a burst again after a rest");
    }
}

#[test]
fn visitors_at_rest_are_forgotten() {
    let (rates, rate, start) = (Rates::default(), Rate { every: SECOND, burst: 1 }, Instant::now());
    for visitor in 0..100_000_u32 {
        rates.ask(visitor, rate, start + 10 * SECOND * visitor).expect("its first");
    }
    assert!(rates.held() <= 4096, "{}", rates.held());
}

#[test]
fn a_table_of_busy_visitors_has_an_end() {
    let (rates, rate, start) = (Rates::default(), Rate { every: 100 * SECOND, burst: 2 }, Instant::now());
    let let_in = (0..300_000_u32).filter(|visitor| rates.ask(visitor.to_owned(), rate, start).is_ok()).count();
    assert_eq!((let_in, rates.held()), (262_144, 262_144));
    rates.ask(0, rate, start).expect("who is known is let in");
    rates.ask(1_000_000, rate, start + 1000 * SECOND).expect("there is room again");
}

#[test]
fn a_nonce_is_good_for_five_minutes_either_way() {
    let secret = Secret::of_key(b"a key");
    let text = nonce(&secret, 1000, [1; 8]);
    for (now, good) in [(1000, true), (1300, true), (1301, false), (700, true), (699, false), (i64::MAX, false), (i64::MIN, false)] {
        assert_eq!(check_nonce(&secret, Some(&text), now).is_ok(), good, "{now}");
    }
    assert_eq!(check_nonce(&Secret::of_key(b"another"), Some(&text), 1000), Err(Failure::Nonce));
}

#[test]
fn no_changed_byte_of_a_nonce_or_a_ticket_is_taken() {
    let secret = Secret::of_key(b"a key");
    let given = nonce(&secret, 1000, [1; 8]);
    let issued = ticket::issue(&secret, Terms { quota: 5, keeps_days: 6 }, 2000, [2; 16]);
    let changed = |text: &str, at: usize| {
        let other = if text.as_bytes()[at] == b'0' { "1" } else { "0" };
        [&text[..at], other, &text[at + 1..]].concat()
    };
    for at in 0..given.len() {
        assert_eq!(check_nonce(&secret, Some(&changed(&given, at)), 1000), Err(Failure::Nonce), "{at}");
    }
    for at in 0..issued.len() {
        assert_eq!(ticket::check(&secret, &changed(&issued, at), 1000), None, "{at}");
    }
    assert!(ticket::check(&secret, &issued, 2000).is_some() && ticket::check(&secret, &issued, 2001).is_none());
    assert_eq!(ticket::check(&secret, &issued, -1), None);
    assert_eq!(ticket::check(&secret, &given, 1000), None);
}

#[test]
fn room_and_days_do_not_run_over() {
    let terms = |quota| Terms { quota, keeps_days: 1 };
    assert!(!has_room(&terms(u64::MAX), u64::MAX, 1, true) && has_room(&terms(u64::MAX), u64::MAX - 1, 1, true));
    assert!(has_room(&terms(9), 0, 9, false), "less than ten bytes have no tenth");
    assert!(!has_room(&terms(10), 0, 10, false) && has_room(&terms(10), 0, 10, true));
    assert_eq!((over(10, 1), over(0, u64::MAX)), (86_410, i64::MAX));
}

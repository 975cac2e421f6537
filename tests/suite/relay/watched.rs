//! What a relay counts and tells whoever runs it: kinds and sums, never a visitor.

use std::sync::{Arc, Mutex};

use sandyq::relay::counted::Route;
use sandyq::relay::serve::{Outside, serve_as};
use sandyq::relay::store::{Answer, Created, Figures, Known, Put, StoreError, Terms, TicketId};
use sandyq::relay::watch::Seen;
use sandyq::relay::{Identity, Relay, Store, Watch};
use sandyq::wire::body::Page;
use sandyq::wire::{Failure, FileName, Key, MailboxId, PublicKeys};

use super::http::{BYTES, refused_unread};
use super::raw::{Ask, exchange};
use super::served::{Served, rules};

#[test]
fn what_is_answered_is_counted_by_route_and_kind() {
    let served = Served::with_mailbox(rules());
    served.put(BYTES);
    served.put(BYTES);
    served.get(&FileName([1; 32]), Key::Read);
    served.send(&Ask::new("GET", "/nowhere"));
    let answers = served.relay.counted().answers();
    let times = |route, status, failure| answers.iter().find(|seen| (seen.route, seen.status, seen.failure) == (route, status, failure)).map(|seen| seen.times);
    assert_eq!(times(Route::Create, 201, None), Some(1));
    assert_eq!((times(Route::Put, 201, None), times(Route::Put, 200, None)), (Some(1), Some(1)));
    assert_eq!(times(Route::Get, 404, Some(Failure::NoFile)), Some(1));
    assert_eq!(times(Route::Other, 404, Some(Failure::NoPath)), Some(1));
    assert_eq!(served.relay.counted().bytes_read(), 2 * BYTES.len() as u64 + served.creation().body.len() as u64);
}

/// A store that fails, or panics.
struct Broken(fn() -> StoreError);

impl Broken {
    fn answer<T: Send + 'static>(&self) -> Answer<'_, T> {
        let error = self.0;
        Box::pin(async move { Err(error()) })
    }
}

impl Store for Broken {
    fn known(&self, _: MailboxId) -> Answer<'_, Known> {
        self.answer()
    }
    fn create(&self, _: PublicKeys, _: Terms, _: Option<TicketId>, _: i64) -> Answer<'_, Created> {
        self.answer()
    }
    fn put(&self, _: MailboxId, _: FileName, _: Vec<u8>, _: bool, _: i64) -> Answer<'_, Put> {
        self.answer()
    }
    fn list(&self, _: MailboxId, _: u64, _: u64) -> Answer<'_, Option<Page>> {
        self.answer()
    }
    fn get(&self, _: MailboxId, _: FileName) -> Answer<'_, Option<Vec<u8>>> {
        self.answer()
    }
    fn freeze(&self, _: MailboxId, _: Vec<u8>) -> Answer<'_, bool> {
        self.answer()
    }
    fn notice(&self, _: MailboxId) -> Answer<'_, Option<Vec<u8>>> {
        self.answer()
    }
    fn delete(&self, _: MailboxId, _: i64) -> Answer<'_, bool> {
        self.answer()
    }
    fn expire(&self, _: i64, _: u64) -> Answer<'_, u64> {
        self.answer()
    }
    fn ready(&self) -> Answer<'_, ()> {
        self.answer()
    }
    fn figures(&self) -> Answer<'_, Figures> {
        self.answer()
    }
}

#[test]
fn a_store_that_fails_or_panics_is_told_without_a_word_of_why() {
    for broken in [Broken(|| StoreError::Full), Broken(|| panic!("a bug in a store"))] {
        let served = Served::with(Arc::new(broken), Identity::of_seed(&[7; 32]), rules());
        assert_eq!(served.send(&Ask::new("GET", "/readyz")).failure(), Some(Failure::Store));
        refused_unread(&served, &served.putting(BYTES, Key::Write), Failure::Store, 0);
        assert_eq!(served.send(&Ask::new("GET", "/healthz")).status, 200, "it goes on");
    }
}

/// Writes down what it is told.
#[derive(Clone, Default)]
struct Told(Arc<Mutex<Vec<String>>>);

impl Watch for Told {
    fn answered(&self, seen: &Seen) {
        self.note(format!("{} {} {:?}", seen.route.word(), seen.status, seen.failure));
    }
    fn store_failed(&self, error: &StoreError) {
        self.note(error.to_string());
    }
    fn panicked(&self, route: Route) {
        self.note(format!("panicked: {}", route.word()));
    }
}

impl Told {
    fn note(&self, line: String) {
        self.0.lock().expect("a lock").push(line);
    }
}

#[test]
fn whoever_watches_is_told_what_happens_but_not_to_whom() {
    let broken = |store| (Told::default(), Relay::new(Arc::new(store), Identity::of_seed(&[7; 32]), rules()));
    let here = "127.0.0.1:0".parse().expect("an address");
    let mut lines = Vec::new();
    for store in [Broken(|| StoreError::Full), Broken(|| panic!("a bug in a store"))] {
        let (told, relay) = broken(store);
        let running = serve_as(Arc::new(relay.with_watch(Box::new(told.clone()))), here, Outside::Plain).expect("it serves");
        exchange(running.address, &Ask::new("GET", "/healthz").bytes()).expect("an answer");
        exchange(running.address, &Ask::new("GET", "/readyz").bytes()).expect("an answer");
        running.stop();
        lines.extend(told.0.lock().expect("a lock").clone());
    }
    let answer = "ready 503 Some(Store)";
    assert_eq!(lines, ["alive 200 None", "the disk is full", answer, "alive 200 None", "panicked: ready", answer]);
}

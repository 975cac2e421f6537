//! Who may make a mailbox: whoever has done the work or brings a ticket, and signs as its owner.

use sandyq::relay::store::Terms;
use sandyq::relay::{Identity, Rules, ticket};
use sandyq::wire::body::{Admission, Create, Made, Nonce};
use sandyq::wire::{Failure, Key, MailboxId, Pin, path, work};
use serde_json::json;

use super::http::{cost, refused_unread};
use super::raw::{Ask, Keys};
use super::served::{Served, rules};
use crate::support::NOW;

#[test]
fn a_mailbox_is_not_made_with_bad_work_or_a_bad_ticket() {
    let served = Served::new(Rules { work_bits: Some(12), ..rules() });
    let not_done = (0..).find(|number| !work::is_done(&served.mailbox(), &served.pin, *number, 12)).expect("a number");
    let elsewhere = work::find(&served.mailbox(), &Pin([1; 32]), 12);
    let other = work::find(&MailboxId([1; 32]), &served.pin, 12);
    for number in [not_done, elsewhere, other] {
        if !work::is_done(&served.mailbox(), &served.pin, number, 12) {
            assert_eq!(served.send(&served.creation_by(Admission::Work(number))).failure(), Some(Failure::Ticket));
        }
    }
    let foreign = Identity::of_seed(&[8; 32]);
    for text in [String::new(), "T00".to_owned(), ticket::issue(foreign.secret(), TERMS, NOW as u64, [1; 16])] {
        assert_eq!(served.send(&served.creation_by(Admission::Ticket(text))).failure(), Some(Failure::Ticket));
    }
    assert_eq!(served.relay.counted().bytes_stored(), 0);
    assert_eq!(served.list(0, 1, Key::Owner).failure(), Some(Failure::NoMailbox));
}

const TERMS: Terms = Terms { quota: 5_000_000_000, keeps_days: 400 };

#[test]
fn a_ticket_makes_one_mailbox_with_the_terms_it_names() {
    let served = Served::new(Rules { work_bits: None, ..rules() });
    assert_eq!(served.send(&Ask::new("GET", path::NONCE)).json::<Nonce>().work_bits, None);
    assert_eq!(served.send(&served.creation_by(Admission::Work(1))).failure(), Some(Failure::Ticket), "tickets only");
    let text = ticket::issue(served.relay.identity().secret(), TERMS, NOW as u64 + 60, [1; 16]);
    let creation = |served: &Served| served.creation_by(Admission::Ticket(text.clone()));
    let made = served.send(&creation(&served));
    assert_eq!((made.status, made.json::<Made>()), (201, Made { quota: TERMS.quota, keeps_days: 400 }));
    let second = served.with_keys(10);
    assert_eq!(second.send(&creation(&second)).failure(), Some(Failure::Ticket), "it is spent");
    let other_case = text.replacen('T', "t", 1);
    let upper = format!("T{}", text[1..].to_uppercase());
    for text in [other_case, upper] {
        assert_eq!(second.send(&second.creation_by(Admission::Ticket(text))).failure(), Some(Failure::Ticket), "one ticket is one text");
    }
    let late = ticket::issue(second.relay.identity().secret(), TERMS, NOW as u64 + 60, [2; 16]);
    second.advance(61);
    assert_eq!(second.send(&second.creation_by(Admission::Ticket(late))).failure(), Some(Failure::Ticket), "it is too old");
}

#[test]
fn a_call_for_a_mailbox_is_read_exactly() {
    let served = Served::new(rules());
    let other = Keys::new(10).public();
    let work = work::find(&served.mailbox(), &served.pin, 4);
    let keys = served.keys.public();
    let good = json!({ "keys": keys, "work": work });
    let call = |body: &serde_json::Value| {
        let body = serde_json::to_vec(body).expect("JSON");
        served.send(&served.fresh(Ask::new("PUT", &path::mailbox(&served.mailbox())).body(&body), Key::Owner))
    };
    for bad in [
        json!({ "keys": other, "work": work }),
        json!({ "keys": keys }),
        json!({ "keys": keys, "work": "1" }),
        json!({ "keys": keys, "work": work, "more": 1 }),
        json!({ "keys": keys, "work": work, "ticket": "T" }),
        json!({ "keys": { "owner": keys.owner, "write": keys.write }, "work": work }),
        json!([]),
    ] {
        assert_eq!(call(&bad).failure(), Some(Failure::Malformed), "{bad}");
    }
    assert_eq!(call(&good).status, 201);
}

#[test]
fn a_call_for_a_mailbox_is_signed_by_the_owner_it_names() {
    let served = Served::new(rules());
    let body =
        serde_json::to_vec(&Create { keys: served.keys.public(), admission: Admission::Work(work::find(&served.mailbox(), &served.pin, 4)) }).expect("JSON");
    let nonce = served.nonce();
    let ask = Ask::new("PUT", &path::mailbox(&served.mailbox())).body(&body);
    let foreign = ask.clone().signed(Keys::new(10).of(Key::Owner), Key::Owner, &served.pin, Some(&nonce));
    let (reply, read, checked) = cost(&served, || served.send(&foreign));
    assert_eq!((reply.failure(), read, checked), (Some(Failure::Signature), body.len() as u64, 1));
    refused_unread(&served, &served.sign(ask, Key::Owner, None), Failure::Nonce, 0);
}

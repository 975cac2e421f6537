//! Whatever was said by whom after whatever, and in whatever order it comes: everybody who holds the same sees the same.

use std::collections::BTreeSet;

use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed};
use sandyq::team::{Act, Add, Invite, Log, Membership, Operation, OperationId, Remove, Role, Taken, Void};

use super::{Book, CODE, FOUNDER, RECOVERY, TIME, badge, device, signed};
use crate::support::Seeded;

const PEOPLE: usize = 6;

/// A log in which few people say many things, often without knowing of each other.
fn random(seed: u64, length: usize) -> Book {
    let mut chance = Seeded(seed);
    let mut book = Book::new();
    let mut ids = vec![book.genesis];
    let mut invites = Vec::new();
    for person in 2..=3 {
        ids.push(book.add(FOUNDER, *ids.last().expect("one"), person, Role::Admin));
    }
    for _ in 0..length {
        let (id, before) = (said(&mut book, &mut chance, &ids, &mut invites), book.all.len());
        ids.push(id);
        if chance.below(3) == 0 {
            struck_back(&mut book);
        }
        ids.extend(book.all[before..].iter().map(|signed| signed.operation.id()));
    }
    book
}

/// One or two operations among the latest, so that there are forks and merges.
fn heads(chance: &mut Seeded, ids: &[OperationId]) -> Vec<OperationId> {
    let recent = |chance: &mut Seeded| ids[ids.len() - 1 - chance.below(ids.len().min(5))];
    let one = recent(chance);
    if chance.below(2) == 0 { vec![one] } else { vec![one, recent(chance)] }
}

fn said(book: &mut Book, chance: &mut Seeded, ids: &[OperationId], invites: &mut Vec<OperationId>) -> OperationId {
    let (by, person) = (1 + chance.below(PEOPLE) as u8, 1 + chance.below(PEOPLE) as u8);
    let (after, role) = (heads(chance, ids), Role::ALL[chance.below(4)]);
    let one = after[0];
    match chance.below(16) {
        0..=2 => book.write(by, &after, Add { badge: badge(person), role, keeper: chance.below(2) == 0, verified: true, invite: None }),
        3..=6 => book.remove(by, one, person),
        7..=9 => book.role(by, one, person, role),
        10 => book.suspend(by, one, person),
        11 => book.lift(by, one, person),
        12 => book.roll(by, &after, chance.next() % 4),
        13 => {
            let cut_off = (chance.below(3) == 0).then_some(TIME);
            invites.push(book.write(by, &[one], Invite { key: device(CODE), role: Role::Capture, at_most: chance.below(3) as u32, cut_off }));
            *invites.last().expect("one")
        }
        14 if chance.below(4) == 0 => book.remove(by, one, CODE),
        14 if !invites.is_empty() => book.come_in(&after, invites[chance.below(invites.len())], 1 + chance.below(PEOPLE + 6) as u8),
        14 => book.come_in(&after, one, person),
        _ => book.write(RECOVERY, &after, Add { badge: badge(person), role: Role::Admin, keeper: false, verified: true, invite: None }),
    }
}

/// After a removal: whoever it removes removes its author, without knowing it.
fn struck_back(book: &mut Book) {
    let last = &book.all.last().expect("one").operation;
    if let Operation::Remove(act) = last {
        let what = Remove { member: act.by, cut: Vec::new() };
        let after: Vec<OperationId> = act.deps.iter().map(|dep| hex::decode(dep).expect("hex").try_into().expect("an id")).collect();
        let back = Act::new(act.what.member, &after, what, act.time, [book.all.len() as u8; 16]);
        book.all.push(signed(back.into()));
    }
}

fn shuffled(book: &Book, seed: u64) -> Log {
    let mut chance = Seeded(seed);
    let mut log = Log::new(book.all[0].operation.casebook());
    let mut left: Vec<_> = book.all.iter().chain(&book.all[..book.all.len() / 3]).cloned().collect();
    while !left.is_empty() {
        let taken = log.take(left.swap_remove(chance.below(left.len())));
        assert_ne!(taken, Taken::NotOurs);
    }
    log
}

/// What must be true of any resolution, however it was found.
pub fn is_sound(book: &Book, log: &Log) {
    let now: &Membership = log.membership();
    let operations: Vec<(OperationId, &Operation)> = book.all.iter().map(|signed| (signed.operation.id(), &signed.operation)).collect();
    assert!(now.void.keys().all(|id| operations.iter().any(|(known, _)| known == id)));
    assert!(!now.void.contains_key(&book.genesis));
    for (id, operation) in &operations {
        if operation.by() == device(RECOVERY) {
            assert!(!now.void.contains_key(id), "a recovery is void");
        }
    }
    for (id, void) in &now.void {
        if let Void::AuthorRemoved { by } | Void::AuthorDemoted { by } = void {
            assert!(log.is_ancestor(by, id) || !now.void.contains_key(by), "void because of a void one beside it");
        }
    }
    for (device, member) in &now.members {
        assert!(!now.former.contains_key(device) && member.badge.device == *device);
        let let_in = |operation: &Operation| match operation {
            Operation::Genesis(genesis) => genesis.founder.device == *device,
            Operation::Add(act) => act.what.badge.device == *device,
            _ => false,
        };
        assert!(operations.iter().any(|(id, operation)| let_in(operation) && !now.void.contains_key(id)), "a member whom nobody let in");
    }
    assert!(now.former.values().all(|former| !former.removals.is_empty() && former.removals.iter().all(|id| !now.void.contains_key(id))));
    assert!(now.clean_epoch().is_none_or(|epoch| epoch.given.iter().all(|device| now.role(device) >= Some(Role::Reader))));
}

/// No removal that holds leaves standing what its member said beside it, but for removals and demotions in a circle.
pub fn no_removed_author_is_heard(book: &Book, log: &Log) {
    let now = log.membership();
    let held = || book.all.iter().map(|signed| &signed.operation).filter(|operation| !now.void.contains_key(&operation.id()));
    for removal in held() {
        let Operation::Remove(act) = removal else { continue };
        let beside = |operation: &&Operation| {
            let (a, b) = (operation.id(), removal.id());
            operation.by() == act.what.member && a != b && !log.is_ancestor(&a, &b) && !log.is_ancestor(&b, &a)
        };
        for operation in held().filter(beside) {
            assert!(matches!(operation, Operation::Remove(_) | Operation::Role(_)), "{operation:?} beside a removal of its author");
        }
    }
}

/// As many of the same kind for every run, from seeds that do not change.
fn many(cases: u32) -> Config {
    Config { cases, rng_seed: RngSeed::Fixed(31), failure_persistence: None, ..Config::default() }
}

#[test]
fn the_order_of_arrival_means_nothing() {
    let reasons = std::cell::RefCell::new(BTreeSet::new());
    let forced = std::cell::Cell::new(0);
    proptest!(many(200), |(seed in any::<u64>(), length in 5..60_usize)| {
        let book = random(seed, length);
        let (one, two, three) = (book.log(), shuffled(&book, seed ^ 1), shuffled(&book, seed ^ 2));
        prop_assert_eq!(one.membership(), two.membership());
        prop_assert_eq!(one.membership(), three.membership());
        prop_assert_eq!((one.heads(), one.operations()), (two.heads(), two.operations()));
        for id in one.operations().iter().map(|signed| signed.operation.id()) {
            prop_assert_eq!(one.membership_at(&[id]), three.membership_at(&[id]));
        }
        is_sound(&book, &one);
        no_removed_author_is_heard(&book, &one);
        reasons.borrow_mut().extend(one.membership().void.values().map(|void| void.code()));
        forced.set(forced.get() + mutual(&book, &one));
    });
    let all = [
        "already-added",
        "author-demoted",
        "author-removed",
        "author-unfounded",
        "author-unknown",
        "author-without-right",
        "invite-ended",
        "invite-unknown",
        "invite-used-up",
    ];
    assert_eq!(reasons.into_inner().into_iter().collect::<Vec<_>>(), all, "every reason was met");
    assert!(forced.get() > 20, "mutual removals that both hold were met: {}", forced.get());
}

/// Number of pairs of removals of each other, both of which hold.
pub fn mutual(book: &Book, log: &Log) -> usize {
    let removals: Vec<_> = book
        .all
        .iter()
        .filter(|signed| matches!(signed.operation, Operation::Remove(_)) && !log.membership().void.contains_key(&signed.operation.id()))
        .collect();
    let of = |operation: &Operation| match operation {
        Operation::Remove(act) => (act.by, act.what.member),
        _ => panic!("a removal"),
    };
    let apart = |a: &OperationId, b: &OperationId| !log.is_ancestor(a, b) && !log.is_ancestor(b, a);
    let pairs = removals.iter().enumerate().flat_map(|(at, a)| removals[at + 1..].iter().map(move |b| (&a.operation, &b.operation)));
    pairs.filter(|(a, b)| of(a).0 == of(b).1 && of(a).1 == of(b).0 && of(a).0 != of(a).1 && apart(&a.id(), &b.id())).count()
}

#[test]
fn who_holds_a_part_of_the_log_sees_what_its_heads_say() {
    proptest!(many(60), |(seed in any::<u64>(), length in 5..40_usize)| {
        let book = random(seed, length);
        let whole = book.log();
        let mut part = Log::new(book.all[0].operation.casebook());
        for signed in &book.all {
            part.take(signed.clone());
            let at = whole.membership_at(&part.heads());
            prop_assert_eq!(at.as_deref(), Some(part.membership()));
        }
    });
}

#[test]
fn the_random_logs_fork_and_merge() {
    let book = random(5, 60);
    let log = book.log();
    let deps: usize = book.all.iter().map(|signed| signed.operation.deps().len()).sum();
    assert!(deps > book.all.len() + 5 && log.heads().len() > 1);
    assert!(book.all.iter().all(|signed| signed.operation.time() >= TIME));
}

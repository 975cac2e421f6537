//! New epochs: who gets keys, where parcels lie, and when old keys end.

use std::collections::BTreeSet;

use sandyq::crypto::{Sealed, SigningKey, open, padded, seal};
use sandyq::parcel::{ItemKind, Parcel, pack};
use sandyq::team::Role;
use sandyq::transport::Memory;
use sandyq::vault::Silent;

use crate::carry::support::{BOOK, Desk, Found, found_with, of_files, parcel_by};
use crate::hostile::forge::{is_whole, parcels};
use crate::support::passphrase;

use super::desks::{agree, every_key, is_the_same_made_again, meet};

/// Three who share a record, and their stick.
pub fn team() -> (Desk, Desk, Desk, Memory) {
    let (mut first, mut second, mut taken) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000), Desk::alone("M-BAD", 2000));
    let mut stick = Memory::new();
    first.admits(&mut second, Role::Editor);
    first.admits(&mut taken, Role::Editor);
    first.detained("Айгуль Ахметова");
    for desk in [&mut first, &mut second, &mut taken] {
        desk.sync(&mut stick);
    }
    (first, second, taken, stick)
}

#[test]
fn dismissed_device_reads_nothing_that_was_sealed_after_its_removal() {
    let (mut first, mut second, mut taken, mut stick) = team();
    let lowered = first.session.dismiss("M-BAD", &passphrase(), &mut Silent).expect("dismissed");
    assert!(lowered.renewed.is_some() && lowered.reads.is_some());
    let before = first.files().len();
    first.detained("Мария Ким");
    let after = first.files().split_off(before);
    assert_eq!(found_with(taken.keys(), after.clone()), Found::default());
    first.sync(&mut stick);
    second.sync(&mut stick);
    assert_eq!(second.seen(), first.seen());
    second.detained("Болат Сейтов");
    second.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(second.seen(), first.seen());
    taken.sync(&mut stick);
    assert_ne!(taken.seen(), first.seen());
    for desk in [&mut first, &mut second] {
        is_whole(desk);
        let (own, before) = (desk.seen(), desk.heads());
        desk.session.vault_mut().rebuild(&mut Silent).expect("rebuilt");
        assert_eq!((desk.seen(), desk.heads()), (own, before));
    }
}

#[test]
fn old_key_is_destroyed_when_every_writer_closed_its_epoch_and_not_before() {
    let (mut first, mut second, _taken, mut stick) = team();
    first.session.dismiss("M-BAD", &passphrase(), &mut Silent).expect("dismissed");
    let waits = |desk: &mut Desk| desk.session.old_epochs().expect("epochs").into_iter().flat_map(|old| old.waits).collect::<BTreeSet<_>>();
    assert_eq!(waits(&mut first), BTreeSet::from(["M-TWO", "M-BAD"].map(str::to_owned)));
    assert_eq!(first.session.retire(&passphrase()).expect("looked"), Vec::<u64>::new());
    first.sync(&mut stick);
    second.sync(&mut stick);
    first.sync(&mut stick);
    assert_eq!(waits(&mut first), BTreeSet::from(["M-BAD"].map(str::to_owned)));
    assert_eq!(first.session.retire(&passphrase()).expect("looked"), Vec::<u64>::new());
    first.session.give_up("M-BAD").expect("given up");
    assert_eq!(first.session.retire(&passphrase()).expect("retired"), [0]);
    assert_eq!(first.session.old_epochs().expect("epochs"), Vec::new());
    first.sync(&mut stick);
    second.sync(&mut stick);
    assert_eq!(second.session.retire(&passphrase()).expect("retired"), [0]);
    assert_eq!(second.seen(), first.seen());
    is_whole(&mut first);
}

#[test]
fn destroyed_key_lies_in_no_file_of_whoever_came_after_a_roll() {
    let mut first = Desk::founder("M-ONE", 1);
    first.session.roll(&passphrase(), &mut Silent).expect("rolled");
    let mut late = Desk::alone("M-LATE", 1000);
    first.admits(&mut late, Role::Editor);
    meet(&mut [&mut first, &mut late]);
    let old = late.session.vault().casebook(Some(BOOK)).expect("the team's").epochs[0].clone();
    assert_eq!(old.0, 0, "the welcome brought the older key too");
    let told = |desk: &mut Desk| every_key(desk).iter().any(|key| key.recipient() == old.1.recipient());
    for desk in [&mut first, &mut late] {
        assert!(told(desk));
        let before = desk.seen();
        assert_eq!(desk.session.retire(&passphrase()).expect("retired"), [0], "{}", desk.handle);
        assert!(!told(desk), "{} still has it somewhere", desk.handle);
        assert_eq!(desk.seen(), before);
        is_the_same_made_again(desk);
    }
    meet(&mut [&mut first, &mut late]);
    assert!(!told(&mut first) && !told(&mut late));
    agree(&mut [&mut first, &mut late]);
}

#[test]
fn file_that_a_stranger_wrote_a_part_of_takes_nothing_away_when_it_comes_again_under_new_keys() {
    let (mut first, mut second, _taken, _) = team();
    first.session.dismiss("M-BAD", &passphrase(), &mut Silent).expect("dismissed");
    let book = first.session.vault().casebook(Some(BOOK)).expect("the team's").clone();
    let (_, key) = book.epochs.last().expect("the new one");
    let carries = |parcel: &Parcel| parcel.header.items.iter().any(|item| matches!(item.kind, ItemKind::Change { .. }));
    let mut mixed: Vec<Parcel> = parcels(first.session.vault(), &book.id).into_iter().filter(carries).collect();
    assert!(!mixed.is_empty());
    mixed.push(parcel_by(&SigningKey::from_seed(&[9; 32]), &book.id, &second.heads(), Vec::new(), 1));
    let mut files: Vec<Sealed> = first.files().into_iter().filter(|file| open([key], file, 1 << 21).is_err()).collect();
    files.push(seal([&key.recipient()], &padded(pack(&mixed))).expect("sealed"));
    let before = second.seen();
    let came = second.sync(&mut of_files(files)).exchanged;
    assert!(came.new_keys && came.taken.refused.iter().any(|(.., code)| code == "stranger"), "{came:?}");
    assert_eq!(second.seen(), before);
    is_whole(&mut second);
    second.session.turn_to_shared();
    assert_eq!(second.seen(), before);
}

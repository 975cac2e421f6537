//! `wipe --check` is never wrongly "safe": whatever members said, lost, forked or never said.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use sandyq::crypto::{DeviceId, Sealed, padded, seal};
use sandyq::parcel::{Header, Parcel, pack};
use sandyq::session::{Age, BookHeld, Holder, Uncounted, WipeCheck};
use sandyq::team::{Act, Badge, Lift, Member, Membership, Operation, OperationId, Remove, Role, Suspend};
use sandyq::transport::Memory;
use sandyq::vault::{Aside, Claims, Hash, Judged, Row, Silent, Standing, Waits, What};
use serde_json::{Map, json};

use crate::carry::support::{Desk, of_files};
use crate::support::{NOW, Seeded, passphrase};

const MINUTE: i64 = 60;
/// 2099.
const FAR_FUTURE: i64 = 4_070_908_800;

/// A founder with a colleague.
fn two(role: Role) -> (Desk, Desk) {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    first.admits(&mut second, role);
    (first, second)
}

/// Both meet the place until the first has heard what the second holds.
fn meet(first: &mut Desk, second: &mut Desk, place: &mut Memory) {
    for _ in 0..2 {
        first.sync(place);
        second.sync(place);
    }
    first.sync(place);
}

/// Two who hold the same person and detention; the founder knows it.
fn met() -> (Desk, Desk, Memory, (String, String)) {
    let (mut first, mut second) = two(Role::Editor);
    let records = first.detained("Мария Ким");
    let mut place = Memory::new();
    meet(&mut first, &mut second, &mut place);
    assert!(checked(&mut first).is_safe());
    (first, second, place, records)
}

fn checked(desk: &mut Desk) -> WipeCheck {
    desk.session.wipe_check().expect("checked")
}

/// What is known of the team's casebook, where there is anything.
fn book(desk: &mut Desk) -> BookHeld {
    checked(desk).books.into_iter().find(|book| book.name.is_some()).expect("the team's casebook")
}

fn only_here(desk: &mut Desk) -> BTreeSet<String> {
    checked(desk).only_here().map(|(_, id)| id.clone()).collect()
}

fn holder(desk: &mut Desk, handle: &str) -> Holder {
    desk.session.receipts().expect("listed").into_iter().find(|holder| holder.handle == handle).expect("a member of that handle")
}

/// What a device could say next in its chain, whatever is true: one more parcel, sealed to the casebook.
fn says(desk: &Desk, tweak: impl FnOnce(&mut Header)) -> (Sealed, Parcel) {
    let (casebook, vault) = (desk.casebook(), desk.session.vault());
    let chain = &vault.state().chains[&hex::encode(casebook)];
    let mut header = Header {
        v: 1,
        casebook: hex::encode(casebook),
        epoch: 0,
        device: desk.signing().device(),
        chain: chain.chain.clone(),
        n: chain.n,
        prev: chain.prev.clone(),
        nonce: hex::encode([chain.n as u8; 16]),
        log: chain.log.clone(),
        seen: BTreeMap::new(),
        whole: Vec::new(),
        leaving: false,
        time: NOW,
        with: None,
        crit: Vec::new(),
        items: Vec::new(),
        more: Map::new(),
    };
    tweak(&mut header);
    let parcel = Parcel::sign(&desk.signing(), header, Vec::new()).expect("signed");
    let epoch = vault.casebook(None).expect("the team's").epochs[0].1.recipient();
    (seal([&epoch], &padded(pack(std::slice::from_ref(&parcel)))).expect("sealed"), parcel)
}

fn told(desk: &mut Desk, files: Vec<Sealed>) {
    desk.sync(&mut of_files(files));
}

fn operate(desk: &mut Desk, make: impl FnOnce(DeviceId, &[Hash], [u8; 16]) -> Operation) {
    let (by, casebook) = (desk.signing().device(), desk.casebook());
    let make = |heads: &[Hash], nonce| make(by, heads, nonce);
    desk.session.vault_mut().operate(&casebook, make, None, NOW, &mut Seeded(77)).expect("written");
}

/// The parcels of a record, oldest first.
fn parcels_of(desk: &mut Desk, record: &str) -> Vec<Hash> {
    let rows = desk.session.vault_mut().docket().expect("a docket").facts();
    rows.filter(|row| row.change().is_some_and(|(id, ..)| hex::encode(id) == record)).map(|row| row.id).collect()
}

/// The files of a vault but the one that holds a parcel.
fn files_without(desk: &mut Desk, parcel: &Hash) -> Vec<Sealed> {
    let file = desk.session.vault_mut().docket().expect("a docket").row(parcel).expect("a row").file;
    desk.files().into_iter().filter(|sealed| sandyq::crypto::plain_hash(sealed.as_bytes()) != file).collect()
}

#[test]
fn wipe_check_is_safe_when_others_said_they_hold_every_record_and_says_how_many_and_how_long_ago() {
    let (mut first, mut second) = two(Role::Editor);
    let (mut third, mut fourth) = (Desk::alone("M-THREE", 2000), Desk::alone("M-FOUR", 3000));
    first.admits(&mut third, Role::Reader);
    let unverified = first.session.admit(&fourth.badge(), Role::Editor, false, None).expect("admitted");
    fourth.joins(unverified).expect("joined");
    let (person, _) = first.detained("Мария Ким");
    let (other, _) = second.detained("Ержан Төлегенов");
    second.edit(&other, &json!({ "occupation": "teacher" }));
    let mut place = Memory::new();
    for _ in 0..2 {
        [&mut first, &mut second, &mut third, &mut fourth].into_iter().for_each(|desk| drop(desk.sync(&mut place)));
    }
    first.reopen_at(NOW + 14 * MINUTE);
    let check = checked(&mut first);
    let expected = BookHeld { name: Some("almaty".into()), records: 4, holders: 2, verified: 2, newest: Some(Age::Seconds(14 * 60)), ..BookHeld::default() };
    assert_eq!((check.is_safe(), check.records(), check.books.as_slice(), check.forked), (true, 4, &[expected][..], false));
    let third = holder(&mut first, "M-THREE");
    assert_eq!((third.parcels, third.evidence, third.role, third.verified, third.uncounted), ((5, 5), (0, 0), Role::Reader, true, None));
    assert_eq!(holder(&mut first, "M-FOUR").uncounted, Some(Uncounted::Capture));
    assert_eq!(first.session.receipts().expect("listed").len(), 3, "the others, and not this device");
    first.edit(&person, &json!({ "occupation": "nurse" }));
    assert_eq!(only_here(&mut first), BTreeSet::from([person]), "what was written since is nowhere else");
}

#[test]
fn wipe_check_is_never_safe_while_nobody_synced() {
    let mut alone = Desk::founder("M-ONE", 1);
    assert!(!checked(&mut alone).is_safe(), "nobody holds an empty casebook either");
    let (mut first, mut second) = two(Role::Editor);
    let records = first.detained("Мария Ким");
    assert_eq!(only_here(&mut first), BTreeSet::from([records.0.clone(), records.1.clone()]));
    assert_eq!((book(&mut first).holders, holder(&mut first, "M-TWO").uncounted), (0, Some(Uncounted::Silent)));
    let mut place = Memory::new();
    first.sync(&mut place);
    assert_eq!(only_here(&mut first).len(), 2, "a stick is nobody");
    second.sync(&mut place);
    assert_eq!(only_here(&mut first).len(), 2, "what the other holds has not been heard");
    first.sync(&mut place);
    assert!(checked(&mut first).is_safe());
    assert!(!checked(&mut second).is_safe() || holder(&mut second, "M-ONE").parcels == (2, 2));
}

#[test]
fn wipe_check_is_never_safe_while_the_only_holder_speaks_with_two_tongues() {
    let (mut first, mut second, mut place, _) = met();
    let mut copy = second.copied(9000, false);
    second.detained("Ержан Төлегенов");
    copy.detained("Aigerim Sadykova");
    second.sync(&mut place);
    copy.sync(&mut place);
    first.sync(&mut place);
    meet(&mut first, &mut second, &mut place);
    let check = checked(&mut first);
    assert!(!check.is_safe() && !check.forked, "{check:?}");
    assert_eq!((book(&mut first).holders, holder(&mut first, "M-TWO").uncounted), (0, Some(Uncounted::Forked)));
    assert!(checked(&mut second).forked, "and its own check says that a copy writes");
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup");
    second.session.vault_mut().backup(&backup, NOW, &mut Silent).expect("backed up");
    drop(copy);
    second.restored(&backup, 7000);
    meet(&mut first, &mut second, &mut place);
    assert!(checked(&mut first).is_safe(), "one restored store speaks for all that it supersedes: {:?}", holder(&mut first, "M-TWO"));
}

#[test]
fn wipe_check_is_never_safe_while_a_copy_of_a_holder_wrote_what_the_holder_goes_on_behind() {
    let (mut first, mut second, _, _) = met();
    let mut copy = second.copied(9000, false);
    // Only the copy gets what is new, and says so.
    let (_, detention) = first.detained("Ержан Төлегенов");
    let mut of_copy = Memory::new();
    meet(&mut first, &mut copy, &mut of_copy);
    assert!(checked(&mut first).is_safe());
    // The other store takes the copy's word, without what it speaks of, and goes on behind it.
    let own = copy.signing().device();
    let casebook = copy.casebook();
    let words: BTreeSet<Hash> = copy
        .session
        .vault_mut()
        .docket()
        .expect("a docket")
        .facts()
        .filter(|row| row.device == *own.as_bytes() && row.casebook == casebook)
        .map(|row| row.file)
        .collect();
    let words = copy.files().into_iter().filter(|file| words.contains(&sandyq::crypto::plain_hash(file.as_bytes()))).collect();
    let mut of_word = of_files(words);
    second.sync(&mut of_word);
    drop(copy);
    told(&mut first, second.files());
    assert!(only_here(&mut first).contains(&detention), "{:?}", holder(&mut first, "M-TWO"));
}

#[test]
fn wipe_check_is_never_safe_while_the_only_holder_is_removed() {
    let (mut first, second, ..) = met();
    let member = second.signing().device();
    operate(&mut first, |by, heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce)));
    assert_eq!((only_here(&mut first).len(), first.session.receipts().expect("listed")), (2, Vec::new()));
}

#[test]
fn wipe_check_is_never_safe_while_the_only_holder_came_back_from_an_older_backup() {
    let (mut first, mut second) = two(Role::Editor);
    let folder = tempfile::tempdir().expect("a folder");
    let backup = folder.path().join("backup");
    second.session.vault_mut().backup(&backup, NOW, &mut Silent).expect("backed up");
    let records = first.detained("Мария Ким");
    let mut place = Memory::new();
    meet(&mut first, &mut second, &mut place);
    assert!(checked(&mut first).is_safe());
    second.restored(&backup, 7000);
    second.session.turn_to_shared();
    let later = second.detained("Ержан Төлегенов");
    let mut new = Memory::new();
    second.sync(&mut new);
    first.sync(&mut new);
    let lost = only_here(&mut first);
    assert!(lost.contains(&records.0) && lost.contains(&records.1), "{lost:?}");
    assert_eq!((lost.len(), holder(&mut first, "M-TWO").uncounted), (4, Some(Uncounted::Forked)), "which of its stores is left nobody knows");
    meet(&mut first, &mut second, &mut place);
    let check = checked(&mut first);
    assert!(check.is_safe(), "it declared everything anew: {check:?} {:?}", holder(&mut first, "M-TWO"));
    assert_eq!((check.records(), holder(&mut first, "M-TWO").parcels), (4, (4, 4)), "{later:?}");
}

#[test]
fn wipe_check_is_never_safe_while_the_only_holder_said_goodbye() {
    let (mut first, second, ..) = met();
    let (goodbye, last) = says(&second, |header| header.leaving = true);
    told(&mut first, vec![goodbye.clone()]);
    assert_eq!((only_here(&mut first).len(), holder(&mut first, "M-TWO").uncounted), (2, Some(Uncounted::Leaving)));
    let (back, _) = says(&second, |header| {
        (header.n, header.prev) = (header.n + 1, Some(hex::encode(last.id())));
    });
    told(&mut first, vec![back]);
    assert!(checked(&mut first).is_safe(), "it stayed after all");
}

#[test]
fn wipe_check_is_never_safe_while_readers_hold_everything_and_never_said_so() {
    let (mut first, mut reader) = two(Role::Reader);
    first.detained("Мария Ким");
    let mut place = Memory::new();
    first.sync(&mut place);
    reader.sync(&mut place.clone());
    assert_eq!(reader.session.list(None).expect("listed").len(), 2);
    first.sync(&mut place);
    assert_eq!((only_here(&mut first).len(), holder(&mut first, "M-TWO").uncounted), (2, Some(Uncounted::Silent)));
    reader.sync(&mut place);
    first.sync(&mut place);
    assert!(checked(&mut first).is_safe(), "readers count once they say it");
}

#[test]
fn wipe_check_is_never_safe_while_the_holder_has_only_some_chunks_of_a_video() {
    let (mut first, mut second, mut place, (person, _)) = met();
    let scratch = tempfile::tempdir().expect("a folder");
    let video = scratch.path().join("video.mp4");
    std::fs::write(&video, (0..2_500_000_u32).map(|at| (at % 251) as u8).collect::<Vec<_>>()).expect("written");
    let evidence = first.session.attach(&person, &video, &json!({}), &mut Silent).expect("attached");
    let pieces = first.session.vault_mut().pieces_named().expect("named");
    let one = *pieces.iter().min().expect("pieces");
    assert_eq!(pieces.len(), 3);
    let most: Vec<Sealed> = first.files().into_iter().filter(|file| sandyq::crypto::plain_hash(file.as_bytes()) != one).collect();
    let mut partial = of_files(most);
    second.sync(&mut partial);
    first.sync(&mut partial);
    assert_eq!(only_here(&mut first), BTreeSet::from([evidence.clone()]));
    let held = holder(&mut first, "M-TWO");
    assert_eq!((held.parcels, held.evidence, book(&mut first).holders), ((3, 3), (0, 1), 0));
    // A stick that brings nothing but the last piece is worth a word.
    second.sync(&mut partial);
    assert_eq!(holder(&mut second, "M-ONE").evidence, (1, 1), "whoever attached it said so");
    first.sync(&mut partial);
    assert_eq!((holder(&mut first, "M-TWO").evidence, checked(&mut first).is_safe()), ((1, 1), true));
    let (before, _) = (first.files().len(), meet(&mut first, &mut second, &mut place));
    meet(&mut first, &mut second, &mut place);
    assert_eq!(first.files().len(), before, "nothing is said twice");
}

#[test]
fn more_whole_videos_than_fit_into_one_header_are_all_declared_at_once() {
    let (mut first, mut second, mut place, (person, _)) = met();
    let scratch = tempfile::tempdir().expect("a folder");
    for number in 0..70 {
        let photo = scratch.path().join(format!("photo{number}.jpg"));
        std::fs::write(&photo, format!("pixels {number}")).expect("written");
        first.session.attach(&person, &photo, &json!({}), &mut Silent).expect("attached");
    }
    meet(&mut first, &mut second, &mut place);
    assert_eq!((holder(&mut first, "M-TWO").evidence, checked(&mut first).is_safe()), ((70, 70), true));
}

#[test]
fn wipe_check_is_never_safe_or_unsafe_by_clocks_astray() {
    for (clock, shown) in [(FAR_FUTURE, Age::Astray), (0, Age::Seconds(NOW as u64)), (i64::MIN / 2, Age::Seconds((NOW - i64::MIN / 2) as u64))] {
        let (mut first, mut second) = two(Role::Editor);
        second.reopen_at(clock);
        let mut place = Memory::new();
        meet(&mut first, &mut second, &mut place);
        let (person, detention) = first.detained("Мария Ким");
        assert_eq!(only_here(&mut first), BTreeSet::from([person, detention]), "a claim from {clock} does not cover what came after it");
        if clock < 0 {
            continue;
        }
        second.reopen_at(clock);
        meet(&mut first, &mut second, &mut place);
        let held = book(&mut first);
        assert_eq!((held.is_safe(), held.newest, holder(&mut first, "M-TWO").last), (true, Some(shown), Some(shown)));
    }
}

#[test]
fn wipe_check_is_never_safe_while_only_capture_devices_hold_the_parcels() {
    let (mut first, mut capture) = (Desk::founder("M-ONE", 1), Desk::alone("M-CAP", 1000));
    let welcome = first.session.admit(&capture.badge(), Role::Capture, false, None).expect("admitted");
    capture.joins(welcome).expect("joined");
    let records = first.detained("Мария Ким");
    let head = parcels_of(&mut first, &records.1)[0];
    let mut place = Memory::new();
    meet(&mut first, &mut capture, &mut place);
    assert_eq!(only_here(&mut first).len(), 2);
    // Whatever such a device may say, it opens nothing of it.
    let (device, own) = (first.signing().device().to_string(), first.casebook());
    let log = first.heads().iter().map(hex::encode).collect::<Vec<_>>();
    let key = capture.signing();
    let (_, parcel) = says(&first, |header| {
        (header.device, header.chain, header.n, header.prev, header.log) = (key.device(), hex::encode([5; 8]), 0, None, log);
        header.seen.insert(device, vec![hex::encode(head)]);
    });
    let parcel = Parcel::sign(&key, parcel.header, Vec::new()).expect("signed");
    let epoch = first.session.vault().casebook(None).expect("the team's").epochs[0].1.recipient();
    told(&mut first, vec![seal([&epoch], &padded(pack(&[parcel]))).expect("sealed")]);
    let held = holder(&mut first, "M-CAP");
    assert_eq!((held.uncounted, held.parcels, only_here(&mut first).len()), (Some(Uncounted::Capture), (0, 2), 2), "{own:?}");
    let before = capture.session.add(&[(sandyq::model::Kind::Person, json!({ "names": [{ "text": "Ержан" }] }))]);
    let check = checked(&mut capture);
    assert!(!check.is_safe() && (before.is_err() || check.records() == 1), "and of itself it never says so: {check:?}");
}

#[test]
fn wipe_check_is_never_safe_while_the_only_holder_is_suspended() {
    let (mut first, second, ..) = met();
    let member = second.signing().device();
    operate(&mut first, |by, heads, nonce| Operation::Suspend(Act::new(by, heads, Suspend { member, cut: Vec::new() }, NOW, nonce)));
    assert_eq!((only_here(&mut first).len(), holder(&mut first, "M-TWO").uncounted), (2, Some(Uncounted::Suspended)));
    operate(&mut first, |by, heads, nonce| Operation::Lift(Act::new(by, heads, Lift { member }, NOW, nonce)));
    assert!(checked(&mut first).is_safe(), "its word counts again");
}

#[test]
fn wipe_check_is_never_safe_while_the_last_word_of_the_holder_is_a_smaller_one() {
    let (mut first, second, _, (person, detention)) = met();
    let device = first.signing().device().to_string();
    let (root, head) = (parcels_of(&mut first, &person)[0], parcels_of(&mut first, &detention)[0]);
    let (mut last, mut number) = (None, 0);
    for (said, lost) in [(vec![root], vec![&detention]), (vec![head], vec![]), (vec![], vec![&person, &detention]), (vec![head, root], vec![])] {
        let (word, parcel) = says(&second, |header| {
            header.n += number;
            header.prev = last.map(hex::encode).or(header.prev.take());
            header.seen.insert(device.clone(), said.iter().map(hex::encode).collect());
        });
        told(&mut first, vec![word]);
        assert_eq!(only_here(&mut first), lost.into_iter().cloned().collect(), "after {said:?}");
        (last, number) = (Some(parcel.id()), number + 1);
    }
}

#[test]
fn wipe_check_is_never_safe_while_the_claim_covers_the_person_but_not_the_detention() {
    let (mut first, second) = two(Role::Editor);
    let (person, detention) = first.detained("Мария Ким");
    let device = first.signing().device().to_string();
    let said = parcels_of(&mut first, &person)[0];
    let (word, _) = says(&second, |header| drop(header.seen.insert(device, vec![hex::encode(said)])));
    told(&mut first, vec![word]);
    assert_eq!((only_here(&mut first), holder(&mut first, "M-TWO").parcels), (BTreeSet::from([detention]), (1, 2)));
    first.edit(&person, &json!({ "occupation": "teacher" }));
    assert_eq!(only_here(&mut first).len(), 2, "a record is held with its last change or not at all");
}

#[test]
fn wipe_check_is_never_safe_while_the_holder_misses_a_parcel_in_the_middle() {
    let (mut first, mut second) = two(Role::Editor);
    let (person, _) = first.detained("Мария Ким");
    let (later, _) = first.detained("Ержан Төлегенов");
    let middle = parcels_of(&mut first, &later)[0];
    let mut partial = of_files(files_without(&mut first, &middle));
    second.sync(&mut partial);
    first.sync(&mut partial);
    let held = only_here(&mut first);
    assert!(held.contains(&later) && !held.contains(&person), "{held:?}");
    assert_eq!(holder(&mut first, "M-TWO").parcels, (2, 4), "nothing behind the gap is claimed");
    meet(&mut first, &mut second, &mut partial);
    assert!(checked(&mut first).is_safe());
}

#[test]
fn wipe_check_is_never_safe_while_the_own_casebook_holds_what_was_not_copied() {
    let mut first = Desk::alone("M-ONE", 1);
    let (own, _) = first.detained("Мария Ким");
    first.session.vault_mut().found_casebook("almaty", &[7; 16], &passphrase(), NOW, &mut Seeded(10)).expect("founded");
    first.reopen();
    assert!(only_here(&mut first).contains(&own) && only_here(&mut first).len() == 2);
    let mut second = Desk::alone("M-TWO", 1000);
    second.detained("Ержан Төлегенов");
    first.admits(&mut second, Role::Editor);
    let mut place = Memory::new();
    meet(&mut first, &mut second, &mut place);
    second.sync(&mut place);
    let check = checked(&mut second);
    assert_eq!((check.is_safe(), check.records()), (true, 4), "copies count once, and the originals are no loss: {check:?}");
    second.session = {
        let mut session = reopened(&mut second);
        session.add(&[(sandyq::model::Kind::Person, json!({ "names": [{ "text": "Aigerim" }] }))]).expect("added");
        session
    };
    assert_eq!((checked(&mut second).is_safe(), only_here(&mut second).len()), (false, 1), "what was added to it since is only there");
}

/// The same vault, with its own casebook chosen.
fn reopened(desk: &mut Desk) -> sandyq::session::Session {
    use sandyq::sys::clock::{FixedClock, Wall};
    let folder = desk.vault();
    desk.session = Desk::alone("X", 5).session;
    let vault = sandyq::vault::Vault::open(&folder, &passphrase()).expect("opens");
    sandyq::session::Session::with(vault, Some("own"), Box::new(FixedClock(Wall { seconds: NOW, offset_min: 300 })), Box::new(Seeded(99))).expect("begun")
}

#[test]
fn wipe_check_is_never_safe_while_what_was_set_aside_is_nowhere_else() {
    let (mut first, mut second, mut place, (person, _)) = met();
    let mut third = Desk::alone("M-THREE", 2000);
    first.admits(&mut third, Role::Editor);
    meet(&mut first, &mut second, &mut place);
    third.sync(&mut of_files(first.files()));
    third.edit(&person, &json!({ "occupation": "teacher" }));
    told(&mut first, third.files());
    let member = third.signing().device();
    drop(third);
    operate(&mut first, |by, heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut: Vec::new() }, NOW, nonce)));
    let held = book(&mut first);
    assert_eq!((held.unsettled, held.only_here.len(), held.is_safe()), (1, 0, false));
    meet(&mut first, &mut second, &mut place);
    assert!(checked(&mut first).is_safe(), "the second keeps it too by now");
}

/// A member of a made-up team.
fn member(role: Role, suspended: bool) -> Member {
    let (key, recipient) = (sandyq::crypto::SigningKey::from_seed(&[1; 32]), sandyq::crypto::Identity::generate().recipient().to_string());
    let suspended = suspended.then_some(OperationId::default());
    Member { badge: Badge::new(&key, &recipient, "M-X"), role, keeper: false, verified: true, added_by: key.device(), suspended, invited: false }
}

const DEVICES: u8 = 4;

/// Parcels of a few devices with restores, forks, gaps and words about one another, some of them untrue.
fn made_up(chance: &mut Seeded) -> Vec<(Row, Standing)> {
    let mut rows: Vec<(Row, Standing)> = Vec::new();
    for number in 0..10 + chance.below(30) {
        let device = [1 + chance.below(usize::from(DEVICES)) as u8; 32];
        let theirs: Vec<&Row> = rows.iter().map(|(row, _)| row).filter(|row| row.device == device).collect();
        let newest = theirs.last().copied().cloned();
        let (chain, n, prev) = match (chance.below(8), newest) {
            (0, _) | (_, None) => ([number as u8; 8], 0, None),
            (1, _) => {
                let any = theirs[chance.below(theirs.len())];
                (any.chain, any.n + 1, Some(any.id))
            }
            (2, Some(row)) => (row.chain, row.n + 2, Some([255; 32])),
            (_, Some(row)) => (row.chain, row.n + 1, Some(row.id)),
        };
        let word = |chance: &mut Seeded| {
            let about = [1 + chance.below(usize::from(DEVICES)) as u8; 32];
            let of: Vec<Hash> = rows.iter().map(|(row, _)| row).filter(|row| row.device == about || chance.clone().below(20) == 0).map(|row| row.id).collect();
            let heads = (0..chance.below(3)).filter(|_| !of.is_empty()).map(|_| of[chance.below(of.len())]).collect();
            (about, heads)
        };
        let words: BTreeMap<Hash, Vec<Hash>> = (0..chance.below(3)).map(|_| word(chance)).collect();
        let standing = match chance.below(12) {
            0 => Standing::Refused("form".into()),
            1 => Standing::Aside(Aside::CutOff),
            2 => Standing::Waiting(Waits::Change),
            _ => Standing::Accepted,
        };
        let mut id = [number as u8; 32];
        id[0] = chance.next() as u8;
        let whole = if chance.below(3) == 0 { vec![[100 + chance.below(3) as u8; 32]] } else { Vec::new() };
        let row = Row {
            id,
            file: id,
            under: Hash::default(),
            casebook: Hash::default(),
            device,
            chain,
            n,
            prev,
            nonce: [number as u8; 16],
            log: Vec::new(),
            seen: words.into_iter().collect(),
            whole,
            leaving: chance.below(25) == 0,
            time: NOW + number as i64,
            what: if chance.below(15) == 0 { What::Keys } else { What::Receipt },
            judged: Judged::Sound,
        };
        rows.push((row, standing));
    }
    rows
}

/// The same question asked naively, one pair of member and parcel after the other.
struct Naive<'a>(Vec<&'a (Row, Standing)>);

impl Naive<'_> {
    /// A parcel with all before it in its chain, newest first.
    fn up_to(&self, id: &Hash) -> Vec<&(Row, Standing)> {
        let Some(one) = self.0.iter().find(|(row, _)| row.id == *id) else { return Vec::new() };
        let follows = |(row, _): &(Row, Standing)| (row.device, row.chain, row.n + 1) == (one.0.device, one.0.chain, one.0.n) && one.0.prev == Some(row.id);
        let before = self.0.iter().find(|pair| follows(pair)).map(|(row, _)| self.up_to(&row.id)).unwrap_or_default();
        std::iter::once(*one).chain(before).collect()
    }

    fn is_up_to(&self, parcel: &Hash, head: &Hash) -> bool {
        self.up_to(head).iter().any(|(row, _)| row.id == *parcel)
    }

    fn heads(&self, device: &Hash) -> Vec<&Row> {
        let live = || self.0.iter().filter(|(row, standing)| row.device == *device && !matches!(standing, Standing::Refused(_))).map(|(row, _)| row);
        let last = |row: &&Row| !live().any(|other| other.id != row.id && self.is_up_to(&row.id, &other.id));
        let named = |row: &&Row| {
            let by = self.0.iter().filter(|(other, standing)| other.device == *device && other.chain != row.chain && *standing == Standing::Accepted);
            by.flat_map(|(other, _)| &other.seen).any(|(about, heads)| about == device && heads.contains(&row.id))
        };
        live().filter(last).filter(|row| !named(row)).collect()
    }

    fn head_says(&self, head: &Row, parcel: &Hash) -> bool {
        let chain = self.up_to(&head.id);
        let own = chain.iter().find(|(_, standing)| *standing == Standing::Accepted).is_some_and(|(row, _)| self.is_up_to(parcel, &row.id));
        let device_of = |id: &Hash| self.0.iter().find(|(row, _)| row.id == *id).map(|(row, _)| row.device);
        let about = |device: u8| {
            let device = [device; 32];
            let said = chain.iter().find_map(|(row, standing)| row.seen.iter().find(|(about, _)| *about == device).map(|(_, heads)| (heads, standing)));
            said.is_some_and(|(heads, standing)| {
                *standing == Standing::Accepted && heads.iter().any(|head| device_of(head) == Some(device) && self.is_up_to(parcel, head))
            })
        };
        own || (1..=DEVICES).any(about)
    }

    fn head_has_whole(&self, head: &Row, record: &Hash) -> bool {
        self.up_to(&head.id).iter().any(|(row, standing)| *standing == Standing::Accepted && row.whole.contains(record))
    }

    /// The heads by whose word a member is counted; none where it holds nothing.
    fn heard(&self, device: &Hash) -> Vec<&Row> {
        let heads = self.heads(device);
        let silent = |head: &&Row| !self.up_to(&head.id).iter().any(|(_, standing)| *standing == Standing::Accepted);
        if heads.iter().any(|head| head.leaving || silent(head)) { Vec::new() } else { heads }
    }
}

#[test]
fn claims_of_random_chains_forks_and_words_are_what_a_naive_reading_says() {
    let (mut held, mut forked, mut leaving) = (0, 0, 0);
    for seed in 0..600 {
        let mut chance = Seeded(seed);
        let rows = made_up(&mut chance);
        let mut team = Membership::default();
        let standing = [
            (1, Role::Editor, false),
            (2, Role::Reader, false),
            (3, Role::Admin, seed % 3 == 0),
            (4, if seed % 2 == 0 { Role::Capture } else { Role::Editor }, false),
        ];
        for (device, role, suspended) in standing {
            team.members.insert(DeviceId::from_bytes([device; 32]), member(role, suspended));
        }
        let own = DeviceId::from_bytes([1 + (seed % 4) as u8; 32]);
        let claims = Claims::of(rows.iter().map(|(row, standing)| (row, standing)), &team, &own);
        let naive = Naive(rows.iter().filter(|(row, _)| row.what != What::Keys).collect());
        assert_eq!(claims.members.len(), 3);
        for claimed in &claims.members {
            let device = *claimed.device.as_bytes();
            let known = &team.members[&claimed.device];
            let counts = known.role >= Role::Reader && known.suspended.is_none();
            let heard = if counts { naive.heard(&device) } else { Vec::new() };
            let all = |says: &dyn Fn(&Row) -> bool| !heard.is_empty() && heard.iter().all(|head| says(head));
            for (row, _) in &rows {
                let says = all(&|head| naive.head_says(head, &row.id));
                assert_eq!(claims.holds(claimed, &row.id), says, "seed {seed}, device {}, parcel {:?}", device[0], row.id);
                held += usize::from(says);
            }
            let whole: HashSet<Hash> = (100..103).map(|record| [record; 32]).filter(|record| all(&|head| naive.head_has_whole(head, record))).collect();
            assert_eq!(claimed.whole, whole, "seed {seed}");
            assert_eq!(claimed.uncounted.is_none(), heard.len() == 1, "seed {seed}: {:?}", claimed.uncounted);
            forked += usize::from(claimed.uncounted == Some(Uncounted::Forked));
            leaving += usize::from(claimed.uncounted == Some(Uncounted::Leaving));
        }
    }
    assert!(held > 1000 && forked > 100 && leaving > 20, "{held} {forked} {leaving}");
}

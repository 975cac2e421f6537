//! A member who sends very much of what costs others: forks, operations without effect, waiting parcels, huge numbers.

use std::collections::BTreeMap;

use sandyq::crypto::{Sealed, SigningKey, plain_hash};
use sandyq::doc::{Author, Document};
use sandyq::model::Kind;
use sandyq::parcel::{self, Header, ItemKind, MAX_HEADER, Parcel};
use sandyq::sync::judge::InProcess;
use sandyq::team::{Act, Add, Badge, Lift, MAX_NAMED, Operation, Role, Suspend};
use sandyq::transport::Memory;
use sandyq::vault::Envelope;
use serde_json::json;

use super::super::carry::support::Desk;
use super::forge::{Hands, Team, all_accounted_for, codes, files_after, ingest, ingest_here, is_whole, last, standing};
use super::raw::run;

/// Nonces that differ.
fn nonce(n: usize) -> [u8; 16] {
    let mut nonce = [0xee; 16];
    nonce[..8].copy_from_slice(&(n as u64).to_be_bytes());
    nonce
}

/// Many parcels in few files.
fn in_few_files(hands: &Hands, parcels: &[Parcel]) -> Vec<Sealed> {
    parcels.chunks(500).map(|some| hands.sealed(some)).collect()
}

fn receipt(hands: &Hands, n: u64, at: usize) -> Parcel {
    hands.sign(hands.header(n, nonce(at)), Vec::new())
}

fn operation(hands: &Hands, at: usize, operation: &Operation) -> Parcel {
    let mut header = hands.header(0, nonce(at));
    header.log = operation.deps().to_vec();
    hands.sign(header, vec![(ItemKind::Log, operation.to_bytes())])
}

/// An operation that an editor has no right to.
fn without_effect(hands: &Hands, heads: &[[u8; 32]], at: usize) -> Operation {
    Operation::Lift(Act::new(hands.key.device(), heads, Lift { member: hands.key.device() }, 0, nonce(at)))
}

fn heads(hands: &Hands) -> Vec<[u8; 32]> {
    let log = &hands.own.last().expect("one").header.log;
    log.iter().map(|head| hex::decode(head).expect("hex").try_into().expect("32 bytes")).collect()
}

/// Others go on: the founder records, declares and operates, and what the honest editor records is taken.
fn work_goes_on(team: &mut Team) {
    let before = last(team.founder.session.vault());
    team.founder.detained("Асқар Нұрлан");
    let mut stick = Memory::new();
    let honest = team.honest_files();
    ingest_here(team.founder.session.vault_mut(), honest.clone());
    team.founder.sync(&mut stick);
    for sealed in &honest {
        assert_eq!(codes(team.founder.session.vault_mut(), sealed), [Some("accepted".to_owned())]);
    }
    let written = files_after(team.founder.session.vault(), before);
    for sealed in written {
        let Envelope::Parcels(parcels, _) = team.founder.session.vault().keyring().envelope(&sealed) else { continue };
        for parcel in parcels.iter().filter(|parcel| parcel.header.device == team.founder.badge().device) {
            assert!(parcel.header_bytes.len() < MAX_HEADER, "{} bytes of header", parcel.header_bytes.len());
            assert!(parcel.header.log.len() <= MAX_NAMED);
        }
    }
}

#[test]
fn thousands_of_forks_with_huge_numbers_are_told_and_keep_nobody_from_writing() {
    let mut team = Team::new(20);
    let hands = Hands::of(&team.hostile);
    // Chains of their own whose beginnings are nowhere: gaps whose sum is beyond every integer.
    let far = (0..2_500).map(|at| receipt(&hands, (1 << 53) - 1, at));
    let near = (2_500..4_000).map(|at| receipt(&hands, 0, at));
    let one_chain = (4_000..4_500).map(|at| hands.sign(Header { chain: "11".repeat(8), ..hands.header(0, nonce(at)) }, Vec::new()));
    let all: Vec<Parcel> = far.chain(near).chain(one_chain).collect();
    let came = ingest_here(team.founder.session.vault_mut(), in_few_files(&hands, &all));
    assert_eq!((came.new.len(), came.refused.len()), (4_500, 0));
    let pending = team.founder.session.pending().expect("listed");
    assert_eq!(pending.missing, [("M-BAD".to_owned(), u64::MAX)]);
    assert_eq!(pending.forks.iter().filter(|fork| fork.0 == "M-BAD").count(), 1, "one place of one chain holds 500");
    work_goes_on(&mut team);
    is_whole(&mut team.founder);
}

#[test]
fn ten_thousand_operations_without_effect_change_nothing_and_keep_nobody_from_writing() {
    let mut team = Team::new(21);
    let hands = Hands::of(&team.hostile);
    let before = team.founder.session.vault().log(&hands.casebook).expect("a log").membership().members.clone();
    let base = heads(&hands);
    let flood: Vec<Parcel> = (0..10_000).map(|at| operation(&hands, at, &without_effect(&hands, &base, at))).collect();
    let came = ingest_here(team.founder.session.vault_mut(), in_few_files(&hands, &flood));
    assert_eq!((came.new.len(), came.refused.len()), (10_000, 0));
    let log = team.founder.session.vault().log(&hands.casebook).expect("a log");
    assert_eq!(log.membership().members, before);
    assert_eq!(log.membership().void.len(), 10_000);
    assert_eq!(log.heads_for(&team.founder.badge().device).len(), MAX_NAMED);
    work_goes_on(&mut team);
    // An admin can still say who goes; every word joins the heads that it names.
    let bad = hands.key.device();
    let by = team.founder.badge().device;
    let suspend = |heads: &[[u8; 32]], nonce| Operation::Suspend(Act::new(by, heads, Suspend { member: bad, cut: Vec::new() }, 0, nonce));
    let vault = team.founder.session.vault_mut();
    vault.operate(&hands.casebook, suspend, None, 0, &mut crate::support::Seeded(9)).expect("written");
    assert!(vault.log(&hands.casebook).expect("a log").membership().members[&bad].suspended.is_some());
    is_whole(&mut team.founder);
}

#[test]
fn parcels_that_each_name_another_operation_without_effect_cost_one_resolution() {
    let mut team = Team::new(22);
    let hands = Hands::of(&team.hostile);
    let (mut heads, mut all) = (heads(&hands), Vec::new());
    for at in 0..1_500 {
        let without = without_effect(&hands, &heads, at);
        heads = vec![without.id()];
        all.push(operation(&hands, at, &without));
        let log = vec![hex::encode(heads[0])];
        all.push(hands.sign(Header { log, ..hands.header(0, nonce(10_000 + at)) }, Vec::new()));
    }
    all.reverse();
    let came = ingest_here(team.founder.session.vault_mut(), in_few_files(&hands, &all));
    assert_eq!((came.new.len(), came.refused.len()), (3_000, 0));
    let docket = team.founder.session.vault_mut().docket().expect("a docket");
    assert!(docket.rows().all(|(_, standing)| standing.code() == "accepted"), "the log came in whole, in whatever order");
    work_goes_on(&mut team);
    is_whole(&mut team.founder);
}

#[test]
fn what_strangers_wrote_is_not_kept_or_only_in_the_room_for_carried_files() {
    let mut team = Team::new(23);
    let mut hands = Hands::of(&team.hostile);
    let stranger = SigningKey::from_seed(&[9; 32]);
    let log = hands.own[0].header.log.clone();
    hands.key = stranger.clone();
    let header = |at: usize, log: Vec<String>| Header { device: stranger.device(), log, ..hands.header(0, nonce(at)) };
    // Nobody let it in, as its own words show.
    let known = hands.sign(header(1, log.clone()), Vec::new());
    let keys = hands.sign(header(2, log), vec![(ItemKind::Keys, b"# epoch 7\n".to_vec())]);
    let me = Badge::new(&stranger, &hands.epoch.to_string(), "X-1");
    let genesis = hands.all.iter().find(|parcel| parcel.header.log.is_empty()).expect("the founding");
    let repeated = hands.sign(header(3, Vec::new()), vec![(ItemKind::Log, genesis.items[0].clone())]);
    let add = |heads: &[[u8; 32]], at| {
        let add = Add { badge: me.clone(), role: Role::Admin, keeper: true, verified: true, invite: None };
        Operation::Add(Act::new(stranger.device(), heads, add, 0, nonce(at)))
    };
    let admits_itself = operation(&Hands { key: stranger.clone(), ..Hands::of(&team.hostile) }, 4, &add(&heads(&Hands::of(&team.hostile)), 4));
    let mut admits_itself_header = admits_itself.header.clone();
    admits_itself_header.device = stranger.device();
    let admits_itself = hands.sign(admits_itself_header, vec![(ItemKind::Log, admits_itself.items[0].clone())]);
    // Nobody can tell: what it says it builds on is nowhere.
    let nowhere = hands.sign(header(5, vec!["ab".repeat(32)]), Vec::new());
    let later = add(&[[0xab; 32]], 6);
    let waits = hands.sign(Header { log: later.deps().to_vec(), ..header(6, Vec::new()) }, vec![(ItemKind::Log, later.to_bytes())]);
    let admits_itself = hands.sealed(&[admits_itself]);
    let refused = [known, keys].map(|parcel| hands.sealed(&[parcel]));
    let unasked = [repeated, nowhere, waits].map(|parcel| hands.sealed(&[parcel]));
    let all: Vec<Sealed> = refused.iter().chain(&unasked).cloned().collect();
    let before = (last(team.founder.session.vault()), team.founder.session.vault_mut().docket().expect("a docket").len());
    let came = ingest_here(team.founder.session.vault_mut(), all.clone());
    assert_eq!(came.refused.iter().map(|(_, author, code)| (*author, code.as_str())).collect::<Vec<_>>(), [(Some(stranger.device()), "stranger"); 2]);
    assert_eq!(came.no_room.len(), 3);
    assert!(came.keys.is_empty(), "nobody's keys are looked at but a member's");
    assert_eq!((last(team.founder.session.vault()), team.founder.session.vault_mut().docket().expect("a docket").len()), before, "nothing of it is stored");
    assert_eq!(team.founder.session.vault().log(&hands.casebook).expect("a log").waiting().count(), 0);
    // Its own admission stays in the log, as every operation does, and lets nobody in.
    let members = |team: &Team| team.founder.session.vault().log(&hands.casebook).expect("a log").membership().members.clone();
    let (said, was) = (ingest_here(team.founder.session.vault_mut(), vec![admits_itself]), members(&team));
    assert_eq!((said.new.len(), members(&team)), (1, was));
    assert!(!members(&team).contains_key(&stranger.device()));
    all_accounted_for(&mut team.founder, &all, &came);
    // With room it is kept, listed by author, and takes of that room.
    let room = unasked.iter().map(|sealed| sealed.as_bytes().len() as u64).sum::<u64>() - 1;
    let came = ingest(team.founder.session.vault_mut(), unasked.to_vec(), room, &mut InProcess);
    assert_eq!((came.new.len(), came.no_room.len()), (2, 1));
    let pieces = team.founder.session.vault_mut().pieces_named().expect("named");
    assert!(team.founder.session.vault_mut().carried_bytes(&pieces).expect("counted") > room / 2);
    let pending = team.founder.session.pending().expect("listed");
    assert_eq!(pending.aside.iter().map(|aside| (aside.code.as_str(), aside.count)).collect::<Vec<_>>(), [("waiting-log", 2)]);
    all_accounted_for(&mut team.founder, &unasked, &came);
}

#[test]
fn strangers_parcel_beside_an_honest_one_leaves_the_honest_one() {
    let mut team = Team::new(24);
    let hands = Hands::of(&team.hostile);
    let stranger = SigningKey::from_seed(&[9; 32]);
    let theirs = Parcel::sign(&stranger, Header { device: stranger.device(), ..hands.header(0, nonce(1)) }, Vec::new()).expect("fits");
    let ours = receipt(&hands, 0, 2);
    let files = [hands.sealed(&[theirs.clone(), ours.clone()]), hands.sealed(std::slice::from_ref(&theirs))];
    let came = ingest_here(team.founder.session.vault_mut(), files.to_vec());
    assert_eq!((came.new.clone(), came.refused.len()), (vec![ours.id()], 2), "both files are named");
    all_accounted_for(&mut team.founder, &files, &came);
    team.founder.session.vault_mut().rebuild(&mut sandyq::vault::Silent).expect("made again");
    assert_eq!(standing(team.founder.session.vault_mut(), &theirs.id()), None, "also not when everything is made again");
    is_whole(&mut team.founder);
}

#[test]
fn waiting_parcels_of_a_member_are_kept_and_listed_by_author() {
    let mut team = Team::new(25);
    let hands = Hands::of(&team.hostile);
    let waiting: Vec<Parcel> =
        (0..2_000).map(|at| hands.change(0, nonce(at), hands.edit(), |raw| raw.deps = vec![[at as u8 % 0xcd; 32], [0xcd; 32]])).collect();
    let files = in_few_files(&hands, &waiting);
    let came = ingest_here(team.founder.session.vault_mut(), files.clone());
    assert_eq!(came.new.len(), 2_000, "{:?}", came.refused.first());
    let pending = team.founder.session.pending().expect("listed");
    let aside = pending.aside.iter().map(|aside| (aside.handle.as_str(), aside.code.as_str(), aside.count)).collect::<Vec<_>>();
    assert_eq!(aside, [("M-BAD", "waiting-change", 2_000)]);
    work_goes_on(&mut team);
    all_accounted_for(&mut team.founder, &files, &came);
}

#[test]
fn attacks_inside_rightly_signed_parcels_each_have_their_word() {
    let mut team = Team::new(26);
    let hands = Hands::of(&team.hostile);
    let (root, of_other) =
        (&hands.own[0], hands.all.iter().find(|parcel| parcel.header.device != hands.key.device() && super::forge::change_of(parcel).is_some()));
    let of_other = super::forge::change_of(of_other.expect("one")).expect("a change");
    let bomb = hands.change(0, nonce(1), root, |raw| *raw = raw.clone().with(66, run(100_000_000, 1)).with(1, Vec::new()));
    assert!(matches!(team.founder.session.vault().keyring().envelope(&hands.sealed(&[bomb])), Envelope::Refused("change-does-not-fit")));
    let counter = hands.change(0, nonce(2), hands.edit(), |raw| raw.start_op = 1_900_000);
    let foreign = hands.change(0, nonce(3), hands.edit(), |raw| raw.deps = vec![of_other.hash]);
    let other_actor = hands.change(0, nonce(4), root, |raw| raw.actor = vec![9; 32]);
    let own_root = hands.change(0, nonce(5), root, |_| {});
    let second_root = {
        let ItemKind::Change { change, deps, .. } = own_root.header.items[0].kind.clone() else { panic!("a change") };
        let record = super::forge::record_of(root);
        hands.sign(hands.header(0, nonce(5)), vec![(ItemKind::Change { record, change, deps }, own_root.items[0].clone())])
    };
    let keyring = team.founder.session.vault().keyring();
    for parcel in [&other_actor, &second_root] {
        assert_eq!(keyring.envelope(&hands.sealed(std::slice::from_ref(parcel))), Envelope::Refused("change-does-not-fit"));
    }
    let files: Vec<Sealed> = [&counter, &foreign, &own_root].map(|parcel| hands.sealed(std::slice::from_ref(parcel))).to_vec();
    let came = ingest_here(team.founder.session.vault_mut(), files.clone());
    let words: Vec<_> = files.iter().flat_map(|sealed| codes(team.founder.session.vault_mut(), sealed)).map(Option::unwrap).collect();
    assert_eq!(words, ["counter", "dep-of-another-record", "accepted"]);
    all_accounted_for(&mut team.founder, &files, &came);
}

#[test]
fn of_twins_the_smaller_counts_in_every_order_and_both_stay_as_proof() {
    let mut team = Team::new(27);
    let hands = Hands::of(&team.hostile);
    let twins = [1, 2, 3].map(|time| {
        let parcel = hands.change(0, nonce(1), &hands.own[0], |raw| raw.time = time);
        hands.sealed(&[parcel])
    });
    let readers = [(&mut team.founder, [0, 1, 2]), (&mut team.honest, [2, 1, 0]), (&mut team.hostile, [1, 2, 0])];
    let seen = readers.map(|(reader, order)| {
        for at in order {
            ingest_here(reader.session.vault_mut(), vec![twins[at].clone()]);
        }
        is_whole(reader);
        let words: Vec<_> = twins.iter().flat_map(|sealed| codes(reader.session.vault_mut(), sealed)).map(Option::unwrap).collect();
        assert_eq!((words.iter().filter(|word| *word == "accepted").count(), words.iter().filter(|word| *word == "aside-twin").count()), (1, 2));
        (words, reader.seen())
    });
    assert!(seen.iter().all(|other| *other == seen[0]));
}

#[test]
fn reader_and_capture_device_write_nothing_that_counts_beyond_their_role() {
    let mut team = Team::new(28);
    let (mut reader, mut capture) = (Desk::alone("M-R", 5000), Desk::alone("M-C", 6000));
    for (desk, role) in [(&mut reader, Role::Reader), (&mut capture, Role::Capture)] {
        team.founder.admits(desk, role);
    }
    let mut stick = Memory::new();
    team.founder.sync(&mut stick);
    team.hostile.sync(&mut stick);
    let editor = Hands::of(&team.hostile);
    let log: Vec<String> = team.founder.session.vault().log(&editor.casebook).expect("a log").heads().iter().map(hex::encode).collect();
    let parcel = |desk: &Desk, at: usize, creates: bool| {
        let key = desk.session.vault().keyring().signing.clone();
        let mut hands = Hands { key: key.clone(), ..Hands::of(&team.hostile) };
        hands.own = editor.own.clone();
        let device = key.device();
        hands.own.iter_mut().for_each(|parcel| (parcel.header.device, parcel.header.log) = (device, log.clone()));
        let changed = hands.change(0, nonce(at), if creates { &editor.own[0] } else { editor.edit() }, |_| {});
        hands.sealed(&[changed])
    };
    let files = [parcel(&reader, 1, true), parcel(&reader, 2, false), parcel(&capture, 3, true), parcel(&capture, 4, false)];
    let came = ingest_here(team.founder.session.vault_mut(), files.to_vec());
    let words: Vec<_> = files.iter().flat_map(|sealed| codes(team.founder.session.vault_mut(), sealed)).map(Option::unwrap).collect();
    assert_eq!(words, ["aside-forbidden", "aside-forbidden", "accepted", "aside-forbidden"]);
    all_accounted_for(&mut team.founder, &files, &came);
}

#[test]
fn claimed_times_at_both_ends_are_shown_and_break_nothing() {
    let mut team = Team::new(29);
    let hands = Hands::of(&team.hostile);
    let mut all = Vec::new();
    for (at, time) in [i64::MIN, i64::MAX, 0, -(1 << 52), 1 << 52].into_iter().enumerate() {
        let record = hands.change(0, nonce(at), &hands.own[0], |raw| raw.time = time);
        let clock = Header { time: time.clamp(-((1 << 53) - 1), (1 << 53) - 1), ..record.header.clone() };
        all.push(hands.sign(clock, vec![(record.header.items[0].kind.clone(), record.items[0].clone())]));
    }
    let files: Vec<Sealed> = all.iter().map(|parcel| hands.sealed(std::slice::from_ref(parcel))).collect();
    let came = ingest_here(team.founder.session.vault_mut(), files.clone());
    let mut words: BTreeMap<String, usize> = BTreeMap::new();
    for code in files.iter().flat_map(|sealed| codes(team.founder.session.vault_mut(), sealed)) {
        *words.entry(code.expect("kept")).or_default() += 1;
    }
    assert_eq!(words, BTreeMap::from([("accepted".to_owned(), 5)]));
    for line in team.founder.session.list(None).expect("listed") {
        team.founder.session.show(&line.id).expect("shown");
        team.founder.session.history(&line.id).expect("told");
        team.founder.session.edit(&line.id, &json!({ "flag": "check" })).ok();
    }
    team.founder.session.members().expect("listed");
    all_accounted_for(&mut team.founder, &files, &came);
}

#[test]
fn record_of_an_unknown_kind_counts_is_not_shown_and_is_no_damage() {
    let mut team = Team::new(31);
    let hands = Hands::of(&team.hostile);
    let actor = parcel::actor(&hands.casebook, &hands.key.device(), 0, &nonce(1));
    let tree = json!({ "kind": "weather", "wind": "north" }).as_object().expect("an object").clone();
    let (_, made) = Document::create(&[], &tree, &Author { actor: &actor, time: 0, message: None }).expect("made");
    let hash = hex::encode(made.hash);
    let kind = ItemKind::Change { record: hash.clone(), change: hash, deps: Vec::new() };
    let sealed = hands.sealed(&[hands.sign(hands.header(0, nonce(1)), vec![(kind, made.bytes)])]);
    let before = team.founder.session.list(None).expect("listed").len();
    let came = ingest_here(team.founder.session.vault_mut(), vec![sealed.clone()]);
    assert_eq!(codes(team.founder.session.vault_mut(), &sealed), [Some("accepted".to_owned())]);
    assert_eq!(team.founder.session.list(None).expect("listed").len(), before);
    all_accounted_for(&mut team.founder, &[sealed], &came);
}

#[test]
fn keys_that_do_not_fit_the_log_are_taken_by_nobody() {
    let mut team = Team::new(30);
    let hands = Hands::of(&team.hostile);
    let secret = |seed: u8| sandyq::crypto::Identity::from_secret(&[seed; 32]).secret_text().to_string();
    let texts = [
        format!("# epoch 1\n{}\n", secret(1)),
        format!("# epoch 0\n{}\n", secret(2)),
        format!("# keeper\n{}\n", secret(3)),
        format!("# epoch 1\n{0}\n# epoch 1\n{0}\n", secret(4)),
        "# epoch 1\n".repeat(25_000),
        "AGE-SECRET-KEY-1\n".to_owned(),
        "x".repeat(900_000),
    ];
    let keys = texts.iter().enumerate().map(|(at, text)| hands.sign(hands.header(0, nonce(at)), vec![(ItemKind::Keys, text.as_bytes().to_vec())]));
    let files: Vec<Sealed> = keys.map(|parcel| hands.sealed(&[parcel])).collect();
    let mut stick = Memory::new();
    let open = |name: &sandyq::transport::Name| Ok(files.iter().find(|sealed| plain_hash(sealed.as_bytes()) == name.0).expect("listed").clone());
    let names: Vec<_> = files.iter().map(sandyq::transport::Name::of).collect();
    sandyq::transport::Mailbox::leave(&mut stick, &names, &mut { open }, &mut |_, _| {}).expect("left");
    let keys_before = team.founder.session.vault().keyring().to_text();
    let came = team.founder.sync(&mut stick);
    assert!(!came.exchanged.new_keys);
    assert_eq!(*team.founder.session.vault().keyring().to_text(), *keys_before);
    is_whole(&mut team.founder);
    let record = team.founder.session.add(&[(Kind::Person, json!({ "names": [{ "text": "Айша" }] }))]).expect("added");
    assert_eq!(record.len(), 1);
    assert_eq!(parcel::MAX_HEADER, MAX_HEADER);
}

//! Seeded damage to sealed files and headers, signed by a real member and sealed for the casebook: each has its word, and
//! the honest files beside them are taken.

use std::collections::BTreeMap;

use sandyq::crypto::{Identity, Sealed, SigningKey, labels, padded, seal, seal_with_passphrase};
use sandyq::parcel::{self, ItemKind, MAGIC, MAX_SEALED, Parcel};
use sandyq::vault::Envelope;
use serde_json::{Map, Value, json};

use super::super::carry::support::BOOK;
use super::super::model::dice::Dice;
use super::forge::{Hands, Team, all_accounted_for, change_of, codes, framed, ingest_here, record_of, signed};
use super::mutants::part;
use super::raw::Raw;
use crate::support::phrase;

/// Mutants that are sealed and looked at.
const LOOKED_AT: usize = 40_000;
/// Of these, how many go through a whole ingest, and in how many batches.
const TAKEN_IN: usize = 3_200;
const BATCHES: usize = 8;

/// Any value that does not belong there, some of them long or deep.
fn odd(dice: &mut Dice) -> Value {
    let deep = (0..dice.below(8)).fold(json!(1), |value, _| if value.is_number() { json!([value]) } else { json!({ "x": value }) });
    let hashes = |count: usize| json!((0..count).map(|n| hex::encode([n as u8; 32])).collect::<Vec<_>>());
    match dice.below(16) {
        0 => Value::Null,
        1 => json!(true),
        2 => json!(-1),
        3 => json!(1.5),
        4 => json!(1_u64 << 53),
        5 => json!((1_u64 << 53) - 1),
        6 => json!(i64::MIN),
        7 => json!(u64::MAX),
        8 => json!(""),
        9 => json!("AB".repeat(32)),
        10 => json!("x".repeat(dice.below(50_000))),
        11 => json!([]),
        12 => json!({}),
        13 => deep,
        14 => hashes([1, 2, 300, 10_000][dice.below(4)]),
        _ => json!({ hex::encode([7; 32]): hashes(dice.below(400)) }),
    }
}

fn hash(dice: &mut Dice) -> String {
    hex::encode([(); 4].map(|()| dice.throw().to_be_bytes()).concat())
}

/// One damage to a header.
fn header(dice: &mut Dice, map: &mut Map<String, Value>, hands: &Hands) {
    let names: Vec<String> = map.keys().cloned().collect();
    let name = dice.pick(&names).clone();
    let other = dice.pick(&hands.all).clone();
    match dice.below(22) {
        0 => drop(map.remove(&name)),
        1 => drop(map.insert(name, odd(dice))),
        2 => drop(map.insert("weather".into(), odd(dice))),
        3 => drop(map.insert("crit".into(), [json!([]), json!(["weather"]), odd(dice)][dice.below(3)].clone())),
        4 => drop(map.insert("n".into(), json!([0, 1, 7, (1_u64 << 53) - 1][dice.below(4)]))),
        5 => drop(map.insert("prev".into(), json!(hash(dice)))),
        6 => drop(map.insert("log".into(), json!((0..[0, 1, 3, 400][dice.below(4)]).map(|_| hash(dice)).collect::<Vec<_>>()))),
        7 => {
            // The device of the reader, with heads that nobody has.
            let seen: Map<String, Value> = hands.all.iter().map(|parcel| (parcel.header.device.to_string(), json!([hash(dice)]))).collect();
            map.insert("seen".into(), Value::Object(seen));
        }
        8 => {
            let seen: Map<String, Value> = (0..dice.below(420)).map(|_| (hash(dice), json!([]))).collect();
            map.insert("seen".into(), Value::Object(seen));
        }
        9 => drop(map.insert("time".into(), json!([-(1_i64 << 53), (1 << 53) - 1, -((1 << 53) - 1), i64::MIN, i64::MAX, 0][dice.below(6)]))),
        10 => drop(map.insert("casebook".into(), json!(hash(dice)))),
        11 => drop(
            map.insert("device".into(), json!([hash(dice), "00".repeat(32), format!("01{}", "00".repeat(31)), other.header.device.to_string()][dice.below(4)])),
        ),
        12 => drop(map.insert("nonce".into(), json!(hash(dice)[..32]))),
        13 => drop(map.insert("chain".into(), json!(hash(dice)[..16]))),
        14 => drop(map.insert("epoch".into(), json!([0, 1, 9, (1_u64 << 53) - 1][dice.below(4)]))),
        15 => drop(map.insert("with".into(), json!({ "id": hash(dice)[..16], "k": dice.below(3), "of": dice.below(3) }))),
        16 => drop(map.insert("items".into(), serde_json::to_value(&other.header.items).expect("JSON"))),
        _ => items(dice, map),
    }
}

/// One damage to what the header says of the items.
fn items(dice: &mut Dice, map: &mut Map<String, Value>) {
    let Some(Value::Array(list)) = map.get_mut("items") else { return };
    if list.is_empty() {
        return list.push(json!({ "kind": "log", "length": 0, "sha256": hash(dice) }));
    }
    let at = dice.below(list.len());
    let copy = list[at].clone();
    let Value::Object(item) = &mut list[at] else { return };
    match dice.below(12) {
        0 => drop(item.insert("length".into(), json!([0, 1, (1_u64 << 53) - 1, u64::from(u32::MAX)][dice.below(4)]))),
        1 => drop(item.insert("sha256".into(), json!(hash(dice)))),
        2 => drop(item.insert("kind".into(), json!(["log", "keys", "change", "weather"][dice.below(4)]))),
        3 => drop(item.insert("record".into(), json!(hash(dice)))),
        4 => drop(item.insert("change".into(), json!(hash(dice)))),
        5 => drop(item.insert("deps".into(), json!((0..[0, 1, 2, 400, 10_000][dice.below(5)]).map(|_| hash(dice)).collect::<Vec<_>>()))),
        6 => {
            let names: Vec<String> = item.keys().cloned().collect();
            item.remove(dice.pick(&names));
        }
        7 => {
            let names: Vec<String> = item.keys().cloned().collect();
            item.insert(dice.pick(&names).clone(), odd(dice));
        }
        8 => list.push(copy),
        9 => list.clear(),
        10 => list.push(json!({ "kind": "keys", "length": 0, "sha256": hex::encode(sandyq::crypto::plain_hash(b"")) })),
        _ => drop(item.insert("weather".into(), odd(dice))),
    }
}

/// A header with one to three damages, as text: some keys stand twice there.
fn header_text(dice: &mut Dice, parcel: &Parcel, hands: &Hands) -> Vec<u8> {
    let Value::Object(mut map) = serde_json::from_slice(&parcel.header_bytes).expect("JSON") else { panic!("an object") };
    for _ in 0..=dice.below(3) {
        if !map.is_empty() {
            header(dice, &mut map, hands);
        }
    }
    let mut text = serde_json::to_string(&map).expect("JSON");
    match dice.below(40) {
        0..=3 if !map.is_empty() => {
            let names: Vec<String> = map.keys().cloned().collect();
            let name = dice.pick(&names).clone();
            text.insert_str(1, &format!("{}:{},", json!(name), map[&name]));
        }
        4 => text.push(' '),
        5 => text.push_str("{}"),
        6 => text.insert(0, '\u{feff}'),
        7 => drop(text.pop()),
        8 => text = "[".repeat(dice.below(30_000)),
        _ => {}
    }
    text.into_bytes()
}

/// The plaintext of one file with one or more damaged headers, rightly signed most of the time.
fn of_header(dice: &mut Dice, hands: &Hands) -> Vec<u8> {
    let from = if dice.one_in(3) { &hands.all } else { &hands.own };
    let parcel = dice.pick(from).clone();
    let (text, items) = (header_text(dice, &parcel, hands), parcel.items.concat());
    let stranger = SigningKey::from_seed(&[dice.below(3) as u8; 32]);
    match dice.below(20) {
        0 => framed(&text, &hands.key.sign(labels::BADGE_SIGNATURE, &text), &items),
        1 => framed(&text, &[0; 64], &items),
        2 => signed(&stranger, &text, &items),
        3 => {
            // A stranger who says so.
            let text = String::from_utf8_lossy(&text).replace(&parcel.header.device.to_string(), &stranger.device().to_string());
            signed(&stranger, text.as_bytes(), &items)
        }
        4 => {
            let mut signature = hands.key.sign(labels::PARCEL_SIGNATURE, &text);
            signature[dice.below(64)] ^= 1 << dice.below(8);
            framed(&text, &signature, &items)
        }
        _ => signed(&hands.key, &text, &items),
    }
}

/// A rightly signed parcel whose change is damaged and bears the right actor, hash and deps.
fn of_change(dice: &mut Dice, hands: &Hands) -> Vec<u8> {
    let (like, other) = (dice.pick(&hands.own).clone(), dice.pick(&hands.own).clone());
    let nonce: [u8; 16] = [dice.throw().to_be_bytes(), dice.throw().to_be_bytes()].concat().try_into().expect("16 bytes");
    let other = Raw::of(&change_of(&other).expect("a change"));
    let n = dice.below(3) as u64;
    let mut parcel = hands.change(n, nonce, &like, |raw| {
        let actor = raw.actor.clone();
        if !dice.one_in(4) {
            part(dice, raw, &other);
        }
        if dice.one_in(3) && !raw.deps.is_empty() {
            raw.deps = vec![[dice.throw() as u8; 32]];
        }
        raw.actor = actor;
    });
    if dice.one_in(8) {
        // Written by somebody who knew more of the log than is here.
        parcel.header.log = vec![hash(dice)];
        parcel = hands.sign(parcel.header.clone(), vec![(parcel.header.items[0].kind.clone(), parcel.items.remove(0))]);
    }
    parcel::pack(&[parcel])
}

/// Operations of the log as no honest program writes them, and honest ones by the wrong hand.
fn of_operation(dice: &mut Dice, hands: &Hands) -> Vec<u8> {
    let log: Vec<&Parcel> = hands.all.iter().filter(|parcel| parcel.header.items.iter().any(|item| item.kind == ItemKind::Log)).collect();
    let like = dice.pick(&log);
    let Value::Object(mut map) = serde_json::from_slice(&like.items[0]).expect("JSON") else { panic!("an object") };
    let me = hands.key.device().to_string();
    let heads = hands.own.last().expect("one").header.log.clone();
    map.insert("by".into(), json!(me));
    map.insert("deps".into(), json!(heads));
    let names: Vec<String> = map.keys().cloned().collect();
    let name = dice.pick(&names).clone();
    match dice.below(9) {
        0 => drop(map.remove(&name)),
        1 => drop(map.insert(name, odd(dice))),
        2 => drop(map.insert("op".into(), json!(["remove", "roll", "suspend", "purge", "weather", "genesis", "lift"][dice.below(7)]))),
        3 => drop(map.insert("deps".into(), json!((0..[0, 1, 2, 513][dice.below(4)]).map(|_| hash(dice)).collect::<Vec<_>>()))),
        4 => drop(map.insert("member".into(), json!(me))),
        5 => drop(map.insert("cut".into(), json!((0..[1, 100, 400][dice.below(3)]).map(|_| hash(dice)).collect::<Vec<_>>()))),
        6 => drop(map.insert("by".into(), json!(like.header.device))),
        _ => {}
    }
    let text = match dice.below(4) {
        0 => like.items[0].clone(),
        _ => serde_json::to_vec(&map).expect("JSON"),
    };
    let mut items = vec![(ItemKind::Log, text)];
    if dice.one_in(4) {
        let keys = [b"".to_vec(), b"# epoch 1\nAGE-SECRET-KEY-1\n".to_vec(), vec![b'#'; 300_000], like.items.last().cloned().unwrap_or_default()]
            [dice.below(4)]
        .clone();
        items.push((ItemKind::Keys, keys));
    }
    if dice.one_in(8) {
        items.rotate_left(1);
    }
    let header = hands.header(dice.below(2) as u64, [dice.throw() as u8; 16]);
    parcel::pack(&[hands.sign(header, items)])
}

/// Right parcels framed wrongly.
fn of_frame(dice: &mut Dice, hands: &Hands) -> Vec<u8> {
    let some: Vec<Parcel> = (0..dice.below(4)).map(|_| dice.pick(&hands.all).clone()).collect();
    let mut plain = parcel::pack(&some);
    let length = [0, 1, 3, u32::MAX, 1 << 31, 0x0100_0000, plain.len() as u32][dice.below(7)];
    match dice.below(9) {
        0 => plain.truncate(dice.below(plain.len())),
        1 if plain.len() > 12 => plain[8..12].copy_from_slice(&length.to_be_bytes()),
        2 if plain.len() > 16 => plain[12..16].copy_from_slice(&length.to_be_bytes()),
        3 => plain.push(dice.throw() as u8),
        4 => plain = [padded(plain), parcel::pack(&some)[8..].to_vec()].concat(),
        5 => plain[7] = dice.throw() as u8,
        6 => plain = MAGIC.iter().copied().chain(std::iter::repeat_n(0, dice.below(3000))).collect(),
        7 => {
            let at = dice.below(plain.len());
            plain[at] ^= 1 << dice.below(8);
        }
        _ => plain.extend([0; 5]),
    }
    plain
}

/// Damage to the sealed file itself.
fn of_seal(dice: &mut Dice, hands: &Hands) -> Sealed {
    let honest = hands.sealed(&[dice.pick(&hands.all).clone()]);
    let mut bytes = honest.as_bytes().to_vec();
    let at = dice.below(bytes.len());
    let head = bytes.windows(4).position(|four| four == b"\n---").expect("an age file");
    match dice.below(12) {
        0 => bytes.truncate(at),
        1 => drop(bytes.remove(at)),
        2 => bytes.insert(at, dice.throw() as u8),
        3 => bytes = std::iter::repeat_with(|| dice.throw() as u8).take(at).collect(),
        4 => bytes.clear(),
        5 => bytes.extend(std::iter::repeat_n(0, dice.below(40))),
        6 => drop(bytes.splice(head..head, b"\n-> scrypt bBjlhJVYZeE4aqUdmtRHfw 15\nZV/AhotwSGqaPCU43cepl4WYUouAa17a3xpu4G2yi5k".iter().copied())),
        7 => drop(bytes.splice(head..head, b"\n-> X25519".repeat(dice.below(70)))),
        8 => bytes[22..].fill(b'-'),
        _ => bytes[at] ^= 1 << dice.below(8),
    }
    Sealed::from_outside(bytes)
}

pub fn mutant(dice: &mut Dice, hands: &Hands) -> Sealed {
    let plain = match dice.below(20) {
        0..=9 => of_header(dice, hands),
        10..=12 => of_change(dice, hands),
        13..=15 => of_operation(dice, hands),
        16..=17 => of_frame(dice, hands),
        _ => return of_seal(dice, hands),
    };
    hands.seal(&plain)
}

/// What holds for every file that is taken for parcels.
fn is_sound(parcels: &[Parcel], hands: &Hands) {
    for parcel in parcels {
        assert_eq!(parcel.header.casebook, hex::encode(hands.casebook));
        assert!(parcel.header.device.signed(labels::PARCEL_SIGNATURE, &parcel.header_bytes, &parcel.signature));
        assert!(parcel.header.crit.is_empty() && parcel.header_bytes.len() <= parcel::MAX_HEADER && parcel.header.items.len() <= 2);
        assert_eq!(parcel.header.items.len(), parcel.items.len());
    }
}

#[test]
fn forty_thousand_damaged_files_and_headers_have_their_word_and_panic_nothing() {
    let team = Team::new(1);
    let hands = Hands::of(&team.hostile);
    let keyring = team.founder.session.vault().keyring();
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    let look = |seed: u64| {
        let mut dice = Dice(seed);
        let mut tally: BTreeMap<String, usize> = BTreeMap::new();
        for _ in 0..LOOKED_AT / 4 {
            let word = match keyring.envelope(&mutant(&mut dice, &hands)) {
                Envelope::Parcels(parcels, _) => {
                    is_sound(&parcels, &hands);
                    "parcels"
                }
                Envelope::Carried => "carried",
                Envelope::Elsewhere(_) => "elsewhere",
                Envelope::Refused(code) => code,
            };
            *tally.entry(word.to_owned()).or_default() += 1;
        }
        tally
    };
    let parts = sandyq::sys::work::on_every_core((0..4).map(|part| 70 + part).collect(), look);
    parts.into_iter().flatten().for_each(|(word, count)| *tally.entry(word).or_default() += count);
    println!("{tally:?}");
    let reached = [
        "parcels",
        "carried",
        "damaged",
        "not-a-sealed-file",
        "parcel-newer",
        "parcel-framing",
        "parcel-header",
        "parcel-signature",
        "parcel-item",
        "wrong-casebook",
        "operation-of-newer-version",
        "operation-not-by-author",
        "change-does-not-fit",
        "several-things",
    ];
    for word in reached {
        assert!(tally.get(word).is_some_and(|count| *count > 20), "{word} was hardly reached: {tally:?}");
    }
    assert!(!tally.contains_key("elsewhere"), "what the casebook's key opens is of that casebook or refused");
}

#[test]
fn damaged_files_do_not_keep_the_honest_ones_of_their_batch_out_and_each_has_a_reason() {
    let mut team = Team::new(2);
    let hands = Hands::of(&team.hostile);
    let mut dice = Dice(72);
    let mut tally: BTreeMap<String, usize> = BTreeMap::new();
    for _ in 0..BATCHES {
        let honest = team.honest_files();
        let mut files: Vec<Sealed> = (0..TAKEN_IN / BATCHES).map(|_| mutant(&mut dice, &hands)).collect();
        for sealed in &honest {
            files.insert(dice.below(files.len()), sealed.clone());
        }
        let came = ingest_here(team.founder.session.vault_mut(), files.clone());
        came.refused.iter().for_each(|(_, _, code)| *tally.entry(code.clone()).or_default() += 1);
        all_accounted_for(&mut team.founder, &files, &came);
        for sealed in &honest {
            assert_eq!(codes(team.founder.session.vault_mut(), sealed), [Some("accepted".to_owned())]);
        }
    }
    let docket = team.founder.session.vault_mut().docket().expect("a docket");
    docket.rows().for_each(|(_, standing)| *tally.entry(standing.code().to_owned()).or_default() += 1);
    println!("{tally:?}");
    for word in ["accepted", "stranger", "waiting-log", "waiting-change"] {
        assert!(tally.contains_key(word), "{word} was never reached: {tally:?}");
    }
    assert!(!tally.contains_key("ready"), "everything that fits was judged");
}

#[test]
fn parcel_of_a_stranger_in_two_files_of_one_batch_is_accounted_for_in_both() {
    let mut team = Team::new(4);
    let hands = Hands::of(&team.hostile);
    let stranger = SigningKey::from_seed(&[9; 32]);
    for log in [hands.own.last().expect("one").header.log.clone(), vec!["7".repeat(64)]] {
        let mut header = hands.own[0].header.clone();
        (header.device, header.log) = (stranger.device(), log);
        let text = serde_json::to_vec(&header).expect("JSON");
        let plain = padded(signed(&stranger, &text, &hands.own[0].items.concat()));
        let files: Vec<Sealed> = (0..2).map(|_| seal([&hands.epoch], &plain).expect("sealed")).collect();
        let came = ingest_here(team.founder.session.vault_mut(), files.clone());
        assert_eq!(came.new, [[0; 32]; 0], "nobody who is known wrote it");
        all_accounted_for(&mut team.founder, &files, &came);
    }
}

#[test]
fn sealed_files_of_every_other_form_are_refused_or_carried() {
    let team = Team::new(3);
    let hands = Hands::of(&team.hostile);
    let keyring = team.founder.session.vault().keyring();
    let plain = padded(parcel::pack(&hands.own[..1]));
    let others: Vec<_> = (0..64).map(|_| Identity::generate().recipient()).collect();
    let to = |count: usize| seal(others[..count].iter().chain([&hands.epoch]), &plain).expect("sealed");
    let armor = |sealed: &Sealed| format!("-----BEGIN AGE ENCRYPTED FILE-----\n{}\n-----END AGE ENCRYPTED FILE-----\n", hex::encode(sealed.as_bytes()));
    let refused = |sealed: &Sealed| match keyring.envelope(sealed) {
        Envelope::Refused(code) => code,
        other => panic!("{other:?}"),
    };
    assert!(matches!(keyring.envelope(&to(62)), Envelope::Parcels(..)), "age adds a stanza for nobody: 64 are the most");
    assert_eq!(refused(&to(64)), "not-a-sealed-file", "65 recipients");
    assert_eq!(refused(&seal_with_passphrase(&phrase("x"), 1, &plain).expect("sealed")), "not-a-sealed-file");
    assert_eq!(refused(&Sealed::from_outside(armor(&to(0)).into_bytes())), "not-a-sealed-file");
    assert_eq!(refused(&Sealed::from_outside(Vec::new())), "not-a-sealed-file");
    assert_eq!(refused(&Sealed::from_outside(vec![b'-'; MAX_SEALED])), "not-a-sealed-file");
    let giant = hands.seal(&vec![0; MAX_SEALED]);
    assert_eq!(refused(&giant), "not-a-sealed-file", "more than 1 MiB");
    assert_eq!(keyring.envelope(&seal(&others[..3], &plain).expect("sealed")), Envelope::Carried);
    let shell = [b"age-encryption.org/v1\n-> X25519 ".as_slice(), &[b'a'; 500_000]].concat();
    assert_eq!(refused(&Sealed::from_outside(shell)), "not-a-sealed-file", "a head without end");
}

#[test]
fn key_of_one_casebook_opens_no_parcel_of_another() {
    let mut team = Team::new(4);
    let mut hands = Hands::of(&team.hostile);
    let own = team.founder.session.vault().casebook(Some("own")).expect("its own").clone();
    let keyring = team.founder.session.vault().keyring();
    // Sealed by the team's key, and says that it belongs to the reader's private casebook.
    let mut header = hands.header(0, [1; 16]);
    header.casebook = hex::encode(own.id);
    let claims = hands.sign(header, Vec::new());
    assert_eq!(keyring.envelope(&hands.sealed(std::slice::from_ref(&claims))), Envelope::Refused("wrong-casebook"));
    let both = hands.sealed(&[hands.own[0].clone(), claims.clone()]);
    assert_eq!(keyring.envelope(&both), Envelope::Refused("wrong-casebook"), "two casebooks in one file");
    // Sealed to the device alone, of a casebook that it has not joined: carried, listed, and not in the docket.
    let device = team.founder.session.vault().keyring().device.recipient();
    let mut header = hands.header(0, [2; 16]);
    header.casebook = "77".repeat(32);
    hands.epoch = device;
    let elsewhere = hands.sealed(&[hands.sign(header, Vec::new())]);
    assert_eq!(team.founder.session.vault().keyring().envelope(&elsewhere), Envelope::Elsewhere([0x77; 32]));
    let vault = team.founder.session.vault_mut();
    let rows = vault.docket().expect("a docket").len();
    let came = super::forge::ingest(vault, vec![elsewhere.clone()], 1 << 20, &mut sandyq::sync::judge::InProcess);
    assert_eq!((came.carried, came.elsewhere.len(), came.new.len()), (1, 1, 0));
    assert_eq!(vault.docket().expect("a docket").len(), rows);
    all_accounted_for(&mut team.founder, &[elsewhere], &came);
    let book = team.founder.session.vault().casebook(Some(BOOK)).expect("the team's").id;
    assert_eq!(record_of(&hands.own[0]).len(), 64);
    assert_eq!(book, hands.casebook);
}

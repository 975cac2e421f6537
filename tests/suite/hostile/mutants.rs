//! Honest changes with seeded damage and a checksum that fits again, as a member's device in other hands could send them.

use sandyq::doc::scan::{MAX_CHANGE_OPS, MAX_COUNTER};
use sandyq::doc::{ChangeBytes, DocError, Document, Hold, Verdict, examine, scan};
use sandyq::model::Kind;

use super::super::doc::{author, story};
use super::super::model::dice::Dice;
use super::raw::{Raw, chunk, signed, unsigned};

const MUTANTS: usize = 60_000;
const STORIES: u64 = 12;

/// One damage that leaves the parts of the change as they are.
pub fn part(dice: &mut Dice, raw: &mut Raw, other: &Raw) {
    let column = dice.below(raw.columns.len().max(1));
    match (dice.below(14), raw.columns.is_empty()) {
        (0, _) => raw.seq = dice.throw() % 4,
        (1, _) => raw.start_op = [0, 1, raw.start_op.wrapping_add(1), u64::from(u32::MAX), u64::MAX][dice.below(5)],
        (2, _) => raw.deps = other.deps.clone(),
        (3, _) => raw.actors = other.actors.clone(),
        (4, _) => raw.extra = vec![dice.throw() as u8],
        (5, _) => raw.actor = other.actor.clone(),
        (6, _) => raw.columns = other.columns.clone(),
        (7, false) => drop(raw.columns.remove(column)),
        (8, false) => raw.columns[column].0 = [1, 2, 17, 19, 21, 52, 66, 86, 87, 112, 113, 115, 148, 165, 74, 200][dice.below(16)],
        (9, false) => {
            let second = dice.below(raw.columns.len());
            let data = raw.columns[second].1.clone();
            raw.columns[second].1 = std::mem::replace(&mut raw.columns[column].1, data);
        }
        (10, false) => {
            // A longer or endless first run.
            let count = [2, 3, 64, 250_000, i64::from(u32::MAX), i64::MAX, i64::MIN, -2, -3][dice.below(9)];
            let first = raw.columns[column].1.len().min(1);
            raw.columns[column].1.splice(..first, signed(count));
        }
        (_, false) => bytes(dice, &mut raw.columns[column].1),
        _ => raw.time = dice.throw() as i64,
    }
}

/// One damage to some bytes.
fn bytes(dice: &mut Dice, bytes: &mut Vec<u8>) {
    if bytes.is_empty() {
        return bytes.push(dice.throw() as u8);
    }
    let at = dice.below(bytes.len());
    match dice.below(6) {
        0 => bytes[at] ^= 1 << dice.below(8),
        1 => bytes[at] = [0, 1, 2, 0x7e, 0x7f, 0x80, 0xff][dice.below(7)],
        2 => drop(bytes.remove(at)),
        3 => bytes.insert(at, dice.throw() as u8),
        4 => bytes[at] = bytes[at].wrapping_add(1),
        _ => drop(bytes.splice(at..=at, unsigned(dice.throw() >> dice.below(64)))),
    }
}

/// A change with one to three damages, and a checksum that fits.
fn mutant(dice: &mut Dice, change: &ChangeBytes, other: &ChangeBytes) -> Vec<u8> {
    let (mut raw, other) = (Raw::of(change), Raw::of(other));
    for _ in 0..=dice.below(3) {
        part(dice, &mut raw, &other);
    }
    let mut content = raw.content();
    if dice.one_in(5) {
        bytes(dice, &mut content);
    }
    chunk(1, &content)
}

#[derive(Default, Debug)]
struct Tally {
    scanned: usize,
    accepted: usize,
    refused: usize,
    taken: usize,
    held: Vec<(Hold, String)>,
}

#[test]
fn sixty_thousand_damaged_changes_panic_nothing_and_what_is_accepted_saves_and_loads() {
    let mut dice = Dice(51);
    let kinds = Kind::ALL;
    let stories: Vec<(Kind, Vec<ChangeBytes>)> =
        (0..STORIES).map(|n| (kinds[n as usize % kinds.len()], story(kinds[n as usize % kinds.len()], &mut Dice(900 + n)))).collect();
    let mut tally = Tally::default();
    for _ in 0..MUTANTS {
        let (kind, changes) = dice.pick(&stories);
        let at = dice.below(changes.len());
        let other = dice.below(changes.len());
        let mutant = mutant(&mut dice, &changes[at], &changes[other]);
        judge(&mut tally, *kind, &changes[..at], mutant);
    }
    println!("{} scanned, {} accepted, {} refused, {} actors taken, {} held", tally.scanned, tally.accepted, tally.refused, tally.taken, tally.held.len());
    assert!(tally.held.is_empty(), "{:#?}", &tally.held[..tally.held.len().min(5)]);
    assert!(tally.scanned > 1_000 && tally.accepted > 100 && tally.refused > 100, "{tally:?}");
}

fn judge(tally: &mut Tally, kind: Kind, before: &[ChangeBytes], mutant: Vec<u8>) {
    let Ok(scanned) = scan(&mutant) else { return };
    assert!(scanned.ops <= MAX_CHANGE_OPS && scanned.last_op <= MAX_COUNTER);
    tally.scanned += 1;
    let existing: Vec<Vec<u8>> = before.iter().map(|change| change.bytes.clone()).collect();
    match examine(&existing, std::slice::from_ref(&mutant)).verdicts[0] {
        Verdict::Accepted => {
            tally.accepted += 1;
            let all = existing.iter().map(Vec::as_slice).chain([mutant.as_slice()]);
            let mut document = Document::open(kind.fields(), all).unwrap();
            let again = automerge::Automerge::load(&document.save()).unwrap();
            assert_eq!(document.heads(), again.get_heads().iter().map(|head| head.0).collect::<Vec<_>>());
            // Whoever goes on from it is not harmed.
            let mut after = document.read().tree;
            after.insert("meta".into(), serde_json::json!({"queries": {"q1": {"question": "?"}}}));
            document.edit(&after, &author(99, 99)).map(|_| ()).or_else(harmless).unwrap();
        }
        Verdict::Refused(_) => tally.refused += 1,
        Verdict::Held(Hold::ActorTaken) => tally.taken += 1,
        Verdict::Held(hold) => tally.held.push((hold, hex::encode(&mutant))),
    }
}

/// An edit of a record may be refused by a rule, as that an entry of a dated list stays.
fn harmless(error: DocError) -> Result<(), DocError> {
    match error {
        DocError::LogChanged { .. } => Ok(()),
        error => Err(error),
    }
}

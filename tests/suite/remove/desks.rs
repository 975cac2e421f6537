//! What the tests of removals share: tables at which desks meet, how they agree, and what a device in other hands opens.

use std::cell::Cell;

use sandyq::crypto::{Identity, Sealed, open};
use sandyq::parcel::MAX_SEALED;
use sandyq::session::{Lowered, Renewed};
use sandyq::team::{Epoch, Membership, Operation, Role};
use sandyq::transport::{Left, Listing, Mailbox, Memory, Name, Open, Progress, Remembered, TransportError};
use sandyq::vault::{Hash, Silent, Vault};

use crate::carry::support::{Desk, Found, found_with};
use crate::hostile::forge::{files_after, is_whole, last};
use crate::support::{NOW, Seeded, passphrase};

/// Rounds after which everything at a table must stand still.
const ROUNDS: usize = 16;

/// A place in memory with a name of its own.
pub struct Table {
    name: String,
    inner: Memory,
}

impl Table {
    pub fn new() -> Table {
        thread_local!(static NUMBER: Cell<u64> = const { Cell::new(0) });
        let number = NUMBER.replace(NUMBER.get() + 1);
        Table { name: format!("table {number}"), inner: Memory::new() }
    }
}

impl Mailbox for Table {
    fn place(&self) -> String {
        self.name.clone()
    }

    fn list(&mut self, remembered: &Remembered) -> Result<Listing, TransportError> {
        self.inner.list(remembered)
    }

    fn fetch(&mut self, name: &Name) -> Result<Sealed, TransportError> {
        self.inner.fetch(name)
    }

    fn leave(&mut self, names: &[Name], open: Open<'_>, progress: Progress<'_>) -> Result<Left, TransportError> {
        self.inner.leave(names, open, progress)
    }
}

/// Lets a new device in.
pub fn admitted(admin: &mut Desk, handle: &str, seed: u64, role: Role) -> Desk {
    let mut desk = Desk::alone(handle, seed);
    admin.admits(&mut desk, role);
    desk
}

/// Everybody exchanges everything until nothing moves.
pub fn meet(desks: &mut [&mut Desk]) {
    let mut table = Table::new();
    for _ in 0..ROUNDS {
        let mut moved = 0;
        for desk in desks.iter_mut() {
            let done = desk.sync(&mut table);
            moved += done.exchanged.sent + done.exchanged.taken.new.len() as u64 + done.copied;
        }
        if moved == 0 {
            return;
        }
    }
    panic!("meeting does not end");
}

/// Everybody meets; then all see the same, now and when everything is made again.
pub fn agree(desks: &mut [&mut Desk]) {
    meet(desks);
    let (seen, team) = (desks[0].seen(), team(desks[0]));
    for desk in desks.iter_mut() {
        assert_eq!(desk.seen(), seen, "{} sees something else", desk.handle);
        assert!(self::team(desk) == team, "{} knows another team", desk.handle);
        is_the_same_made_again(desk);
    }
}

/// The vault is whole, and says the same when its caches are made again.
pub fn is_the_same_made_again(desk: &mut Desk) {
    is_whole(desk);
    desk.session.turn_to_shared();
    let before = (desk.seen(), desk.heads(), desk.session.pending().expect("pending"));
    let rebuilt = desk.session.vault_mut().rebuild(&mut Silent).expect("made again");
    assert_eq!(rebuilt.faults, [], "{}", desk.handle);
    let after = (desk.seen(), desk.heads(), desk.session.pending().expect("pending"));
    assert_eq!(after.2, before.2, "{} made again", desk.handle);
    assert_eq!(after, before, "{} made again", desk.handle);
}

pub fn team(desk: &Desk) -> Membership {
    desk.session.vault().log(&desk.casebook()).expect("a log").membership().clone()
}

/// Numbers of the epochs that count, and the present one.
pub fn present(desk: &Desk) -> Option<Epoch> {
    team(desk).clean_epoch().cloned()
}

pub fn dismisses(desk: &mut Desk, member: &str) -> Lowered {
    desk.session.dismiss(member, &passphrase(), &mut Silent).expect("dismissed")
}

pub fn rolls(desk: &mut Desk) -> Renewed {
    desk.session.roll(&passphrase(), &mut Silent).expect("rolled")
}

/// Writes an operation whether the program would offer it or not.
pub fn writes(desk: &mut Desk, seed: u64, make: impl FnOnce(&[Hash], [u8; 16]) -> Operation) {
    let casebook = desk.casebook();
    desk.session.vault_mut().operate(&casebook, make, None, NOW, &mut Seeded(seed)).expect("written");
}

/// Where a vault stands now: what comes after is found by it.
pub fn mark(desk: &Desk) -> i64 {
    last(desk.session.vault())
}

/// The sealed files that came after.
pub fn since(desk: &Desk, mark: i64) -> Vec<Sealed> {
    files_after(desk.session.vault(), mark)
}

/// Every key in a vault: those of its keyring, and what turns up in anything that these open.
pub fn every_key(desk: &mut Desk) -> Vec<Identity> {
    every_key_of(desk.session.vault())
}

/// The same of a vault without a desk.
pub fn every_key_of(vault: &Vault) -> Vec<Identity> {
    let mut keys: Vec<Identity> = vault.keyring().to_text().lines().filter_map(|line| line.parse().ok()).collect();
    let mut shut = files_after(vault, 0);
    loop {
        let before = keys.len();
        let mut left = Vec::new();
        for file in shut {
            match open(&keys, &file, MAX_SEALED as u64) {
                Ok(plain) => keys.extend(keys_in(plain.as_bytes())),
                Err(_) => left.push(file),
            }
        }
        shut = left;
        if keys.len() == before {
            return keys;
        }
    }
}

fn keys_in(plain: &[u8]) -> Vec<Identity> {
    let text = String::from_utf8_lossy(plain);
    text.match_indices("AGE-SECRET-KEY-").filter_map(|(at, _)| text.get(at..at + 74)?.parse().ok()).collect()
}

/// Asserts that nothing in a vault opens any of these files.
pub fn opens_none(desk: &mut Desk, files: Vec<Sealed>) {
    assert!(!files.is_empty(), "there is something to try");
    assert_eq!(found_with(every_key(desk), files), Found::default(), "{} opens something", desk.handle);
}

/// Titles of the people in the team's casebook.
pub fn people(desk: &mut Desk) -> Vec<String> {
    let lines = desk.seen();
    let mut names: Vec<String> =
        lines.iter().filter(|(line, _)| line["kind"] == "person").filter_map(|(line, _)| Some(line["title"].as_str()?.to_owned())).collect();
    names.sort();
    names
}

/// Codes of what does not count, with how many of whom.
pub fn aside(desk: &mut Desk) -> Vec<(String, String, u64)> {
    desk.session.pending().expect("pending").aside.into_iter().map(|aside| (aside.handle, aside.code, aside.count)).collect()
}

//! A team that sets aside and adopts, and what its tests do with it.

use sandyq::crypto::Sealed;
use sandyq::error::Error;
use sandyq::session::{Choice, Decision};
use sandyq::sync::ingest::Intake;
use sandyq::sync::judge::InProcess;
use sandyq::team::{Act, Operation, Remove, Role};
use sandyq::transport::Memory;
use sandyq::vault::{Hash, Line, Received, Silent, Standing};

use super::super::carry::support::Desk;
use crate::support::{NOW, Seeded};

/// Two admins and two editors who have exchanged everything, and a person whom M-3, an editor, recorded.
pub struct Team {
    pub one: Desk,
    pub two: Desk,
    pub three: Desk,
    pub four: Desk,
    pub person: String,
}

impl Team {
    pub fn new(seed: u64) -> Team {
        let mut one = Desk::founder("M-1", seed);
        let (mut two, mut three, mut four) = (Desk::alone("M-2", seed + 1000), Desk::alone("M-3", seed + 2000), Desk::alone("M-4", seed + 3000));
        one.admits(&mut two, Role::Admin);
        one.admits(&mut three, Role::Editor);
        one.admits(&mut four, Role::Editor);
        let (person, _) = three.detained("Мария Ким");
        let mut team = Team { one, two, three, four, person };
        team.meet();
        team
    }

    /// Everybody exchanges everything.
    pub fn meet(&mut self) {
        let mut stick = Memory::new();
        for _ in 0..3 {
            for desk in [&mut self.one, &mut self.two, &mut self.three, &mut self.four] {
                desk.sync(&mut stick);
            }
        }
    }

    /// Checks that all who are members still see the same, also when their caches are made again.
    pub fn agrees(&mut self) {
        let (seen, removed) = (self.one.seen(), self.one.session.members().expect("members").iter().all(|row| row.handle != "M-3"));
        for desk in [&mut self.one, &mut self.two, &mut self.four].into_iter().chain((!removed).then_some(&mut self.three)) {
            assert!(seen == desk.seen(), "{} sees something else", desk.handle);
            let examined = desk.session.vault_mut().check(&mut Silent).expect("examined");
            assert_eq!((examined.faults, examined.stale), (Vec::new(), false), "{}", desk.handle);
            desk.session.vault_mut().rebuild(&mut Silent).expect("made again");
            assert!(seen == desk.seen(), "{} shows something else when made again", desk.handle);
        }
    }
}

/// Writes an operation with everything that the log says before it.
pub fn operates(desk: &mut Desk, make: impl FnOnce(sandyq::crypto::DeviceId, &[Hash], [u8; 16]) -> Operation, seed: u64) {
    let (casebook, by) = (desk.casebook(), desk.badge().device);
    let made = desk.session.vault_mut().operate(&casebook, |heads, nonce| make(by, heads, nonce), None, NOW, &mut Seeded(seed));
    made.expect("written");
}

/// Removes a device at the last parcel of it that is here.
pub fn removes(desk: &mut Desk, other: &Desk, seed: u64) {
    let member = other.badge().device;
    let rows = of_device(desk, member.as_bytes());
    let cut = vec![hex::encode(rows.last().expect("it wrote something").0)];
    operates(desk, |by, heads, nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut }, NOW, nonce)), seed);
}

/// Header hashes and numbers of the parcels of a device in the team's casebook, by number.
pub fn of_device(desk: &mut Desk, device: &Hash) -> Vec<(Hash, u64)> {
    let casebook = desk.casebook();
    let rows = desk.session.vault_mut().docket().expect("a docket").facts().filter(|row| row.casebook == casebook && row.device == *device);
    let mut rows: Vec<(Hash, u64)> = rows.map(|row| (row.id, row.n)).collect();
    rows.sort_by_key(|(_, n)| *n);
    rows
}

/// The parcel of the change of a record on as many others; each builds on the one before.
pub fn parcel_of(desk: &mut Desk, record: &str, place: usize) -> String {
    let docket = desk.session.vault_mut().docket().expect("a docket");
    let after = |dep: Option<Hash>| {
        let follows = |deps: &[Hash]| dep.map_or(deps.is_empty(), |dep| deps == [dep]);
        docket.facts().find(|row| row.change().is_some_and(|(id, _, deps)| hex::encode(id) == record && follows(deps))).expect("a change")
    };
    let first = after(None);
    let found = (0..place).fold(first, |row, _| after(row.change().map(|(_, change, _)| *change)));
    hex::encode(found.id)
}

pub fn standing(desk: &mut Desk, id: &str) -> Option<Standing> {
    let id: Hash = hex::decode(id).expect("hex").try_into().expect("a hash");
    desk.session.vault_mut().docket().expect("a docket").standing(&id).cloned()
}

pub fn copies(desk: &mut Desk) -> Vec<Line> {
    desk.session.list(None).expect("listed").into_iter().filter(|line| line.copy_of.is_some()).collect()
}

pub fn code(error: Result<impl std::fmt::Debug, Error>) -> &'static str {
    error.expect_err("refused").code()
}

pub fn sets_aside(desk: &mut Desk, id: &str) -> Decision {
    desk.session.set_aside(&[id.to_owned()], "heard otherwise", &mut InProcess).expect("set aside")
}

pub fn adopts(desk: &mut Desk, id: &str) -> Decision {
    let parcels = [id.to_owned()];
    desk.session.adopt(&Choice { parcels: &parcels, ..Choice::default() }, "asked by phone", &mut InProcess).expect("adopted")
}

pub fn ingest(desk: &mut Desk, files: Vec<Sealed>) {
    let mut intake = Intake::new(desk.session.vault_mut(), 1 << 20, Received::default());
    files.into_iter().for_each(|file| intake.take(file).expect("taken"));
    intake.finish(&mut InProcess, &mut Silent).expect("judged");
}

//! A team over months: people who know only a part of what the others said let each other in and out, roll, come back and
//! go on. Whoever holds the same in the end sees the same, and nobody who is out holds a key that is still used.

use std::collections::{BTreeMap, BTreeSet};

use sandyq::crypto::{DeviceId, hash};
use sandyq::team::{
    Act, Add, Admission, Adopt, Badge, Closed, Deed, Facts, GiveUp, Invite, Lift, Log, Membership, Object, Operation, OperationId, Place, Purge, Remove, Role,
    RoleChange, Roll, SetAside, Setting, Suspend, Taken,
};

use super::order::{is_sound, mutual, no_removed_author_is_heard};
use super::{Book, CODE, RECOVERY, badge, device, recipient};
use crate::support::Seeded;

/// Seeds that failed while who was given a key, or may write to an epoch, was told too narrowly.
const KEPT: &[u64] = &[1241, 1244, 1246];
const STORIES: u64 = 70;
const STEPS: usize = 160;
/// Founder, colleagues and people who may come in later.
const PEOPLE: u8 = 10;
/// Roles of those whom the founder lets in at the beginning.
const FIRST: [Role; 7] = [Role::Admin, Role::Admin, Role::Admin, Role::Editor, Role::Editor, Role::Reader, Role::Capture];

/// What has the same bytes in every story is made once.
struct People {
    badges: Vec<Badge>,
    places: BTreeMap<DeviceId, usize>,
    recipients: [String; 2],
}

impl People {
    fn new() -> People {
        let badges: Vec<Badge> = (1..=PEOPLE).map(badge).collect();
        let places = badges.iter().enumerate().map(|(at, badge)| (badge.device, at)).collect();
        People { badges, places, recipients: [recipient(110), recipient(111)] }
    }
}

/// One person with a device.
struct Desk {
    person: u8,
    device: DeviceId,
    log: Log,
    /// The operations that came here.
    has: BTreeSet<usize>,
    /// Those that ever did: more than it has after a restored backup.
    ever: BTreeSet<usize>,
    backup: Option<BTreeSet<usize>>,
    /// Only people of one group meet.
    group: usize,
    /// Epochs whose identity, and whose register's identity, it holds.
    keys: BTreeSet<OperationId>,
    registers: BTreeSet<OperationId>,
    wrote: BTreeSet<OperationId>,
    closed: BTreeSet<OperationId>,
    last: Option<usize>,
}

/// A parcel with changes.
struct Written {
    id: [u8; 32],
    by: DeviceId,
    log: Vec<OperationId>,
    creates: bool,
    prev: Option<usize>,
}

struct Story<'a> {
    people: &'a People,
    chance: Seeded,
    book: Book,
    desks: Vec<Desk>,
    parcels: Vec<Written>,
    invites: Vec<OperationId>,
    /// Few quarrels: only some are dismissed, admins change, nobody dates back, and one rolls when there is need.
    calm: bool,
}

/// What the stories met, so that none of the checks is idle.
#[derive(Debug, Default)]
struct Met {
    clean_later: usize,
    unclean: usize,
    one_number: usize,
    came_after: usize,
    waited_for: usize,
    waited_no_more: usize,
    given_up: usize,
    mutual: usize,
    void: usize,
    readmitted: usize,
    registers: usize,
    admissions: BTreeMap<&'static str, usize>,
}

impl Met {
    /// Tells whether every kind of thing happened often enough to be checked.
    fn is_varied(&self) -> bool {
        let keys = self.clean_later > 50 && self.unclean > 50 && self.registers > 50 && self.one_number > 50 && self.void > 1000;
        let closing = self.came_after > 50 && self.waited_for > 500 && self.waited_no_more > 80 && self.given_up > 20;
        let people = self.mutual > 3 && self.readmitted > 30;
        keys && closing && people && self.admissions.len() == 7 && self.admissions.values().all(|count| *count > 5)
    }
}

impl Desk {
    fn new(person: u8, device: DeviceId, casebook: [u8; 32]) -> Desk {
        let (has, ever, backup) = (BTreeSet::new(), BTreeSet::new(), None);
        let (keys, registers, wrote, closed) = Default::default();
        Desk { person, device, log: Log::new(casebook), has, ever, backup, group: 0, keys, registers, wrote, closed, last: None }
    }

    fn take(&mut self, book: &Book, ops: impl IntoIterator<Item = usize>) {
        for at in ops {
            if self.has.insert(at) {
                self.ever.insert(at);
                self.log.take(book.all[at].clone());
            }
        }
    }

    fn role(&self) -> Option<Role> {
        self.log.membership().role(&self.device)
    }
}

impl Story<'_> {
    fn begun(people: &People, seed: u64) -> Story<'_> {
        let book = Book::new();
        let casebook = book.all[0].operation.casebook();
        let desks = people.badges.iter().zip(1..).map(|(badge, person)| Desk::new(person, badge.device, casebook)).collect();
        let mut story = Story { people, chance: Seeded(seed), book, desks, parcels: Vec::new(), invites: Vec::new(), calm: seed % 2 == 1 };
        let genesis = story.book.genesis;
        story.desks[0].take(&story.book, [0]);
        story.desks[0].keys.insert(genesis);
        story.desks[0].registers.insert(genesis);
        for (at, role) in FIRST.into_iter().enumerate() {
            let keeper = at == 0;
            story.lets_in(0, at + 1, role, keeper);
        }
        for at in 0..=FIRST.len() {
            story.tells(0, at);
        }
        story.hands_keys(0);
        story
    }

    fn goes_on(&mut self, steps: usize) {
        for _ in 0..steps {
            let at = self.chance.below(self.desks.len());
            self.step(at);
            self.hands_keys(at);
        }
    }

    fn step(&mut self, at: usize) {
        match self.chance.below(25) {
            24 if self.chance.below(2) == 0 => self.crosses(at),
            0..=6 => self.operates(at),
            7..=10 => self.records(at),
            11..=17 => self.meets(at),
            18 if self.chance.below(3) == 0 => {
                // Months apart.
                let groups = 2 + self.chance.below(2);
                (0..self.desks.len()).for_each(|desk| self.desks[desk].group = self.chance.below(groups));
            }
            18 => self.desks[at].group = 0,
            19 if self.chance.0.is_multiple_of(4) => self.desks.iter_mut().for_each(|desk| desk.group = 0),
            19 => {}
            20 => self.desks[at].backup = Some(self.desks[at].has.clone()),
            21 if self.chance.below(3) == 0 => self.is_restored(at),
            _ => self.closes(at),
        }
    }

    /// Writes an operation on top of what its author knows.
    fn says<T: Deed>(&mut self, at: usize, what: T) -> OperationId
    where
        Operation: From<Box<Act<T>>>,
    {
        let person = self.desks[at].person;
        self.says_as(person, at, what)
    }

    fn says_as<T: Deed>(&mut self, by: u8, at: usize, what: T) -> OperationId
    where
        Operation: From<Box<Act<T>>>,
    {
        let heads = self.heads(at);
        self.says_after(by, at, &heads, what)
    }

    fn says_after<T: Deed>(&mut self, by: u8, at: usize, after: &[OperationId], what: T) -> OperationId
    where
        Operation: From<Box<Act<T>>>,
    {
        let id = self.book.write(by, after, what);
        self.desks[at].take(&self.book, [self.book.all.len() - 1]);
        id
    }

    /// The heads that a desk knows; now and then it dates back.
    fn heads(&mut self, at: usize) -> Vec<OperationId> {
        if !self.calm && self.chance.below(12) == 0 {
            let ids: Vec<OperationId> = self.desks[at].has.iter().map(|op| self.book.all[*op].operation.id()).collect();
            let earlier = ids[self.chance.below(ids.len())];
            if self.desks[at].log.knows(&earlier) {
                return vec![earlier];
            }
        }
        self.desks[at].log.heads()
    }

    fn operates(&mut self, at: usize) {
        if self.desks[at].log.heads().is_empty() || (self.desks[at].role() < Some(Role::Editor) && self.chance.below(4) > 0) {
            return;
        }
        if self.calm {
            return self.goes_about(at);
        }
        let who = self.chance.below(self.desks.len());
        let (member, cut) = (self.desks[who].device, self.cut(who));
        let role = [Role::Capture, Role::Reader, Role::Editor, Role::Editor, Role::Admin][self.chance.below(5)];
        match self.chance.below(26) {
            0 => self.lets_in(at, who, role, self.chance.0.is_multiple_of(4)),
            1..=3 => self.lets_in_again(at, role),
            4..=6 => self.dismisses(at, who),
            7 | 8 => self.strikes_back(at),
            9..=11 => {
                let (keeper, verified) = (self.chance.below(3) == 0, self.chance.below(2) == 0);
                self.says(at, RoleChange { member, role, keeper, verified, cut });
            }
            12 => drop(self.says(at, Suspend { member, cut })),
            13 => drop(self.says(at, Lift { member })),
            14..=16 => self.rolls(at),
            17 | 18 => self.decides(at),
            19 => self.gives_up(at, member),
            20 => self.invites(at, who),
            21 => self.purges(at),
            22 => drop(self.says(at, Setting { name: "late".into(), value: self.book.all.len().to_string() })),
            23 => drop(self.says(at, Place { address: "https://a".into(), pin: "11".repeat(32), gone: self.book.all.len().is_multiple_of(3) })),
            24 if self.chance.below(3) == 0 => {
                let what = Add { badge: self.people.badges[who].clone(), role: Role::Admin, keeper: false, verified: true, invite: None };
                self.says_as(RECOVERY, at, what);
            }
            _ if self.desks[at].log.membership().present().is_none() => self.rolls(at),
            _ => {}
        }
    }

    /// What admins do who do not quarrel.
    fn goes_about(&mut self, at: usize) {
        let admin = self.chance.below(4);
        let role = [Role::Editor, Role::Admin][self.chance.below(2)];
        let (member, keeper) = (self.desks[admin].device, self.chance.below(3) > 0);
        match self.chance.below(12) {
            0 | 1 => self.lets_in_again(at, Role::Editor),
            2..=4 => {
                let who = 5 + self.chance.below(3);
                self.says(at, Remove { member: self.desks[who].device, cut: Vec::new() });
            }
            5..=7 => drop(self.says(at, RoleChange { member, role, keeper, verified: true, cut: Vec::new() })),
            8 => self.gives_up(at, member),
            9 if self.desks[at].log.membership().admins().next().is_none() => {
                let badge = self.people.badges[admin].clone();
                self.says_as(RECOVERY, at, Add { badge, role: Role::Admin, keeper: true, verified: true, invite: None });
            }
            _ => {}
        }
        let now = self.desks[at].log.membership();
        if now.role(&self.desks[at].device) == Some(Role::Admin) && now.present().and(now.clean_register()).is_none() {
            self.rolls(at);
        }
    }

    /// Four admins who know the same go apart, and one word takes away the right to another.
    fn crosses(&mut self, at: usize) {
        let view = self.desks[at].log.membership();
        let mut admins: Vec<usize> = view.admins().map(|device| self.people.places[device]).collect();
        let readers = view.members.iter().filter(|(_, member)| (Role::Reader..Role::Admin).contains(&member.role));
        let reader = readers.map(|(device, _)| self.people.places[device]).next();
        let first = self.chance.below(admins.len() + 1);
        admins.rotate_left(first);
        let (&[a, b, c, d, ..], Some(reader)) = (&admins[..], reader) else { return };
        self.share(&[at, a, b, c, d]);
        match self.chance.below(7) {
            0..=2 => self.doubts(a, b, c, reader),
            3..=5 => self.restores(a, b, c, d),
            _ => {
                self.dismisses(a, b);
                self.dismisses(b, a);
            }
        }
        self.share(&[a, b, c, d]);
        [a, b, c, d].into_iter().for_each(|at| self.hands_keys(at));
        if self.chance.below(2) == 0 {
            self.says(d, Remove { member: self.desks[reader].device, cut: Vec::new() });
        }
    }

    /// One admin removes a reader and another rolls; a third takes from the first the right to it.
    fn doubts(&mut self, a: usize, b: usize, c: usize, reader: usize) {
        self.says(a, Remove { member: self.desks[reader].device, cut: Vec::new() });
        self.tells(a, b);
        self.rolls(b);
        self.demotes(c, a);
    }

    /// One admin rolls, another takes from him the right to it, and a third from this one. A newcomer knows only the first two.
    fn restores(&mut self, a: usize, b: usize, c: usize, d: usize) {
        self.rolls(a);
        self.demotes(b, a);
        self.demotes(c, b);
        self.tells(a, d);
        self.tells(b, d);
        let out: Vec<usize> = (0..self.desks.len()).filter(|who| self.desks[*who].role().is_none()).collect();
        if !out.is_empty() {
            let newcomer = out[self.chance.below(out.len())];
            self.lets_in(d, newcomer, Role::Editor, false);
            self.tells(d, newcomer);
            self.records(newcomer);
        }
    }

    fn demotes(&mut self, at: usize, who: usize) {
        self.says(at, RoleChange { member: self.desks[who].device, role: Role::Editor, keeper: true, verified: true, cut: Vec::new() });
    }

    fn share(&mut self, desks: &[usize]) {
        for (from, to) in desks.iter().flat_map(|from| desks.iter().map(move |to| (*from, *to))) {
            self.tells(from, to);
        }
    }

    fn lets_in(&mut self, at: usize, who: usize, role: Role, keeper: bool) {
        let badge = self.people.badges[who].clone();
        self.says(at, Add { badge, role, keeper, verified: true, invite: None });
        if self.chance.below(2) == 0 {
            self.tells(at, who);
        }
    }

    /// Lets in somebody who is out, if it knows one.
    fn lets_in_again(&mut self, at: usize, role: Role) {
        let view = self.desks[at].log.membership();
        let out: Vec<usize> = (0..self.desks.len()).filter(|who| !view.members.contains_key(&self.desks[*who].device)).collect();
        if !out.is_empty() {
            let who = out[self.chance.below(out.len())];
            self.lets_in(at, who, role, self.chance.0.is_multiple_of(4));
        }
    }

    /// Removes somebody, perhaps himself, and rolls more often than not.
    fn dismisses(&mut self, at: usize, who: usize) {
        let (member, cut) = (self.desks[who].device, self.cut(who));
        self.says(at, Remove { member, cut });
        if self.chance.below(5) > 1 {
            self.rolls(at);
        }
    }

    /// Whoever was removed removes the author of it, without knowing that he did.
    fn strikes_back(&mut self, at: usize) {
        let me = self.desks[at].device;
        let by = self.book.all.iter().rev().find_map(|signed| match &signed.operation {
            Operation::Remove(act) if act.what.member == me && act.by != me => Some(act.by),
            _ => None,
        });
        if let Some(who) = by.and_then(|by| self.people.places.get(&by).copied()) {
            self.dismisses(at, who);
        }
    }

    fn rolls(&mut self, at: usize) {
        let newest = self.desks[at].log.membership().epochs.iter().map(|epoch| epoch.number).max().unwrap_or_default();
        let number = [newest.saturating_sub(1), newest, newest, newest + 3].get(self.chance.below(14)).copied().unwrap_or(newest + 1);
        let [recipient, register] = self.people.recipients.clone();
        let keepers: Vec<DeviceId> = self.desks[at].log.membership().keepers().copied().collect();
        let id = self.says(at, Roll { number, recipient, register, commitment: None, files: BTreeMap::new() });
        self.desks[at].keys.insert(id);
        // Whoever rolls keeps the identity of the register only as a keeper.
        for keeper in keepers {
            self.desks[self.people.places[&keeper]].registers.insert(id);
        }
    }

    fn decides(&mut self, at: usize) {
        if self.parcels.is_empty() {
            return;
        }
        let headers = vec![hex::encode(self.parcels[self.chance.below(self.parcels.len())].id)];
        let reason = String::new();
        if self.chance.below(2) == 0 {
            self.says(at, Adopt { headers, reason });
        } else {
            self.says(at, SetAside { headers, reason });
        }
    }

    fn gives_up(&mut self, at: usize, member: DeviceId) {
        let older = self.desks[at].log.membership().older_epochs().last().map(|epoch| (epoch.number, hex::encode(epoch.id)));
        if let Some((epoch, epoch_id)) = older {
            self.says(at, GiveUp { member, epoch, epoch_id });
        }
    }

    fn invites(&mut self, at: usize, who: usize) {
        match self.chance.below(4) {
            0 => {
                let invite = Invite { key: device(CODE), role: Role::Capture, at_most: 1 + self.chance.below(2) as u32, cut_off: None };
                let id = self.says(at, invite);
                self.invites.push(id);
            }
            1 if self.chance.below(3) == 0 => drop(self.says(at, Remove { member: device(CODE), cut: Vec::new() })),
            _ => {
                let known: Vec<OperationId> = self.invites.iter().copied().filter(|invite| self.desks[at].log.knows(invite)).collect();
                if let Some(invite) = known.last() {
                    let badge = self.people.badges[who].clone();
                    self.says_as(CODE, at, Add { badge, role: Role::Capture, keeper: false, verified: false, invite: Some(hex::encode(invite)) });
                    self.tells(at, who);
                }
            }
        }
    }

    fn purges(&mut self, at: usize) {
        let purge = self.desks[at].log.membership().purges.keys().next().map(hex::encode);
        match purge.filter(|_| self.chance.below(2) == 0) {
            Some(purge) => self.says(at, Object { purge }),
            None => self.says(at, Purge { record: "33".repeat(32), headers: vec!["44".repeat(32)], replaced_by: None }),
        };
    }

    /// The last parcel of somebody, an earlier one, or none.
    fn cut(&mut self, who: usize) -> Vec<String> {
        let theirs: Vec<&Written> = self.parcels.iter().filter(|parcel| parcel.by == self.desks[who].device).collect();
        let of = self.chance.below(theirs.len() + 1);
        theirs.get(of).or(theirs.last().filter(|_| of.is_multiple_of(2))).map(|parcel| hex::encode(parcel.id)).into_iter().collect()
    }

    /// Writes a parcel. A device that lost a part of its log, or closed the present epoch, seals nothing to it.
    fn records(&mut self, at: usize) {
        let creates = self.chance.below(2) == 0;
        let desk = &mut self.desks[at];
        let view = desk.log.membership();
        if desk.has != desk.ever || view.role(&desk.device).is_none_or(|role| role == Role::Reader) {
            return;
        }
        let present = view.present().map(|epoch| epoch.id).filter(|epoch| !desk.closed.contains(epoch));
        desk.wrote.extend(present);
        let written = Written {
            id: hash("a parcel of the model", &[&self.parcels.len().to_be_bytes()]),
            by: desk.device,
            log: desk.log.heads(),
            creates,
            prev: desk.last.replace(self.parcels.len()),
        };
        self.parcels.push(written);
    }

    /// Says that it writes no more to the epochs before the present one.
    fn closes(&mut self, at: usize) {
        let desk = &self.desks[at];
        let mine = |epoch: &&sandyq::team::Epoch| epoch.writers.contains(&desk.device) && !desk.closed.contains(&epoch.id);
        let older: Vec<(u64, OperationId)> = desk.log.membership().older_epochs().filter(mine).map(|epoch| (epoch.number, epoch.id)).collect();
        if desk.role().is_none() || desk.has != desk.ever {
            return;
        }
        for (epoch, id) in older {
            let heads = self.desks[at].last.map(|last| hex::encode(self.parcels[last].id)).into_iter().collect();
            let named = (self.chance.below(4) > 0).then(|| hex::encode(id));
            let after = self.desks[at].log.heads();
            self.says_after(self.desks[at].person, at, &after, Closed { epoch, epoch_id: named, heads });
            self.desks[at].closed.insert(id);
        }
    }

    fn is_restored(&mut self, at: usize) {
        if let Some(backup) = self.desks[at].backup.clone() {
            self.desks[at].log = Log::new(*self.desks[at].log.casebook());
            self.desks[at].has.clear();
            self.desks[at].take(&self.book, backup);
        }
    }

    /// Meets somebody of the group: one or both learn all or a part of what the other has.
    fn meets(&mut self, at: usize) {
        let other = self.chance.below(self.desks.len());
        if other == at || self.desks[at].group != self.desks[other].group {
            return;
        }
        if self.chance.below(4) == 0 {
            let part: Vec<usize> = self.desks[other].has.iter().copied().filter(|_| self.chance.below(3) > 0).collect();
            return self.desks[at].take(&self.book, part);
        }
        self.tells(other, at);
        if self.chance.below(3) > 0 {
            self.tells(at, other);
        }
    }

    fn tells(&mut self, from: usize, to: usize) {
        let news: Vec<usize> = self.desks[from].has.difference(&self.desks[to].has).copied().collect();
        self.desks[to].take(&self.book, news);
    }

    /// Gives every key it holds to whoever has a right to it as far as it knows: keys travel faster than anything else.
    fn hands_keys(&mut self, at: usize) {
        let desk = &self.desks[at];
        let view = desk.log.membership();
        let Some(me) = view.members.get(&desk.device) else { return };
        let known: BTreeSet<OperationId> = view.epochs.iter().map(|epoch| epoch.id).collect();
        let keys: BTreeSet<OperationId> = desk.keys.intersection(&known).copied().filter(|_| me.role >= Role::Reader).collect();
        let registers: BTreeSet<OperationId> = desk.registers.intersection(&known).copied().filter(|_| me.keeper).collect();
        let rights: Vec<(usize, bool, bool)> =
            view.members.iter().map(|(device, member)| (self.people.places[device], member.role >= Role::Reader, member.keeper)).collect();
        for (to, reads, keeps) in rights {
            self.desks[to].keys.extend(keys.iter().filter(|_| reads));
            self.desks[to].registers.extend(registers.iter().filter(|_| keeps));
        }
    }

    /// What a log says of every parcel that was written.
    fn admissions(&self, log: &Log) -> Vec<Admission> {
        self.parcels.iter().map(|parcel| self.admission(log, parcel)).collect()
    }

    fn admission(&self, log: &Log, parcel: &Written) -> Admission {
        let at = log.membership_at(&parcel.log).expect("known");
        let within = |list: &[String]| self.is_within(&parcel.id, list);
        let facts = Facts { id: parcel.id, device: parcel.by, log: &parcel.log, creates: parcel.creates, within: &within, at: &at, log_of: log };
        log.membership().admits(&facts)
    }

    fn is_within(&self, id: &[u8; 32], list: &[String]) -> bool {
        let listed = self.parcels.iter().filter(|parcel| list.contains(&hex::encode(parcel.id)));
        listed.into_iter().any(|head| {
            let chain = std::iter::successors(Some(head), |parcel| parcel.prev.map(|prev| &self.parcels[prev]));
            chain.into_iter().any(|parcel| parcel.id == *id)
        })
    }

    /// The whole log as it is after some order of arrival, a third of it twice.
    fn arrived(&mut self) -> Log {
        let mut log = Log::new(self.book.all[0].operation.casebook());
        let mut left: Vec<_> = self.book.all.iter().chain(&self.book.all[..self.book.all.len() / 3]).collect();
        while !left.is_empty() {
            let next = self.chance.below(left.len());
            assert_ne!(log.take(left.swap_remove(next).clone()), Taken::NotOurs);
        }
        log
    }

    /// Every order of arrival ends with the same.
    fn agrees(&mut self, whole: &Log) {
        let admissions = self.admissions(whole);
        for _ in 0..3 {
            let other = self.arrived();
            assert!(other.waiting().next().is_none());
            same(whole.membership(), other.membership());
            assert_eq!(admissions, self.admissions(&other), "what counts");
        }
        let mut backward = Log::new(self.book.all[0].operation.casebook());
        for signed in self.book.all.iter().rev() {
            backward.take(signed.clone());
        }
        same(whole.membership(), backward.membership());
    }

    /// Whoever holds a part, some of it waiting, sees what its heads say: each desk, and what came one by one.
    fn agrees_in_part(&mut self, whole: &Log) {
        for desk in &self.desks {
            same(&whole.membership_at(&desk.log.heads()).expect("known"), desk.log.membership());
        }
        let mut part = Log::new(self.book.all[0].operation.casebook());
        let mut left: Vec<usize> = (0..self.book.all.len()).collect();
        while !left.is_empty() {
            for _ in 0..8.min(left.len()) {
                // Mostly from the beginning, so that not everything waits until the end.
                let among = (left.len() / 4).max(1);
                part.take(self.book.all[left.remove(self.chance.below(among))].clone());
            }
            same(&whole.membership_at(&part.heads()).expect("known"), part.membership());
        }
        assert_eq!(part.operations(), whole.operations());
    }

    /// Nobody who is out holds a key of the clean epoch, or of the clean register.
    fn keeps_the_removed_out(&self, now: &Membership) {
        if let Some(clean) = now.clean_epoch() {
            assert!(clean.given.iter().all(|device| now.role(device) >= Some(Role::Reader) && !now.former.contains_key(device)));
            for desk in self.desks.iter().filter(|desk| desk.keys.contains(&clean.id)) {
                assert!(clean.given.contains(&desk.device), "{} holds the key of epoch {} and was not given it", desk.person, clean.number);
            }
        }
        if let Some(clean) = now.clean_register() {
            for desk in self.desks.iter().filter(|desk| desk.registers.contains(&clean.id)) {
                assert!(now.members.get(&desk.device).is_some_and(|member| member.keeper), "{} holds the register of epoch {}", desk.person, clean.number);
            }
        }
    }

    /// Whoever wrote to an epoch and neither closed it nor was given up is waited for.
    fn waits_for_whoever_wrote(&self, now: &Membership, met: &mut Met) {
        for epoch in &now.epochs {
            let (waited, all) = (now.waited_for(&epoch.id, &|_, _| true), now.waited_for(&epoch.id, &|_, _| false));
            assert!(waited.is_subset(&all) && all.is_subset(&epoch.writers));
            for desk in &self.desks {
                let (wrote, closed) = (desk.wrote.contains(&epoch.id), desk.closed.contains(&epoch.id));
                let given_up = now.given_up.contains(&(desk.device, epoch.id));
                assert!(!wrote || epoch.writers.contains(&desk.device), "{} wrote to epoch {}", desk.person, epoch.number);
                assert!(!wrote || given_up || all.contains(&desk.device), "{} has parcels that are not here", desk.person);
                assert!(!wrote || closed || given_up || waited.contains(&desk.device), "{} is not waited for", desk.person);
                met.waited_for += usize::from(wrote && waited.contains(&desk.device));
                met.waited_no_more += usize::from(wrote && closed && !waited.contains(&desk.device));
                met.came_after += usize::from(now.has_known(&desk.device) && !epoch.writers.contains(&desk.device));
            }
        }
    }

    fn notes(&self, whole: &Log, met: &mut Met) {
        let now = whole.membership();
        let numbers: BTreeSet<u64> = now.epochs.iter().map(|epoch| epoch.number).collect();
        met.clean_later += usize::from(now.clean_epoch().is_some_and(|epoch| epoch.number > 0));
        met.unclean += usize::from(now.clean_epoch().is_none());
        met.registers += usize::from(now.clean_register().is_some_and(|epoch| epoch.number > 0));
        met.one_number += now.epochs.len() - numbers.len();
        met.given_up += now.given_up.len();
        met.void += now.void.len();
        met.mutual += mutual(&self.book, whole);
        met.readmitted += now.members.keys().filter(|device| now.badge(device).is_some() && self.was_removed(now, device)).count();
        for admission in self.admissions(whole) {
            *met.admissions.entry(code(&admission)).or_default() += 1;
        }
    }

    fn was_removed(&self, now: &Membership, device: &DeviceId) -> bool {
        let removes = |operation: &Operation| matches!(operation, Operation::Remove(act) if act.what.member == *device);
        self.book.all.iter().any(|signed| removes(&signed.operation) && !now.void.contains_key(&signed.operation.id()))
    }
}

fn code(admission: &Admission) -> &'static str {
    match admission {
        Admission::Admitted => "admitted",
        Admission::Adopted { .. } => "adopted",
        Admission::Stranger => "stranger",
        Admission::Forbidden(_) => "forbidden",
        Admission::CutOff { .. } => "cut-off",
        Admission::Suspended { .. } => "suspended",
        Admission::SetAside { .. } => "set-aside",
    }
}

fn same(one: &Membership, other: &Membership) {
    assert_eq!((&one.members, &one.former), (&other.members, &other.former));
    assert_eq!(one.epochs, other.epochs);
    let keys = |of: &Membership| (of.clean_epoch().map(|epoch| epoch.id), of.clean_register().map(|epoch| epoch.id));
    assert_eq!(keys(one), keys(other));
    assert_eq!((&one.closed, &one.given_up), (&other.closed, &other.given_up));
    assert!(one == other);
}

fn story(people: &People, seed: u64, met: &mut Met) {
    let mut story = Story::begun(people, seed);
    for _ in 0..4 {
        story.goes_on(STEPS / 4);
        let whole = story.book.log();
        is_sound(&story.book, &whole);
        no_removed_author_is_heard(&story.book, &whole);
        story.keeps_the_removed_out(whole.membership());
        story.waits_for_whoever_wrote(whole.membership(), met);
        story.notes(&whole, met);
    }
    let whole = story.book.log();
    story.agrees(&whole);
    story.agrees_in_part(&whole);
}

#[test]
fn a_team_apart_for_months_ends_with_one_membership_and_no_key_with_whoever_is_out() {
    let (people, mut met) = (People::new(), Met::default());
    for seed in KEPT.iter().copied().chain(1..=STORIES) {
        story(&people, seed, &mut met);
    }
    assert!(met.is_varied(), "{met:?}");
}

//! Who belongs to a casebook: bytes of operations, the rules one by one, and that the order of arrival means nothing.

mod admission;
mod badge;
mod bytes;
mod epochs;
mod facts;
mod invitations;
mod keys;
mod log;
mod mailboxes;
mod model;
mod order;
mod removals;
mod rights;

use sandyq::crypto::{DeviceId, Identity, SigningKey, hash};
use sandyq::team::{
    Act, Add, Adopt, Badge, Deed, EpochKeys, Genesis, Invite, Lift, Log, Membership, Operation, OperationId, RecoveryKey, Remove, Role, RoleChange, Roll,
    SetAside, Signed, Suspend, Taken,
};

pub const TIME: i64 = 1_778_418_000;
/// The founder, and people who come in later.
pub const FOUNDER: u8 = 1;
pub const ANNA: u8 = 2;
pub const BOLAT: u8 = 3;
pub const CHINGIZ: u8 = 4;
pub const DANA: u8 = 5;
/// Keys that are no device.
pub const RECOVERY: u8 = 200;
pub const CODE: u8 = 201;

pub fn key(person: u8) -> SigningKey {
    SigningKey::from_seed(&[person; 32])
}

pub fn device(person: u8) -> DeviceId {
    key(person).device()
}

pub fn recipient(person: u8) -> String {
    Identity::from_secret(&[person; 32]).recipient().to_string()
}

pub fn badge(person: u8) -> Badge {
    Badge::new(&key(person), &recipient(person), &format!("M-{person}"))
}

/// A casebook whose operations are written one by one, by whom and after whatever the test says.
#[derive(Clone)]
pub struct Book {
    pub genesis: OperationId,
    pub all: Vec<Signed>,
}

impl Book {
    /// Founded by the first person, with a recovery key.
    pub fn new() -> Book {
        let genesis = Operation::Genesis(Box::new(Genesis {
            v: 1,
            deps: Vec::new(),
            name: Some("Abay avenue".into()),
            founder: badge(FOUNDER),
            epoch: EpochKeys { number: 0, recipient: recipient(100), register: recipient(101) },
            recovery: Some(RecoveryKey { signing: device(RECOVERY), recipient: recipient(RECOVERY) }),
            successor_of: None,
            time: TIME,
            nonce: "00".repeat(16),
        }));
        Book { genesis: genesis.id(), all: vec![signed(genesis)] }
    }

    /// Writes an operation after these heads.
    pub fn write<T: Deed>(&mut self, by: u8, after: &[OperationId], what: T) -> OperationId
    where
        Operation: From<Box<Act<T>>>,
    {
        let nonce = [self.all.len() as u8; 16];
        let operation: Operation = Act::new(device(by), after, what, TIME + self.all.len() as i64, nonce).into();
        let id = operation.id();
        self.all.push(signed(operation));
        id
    }

    pub fn add(&mut self, by: u8, after: OperationId, person: u8, role: Role) -> OperationId {
        self.write(by, &[after], Add { badge: badge(person), role, keeper: false, verified: true, invite: None })
    }

    pub fn remove(&mut self, by: u8, after: OperationId, person: u8) -> OperationId {
        self.write(by, &[after], Remove { member: device(person), cut: Vec::new() })
    }

    pub fn role(&mut self, by: u8, after: OperationId, person: u8, role: Role) -> OperationId {
        self.write(by, &[after], RoleChange { member: device(person), role, keeper: false, verified: true, cut: Vec::new() })
    }

    pub fn suspend(&mut self, by: u8, after: OperationId, person: u8) -> OperationId {
        self.write(by, &[after], Suspend { member: device(person), cut: Vec::new() })
    }

    pub fn lift(&mut self, by: u8, after: OperationId, person: u8) -> OperationId {
        self.write(by, &[after], Lift { member: device(person) })
    }

    pub fn invite(&mut self, by: u8, after: OperationId, at_most: u32) -> OperationId {
        self.write(by, &[after], Invite { key: device(CODE), role: Role::Capture, at_most, cut_off: None })
    }

    /// A newcomer lets himself in with the code.
    pub fn come_in(&mut self, after: &[OperationId], invite: OperationId, person: u8) -> OperationId {
        let what = Add { badge: badge(person), role: Role::Capture, keeper: false, verified: false, invite: Some(hex::encode(invite)) };
        self.write(CODE, after, what)
    }

    pub fn roll(&mut self, by: u8, after: &[OperationId], number: u64) -> OperationId {
        let what = Roll { number, recipient: recipient(110), register: recipient(111), commitment: None, files: Default::default() };
        self.write(by, after, what)
    }

    pub fn adopt(&mut self, by: u8, after: OperationId, headers: &[String]) -> OperationId {
        self.write(by, &[after], Adopt { headers: headers.to_vec(), reason: "seen by two".into() })
    }

    pub fn set_aside(&mut self, by: u8, after: OperationId, headers: &[String]) -> OperationId {
        self.write(by, &[after], SetAside { headers: headers.to_vec(), reason: "doubtful".into() })
    }

    /// Founder, Anna, Bolat and Chingiz as admins; the last addition is returned.
    pub fn with_four_admins() -> (Book, OperationId) {
        let mut book = Book::new();
        let head = [ANNA, BOLAT, CHINGIZ].into_iter().fold(book.genesis, |head, person| book.add(FOUNDER, head, person, Role::Admin));
        (book, head)
    }

    /// The log with everything in it.
    pub fn log(&self) -> Log {
        let Operation::Genesis(_) = &self.all[0].operation else { panic!("the genesis is first") };
        let mut log = Log::new(self.all[0].operation.casebook());
        for signed in &self.all {
            assert_eq!(log.take(signed.clone()), Taken::New);
        }
        assert!(log.missing().is_empty());
        log
    }

    pub fn now(&self) -> Membership {
        self.log().membership().clone()
    }
}

/// An operation in a parcel of its author.
pub fn signed(operation: Operation) -> Signed {
    Signed { author: operation.by(), parcel: hash("a parcel", &[&operation.to_bytes()]), operation }
}

/// A text that never changes once it is written. With `BLESS_FIXTURES=1` it is written where none is.
pub fn frozen(name: &str, now: &str) -> String {
    let path = crate::model::root().join("tests/fixtures/team").join(name);
    if std::env::var_os("BLESS_FIXTURES").is_some() && !path.exists() {
        std::fs::write(&path, now).expect("written");
    }
    std::fs::read_to_string(path).expect("a frozen text")
}

/// Code of the reason why an operation is void.
pub fn void(membership: &Membership, id: &OperationId) -> Option<&'static str> {
    membership.void.get(id).map(|void| void.code())
}

pub fn role(membership: &Membership, person: u8) -> Option<Role> {
    membership.role(&device(person))
}

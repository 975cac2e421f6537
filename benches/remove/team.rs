//! A team of 60 members. Two of them are vaults of their own; the others are badges that nobody uses.

use std::path::Path;

use sandyq::crypto::{Identity, SigningKey, safety_digits};
use sandyq::session::{Role, Session};
use sandyq::team::Badge;
use sandyq::vault::{Hash, What};

use super::desk::{BOOK, Desk, words};

/// Work behind safety words here: comparing them is no part of what is measured.
const WORK: u8 = 2;

/// The members whose vaults are here.
pub struct Team {
    pub founder: Desk,
    pub reader: Desk,
    pub capture: Desk,
}

impl Team {
    /// Two admins, 18 editors, 30 readers and 10 who only record; three keep the register.
    pub fn of_sixty(folder: &Path) -> Team {
        let founder = Desk::founder(&folder.join("founder"));
        founder.fill(0, 1);
        let (reader, capture) = (Desk::alone(&folder.join("reader"), "M-READ"), Desk::alone(&folder.join("capture"), "M-REC"));
        let team = Team { founder, reader, capture };
        team.lets_in(&team.reader, Role::Reader);
        team.lets_in(&team.capture, Role::Capture);
        let mut session = team.founder.open(Some(BOOK));
        session.set_safety_work(WORK);
        let roles = [(1, Role::Admin), (18, Role::Editor), (29, Role::Reader), (9, Role::Capture)];
        let roles = roles.into_iter().flat_map(|(count, role)| std::iter::repeat_n(role, count));
        for (number, role) in roles.enumerate() {
            admit(&mut session, &badge(number as u8), role, number < 2);
        }
        assert_eq!(session.members().expect("members").len(), 60);
        drop(session);
        team
    }

    fn lets_in(&self, desk: &Desk, role: Role) {
        let mut newcomer = desk.open(None);
        newcomer.set_safety_work(WORK);
        let mut session = self.founder.open(Some(BOOK));
        session.set_safety_work(WORK);
        let files = admit(&mut session, &newcomer.badge().0, role, false);
        let welcome = newcomer.read_welcome(files).expect("a welcome");
        newcomer.join(welcome, &words()).expect("joined");
    }

    /// Brings those who are here to the same state.
    pub fn meet(&self, stick: &Path) {
        for desk in [&self.founder, &self.reader, &self.capture, &self.founder, &self.reader, &self.capture] {
            desk.sync(stick);
        }
    }
}

/// A member whose device is nowhere.
fn badge(number: u8) -> Badge {
    let key = SigningKey::from_seed(&[number; 32]);
    Badge::new(&key, &Identity::generate().recipient().to_string(), &format!("M-{number:03}"))
}

fn admit(session: &mut Session, badge: &Badge, role: Role, keeper: bool) -> Vec<sandyq::crypto::Sealed> {
    let words = safety_digits(&badge.safety(WORK));
    let heard = (role > Role::Capture).then_some(words.as_str());
    session.admit(badge, role, keeper, heard).expect("admitted").files
}

/// What a roll wrote: each class of members and the notice for all, with number and bytes of the files.
pub fn sizes(session: &mut Session, casebook: &Hash) -> Vec<(String, usize, u64)> {
    let epoch = session.vault().log(casebook).expect("a log").membership().epochs.last().expect("an epoch").clone();
    let bytes = |session: &Session, name: &Hash| session.vault().file_named(name).expect("a file").as_bytes().len() as u64;
    let named = |name: &String| <Hash>::try_from(hex::decode(name).expect("hex")).expect("a hash");
    let mut sizes: Vec<_> = epoch.files.iter().map(|(class, name)| (format!("keys file of {class:?}"), 1, bytes(session, &named(name)))).collect();
    let of_roll = |what: &What| matches!(what, What::Log { operation } if *operation == epoch.id);
    let notice = session.vault_mut().docket().expect("a docket").facts().find(|row| of_roll(&row.what)).expect("the roll").file;
    let files = session.vault().files_after(0).expect("names");
    let at = files.iter().position(|(_, name, _)| *name == notice).expect("the notice");
    let keys: Vec<Hash> = epoch.files.values().map(named).collect();
    let rest: Vec<&Hash> = files[at..].iter().map(|(_, name, _)| name).filter(|name| !keys.contains(name)).collect();
    sizes.push(("notice with the log, for every member".into(), rest.len(), rest.iter().map(|name| bytes(session, name)).sum()));
    sizes
}

//! What a member's device in other hands can make: it signs with a real key and seals with the real key of the casebook.

use sandyq::crypto::{Recipient, Sealed, SigningKey, labels, padded, plain_hash, seal};
use sandyq::doc::{ChangeBytes, scan};
use sandyq::parcel::{self, Header, ItemKind, MAGIC, Parcel};
use sandyq::sync::ingest::Intake;
use sandyq::sync::judge::{InProcess, Judge};
use sandyq::team::Role;
use sandyq::transport::Memory;
use sandyq::vault::{Envelope, Hash, Received, Silent, Standing, Vault};
use serde_json::json;

use super::super::carry::support::{BOOK, Desk};
use super::raw::Raw;

/// A team of three: a founder whose vault is attacked, an honest editor, and an editor who turned hostile.
pub struct Team {
    pub founder: Desk,
    pub honest: Desk,
    pub hostile: Desk,
}

impl Team {
    pub fn new(seed: u64) -> Team {
        let mut founder = Desk::founder("M-ONE", seed);
        let (mut honest, mut hostile) = (Desk::alone("M-TWO", seed + 1000), Desk::alone("M-BAD", seed + 2000));
        founder.detained("Ержан Төлегенов");
        founder.admits(&mut honest, Role::Editor);
        founder.admits(&mut hostile, Role::Editor);
        hostile.detained("Мария Ким");
        let (person, _) = hostile.detained("Дана Ли");
        hostile.edit(&person, &json!({ "occupation": "nurse" }));
        let mut stick = Memory::new();
        for _ in 0..2 {
            for desk in [&mut founder, &mut honest, &mut hostile] {
                desk.sync(&mut stick);
            }
        }
        Team { founder, honest, hostile }
    }

    /// What an honest editor records meanwhile, as sealed files.
    pub fn honest_files(&mut self) -> Vec<Sealed> {
        let before = last(self.honest.session.vault());
        self.honest.detained("Жанна Сұлтанова");
        files_after(self.honest.session.vault(), before)
    }
}

pub fn last(vault: &Vault) -> i64 {
    vault.files_after(0).expect("listed").last().map_or(0, |(number, ..)| *number)
}

pub fn files_after(vault: &Vault, number: i64) -> Vec<Sealed> {
    vault.files_after(number).expect("listed").iter().map(|(_, name, _)| vault.file_named(name).expect("here")).collect()
}

/// The parcels of the team's casebook that a vault holds.
pub fn parcels(vault: &Vault, casebook: &Hash) -> Vec<Parcel> {
    let of_file = |sealed: &Sealed| match vault.keyring().envelope(sealed) {
        Envelope::Parcels(parcels, _) => parcels,
        _ => Vec::new(),
    };
    let ours = |parcel: &Parcel| parcel.header.casebook == hex::encode(casebook);
    files_after(vault, 0).iter().flat_map(of_file).filter(ours).collect()
}

/// Keys and parcels in the wrong hands.
pub struct Hands {
    pub key: SigningKey,
    pub casebook: Hash,
    pub epoch: Recipient,
    /// Everything that was ever written into the casebook.
    pub all: Vec<Parcel>,
    /// Its own changes.
    pub own: Vec<Parcel>,
}

impl Hands {
    pub fn of(desk: &Desk) -> Hands {
        let vault = desk.session.vault();
        let book = vault.casebook(Some(BOOK)).expect("the team's");
        let (key, casebook, epoch) = (vault.keyring().signing.clone(), book.id, book.epochs[0].1.recipient());
        let all = parcels(vault, &casebook);
        let by_key = |parcel: &&Parcel| parcel.header.device == key.device() && change_of(parcel).is_some();
        let own = all.iter().filter(by_key).cloned().collect();
        Hands { key, casebook, epoch, all, own }
    }

    /// A change of its own that builds on others.
    pub fn edit(&self) -> &Parcel {
        let builds = |parcel: &&Parcel| change_of(parcel).is_some_and(|change| !change.deps.is_empty());
        self.own.iter().find(builds).expect("it edited something")
    }

    pub fn seal(&self, plain: &[u8]) -> Sealed {
        seal([&self.epoch], plain).expect("sealed")
    }

    /// Seals parcels into one file, as they are.
    pub fn sealed(&self, parcels: &[Parcel]) -> Sealed {
        self.seal(&padded(parcel::pack(parcels)))
    }

    /// A header like one of its own, with this number and nonce, in a chain of its own.
    pub fn header(&self, n: u64, nonce: [u8; 16]) -> Header {
        let like = self.own.last().expect("it wrote something").header.clone();
        let prev = (n > 0).then(|| "ab".repeat(32));
        Header { n, prev, nonce: hex::encode(nonce), chain: hex::encode(&nonce[..8]), with: None, items: Vec::new(), ..like }
    }

    pub fn sign(&self, header: Header, items: Vec<(ItemKind, Vec<u8>)>) -> Parcel {
        Parcel::sign(&self.key, header, items).expect("fits")
    }

    /// A parcel with a change that was made by `write` from one of its own and bears the actor of that parcel.
    pub fn change(&self, n: u64, nonce: [u8; 16], like: &Parcel, write: impl FnOnce(&mut Raw)) -> Parcel {
        let header = self.header(n, nonce);
        let mut raw = Raw::of(&change_of(like).expect("a change"));
        raw.actor = parcel::actor(&self.casebook, &self.key.device(), n, &nonce).to_vec();
        write(&mut raw);
        let (bytes, deps) = (raw.bytes(), raw.deps.iter().map(hex::encode).collect::<Vec<_>>());
        let change = hex::encode(plain_hash(&bytes[8..]));
        let record = if deps.is_empty() { change.clone() } else { record_of(like) };
        self.sign(header, vec![(ItemKind::Change { record, change, deps }, bytes)])
    }
}

/// The change of a parcel.
pub fn change_of(parcel: &Parcel) -> Option<ChangeBytes> {
    let at = parcel.header.items.iter().position(|item| matches!(item.kind, ItemKind::Change { .. }))?;
    let scanned = scan(&parcel.items[at]).expect("honest");
    Some(ChangeBytes { hash: scanned.hash, deps: scanned.deps, bytes: parcel.items[at].clone() })
}

pub fn record_of(parcel: &Parcel) -> String {
    let record = |kind: &ItemKind| if let ItemKind::Change { record, .. } = kind { Some(record.clone()) } else { None };
    parcel.header.items.iter().find_map(|item| record(&item.kind)).expect("a change")
}

/// The plaintext of one parcel around any header bytes, with any signature.
pub fn framed(header: &[u8], signature: &[u8; 64], items: &[u8]) -> Vec<u8> {
    let body = [&(header.len() as u32).to_be_bytes()[..], header, signature, items].concat();
    [&MAGIC[..], &(body.len() as u32).to_be_bytes(), &body].concat()
}

pub fn signed(key: &SigningKey, header: &[u8], items: &[u8]) -> Vec<u8> {
    framed(header, &key.sign(labels::PARCEL_SIGNATURE, header), items)
}

/// Takes files in as every way in does.
pub fn ingest(vault: &mut Vault, files: Vec<Sealed>, room: u64, judge: &mut dyn Judge) -> Received {
    let mut intake = Intake::new(vault, room, Received::default());
    files.into_iter().for_each(|sealed| intake.take(sealed).expect("taken"));
    intake.finish(judge, &mut Silent).expect("judged")
}

pub fn ingest_here(vault: &mut Vault, files: Vec<Sealed>) -> Received {
    ingest(vault, files, 0, &mut InProcess)
}

/// The code by which each parcel of a file stands; none when it is not kept.
pub fn codes(vault: &mut Vault, sealed: &Sealed) -> Vec<Option<String>> {
    let Envelope::Parcels(parcels, _) = vault.keyring().envelope(sealed) else { return Vec::new() };
    parcels.iter().map(|parcel| standing(vault, &parcel.id())).collect()
}

pub fn standing(vault: &mut Vault, id: &Hash) -> Option<String> {
    let found = vault.docket().expect("a docket").standing(id).map(Standing::code);
    found.map(str::to_owned)
}

/// Every file has either its parcels in the docket with a reason, or is in the list of what was not kept; nothing else was
/// stored; and the vault is whole.
pub fn all_accounted_for(desk: &mut Desk, files: &[Sealed], came: &Received) {
    for sealed in files {
        let name = plain_hash(sealed.as_bytes());
        let told = came.refused.iter().any(|(refused, ..)| *refused == name) || came.no_room.contains(&name);
        let vault = desk.session.vault_mut();
        let here = vault.has_file(&name).expect("looked up");
        match vault.keyring().envelope(sealed) {
            Envelope::Parcels(parcels, _) => {
                let kept = parcels.iter().filter(|parcel| vault.docket().expect("a docket").standing(&parcel.id()).is_some()).count();
                assert!(told || kept == parcels.len(), "{} of {} parcels of {} and no word", kept, parcels.len(), hex::encode(name));
                assert!(!here || kept > 0, "a file of strangers is kept");
            }
            Envelope::Refused(code) => {
                assert!(came.refused.iter().any(|(refused, _, why)| *refused == name && why == code), "{code} is not listed");
                assert!(!here, "a refused file is kept");
            }
            Envelope::Carried | Envelope::Elsewhere(_) => assert!(here != came.no_room.contains(&name), "carried or listed"),
        }
    }
    is_whole(desk);
}

/// The vault opens, nothing in it is damaged, and its caches say what its parcels say.
pub fn is_whole(desk: &mut Desk) {
    desk.reopen();
    let examined = desk.session.vault_mut().check(&mut Silent).expect("examined");
    assert_eq!((examined.faults, examined.stale), (Vec::new(), false));
    assert!(desk.session.vault().notices().is_empty());
    desk.session.pending().expect("listed");
    desk.session.list(None).expect("listed");
}

//! Handing over: a bundle is prepared, shown before anything is sealed, sealed, and noted in the ledger.

use std::collections::BTreeSet;
use std::io;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

use super::{Session, ledger};
use crate::crypto::{HandoverKey, HandoverSigner, KeyRecipient, Lock, Passphrase, plain_hash};
use crate::error::Error;
use crate::handover::choice::choose::{Choice, Subject, choose, same_as};
use crate::handover::choice::consent::Oral;
use crate::handover::choice::photo::{may_lose_metadata, without_metadata};
use crate::handover::choice::preview::{Preview, preview};
use crate::handover::choice::profile::Profile;
use crate::handover::choice::pseudonym::Pseudonyms;
use crate::handover::choice::records::{Attached, FORMAT, Head, VERSION};
use crate::handover::choice::redact::{FileGiven, Order, Redacted, redact};
use crate::handover::choice::withheld::{Part, Reason};
use crate::handover::compose::{Enclosed, Whole, members};
use crate::handover::container::archive::{Content, Written, write};
use crate::handover::container::outer::{Begun, Outer, seal_to_files, words_path};
use crate::handover::container::wrong::BundleError;
use crate::model::{Kind, Tree};
use crate::sys::clock::utc;
use crate::vault::{Body, Line, Progress, Silent};

/// scrypt work factor (log2 N) of a bundle's words.
const WORDS_LOG_N: u8 = 17;
/// Largest file in bytes that is looked into for what it tells about its making.
const MAX_PICTURE: u64 = 64 * 1024 * 1024;
/// Bytes of files that a bundle for a browser holds; with pages and tables it stays below the 200 MB that a browser opens.
const ROOM: u64 = 190_000_000;

/// What somebody wants to hand over.
pub struct HandoverAsked {
    pub profile: Profile,
    /// Codes of people, of one incident, or of any records; none for the whole casebook.
    pub about: Vec<String>,
    /// Codes of shared files that somebody looked at.
    pub also: Vec<String>,
    /// Language of what people read in it.
    pub lang: &'static str,
    pub keys: Vec<KeyRecipient>,
    /// A file that opens with words is made too.
    pub words: bool,
    /// What was said where the paper is missing.
    pub oral: Option<Oral>,
    /// Files that tell about their making go all the same.
    pub with_metadata: bool,
    /// It is the second bundle, which holds what is too large for a browser.
    pub second: bool,
}

/// A bundle before it is sealed.
pub struct Prepared {
    redacted: Redacted,
    head: Head,
    files: Vec<Planned>,
    /// The people and records of which something goes, as this casebook knows them.
    about: Vec<String>,
    /// People who are said to be one of those it is about, and are not in it.
    same: Vec<String>,
    /// Evidence whose files are left to a second bundle.
    later: Vec<String>,
    pseudonyms: Pseudonyms,
    asked: HandoverAsked,
}

/// An attached file that goes.
struct Planned {
    file: FileGiven,
    /// The fields of its record that open it.
    tree: Tree,
    attached: Attached,
    /// It goes with what it tells about its making.
    tells: bool,
}

/// A bundle that was sealed and noted.
#[derive(Clone, Debug)]
pub struct HandedOver {
    /// Id of the record in the ledger.
    pub record: String,
    /// Id of the bundle.
    pub bundle: String,
    pub files: Vec<HandedFile>,
    pub signer: HandoverSigner,
    /// Files in it that `MANIFEST` lists.
    pub members: u64,
}

/// One sealed file.
#[derive(Clone, Debug)]
pub struct HandedFile {
    pub path: PathBuf,
    /// `keys` or `words`.
    pub class: &'static str,
    pub sha256: [u8; 32],
}

impl Prepared {
    /// Returns what the recipient will see and what not.
    pub fn preview(&self) -> Preview {
        preview(&self.redacted, &|id| given_id(&self.head, &self.pseudonyms, id))
    }

    /// Tells whether a file that opens with words is made.
    pub fn wants_words(&self) -> bool {
        self.asked.words
    }

    /// Returns the records of files that go with what they tell about their making.
    pub fn telling_files(&self) -> impl Iterator<Item = &str> {
        self.files.iter().filter(|planned| planned.tells).map(|planned| planned.file.record.as_str())
    }

    /// Returns the evidence whose files are too large for this bundle, because a browser is to open it: they go in a second one.
    pub fn later(&self) -> &[String] {
        &self.later
    }

    /// Returns the people who are said to be one of those it is about, and are not in it: somebody may want to name them too.
    pub fn recorded_twice(&self) -> &[String] {
        &self.same
    }
}

impl Session {
    /// Works out what a recipient gets; nothing is written.
    ///
    /// # Errors
    /// Returns [`Error::Handover`] where nothing may go, or why a record was not found.
    pub fn prepare_handover(&mut self, asked: HandoverAsked) -> Result<Prepared, Error> {
        self.may_write(&self.casebook, false)?;
        let all: Vec<(Line, Body)> = self.records(None)?.into_iter().filter(|(line, _)| line.kind != Kind::Handover.code()).collect();
        let about = self.all_resolved(&asked.about)?;
        let also = self.all_resolved(&asked.also)?.into_iter().map(|line| line.id).collect();
        let mut choice = choose(&all, &subject(&about), &also);
        choice.opened = self.opened_secrets(&all);
        let key = self.handover_key();
        let (heads, ids) = (heads_of(&all), about.iter().map(|line| line.id.clone()).collect::<Vec<_>>());
        let bundle = key.bundle_id(&parts(&asked, &heads, &ids, &also).iter().map(String::as_bytes).collect::<Vec<_>>());
        let pseudonyms = key.pseudonym_key(&bundle);
        let order = Order { profile: asked.profile, at: self.now().seconds, key: &pseudonyms, oral: asked.oral.as_ref() };
        let mut redacted = redact(&choice, &order)?;
        let mut files = self.plan_files(&choice, &mut redacted, asked.with_metadata)?;
        let elsewhere = if asked.second { not_of(&files, &ids) } else { too_large(&files, asked.words) };
        leave_out(&mut files, &mut redacted, &elsewhere);
        let later = if asked.second { Vec::new() } else { elsewhere };
        let (head, pseudonyms) = (head(&asked, &redacted, bundle, heads, &key), Pseudonyms::new(&pseudonyms));
        let about = ledger::about(&redacted, &about, &|id| given_id(&head, &pseudonyms, id));
        let same = same_as(&all, &choice.clients).into_iter().collect();
        Ok(Prepared { pseudonyms, redacted, head, files, about, same, later, asked })
    }

    /// Seals a bundle into new files, and notes it in the ledger before they are in their places. `to` is the file for keys; the one for words
    /// stands beside it, or there where it is the only one. `recipient` says in words who gets it.
    ///
    /// # Errors
    /// Returns [`Error::FileExists`], [`Error::BundleNoRecipient`], or what the disk refused; then no file is there.
    pub fn hand_over(
        &mut self,
        prepared: &Prepared,
        words: Option<&Passphrase>,
        recipient: Option<&str>,
        to: &Path,
        progress: &mut dyn Progress,
    ) -> Result<HandedOver, Error> {
        let outers = outers(&prepared.asked, words, to);
        if outers.is_empty() {
            return Err(Error::BundleNoRecipient);
        }
        let key = self.handover_key();
        // What the ledger would refuse is found out before anything is sealed.
        self.checked(&[(Kind::Handover, self.entry(prepared, recipient, &key))])?;
        let paths: Vec<Outer> = outers.iter().map(|(_, outer)| outer.clone()).collect();
        let (written, begun) = self.sealed(prepared, &paths, progress)?;
        let files = outers.into_iter().zip(&begun.sha256).map(|((class, outer), sha256)| HandedFile { path: outer.path, class, sha256: *sha256 });
        let files: Vec<HandedFile> = files.collect();
        let mut entry = self.entry(prepared, recipient, &key);
        entry["manifest"] = hex::encode(written.manifest).into();
        entry["files"] = files.iter().map(|file| json!({ "class": file.class, "sha256": hex::encode(file.sha256) })).collect();
        let record = self.add(&[(Kind::Handover, entry)])?.remove(0);
        begun.place()?;
        Ok(HandedOver { record, bundle: prepared.head.id.clone(), files, signer: key.signer(), members: written.files })
    }

    /// The key with which this device signs bundles of this casebook.
    pub(super) fn handover_key(&self) -> HandoverKey {
        HandoverKey::derive(&self.vault.keyring().signing, &self.casebook)
    }

    fn all_resolved(&mut self, given: &[String]) -> Result<Vec<Line>, Error> {
        given.iter().map(|code| self.resolve_own(code)).collect()
    }

    /// What becomes of each attached file: pictures lose what they tell about their making; what cannot lose it goes where the recipient
    /// may have everything, or where somebody said so; what is not here whole stays out.
    fn plan_files(&self, choice: &Choice, redacted: &mut Redacted, with_metadata: bool) -> Result<Vec<Planned>, Error> {
        let may_tell = with_metadata || redacted.profile.knows_people();
        let strips = redacted.profile != Profile::Migration;
        let mut planned = Vec::new();
        for file in std::mem::take(&mut redacted.files) {
            let Some(found) = choice.records.iter().find(|found| found.line.id == file.record) else { continue };
            let tree = &found.body.tree;
            if !self.has_pieces(tree)? {
                redacted.withheld.part(Kind::Evidence, "file", Part::Value, Reason::NotHere);
                continue;
            }
            let stripped = if strips { self.stripped(tree, file.size)? } else { None };
            if stripped.is_none() && !may_tell {
                redacted.withheld.part(Kind::Evidence, "file", Part::Value, Reason::Metadata);
                continue;
            }
            planned.push(Planned { attached: attached(&file, tree, stripped.as_deref()), tree: tree.clone(), file, tells: stripped.is_none() });
        }
        redacted.files = planned.iter().map(|planned| planned.file.clone()).collect();
        Ok(planned)
    }

    /// A picture without what it tells about its making; none where the file is no picture that can lose it.
    fn stripped(&self, evidence: &Tree, size: u64) -> Result<Option<Vec<u8>>, Error> {
        if size > MAX_PICTURE || !may_lose_metadata(self.beginning(evidence)?.as_bytes()) {
            return Ok(None);
        }
        let mut bytes = Vec::new();
        self.write_chunks(evidence, &mut bytes, &mut Silent)?;
        Ok(without_metadata(&bytes).ok())
    }

    fn enclosed<'a>(&'a self, planned: &'a Planned) -> Enclosed<'a> {
        let write = move |out: &mut dyn io::Write| self.write_planned(planned, out).map_err(io::Error::other);
        let content = Content::Stream { size: planned.attached.size, write: Box::new(write) };
        Enclosed { given: planned.file.given.clone(), attached: planned.attached.clone(), content }
    }

    fn write_planned(&self, planned: &Planned, out: &mut dyn io::Write) -> Result<(), Error> {
        if !planned.attached.stripped {
            return self.write_chunks(&planned.tree, out, &mut Silent);
        }
        let bytes = self.stripped(&planned.tree, planned.file.size)?.ok_or(Error::Attachment)?;
        out.write_all(&bytes).map_err(Error::File)
    }

    /// Seals into files that are not in their places yet.
    fn sealed(&self, prepared: &Prepared, outers: &[Outer], progress: &mut dyn Progress) -> Result<(Written, Begun), Error> {
        let key = self.handover_key();
        let files = prepared.files.iter().map(|planned| self.enclosed(planned)).collect();
        let mut whole = Some(Whole { redacted: &prepared.redacted, head: &prepared.head, key: &key, lang: prepared.asked.lang, files });
        let sealed = seal_to_files(outers, &mut |out| {
            let members = members(whole.take().expect("filled once")).map_err(|error| BundleError::Io(io::Error::other(error)))?;
            write(members, prepared.redacted.given.made, &key, out, progress)
        });
        Ok(sealed?)
    }

    /// What the ledger keeps, but for what is known only when it is sealed.
    fn entry(&self, prepared: &Prepared, recipient: Option<&str>, key: &HandoverKey) -> Value {
        let head = &prepared.head;
        let mut draft = json!({
            "profile": head.profile, "given": self.moment(), "language": head.language,
            "about": prepared.about.iter().map(|id| json!({ "record": id })).collect::<Vec<_>>(),
            "bundle": head.id, "heads": head.heads, "signer": key.signer().line(),
            "reply_identity": &*key.reply_identity(&head.id).secret_text(), "reply_secret": hex::encode(*key.reply_secret(&head.id)),
        });
        if let Some(recipient) = recipient.map(str::trim).filter(|text| !text.is_empty()) {
            draft["recipient"] = recipient.into();
        }
        ledger::stands_on(&prepared.redacted, &prepared.about, &mut draft);
        draft
    }
}

/// The id by which a record goes.
fn given_id(head: &Head, pseudonyms: &Pseudonyms, id: &str) -> String {
    if head.pseudonyms { pseudonyms.id(id) } else { id.to_owned() }
}

fn subject(about: &[Line]) -> Subject {
    let ids = || about.iter().map(|line| line.id.clone()).collect();
    match about {
        [] => Subject::Casebook,
        [incident] if incident.kind == Kind::Incident.code() => Subject::Incident(incident.id.clone()),
        lines if lines.iter().all(|line| line.kind == Kind::Person.code()) => Subject::People(ids()),
        _ => Subject::Records(ids()),
    }
}

/// Over every change that this casebook has: names of others are looked for in all of them.
fn heads_of(all: &[(Line, Body)]) -> String {
    let changes: BTreeSet<&str> = all.iter().flat_map(|(_, body)| body.parcels.iter().map(|kept| kept.id.as_str())).collect();
    hex::encode(plain_hash(changes.into_iter().collect::<Vec<_>>().join("\n").as_bytes()))
}

/// What makes one bundle another than the next.
fn parts(asked: &HandoverAsked, heads: &str, about: &[String], also: &BTreeSet<String>) -> Vec<String> {
    let sorted = |texts: &mut dyn Iterator<Item = String>| texts.collect::<BTreeSet<_>>().into_iter().collect::<Vec<_>>().join("\n");
    let recipients = sorted(&mut asked.keys.iter().map(|key| key.text().to_owned()).chain(asked.words.then(|| "words".to_owned())));
    let (about, also) = (sorted(&mut about.iter().cloned()), sorted(&mut also.iter().cloned()));
    let metadata = if asked.with_metadata { "with metadata" } else { "" };
    let second = asked.second.then(|| "second".to_owned());
    let parts = [asked.profile.code().to_owned(), asked.lang.to_owned(), recipients, heads.to_owned(), about, also, metadata.to_owned()];
    parts.into_iter().chain(second).collect()
}

fn head(asked: &HandoverAsked, redacted: &Redacted, id: String, heads: String, key: &HandoverKey) -> Head {
    Head {
        format: FORMAT.to_owned(),
        version: VERSION,
        id,
        profile: asked.profile.code().to_owned(),
        language: asked.lang.to_owned(),
        made: utc(redacted.given.made),
        heads,
        signer: key.signer().line(),
        pseudonyms: asked.profile.rules().pseudonyms,
    }
}

/// The records of the largest files, without which the others have room where a browser is to open them.
fn too_large(files: &[Planned], for_a_browser: bool) -> Vec<String> {
    let mut sizes: Vec<(u64, &str)> = files.iter().map(|planned| (planned.attached.size, planned.file.record.as_str())).collect();
    sizes.sort_unstable();
    let mut room = ROOM;
    let fits = |(size, _): &&(u64, &str)| room.checked_sub(*size).inspect(|left| room = *left).is_some();
    let kept = if for_a_browser { sizes.iter().take_while(fits).count() } else { sizes.len() };
    sizes.split_off(kept).into_iter().map(|(_, record)| record.to_owned()).collect()
}

/// The records of all files but those of some records.
fn not_of(files: &[Planned], records: &[String]) -> Vec<String> {
    files.iter().map(|planned| &planned.file.record).filter(|record| !records.contains(record)).cloned().collect()
}

/// Leaves files to the other one of two bundles.
fn leave_out(files: &mut Vec<Planned>, redacted: &mut Redacted, elsewhere: &[String]) {
    files.retain(|planned| !elsewhere.contains(&planned.file.record));
    elsewhere.iter().for_each(|_| redacted.withheld.part(Kind::Evidence, "file", Part::Value, Reason::OtherBundle));
    redacted.files = files.iter().map(|planned| planned.file.clone()).collect();
}

fn outers(asked: &HandoverAsked, words: Option<&Passphrase>, to: &Path) -> Vec<(&'static str, Outer)> {
    let keys = (!asked.keys.is_empty()).then(|| ("keys", Outer { path: to.to_owned(), lock: Lock::Keys(asked.keys.clone()) }));
    let path = if keys.is_some() { words_path(to) } else { to.to_owned() };
    let words = words.map(|words| ("words", Outer { path, lock: Lock::Words { words: words.clone(), log_n: WORDS_LOG_N } }));
    keys.into_iter().chain(words).collect()
}

fn attached(file: &FileGiven, evidence: &Tree, stripped: Option<&[u8]>) -> Attached {
    let sha256 = stripped.map_or_else(|| file.sha256.clone(), |bytes| hex::encode(plain_hash(bytes)));
    let size = stripped.map_or(file.size, |bytes| bytes.len() as u64);
    let member = format!("files/{sha256}.{}", ending(evidence));
    Attached { member, sha256, original: file.sha256.clone(), size, stripped: stripped.is_some() }
}

/// The ending of the original name where it is a plain one.
fn ending(evidence: &Tree) -> String {
    let name = evidence.get("file_name").and_then(Value::as_str).unwrap_or_default();
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.to_ascii_lowercase()).unwrap_or_default();
    let is_plain = (1..=5).contains(&ending.len()) && ending.chars().all(|c| c.is_ascii_alphanumeric());
    if is_plain { ending } else { "bin".to_owned() }
}

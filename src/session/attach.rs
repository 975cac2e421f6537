//! Files as evidence: sealed piece by piece under an identity of their own, hashed, with a chain of custody.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use super::Session;
use crate::crypto::{Identity, Named, Opened, Recipient, Sealed, open, padded, seal};
use crate::error::Error;
use crate::model::{Kind, Tree};
use crate::sys::aside::ahead;
use crate::vault::{Progress, chunk_names, hash_of};

/// Largest file that can be attached, in bytes.
pub const MAX_ATTACHMENT: u64 = 1024 * 1024 * 1024;
/// Plain bytes of one piece.
const CHUNK: usize = 960 * 1024;
/// Pieces written in one transaction.
const CHUNKS_A_BATCH: usize = 16;
/// Pieces sealed while those before them are written.
const CHUNKS_AHEAD: usize = 4;

/// A file that was attached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Attached {
    /// Id of the evidence record.
    pub id: String,
    /// Hash of the file, in hex.
    pub sha256: String,
}

impl Session {
    /// Attaches a file to a record; returns the id of the evidence record. `facts` are further fields of it.
    ///
    /// # Errors
    /// Returns [`Error::File`], [`Error::FileSize`] for an empty or too large one, or what kept it from being saved.
    pub fn attach(&mut self, given: &str, path: &Path, facts: &Value, progress: &mut dyn Progress) -> Result<String, Error> {
        self.attach_hashed(given, path, facts, progress).map(|attached| attached.id)
    }

    /// As [`Session::attach`], with the hash of the file.
    ///
    /// # Errors
    /// As [`Session::attach`].
    pub fn attach_hashed(&mut self, given: &str, path: &Path, facts: &Value, progress: &mut dyn Progress) -> Result<Attached, Error> {
        self.may_write(&self.casebook, true)?;
        let target = self.named(given)?;
        let mut file = File::open(path).map_err(Error::File)?;
        let size = file.metadata().map_err(Error::File)?.len();
        if size == 0 || size > MAX_ATTACHMENT {
            return Err(Error::FileSize);
        }
        let name = path.file_name().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        self.attach_read(&mut file, size, &name, Some(&target), facts, progress)
    }

    /// Keeps bytes as evidence that belongs to no record yet; returns the id of the evidence record.
    ///
    /// # Errors
    /// As [`Session::attach`].
    pub fn attach_bytes(&mut self, name: &str, bytes: &[u8], facts: &Value, progress: &mut dyn Progress) -> Result<String, Error> {
        self.may_write(&self.casebook, true)?;
        self.attach_read(&mut { bytes }, bytes.len() as u64, name, None, facts, progress).map(|attached| attached.id)
    }

    /// Seals bytes piece by piece; returns the evidence record that they wait for. Without it, the pieces belong to nothing.
    pub(super) fn sealed_evidence(&mut self, name: &str, bytes: &[u8], facts: &Value, progress: &mut dyn Progress) -> Result<Value, Error> {
        self.may_write(&self.casebook, true)?;
        self.evidence_read(&mut { bytes }, bytes.len() as u64, name, None, facts, progress).map(|(draft, _)| draft)
    }

    fn attach_read(
        &mut self,
        from: &mut (dyn Read + Send),
        size: u64,
        name: &str,
        target: Option<&str>,
        facts: &Value,
        progress: &mut dyn Progress,
    ) -> Result<Attached, Error> {
        let (draft, sha256) = self.evidence_read(from, size, name, target, facts, progress)?;
        let id = self.add(&[(Kind::Evidence, draft)])?.remove(0);
        Ok(Attached { id, sha256 })
    }

    /// Seals what is read; returns the draft of its record, and its hash.
    fn evidence_read(
        &mut self,
        from: &mut (dyn Read + Send),
        size: u64,
        name: &str,
        target: Option<&str>,
        facts: &Value,
        progress: &mut dyn Progress,
    ) -> Result<(Value, String), Error> {
        let identity = Identity::generate();
        let (chunks, sha256, read) = self.seal_chunks(from, size, &identity, progress)?;
        let mut draft = json!({
            "sha256": sha256, "size": read, "file_name": shown_name(name),
            "identity": &*identity.secret_text(), "chunks": chunks, "received_at": self.moment(),
            "custody": [{ "at": self.moment(), "actor": self.vault.keyring().handle, "action": "imported" },
                        { "at": self.moment(), "actor": self.vault.keyring().handle, "action": "hashed" }],
        });
        if let Some(target) = target {
            draft["relates_to"] = target.into();
        }
        for (name, value) in facts.as_object().into_iter().flatten() {
            draft[name] = value.clone();
        }
        Ok((draft, sha256))
    }

    fn seal_chunks(
        &mut self,
        from: &mut (dyn Read + Send),
        size: u64,
        identity: &Identity,
        progress: &mut dyn Progress,
    ) -> Result<(Value, String, u64), Error> {
        let (mut digest, mut chunks, mut batch, mut read) = (Sha256::new(), Tree::new(), Vec::new(), 0);
        let recipient = identity.recipient();
        let next = || next_chunk(from, &recipient, &mut digest).transpose();
        ahead(CHUNKS_AHEAD, next, |made| {
            for chunk in made {
                let (sealed, length) = chunk?;
                read += length;
                if read > MAX_ATTACHMENT {
                    return Err(Error::FileSize);
                }
                let key = format!("c{:06}", chunks.len());
                chunks.insert(key, json!({ "number": chunks.len(), "name": hex::encode(sealed.name()) }));
                batch.push(sealed);
                if batch.len() == CHUNKS_A_BATCH {
                    self.vault.put_files(std::mem::take(&mut batch))?;
                }
                progress.at(read, size);
            }
            Ok(())
        })?;
        self.vault.put_files(batch)?;
        Ok((Value::Object(chunks), hex::encode(digest.finalize()), read))
    }

    /// Writes an attached file out, checked against its hash. Nothing is left behind when it does not fit. Whoever may write
    /// notes it in the chain of custody.
    ///
    /// # Errors
    /// Returns [`Error::FileExists`], [`Error::WrongKind`], [`Error::NoAttachment`], or [`Error::Attachment`] when a piece is missing or changed.
    pub fn extract(&mut self, given: &str, to: &Path, progress: &mut dyn Progress) -> Result<(), Error> {
        let line = self.resolve(given)?.clone();
        if line.kind != Kind::Evidence.code() {
            return Err(Error::WrongKind { wanted: Kind::Evidence.code() });
        }
        let tree = self.body(&line.id)?.tree;
        if !tree.contains_key("chunks") {
            return Err(Error::NoAttachment);
        }
        let mut file = crate::sys::disk::new_file(to).map_err(|error| match error.kind() {
            std::io::ErrorKind::AlreadyExists => Error::FileExists,
            _ => Error::File(error),
        })?;
        let written = self.write_chunks(&tree, &mut file, progress).and_then(|()| file.sync_all().map_err(Error::File));
        if written.is_err() {
            let _ = std::fs::remove_file(to);
            return written;
        }
        if line.copy_of.is_some() || self.may_write(&self.casebook, false).is_err() {
            return Ok(());
        }
        let custody = json!([{ "at": self.moment(), "actor": self.vault.keyring().handle, "action": "exported" }]);
        self.edit(&line.id, &json!({ "custody": custody })).map(|_| ())
    }

    /// Writes what the pieces of an attached file open to; at the end an error where it is not what was attached.
    pub(super) fn write_chunks(&self, tree: &Tree, file: &mut dyn Write, progress: &mut dyn Progress) -> Result<(), Error> {
        let identity = identity_of(tree)?;
        let mut left = tree.get("size").and_then(Value::as_u64).ok_or(Error::Attachment)?;
        let size = left;
        let mut digest = Sha256::new();
        for name in chunk_names(tree) {
            let opened = self.opened_piece(&identity, &name)?;
            let length = usize::try_from(left.min(CHUNK as u64)).unwrap_or(CHUNK);
            let piece = opened.as_bytes().get(..length).ok_or(Error::Attachment)?;
            digest.update(piece);
            file.write_all(piece).map_err(Error::File)?;
            left -= length as u64;
            progress.at(size - left, size);
        }
        let fits = left == 0 && Some(hex::encode(digest.finalize()).as_str()) == tree.get("sha256").and_then(Value::as_str);
        if fits { Ok(()) } else { Err(Error::Attachment) }
    }

    /// Returns the first bytes of an attached file, of which nothing is proved yet.
    pub(super) fn beginning(&self, tree: &Tree) -> Result<Opened, Error> {
        let names = chunk_names(tree);
        self.opened_piece(&identity_of(tree)?, names.first().ok_or(Error::NoAttachment)?)
    }

    fn opened_piece(&self, identity: &Identity, name: &str) -> Result<Opened, Error> {
        let sealed: Sealed = self.vault.file(name)?;
        open([identity], &sealed, 2 * CHUNK as u64).map_err(|_| Error::Attachment)
    }

    /// Tells whether every piece of an attached file is here, without reading any.
    pub(super) fn has_pieces(&self, tree: &Tree) -> Result<bool, Error> {
        let names = chunk_names(tree);
        for name in &names {
            let is_here = hash_of(name).map_or(Ok(false), |name| self.vault.has_file(&name))?;
            if !is_here {
                return Ok(false);
            }
        }
        Ok(!names.is_empty())
    }

    /// Marks an attached file as no longer belonging to its record. The file itself stays.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`] when that is no evidence.
    pub fn detach(&mut self, given: &str, reason: &str) -> Result<String, Error> {
        let line = self.resolve_own(given)?;
        if line.kind != Kind::Evidence.code() {
            return Err(Error::WrongKind { wanted: Kind::Evidence.code() });
        }
        let mut event = json!({ "at": self.moment(), "actor": self.vault.keyring().handle, "action": "detached" });
        if !reason.trim().is_empty() {
            event["note"] = reason.trim().into();
        }
        self.edit(&line.id, &json!({ "detached": self.moment(), "custody": [event] }))
    }
}

/// The identity that opens the pieces of an attached file.
fn identity_of(evidence: &Tree) -> Result<Identity, Error> {
    evidence.get("identity").and_then(Value::as_str).and_then(|text| text.parse().ok()).ok_or(Error::Attachment)
}

/// Reads, hashes and seals the next piece; returns it with the number of its plain bytes, none at the end.
fn next_chunk(from: &mut dyn Read, recipient: &Recipient, digest: &mut Sha256) -> Result<Option<(Named, u64)>, Error> {
    let mut piece = Vec::with_capacity(CHUNK);
    Read::take(from, CHUNK as u64).read_to_end(&mut piece).map_err(Error::File)?;
    if piece.is_empty() {
        return Ok(None);
    }
    let length = piece.len() as u64;
    digest.update(&piece);
    let sealed = seal([recipient], &padded(piece)).map_err(crate::vault::VaultError::from)?;
    Ok(Some((sealed.named(), length)))
}

/// A file name without what a line may not hold.
fn shown_name(name: &str) -> Value {
    let plain: String = name.chars().filter(|c| crate::model::value::is_plain(*c)).take(200).collect();
    if plain.trim().is_empty() { "file".into() } else { plain.into() }
}

//! Reading: the view for lists, and documents from their parcels.

use super::judging::Read;
use super::{Authors, Body, Damage, Kept, Line, Notice, Silent, Vault, VaultError, View, view};
use crate::crypto::{Opened, Sealed};
use crate::doc::{self, Document};
use crate::model::Kind;
use crate::parcel::{self, ItemKind, Parcel};

impl Vault {
    /// Opens the view, made again from the parcels when it is damaged.
    ///
    /// # Errors
    /// Returns [`VaultError::Tampered`] when parcels themselves are damaged.
    pub fn view(&mut self) -> Result<View, VaultError> {
        if self.state.view != view::VERSION {
            self.rebuild(&mut Silent)?;
        }
        match self.whole_view() {
            Err(VaultError::Tampered { what: Damage::View }) => self.mended_view(),
            view => self.tidied(view?),
        }
    }

    /// Opens the view as the state remembers it: a row that vanished from the database takes no record with it unseen.
    fn whole_view(&self) -> Result<View, VaultError> {
        let view = View::open(&self.store, &self.keyring.storage)?;
        let known = view.lines().len() as u64 == self.state.records && self.state.segments.is_none_or(|count| count == view.segments());
        if known { Ok(view) } else { Err(VaultError::damaged(Damage::View)) }
    }

    /// Makes the view again, unless records would be lost from sight by it.
    fn mended_view(&mut self) -> Result<View, VaultError> {
        let remade = self.remake(&mut Silent)?;
        if let Some(fault) = remade.examined.faults.first() {
            return Err(VaultError::damaged(fault.clone()));
        }
        self.take_over(remade)?;
        self.notices.push(Notice::ViewMended);
        View::open(&self.store, &self.keyring.storage)
    }

    /// Merges a view of many segments. A disk that cannot be written keeps them as they are: reading goes on.
    fn tidied(&mut self, view: View) -> Result<View, VaultError> {
        let Some(mut batch) = view.merged(&self.store, &self.keyring.storage)? else { return Ok(view) };
        let before = self.state.segments;
        self.state.segments = Some(view.segments() + batch.segments.len() as u64 - batch.replaced.len() as u64);
        batch.slots = vec![("state", self.sealed_state()?)];
        if self.store.write(batch).is_err() {
            self.state.segments = before;
            return Ok(view);
        }
        View::open(&self.store, &self.keyring.storage)
    }

    /// Returns the body of a record of the view.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn body(&self, view: &View, id: &str) -> Result<Body, VaultError> {
        view.body(id, &self.store, &self.keyring.storage)
    }

    /// Calls `visit` with every record of the view.
    ///
    /// # Errors
    /// As [`View::each_body`].
    pub fn each_body(&self, view: &View, visit: &mut dyn FnMut(&Line, Body)) -> Result<(), VaultError> {
        view.each_body(&self.store, &self.keyring.storage, visit)
    }

    /// Returns the lines of the records whose body, as JSON, is `wanted`.
    ///
    /// # Errors
    /// As [`View::body`].
    pub fn lines_where<'a>(&self, view: &'a View, wanted: &(dyn Fn(&Line, &str) -> bool + Sync)) -> Result<Vec<&'a Line>, VaultError> {
        view.lines_where(&self.store, &self.keyring.storage, wanted)
    }

    /// Opens the document of a record from its parcels, with the handle behind each of its actors.
    ///
    /// # Errors
    /// Returns [`Damage::File`] when a parcel does not open or fit.
    pub fn document(&self, kind: Kind, id: &str, body: &Body) -> Result<(Document, Authors), VaultError> {
        let (mut changes, mut authors) = (Vec::new(), Authors::new());
        let mut read: Read = None;
        for kept in &body.parcels {
            let of_record = |parcel: &Parcel| parcel.header.items.iter().any(|item| matches!(&item.kind, ItemKind::Change { record, .. } if record == id));
            let parcel = self.kept_parcel(kept, &mut read)?;
            if of_record(parcel) {
                if !change_fits(parcel) {
                    return Err(VaultError::damaged(Damage::File { name: kept.file.clone(), record: None }));
                }
                changes.extend(change_items(parcel).map(<[u8]>::to_vec));
                let casebook = super::docket::hash_of(&parcel.header.casebook).unwrap_or_default();
                authors.extend(actor_of(parcel).map(|actor| (actor, self.handle_of(&casebook, &parcel.header.device))));
            }
        }
        Ok((Document::open(kind.fields(), changes.iter().map(Vec::as_slice))?, authors))
    }

    /// Opens a stored parcel; the file read last stays open, for the next one is often beside it.
    pub(super) fn kept_parcel<'a>(&self, kept: &Kept, read: &'a mut Read) -> Result<&'a Parcel, VaultError> {
        let damaged = || VaultError::damaged(Damage::File { name: kept.file.clone(), record: None });
        let name = self.store.present_name(&super::docket::hash_of(&kept.file).ok_or_else(damaged)?)?;
        if read.as_ref().is_none_or(|(file, _)| *file != name) {
            *read = Some((name, self.parcels_of(&hex::encode(name))?));
        }
        let found = read.iter().flat_map(|(_, parcels)| parcels).find(|parcel| hex::encode(parcel.id()) == kept.id);
        found.ok_or_else(damaged)
    }

    /// Opens a sealed file of parcels by its name.
    pub(super) fn parcels_of(&self, name: &str) -> Result<Vec<Parcel>, VaultError> {
        let damaged = || VaultError::damaged(Damage::File { name: name.to_owned(), record: None });
        let hash: [u8; 32] = hex::decode(name).ok().and_then(|bytes| bytes.try_into().ok()).ok_or_else(damaged)?;
        let opened = self.open_file(&self.store.file(&self.store.present_name(&hash)?)?).ok_or_else(damaged)?;
        parcel::unpack(opened.as_bytes()).map_err(|error| match error {
            parcel::ParcelError::Version => VaultError::Newer,
            _ => damaged(),
        })
    }

    /// Opens a sealed file with any key of the keyring.
    pub(super) fn open_file(&self, sealed: &Sealed) -> Option<Opened> {
        self.keyring.open_file(sealed)
    }
}

/// Returns whose words a mark stands for: those an importer names, else the device behind the actor.
pub fn author(mark: &doc::Mark, authors: &Authors) -> String {
    mark.message.clone().or_else(|| authors.get(&mark.actor).cloned()).unwrap_or_default()
}

/// The Automerge actor of a parcel, in hex.
pub(super) fn actor_of(parcel: &Parcel) -> Option<String> {
    let casebook = hex::decode(&parcel.header.casebook).ok()?.try_into().ok()?;
    let nonce = hex::decode(&parcel.header.nonce).ok()?.try_into().ok()?;
    Some(hex::encode(parcel::actor(&casebook, &parcel.header.device, parcel.header.n, &nonce)))
}

/// The changes in a parcel.
pub(super) fn change_items(parcel: &Parcel) -> impl Iterator<Item = &[u8]> {
    let kinds = parcel.header.items.iter().map(|item| &item.kind);
    kinds.zip(&parcel.items).filter(|(kind, _)| matches!(kind, ItemKind::Change { .. })).map(|(_, bytes)| bytes.as_slice())
}

/// Checks that the hash, deps and actor of a change are what its header says.
pub(super) fn change_fits(parcel: &Parcel) -> bool {
    let kinds = parcel.header.items.iter().map(|item| &item.kind);
    kinds.zip(&parcel.items).all(|(kind, bytes)| match kind {
        ItemKind::Change { record, change, deps } => doc::describe(bytes).is_ok_and(|(known, mark)| {
            let root = known.deps.is_empty() == (record == change);
            root && hex::encode(known.hash) == *change
                && known.deps.iter().map(hex::encode).collect::<Vec<_>>() == *deps
                && actor_of(parcel).is_some_and(|actor| actor == mark.actor)
        }),
        _ => true,
    })
}

//! A full record goes on in another one; its readers see the two as one record, under the code of the first.

use super::Session;
use crate::error::Error;
use crate::model::tree::continued;
use crate::model::{Kind, Tree};
use crate::vault::{Body, Line, VaultError, line_of};

impl Session {
    /// Returns every record of this casebook as its readers see it, without separate copies.
    ///
    /// # Errors
    /// Returns why the view does not open.
    pub fn records(&mut self, kind: Option<Kind>) -> Result<Vec<(Line, Body)>, Error> {
        let first = self.bodies(kind)?.into_iter().filter(|(line, _)| line.continues.is_none());
        first.map(|(line, body)| self.whole(line, body)).collect()
    }

    /// Returns a record as its readers see it.
    pub(super) fn record(&mut self, line: &Line) -> Result<(Line, Body), Error> {
        let body = self.body(&line.id)?;
        self.whole(line.clone(), body)
    }

    fn whole(&mut self, line: Line, body: Body) -> Result<(Line, Body), Error> {
        if self.load()?.is_continued(&line.id) { self.joined(line, body) } else { Ok((line, body)) }
    }

    /// Takes the continuations of a record in; its line then says what the whole of it says.
    fn joined(&mut self, line: Line, body: Body) -> Result<(Line, Body), Error> {
        let kind = Kind::named(&line.kind).ok_or(VaultError::Newer)?;
        let whole = self.with_continuations(kind, &line.id, body)?;
        let line = line_of(kind, &line.id, &line.casebook, &whole, (&line.by, line.created, line.changed));
        Ok((line, whole))
    }

    fn with_continuations(&mut self, kind: Kind, id: &str, mut whole: Body) -> Result<Body, Error> {
        let next: Vec<String> = self.load()?.lines().iter().filter(|line| line.continues.as_deref() == Some(id)).map(|line| line.id.clone()).collect();
        for next in next {
            let own = self.body(&next)?;
            let mut below = self.with_continuations(kind, &next, own)?;
            drop_continues(&mut below.tree);
            whole.tree = continued(kind.fields(), &whole.tree, &below.tree);
            whole.entries.extend(below.entries);
            whole.voices.extend(below.voices);
        }
        Ok(whole)
    }
}

fn drop_continues(tree: &mut Tree) {
    let Some(meta) = tree.get_mut("meta").and_then(serde_json::Value::as_object_mut) else { return };
    meta.remove("continues");
    if meta.is_empty() {
        tree.remove("meta");
    }
}

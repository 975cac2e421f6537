//! From the records that belong to a hand-over to what its recipient gets: every single value goes, goes in another form, or is
//! withheld and counted. In doubt it is withheld.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::admit::Admitted;
use super::choose::{Choice, Found, targets};
use super::coarse;
use super::consent::{Basis, Oral};
use super::given::{Given, GivenRecord, Mark, Said};
use super::mention::Mentions;
use super::profile::{Gate, Profile, Rules};
use super::pseudonym::Pseudonyms;
use super::subjects::said;
use super::voices::{number, numbers, status_voices};
use super::walk::{Fate, Outcome, Walk};
use super::withheld::{Part, Reason, Withheld};
use crate::model::draft::{judge, terms_used};
use crate::model::liberty::chosen;
use crate::model::short;
use crate::model::{Kind, Record, Tree};
use crate::vault::{MarkRow, meta};

/// Why nothing can be handed over.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RedactError {
    /// A value that no table knows: nobody can say who may read it.
    #[error("a field of a {kind} has no privacy class: {field}")]
    Unclassed { kind: &'static str, field: String },
    /// For some of the people, or for what is about nobody.
    #[error("no power of attorney stands ({people} people): a reason and a date are needed")]
    ReasonNeeded { people: u64 },
    #[error("the paper is due on a day that is over")]
    DueOver,
    #[error("nobody of those concerned allowed this")]
    NotAllowed,
    #[error("nothing of the choice may go to this recipient")]
    Nothing,
}

/// What a hand-over is made for.
#[derive(Clone, Debug)]
pub struct Order<'a> {
    pub profile: Profile,
    /// The present, in seconds since 1970: what consents and papers are compared with.
    pub at: i64,
    /// Key of the pseudonyms of this bundle.
    pub key: &'a [u8; 32],
    /// What the caller was told where a paper is missing.
    pub oral: Option<&'a Oral>,
}

/// What goes, what does not, and on which ground.
#[derive(Clone, Debug)]
pub struct Redacted {
    pub profile: Profile,
    pub given: Given,
    pub withheld: Withheld,
    /// Attached files that go, in the order of their records.
    pub files: Vec<FileGiven>,
    /// By the id of each person in the casebook.
    pub grounds: BTreeMap<String, Basis>,
    /// Whom the power of attorney empowers on which it goes, by person.
    pub agents: BTreeMap<String, String>,
    /// On what goes what is about nobody.
    pub nobodys: Option<Basis>,
    /// Secrets of the source register that could not be opened where the texts were looked through: whom they name may stand in a text.
    pub sealed: u64,
}

/// An attached file that goes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct FileGiven {
    /// Id of its record in the casebook.
    pub record: String,
    /// Id of its record in the bundle.
    pub given: String,
    /// SHA-256 of the original.
    pub sha256: String,
    pub size: u64,
    pub media_type: Option<String>,
}

/// Makes what a recipient gets from what was chosen.
///
/// # Errors
/// Returns [`RedactError::ReasonNeeded`] where a lawyer's paper is missing and no reason was given.
pub fn redact(choice: &Choice, order: &Order) -> Result<Redacted, RedactError> {
    let admitted = Admitted::new(choice, order)?;
    let pseudonyms = Pseudonyms::new(order.key);
    let mut out: BTreeMap<String, Reason> = admitted.refused.clone();
    loop {
        let pass = Pass::new(choice, order, &admitted, &pseudonyms, &out)?;
        if pass.newly_out.is_empty() {
            return pass.finished();
        }
        out.extend(pass.newly_out);
    }
}

/// What everything about one hand-over is weighed with.
pub(super) struct Scales<'a> {
    pub rules: &'static Rules,
    pub profile: Profile,
    pub admitted: &'a Admitted<'a>,
    pub pseudonyms: &'a Pseudonyms,
    pub mentions: Mentions,
    /// Ids of the records that go.
    pub inside: BTreeSet<String>,
    /// Hashes of the files whose records go.
    pub hashes: BTreeSet<String>,
    pub records: BTreeMap<&'a str, Found<'a>>,
    /// When ages are told, in seconds since 1970.
    pub at: i64,
}

/// A record on its way out.
pub(super) struct Drawn<'a> {
    pub found: Found<'a>,
    pub tree: Tree,
    pub walk: Walk,
}

/// One attempt: with these records inside, what is left of each?
struct Pass<'a> {
    scales: Scales<'a>,
    choice: &'a Choice<'a>,
    drawn: Vec<Drawn<'a>>,
    withheld: Withheld,
    newly_out: BTreeMap<String, Reason>,
}

impl<'a> Pass<'a> {
    fn new(
        choice: &'a Choice<'a>,
        order: &Order,
        admitted: &'a Admitted<'a>,
        pseudonyms: &'a Pseudonyms,
        out: &BTreeMap<String, Reason>,
    ) -> Result<Pass<'a>, RedactError> {
        let scales = scales(choice, order, admitted, pseudonyms, out);
        let mut pass = Pass { scales, choice, drawn: Vec::new(), withheld: Withheld::default(), newly_out: BTreeMap::new() };
        for found in &choice.records {
            pass.draw(found, out.get(&found.line.id).copied())?;
        }
        pass.drop_needless();
        Ok(pass)
    }

    fn draw(&mut self, found: &Found<'a>, out: Option<Reason>) -> Result<(), RedactError> {
        let out = out.or_else(|| self.lost_its_ground(found));
        // Of a record that falls only because others do, every value keeps the reason it has by itself.
        let by_itself = out.filter(|reason| !matches!(reason, Reason::Incomplete | Reason::NotNeeded));
        let mut walk = Walk::default();
        let tree = walk.record(&self.scales, found, by_itself)?;
        match tree.filter(|tree| out.is_none() && stands(found.kind, tree, &walk)) {
            Some(tree) => self.drawn.push(Drawn { found: *found, tree, walk }),
            None => {
                let reason = out.unwrap_or(Reason::Incomplete);
                walk.nothing_goes(0, reason);
                self.leave_out(found, &walk, reason);
            }
        }
        Ok(())
    }

    /// A file about something that does not go does not go either.
    fn lost_its_ground(&self, found: &Found) -> Option<Reason> {
        let gone = |about: &str| self.scales.records.contains_key(about) && !self.scales.inside.contains(about);
        (found.kind == Kind::Evidence && targets(&found.body.tree).any(gone)).then_some(Reason::Incomplete)
    }

    fn leave_out(&mut self, found: &Found, walk: &Walk, reason: Reason) {
        self.withheld.record(found.kind, reason);
        self.account(found, walk, |_| None);
        if self.scales.inside.contains(&found.line.id) {
            self.newly_out.insert(found.line.id.clone(), reason);
        }
    }

    /// Places, publications and the like that nothing given points to.
    fn drop_needless(&mut self) {
        let points: BTreeSet<String> = self.drawn.iter().flat_map(|drawn| drawn.walk.points.iter().cloned()).collect();
        let used: BTreeSet<(String, String)> = self.drawn.iter().flat_map(|drawn| used_terms(drawn.found.kind, &drawn.tree)).collect();
        let core = &self.choice.core;
        let needed = |drawn: &Drawn| match drawn.found.kind {
            Kind::Vocable => term_of(&drawn.found.body.tree).is_some_and(|term| used.contains(&term)),
            Kind::Place | Kind::Official | Kind::Publication | Kind::Incident | Kind::Figure => points.contains(&drawn.found.line.id),
            _ => true,
        };
        for drawn in &self.drawn {
            if !core.contains(&drawn.found.line.id) && !needed(drawn) {
                self.newly_out.insert(drawn.found.line.id.clone(), Reason::NotNeeded);
            }
        }
    }

    /// Counts what of a record does not go; `new` gives the path in the bundle of an entry that does.
    fn account(&mut self, found: &Found, walk: &Walk, new: impl Fn(&str) -> Option<String>) {
        for fate in &walk.fates {
            count(&mut self.withheld, found.kind, &fate.field, Part::Value, fate.outcome);
        }
        for (path, voices) in &found.body.voices {
            if walk.fate(path).is_none_or(|fate| matches!(fate.outcome, Outcome::Withheld(_))) {
                let reason = walk.fate(path).map_or(Reason::Incomplete, Fate::reason);
                voices.iter().for_each(|_| self.withheld.part(found.kind, &fields_of(path, walk), Part::Voice, reason));
            }
        }
        for path in found.body.entries.keys().filter(|path| new(path).is_none()) {
            self.withheld.part(found.kind, &list_of(path), Part::Mark, Reason::Incomplete);
        }
    }

    fn finished(mut self) -> Result<Redacted, RedactError> {
        if self.drawn.is_empty() {
            return Err(RedactError::Nothing);
        }
        self.choice.left_out.iter().for_each(|(kind, reason)| self.withheld.record(*kind, *reason));
        let drawn = std::mem::take(&mut self.drawn);
        let mut marks: Vec<(i64, usize, String)> = Vec::new();
        let mut records = Vec::new();
        for one in &drawn {
            self.account(&one.found, &one.walk, |path| one.walk.entries.get(path).cloned());
            let (voices, entries) = (self.voices(one), self.entries(one));
            let shown = voices.values().flatten().map(|said| &said.0).chain(entries.values());
            marks.extend(shown.map(|mark| (mark.at, records.len(), mark.by.clone())));
            records.push((voices, entries));
        }
        let numbers = numbers(marks, &drawn);
        let given: Vec<GivenRecord> = drawn.iter().zip(records).map(|(one, (voices, entries))| self.given(one, voices, entries, &numbers)).collect();
        Ok(self.redacted(&drawn, given))
    }

    fn redacted(self, drawn: &[Drawn], mut records: Vec<GivenRecord>) -> Redacted {
        records.sort_by(|a, b| (a.kind, &a.id).cmp(&(b.kind, &b.id)));
        let mut clients: Vec<String> = self.choice.clients.iter().filter(|id| self.scales.inside.contains(*id)).map(|id| self.scales.given_id(id)).collect();
        clients.sort();
        let newest = drawn.iter().map(|one| one.found.line.changed).max().unwrap_or_default();
        let made = coarse::seconds(newest, self.scales.rules.dates);
        let mut files: Vec<FileGiven> = drawn.iter().filter_map(|one| self.file(one)).collect();
        files.sort_by(|a, b| a.given.cmp(&b.given));
        let shows_others = drawn.iter().filter(|one| self.shows_others(&one.found)).map(|one| self.scales.given_id(&one.found.line.id)).collect();
        let given = Given { made, clients, records, shows_others };
        // Where everything goes, no text is looked through.
        let sealed = if self.scales.rules.internal == Gate::Open { 0 } else { self.scales.mentions.sealed() };
        let (grounds, nobodys) = (self.scales.admitted.grounds.clone(), self.scales.admitted.nobodys.clone());
        let agents = agents(self.choice, &grounds);
        Redacted { profile: self.scales.profile, given, withheld: self.withheld, files, grounds, agents, nobodys, sealed }
    }

    /// Tells whether the team noted somebody else on a file than those whose names may stand.
    fn shows_others(&self, found: &Found) -> bool {
        found.kind == Kind::Evidence && said(found, "people_visible").into_iter().any(|text| !self.scales.mentions.names_only_free(text))
    }

    fn file(&self, one: &Drawn) -> Option<FileGiven> {
        let tree = &one.found.body.tree;
        let sha256 = tree.get("sha256").filter(|_| one.found.kind == Kind::Evidence && tree.contains_key("chunks"))?.as_str()?.to_owned();
        let text = |field: &str| one.tree.get(field).and_then(Value::as_str).map(str::to_owned);
        let size = tree.get("size").and_then(Value::as_u64).unwrap_or_default();
        Some(FileGiven { record: one.found.line.id.clone(), given: self.scales.given_id(&one.found.line.id), sha256, size, media_type: text("media_type") })
    }

    fn given(
        &self,
        one: &Drawn,
        voices: BTreeMap<String, Vec<(MarkRow, Value, bool)>>,
        entries: BTreeMap<String, MarkRow>,
        numbers: &BTreeMap<String, u32>,
    ) -> GivenRecord {
        let line = one.found.line;
        let mark = |row: &MarkRow| Mark { observer: number(numbers, &row.by), at: coarse::seconds(row.at, self.scales.rules.dates) };
        let said = |(row, value, decided): &(MarkRow, Value, bool)| Said { value: value.clone(), mark: mark(row), decided: *decided };
        let mut tree = one.tree.clone();
        for (path, handle) in &one.walk.numbered {
            put(&mut tree, path, Value::String(number(numbers, handle).to_string()));
        }
        GivenRecord {
            id: self.scales.given_id(&line.id),
            kind: one.found.kind,
            code: if self.scales.rules.pseudonyms { self.scales.pseudonyms.code(one.found.kind, &line.id) } else { short(&line.kind, &line.id) },
            tree,
            voices: voices.iter().map(|(path, all)| (path.clone(), all.iter().map(said).collect())).collect(),
            entries: entries.iter().map(|(path, row)| (path.clone(), mark(row))).collect(),
        }
    }

    /// The voices that go, by their path in the bundle.
    fn voices(&mut self, one: &Drawn) -> BTreeMap<String, Vec<(MarkRow, Value, bool)>> {
        let mut given = BTreeMap::new();
        let verdicts =
            Record::from_tree(one.found.kind, &one.found.body.tree).ok().as_ref().and_then(meta).map(|meta| meta.verdicts.clone()).unwrap_or_default();
        for (path, voices) in &one.found.body.voices {
            let Some(fate) = one.walk.fate(path).filter(|fate| !matches!(fate.outcome, Outcome::Withheld(_))) else { continue };
            let ids: Vec<String> = voices.iter().map(|voice| voice.id.clone()).collect();
            let decided = chosen(&verdicts, path, &ids);
            let mut heard: Vec<(MarkRow, Value, bool)> = Vec::new();
            for voice in voices {
                let (outcome, value) = one.walk.voice(&self.scales, &one.found, fate, &voice.value);
                count(&mut self.withheld, one.found.kind, &fate.field, Part::Voice, outcome);
                heard.extend(value.map(|value| (voice.mark.clone(), value, decided.as_ref() == Some(&voice.id))));
            }
            given.insert(fate.to.clone(), heard);
        }
        given.extend(status_voices(one).map(|voices| ("status".to_owned(), voices)));
        given
    }

    /// Who recorded each entry that goes, by its path in the bundle.
    fn entries(&self, one: &Drawn) -> BTreeMap<String, MarkRow> {
        let new = |path: &String| one.walk.entries.get(path).cloned();
        one.found.body.entries.iter().filter_map(|(path, mark)| Some((new(path)?, mark.clone()))).collect()
    }
}

impl Scales<'_> {
    /// Returns the id by which a record goes.
    pub(super) fn given_id(&self, id: &str) -> String {
        if self.rules.pseudonyms { self.pseudonyms.id(id) } else { id.to_owned() }
    }
}

fn agents(choice: &Choice, grounds: &BTreeMap<String, Basis>) -> BTreeMap<String, String> {
    let agent = |id: &str| choice.all.iter().find(|(line, _)| line.id == id)?.1.tree.get("agent")?.as_str().map(str::to_owned);
    let named = grounds.iter().filter_map(|(person, basis)| Some((person.clone(), if let Basis::Mandate { record } = basis { agent(record) } else { None }?)));
    named.collect()
}

fn scales<'a>(choice: &'a Choice<'a>, order: &Order, admitted: &'a Admitted<'a>, pseudonyms: &'a Pseudonyms, out: &BTreeMap<String, Reason>) -> Scales<'a> {
    let rules = order.profile.rules();
    let records: BTreeMap<&str, Found> = choice.records.iter().map(|found| (found.line.id.as_str(), *found)).collect();
    let inside: BTreeSet<String> = records.keys().filter(|id| !out.contains_key(**id)).map(|id| (*id).to_owned()).collect();
    let free = choice.clients.iter().filter(|id| admitted.may_be_named(id)).cloned().collect();
    let known = if rules.pseudonyms { BTreeSet::new() } else { inside.clone() };
    let files = records.values().filter(|found| found.kind == Kind::Evidence && inside.contains(&found.line.id));
    let hashes = files.filter_map(|found| Some(found.body.tree.get("sha256")?.as_str()?.to_owned())).collect();
    Scales {
        rules,
        profile: order.profile,
        admitted,
        pseudonyms,
        mentions: Mentions::knowing(choice.all, &free, &known, &choice.opened),
        inside,
        hashes,
        records,
        at: newest(choice),
    }
}

/// The newest change of anything chosen, in seconds since 1970: ages are told as of then, so that the same choice gives the same bands.
pub(super) fn newest(choice: &Choice) -> i64 {
    choice.records.iter().map(|found| found.line.changed).max().unwrap_or_default()
}

/// Tells whether what is left of a record says anything besides what it belongs to. A person may be nothing but somebody.
fn stands(kind: Kind, tree: &Tree, walk: &Walk) -> bool {
    (kind == Kind::Person || walk.fates.iter().any(Fate::says_something)) && judge(kind, tree).is_empty()
}

fn count(withheld: &mut Withheld, kind: Kind, field: &str, part: Part, outcome: Outcome) {
    match outcome {
        Outcome::Went => {}
        Outcome::Changed(change) => withheld.change(kind, field, part, change),
        Outcome::Withheld(reason) => withheld.part(kind, field, part, reason),
    }
}

/// Names of the fields on a path, as far as the walk knows it.
fn fields_of(path: &str, walk: &Walk) -> String {
    walk.fate(path).map_or_else(|| list_of(path), |fate| fate.field.clone())
}

/// The list that an entry stands in.
fn list_of(path: &str) -> String {
    path.split('/').step_by(2).collect::<Vec<_>>().join(".")
}

fn used_terms(kind: Kind, tree: &Tree) -> Vec<(String, String)> {
    terms_used(kind.fields(), tree).into_iter().map(|(_, of, code)| (of.to_owned(), code)).collect()
}

fn term_of(tree: &Tree) -> Option<(String, String)> {
    Some((tree.get("vocabulary")?.as_str()?.to_owned(), tree.get("code")?.as_str()?.to_owned()))
}

/// Puts a value in the place of another.
fn put(tree: &mut Tree, path: &str, value: Value) {
    let mut parts = path.split('/');
    let mut slot = parts.next().and_then(|first| tree.get_mut(first));
    for part in parts {
        slot = slot.and_then(|value| value.get_mut(part));
    }
    if let Some(slot) = slot {
        *slot = value;
    }
}

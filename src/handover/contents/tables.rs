//! The records as tables for spreadsheets: one row a record or entry, under ids that never change with the order of rows.
//! Column names are stable codes beside their labels; words stand beside their codes.

use serde_json::Value;

use super::Contents;
use super::dossier::case::{self, Case, is_withdrawn};
use super::dossier::path;
use super::dossier::voices::{Told, heard};
use super::page::fields::is_shown;
use super::page::{View, said};
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::model::entity::{Charge, ConsentStatement, CustodyEvent, Hearing, Injury, MedicalFinding, NameForm, Outcome, Property, Transition};
use crate::model::shape::{Field, Leaf, Shape, Shaped};
use crate::model::tree::join;
use crate::model::{Kind, Tree};
use crate::words;

/// A table in the language of the bundle.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    /// Stable name: of the file and of the sheet.
    pub name: &'static str,
    pub columns: Vec<Column>,
    /// As many cells in each row as there are columns.
    pub rows: Vec<Vec<String>>,
}

/// One column.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    /// Stable name in every language.
    pub code: String,
    pub label: String,
}

impl Column {
    /// Returns what stands at the head of the column: the label, then the stable name.
    pub fn heading(&self) -> String {
        format!("{} [{}]", self.label, self.code)
    }
}

/// Returns every table that has rows, in a fixed order; the chain of custody also without any.
pub fn tables(contents: &Contents) -> Vec<Table> {
    let case = Case::of(contents.given);
    let maker = Maker { view: View { contents, case: &case } };
    let all = vec![
        maker.records("persons", Kind::Person),
        maker.entries::<NameForm>("names", Kind::Person, "names"),
        maker.records("detentions", Kind::Detention),
        maker.entries::<Transition>("transitions", Kind::Detention, "transitions"),
        maker.rights(),
        maker.entries::<Property>("property", Kind::Detention, "property_taken"),
        maker.records("acts", Kind::Act),
        maker.entries::<Injury>("injuries", Kind::Act, "injuries"),
        maker.entries::<MedicalFinding>("medical", Kind::Act, "medical"),
        maker.records("trials", Kind::Trial),
        maker.entries::<Charge>("charges", Kind::Trial, "charges"),
        maker.entries::<Hearing>("hearings", Kind::Trial, "hearings"),
        maker.checks(),
        maker.entries::<Outcome>("outcomes", Kind::Trial, "outcomes"),
        maker.records("documents", Kind::Evidence),
        maker.entries::<CustodyEvent>("custody", Kind::Evidence, "custody"),
        maker.entries::<ConsentStatement>("consents", Kind::Consent, "statements"),
        maker.records("mandates", Kind::Mandate),
        maker.records("actions", Kind::Action),
        maker.records("decisions", Kind::Decision),
        maker.records("incidents", Kind::Incident),
        maker.records("places", Kind::Place),
        maker.records("officials", Kind::Official),
        maker.records("publications", Kind::Publication),
        maker.voices(),
    ];
    all.into_iter().filter(|table| !table.rows.is_empty() || table.name == "custody").collect()
}

/// A column that no field fills, and how its cells are made.
type Extra<'a> = (Column, Box<dyn Fn(&GivenRecord) -> String + 'a>);

struct Maker<'a> {
    view: View<'a>,
}

impl Maker<'_> {
    fn column(&self, code: &str, text: &str) -> Column {
        Column { code: code.to_owned(), label: self.view.get(text) }
    }

    fn who(&self) -> [Column; 2] {
        [self.column("observer", "table-observer"), self.column("recorded", "table-recorded")]
    }

    /// The fields of the row on which voices disagree, by their stable names.
    fn contested_column(&self) -> Column {
        self.column("contested", "dossier-contested-mark")
    }

    /// One row for each record of a kind.
    fn records(&self, name: &'static str, kind: Kind) -> Table {
        let mut columns = vec![self.column("id", "table-id"), self.column("code", "dossier-code"), self.column("withdrawn", "table-withdrawn")];
        let extra = self.extra(kind);
        columns.extend(extra.iter().map(|(column, _)| column.clone()));
        columns.extend(self.columns(kind.code(), kind.fields()));
        columns.push(self.contested_column());
        let row = |record: &GivenRecord| {
            let mut row = vec![record.id.clone(), words::clean(&record.code), self.flag(is_withdrawn(record))];
            row.extend(extra.iter().map(|(_, cell)| cell(record)));
            row.extend(self.cells(kind.code(), kind.fields(), record, ""));
            row.push(contested(kind.fields(), record, ""));
            row
        };
        Table { name, rows: self.view.case.given.of(kind).map(row).collect(), columns }
    }

    /// What a record's own table needs beside its fields: names of people, the file of a document.
    fn extra(&self, kind: Kind) -> Vec<Extra<'_>> {
        match kind {
            Kind::Person | Kind::Official => {
                let label = words::label(self.view.contents.texts, kind.code(), "names");
                vec![(Column { code: "names".into(), label }, Box::new(|record| case::names(self.view.contents.texts, record)))]
            }
            Kind::Evidence => {
                let file = |record: &GivenRecord| self.view.contents.files.get(&record.id).cloned().unwrap_or_default();
                vec![(self.column("member", "table-member"), Box::new(file))]
            }
            _ => Vec::new(),
        }
    }

    /// One row for each entry of a list of records of a kind.
    fn entries<T: Shaped>(&self, name: &'static str, kind: Kind, list: &str) -> Table {
        let mut columns = vec![self.column("id", "table-id"), self.column("code", "dossier-code"), self.column("entry", "table-entry")];
        let hash = (kind == Kind::Evidence).then(|| Column { code: "sha256".into(), label: words::label(self.view.contents.texts, "evidence", "sha256") });
        let parts = (T::NAME == Outcome::NAME).then(|| Column { code: "parts".into(), label: words::label(self.view.contents.texts, "outcome", "parts") });
        columns.extend(hash.iter().chain(&parts).cloned());
        columns.extend(self.columns(T::NAME, T::FIELDS));
        columns.push(self.contested_column());
        columns.extend(self.who());
        let mut rows = Vec::new();
        for record in self.view.case.given.of(kind) {
            let Some(Value::Object(found)) = record.tree.get(list) else { continue };
            for (key, entry) in found {
                let (true, at) = (entry.is_object(), join(list, key)) else { continue };
                let mut row = vec![record.id.clone(), words::clean(&record.code), key.clone()];
                row.extend(hash.as_ref().map(|_| path::told(self.view.case, self.view.contents.texts, record, "sha256")));
                row.extend(parts.as_ref().map(|_| super::page::client::parts(&self.view, record, &at)));
                row.extend(self.cells(T::NAME, T::FIELDS, record, &at));
                row.push(contested(T::FIELDS, record, &at));
                row.extend(by(record.entries.get(&at).copied()));
                rows.push(row);
            }
        }
        Table { name, columns, rows }
    }

    fn columns(&self, entity: &str, fields: &[Field]) -> Vec<Column> {
        let column = |field: &Field| {
            let label = words::label(self.view.contents.texts, entity, field.name);
            let beside = suffix(field).map(|suffix| Column { code: format!("{}.{suffix}", field.name), label: format!("{label} ({suffix})") });
            std::iter::once(Column { code: field.name.to_owned(), label }).chain(beside).collect::<Vec<_>>()
        };
        fields.iter().filter(|field| is_cell(field)).flat_map(column).collect()
    }

    /// The fields of a record or entry: each in words, every voice where it is contested, and its codes beside it.
    fn cells(&self, entity: &str, fields: &[Field], record: &GivenRecord, at: &str) -> Vec<String> {
        let (texts, case) = (self.view.contents.texts, self.view.case);
        let cell = |field: &Field| {
            let heard = heard(record, &join(at, field.name));
            let codes: Vec<String> = heard.standing().iter().map(|told| raw(field, told.value)).collect();
            let shown = case::joined(texts, &heard.read(|value| Some(path::value(case, texts, entity, field, value))));
            let beside = suffix(field).map(|_| distinct(codes).join(" | "));
            std::iter::once(shown).chain(beside).collect::<Vec<_>>()
        };
        fields.iter().filter(|field| is_cell(field)).flat_map(cell).collect()
    }

    fn flag(&self, flag: bool) -> String {
        if flag { words::term(self.view.contents.texts, "answer", "yes") } else { String::new() }
    }

    fn answer_columns(&self) -> Vec<Column> {
        let plain = |code: &str| Column { code: code.into(), label: code.into() };
        let answer = [
            self.column("item", "table-item"),
            self.column("question", "dossier-col-item"),
            self.column("answer", "dossier-col-answer"),
            plain("answer.code"),
            self.column("basis", "table-basis"),
            self.column("at", "dossier-col-when"),
            self.column("note", "table-note"),
        ];
        let standing = [self.contested_column(), self.column("decided", "table-decided")];
        answer.into_iter().chain(standing).chain(self.who()).collect()
    }

    /// The cells of every answer told at a path.
    fn answers(&self, record: &GivenRecord, at: &str, of: &str, code: &str) -> Vec<Vec<String>> {
        let heard = heard(record, at);
        let row = |told: &Told<&Value>| {
            let mut row = self.answer_cells(of, code, told.value);
            row.extend([self.flag(heard.is_contested), self.flag(told.decided)]);
            row.extend(by(told.mark));
            row
        };
        heard.told.iter().map(row).collect()
    }

    fn answer_cells(&self, of: &str, code: &str, value: &Value) -> Vec<String> {
        let texts = self.view.contents.texts;
        let text = |name: &str| value.get(name).and_then(Value::as_str).unwrap_or_default();
        let basis = if text("basis").is_empty() { String::new() } else { words::term(texts, "basis", text("basis")) };
        let at = value.get("at").map(|at| words::value(texts, Leaf::When, "", at)).unwrap_or_default();
        let answer = words::term(texts, "answer", text("value"));
        vec![words::clean(code), words::term(texts, of, code), answer, words::clean(text("value")), basis, at, words::clean(text("note"))]
    }

    /// One row for each answer of the checklist of rights. What has no row was not asked.
    fn rights(&self) -> Table {
        let mut columns = vec![self.column("id", "table-id"), self.column("code", "dossier-code")];
        columns.extend(self.answer_columns());
        let mut rows = Vec::new();
        for record in self.view.case.given.of(Kind::Detention) {
            for code in record.tree.get("rights").and_then(Value::as_object).into_iter().flat_map(Tree::keys) {
                for cells in self.answers(record, &format!("rights/{code}"), "right", code) {
                    rows.push([vec![record.id.clone(), words::clean(&record.code)], cells].concat());
                }
            }
        }
        Table { name: "rights", columns, rows }
    }

    /// One row for each answer of each observer of each hearing. What has no row was not asked.
    fn checks(&self) -> Table {
        let texts = self.view.contents.texts;
        let label = |entity: &str, field: &str, code: &str| Column { code: code.into(), label: words::label(texts, entity, field) };
        let mut columns = vec![self.column("id", "table-id"), self.column("code", "dossier-code")];
        columns.extend([label("trial", "hearings", "hearing"), label("hearing", "observations", "observation"), label("observation", "observer", "seen_by")]);
        columns.extend([label("observation", "accused", "accused"), label("accused_checks", "person", "person")]);
        columns.extend(self.answer_columns());
        let mut rows = Vec::new();
        for record in self.view.case.given.of(Kind::Trial) {
            for found in checklists(record) {
                for code in found.checks.keys() {
                    let person = found.person.map(|id| self.view.case.record(id).map_or(id, |person| person.code.as_str())).unwrap_or_default();
                    let keys = [record.id.as_str(), &record.code, found.hearing, found.observation, found.observer, found.accused, person];
                    let keys: Vec<String> = keys.iter().map(|key| words::clean(key)).collect();
                    for cells in self.answers(record, &format!("{}/{code}", found.at()), "hearing_item", code) {
                        rows.push([keys.clone(), cells].concat());
                    }
                }
            }
        }
        Table { name: "checks", columns, rows }
    }

    /// One row for each voice of each contested value.
    fn voices(&self) -> Table {
        let mut columns = vec![self.column("id", "table-id"), self.column("code", "dossier-code"), self.column("path", "table-path")];
        columns.extend([self.column("field", "table-field"), self.column("value", "table-value"), self.column("value.json", "table-value")]);
        columns.push(self.column("decided", "table-decided"));
        columns.extend(self.who());
        let mut rows = Vec::new();
        for record in &self.view.case.given.records {
            for (at, voices) in &record.voices {
                for said in voices {
                    let mut row = vec![record.id.clone(), words::clean(&record.code), at.clone(), path::label(self.view.contents.texts, record.kind, at)];
                    row.push(path::voice(self.view.case, self.view.contents.texts, record.kind, at, &said.value));
                    row.push(said.value.to_string());
                    row.push(self.flag(said.decided));
                    row.extend(by(Some(said.mark)));
                    rows.push(row);
                }
            }
        }
        Table { name: "voices", columns, rows }
    }
}

/// One list of answers of one observation, about everybody or about one accused.
struct Checklist<'a> {
    hearing: &'a str,
    observation: &'a str,
    observer: &'a str,
    accused: &'a str,
    person: Option<&'a str>,
    checks: &'a Tree,
}

impl Checklist<'_> {
    /// Where the answers stand in the record.
    fn at(&self) -> String {
        let observation = format!("hearings/{}/observations/{}", self.hearing, self.observation);
        if self.accused.is_empty() { format!("{observation}/checks") } else { format!("{observation}/accused/{}/checks", self.accused) }
    }
}

fn checklists(record: &GivenRecord) -> Vec<Checklist<'_>> {
    fn list(tree: Option<&Value>) -> Option<&Tree> {
        tree.and_then(Value::as_object)
    }
    let mut found = Vec::new();
    for (hearing, body) in list(record.tree.get("hearings")).into_iter().flatten() {
        for (observation, seen) in list(body.get("observations")).into_iter().flatten() {
            let observer = seen.get("observer").and_then(Value::as_str).unwrap_or_default();
            let one = |accused, person, checks| Checklist { hearing, observation, observer, accused, person, checks };
            found.extend(list(seen.get("checks")).map(|checks| one("", None, checks)));
            for (accused, body) in list(seen.get("accused")).into_iter().flatten() {
                let person = body.get("person").and_then(Value::as_str);
                found.extend(list(body.get("checks")).map(|checks| one(accused, person, checks)));
            }
        }
    }
    found
}

/// Tells whether a field stands in one cell.
fn is_cell(field: &Field) -> bool {
    is_shown(field) && matches!(field.shape, Shape::One(_) | Shape::Text | Shape::Set)
}

/// What stands in a second cell beside the words: codes, ids, a date as stored.
fn suffix(field: &Field) -> Option<&'static str> {
    match field.shape {
        Shape::One(Leaf::Term) | Shape::Set | Shape::One(Leaf::Answer) => Some("code"),
        Shape::One(Leaf::Ref) => Some("id"),
        Shape::One(Leaf::When) => Some("date"),
        _ => None,
    }
}

fn raw(field: &Field, value: &Value) -> String {
    let part = match field.shape {
        Shape::One(Leaf::Answer) => value.get("value"),
        Shape::One(Leaf::When) => value.get("date"),
        _ => Some(value),
    };
    match part {
        Some(Value::String(text)) => words::clean(text),
        Some(Value::Array(codes)) => codes.iter().filter_map(Value::as_str).map(words::clean).collect::<Vec<_>>().join(" "),
        _ => String::new(),
    }
}

/// The fields of a record or entry on which voices disagree and nobody decided.
fn contested(fields: &[Field], record: &GivenRecord, at: &str) -> String {
    let names = fields.iter().filter(|field| is_cell(field)).map(|field| field.name);
    names.filter(|name| heard(record, &join(at, name)).is_contested).collect::<Vec<_>>().join(" ")
}

fn distinct(texts: Vec<String>) -> Vec<String> {
    let mut found: Vec<String> = Vec::new();
    for text in texts {
        if !found.contains(&text) {
            found.push(text);
        }
    }
    found
}

fn by(mark: Option<Mark>) -> [String; 2] {
    match mark.filter(|mark| mark.observer > 0) {
        Some(mark) => [mark.observer.to_string(), said::moment(mark.at)],
        None => [String::new(), String::new()],
    }
}

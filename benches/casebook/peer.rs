//! What the casebook is measured against: a plain SQLite table, one Automerge document, a file that is appended to.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::path::Path;

use automerge::transaction::{CommitOptions, Transactable};
use automerge::{Automerge, ObjType, ROOT, ReadDoc, hydrate};
use rusqlite::{Connection, params_from_iter};
use sandyq::doc::{Author, Document};
use sandyq::model::Kind;
use serde_json::Value;

use crate::made::{COLUMNS, cells};

/// Appends what comes on standard input to a file and makes it durable.
pub fn append(path: &Path) {
    let mut bytes = Vec::new();
    std::io::stdin().read_to_end(&mut bytes).expect("standard input");
    let mut file = OpenOptions::new().append(true).create(true).open(path).expect("a file to append to");
    file.write_all(&bytes).and_then(|()| file.sync_all()).expect("a disk with room");
}

/// Makes a plain table of detentions.
pub fn table(path: &Path, drafts: &[Value]) {
    let mut db = Connection::open(path).expect("a database");
    let columns = COLUMNS.map(|name| format!("\"{name}\" TEXT")).join(", ");
    db.execute_batch(&format!("CREATE TABLE detention ({columns})")).expect("a table");
    let tx = db.transaction().expect("a transaction");
    let places = vec!["?"; COLUMNS.len()].join(", ");
    for (number, draft) in drafts.iter().enumerate() {
        let mut insert = tx.prepare_cached(&format!("INSERT INTO detention VALUES ({places})")).expect("a statement");
        insert.execute(params_from_iter(cells(number, draft))).expect("a row");
    }
    tx.commit().expect("a disk with room");
}

/// Opens the table and reads every row.
pub fn read_rows(path: &Path) -> usize {
    rows(&Connection::open(path).expect("a database"), "SELECT * FROM detention", &[])
}

/// Opens the table and reads the rows in which any text holds a word.
pub fn search_rows(path: &Path, word: &str) -> usize {
    let anywhere = COLUMNS.map(|name| format!("\"{name}\" LIKE ?1")).join(" OR ");
    rows(&Connection::open(path).expect("a database"), &format!("SELECT * FROM detention WHERE {anywhere}"), &[format!("%{word}%")])
}

fn rows(db: &Connection, query: &str, words: &[String]) -> usize {
    let mut statement = db.prepare(query).expect("a statement");
    let read = |row: &rusqlite::Row| (0..COLUMNS.len()).map(|column| row.get::<_, String>(column)).collect::<Result<Vec<_>, _>>();
    let rows: Result<Vec<Vec<String>>, _> = statement.query_map(params_from_iter(words), read).expect("rows").collect();
    rows.expect("text").len()
}

/// Makes one document of all detentions and saves it.
pub fn document(drafts: &[Value]) -> Vec<u8> {
    let mut document = Automerge::new();
    let all = drafts.iter().enumerate().map(|(number, draft)| (format!("{number:064x}"), entity(draft)));
    let root = hydrate::Map::from([("detentions".to_owned(), map(all))].into_iter().collect::<std::collections::HashMap<_, _>>());
    let mut tx = document.transaction();
    tx.init_root_from_hydrate(&root).expect("a document");
    tx.commit_with(CommitOptions::default());
    document.save()
}

/// Loads the document.
pub fn load(bytes: &[u8]) -> Automerge {
    Automerge::load(bytes).expect("a document")
}

/// Loads the document from a file, adds one detention and saves it durably.
pub fn load_add_save(path: &Path, draft: &Value) {
    let mut document = load(&std::fs::read(path).expect("a file"));
    let mut tx = document.transaction();
    let (kind, detentions) = tx.get(ROOT, "detentions").expect("a document").expect("its map");
    assert!(matches!(kind, automerge::Value::Object(ObjType::Map)));
    tx.batch_create_object(&detentions, "one more", &entity(draft), false).expect("a detention");
    tx.commit_with(CommitOptions::default());
    let mut file = File::create(path).expect("a file");
    file.write_all(&document.save()).and_then(|()| file.sync_all()).expect("a disk with room");
}

fn map(entries: impl Iterator<Item = (String, hydrate::Value)>) -> hydrate::Value {
    hydrate::Value::Map(hydrate::Map::from(entries.collect::<std::collections::HashMap<_, _>>()))
}

/// The very map that a record of its own has, so that both hold the same.
fn entity(draft: &Value) -> hydrate::Value {
    let kind = Kind::Detention;
    let mut fields = draft.as_object().cloned().unwrap_or_default();
    fields.insert("kind".into(), kind.code().into());
    let author = Author { actor: &[7; 32], time: 0, message: None };
    let (document, _) = Document::create(kind.fields(), &fields, &author).expect("a record");
    load(&document.save()).hydrate(None)
}

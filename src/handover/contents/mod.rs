//! What a bundle shows to people and their programs: the page, the tables, the calendar and how to check them all.
//! The same records, choices and language give the same bytes.

pub mod calendar;
pub mod csv;
pub mod dossier;
pub mod page;
pub mod sheet;
pub mod tables;
pub mod verify_txt;

use std::collections::BTreeMap;

use crate::handover::choice::given::Given;
use crate::locale::Texts;

/// A member of the zip: its name and its bytes.
pub type Member = (String, Vec<u8>);

/// What the bundle says about itself.
#[derive(Clone, Copy, Debug)]
pub struct About<'a> {
    /// Id of the bundle, 32 hex digits.
    pub id: &'a str,
    /// File name of the bundle without its endings, for the commands of `VERIFY.txt`.
    pub name: &'a str,
    /// The profile in words.
    pub profile: &'a str,
}

/// Everything that the contents are made from.
pub struct Contents<'a> {
    pub given: &'a Given,
    pub texts: &'a Texts,
    pub about: About<'a>,
    /// Name of the member that holds the file of a piece of evidence, by the id of its record.
    pub files: &'a BTreeMap<String, String>,
    /// What was left out and why, in words, with how many values.
    pub withheld: &'a [(String, u64)],
}

/// What can go wrong.
#[derive(Debug, thiserror::Error)]
pub enum ContentsError {
    #[error("the workbook cannot be written: {0}")]
    Sheet(#[from] rust_xlsxwriter::XlsxError),
    #[error("a table cannot be written: {0}")]
    Csv(#[from] ::csv::Error),
}

impl Contents<'_> {
    /// Returns the members in the order of the bundle format; whoever packs them puts the records, their schemas, the files
    /// and the rest between them.
    ///
    /// # Errors
    /// Returns an error when a table is larger than its format holds.
    pub fn members(&self) -> Result<Vec<Member>, ContentsError> {
        let tables = tables::tables(self);
        let mut members =
            vec![("index.html".to_owned(), page::page(self).into_bytes()), ("tables.xlsx".to_owned(), sheet::workbook(&tables, self.given.made)?)];
        for table in &tables {
            members.push((format!("tables/{}.csv", table.name), csv::write(table, b',')?));
            members.push((format!("tables/{}-semicolon.csv", table.name), csv::write(table, b';')?));
        }
        members.extend(calendar::calendar(self).map(|text| ("hearings.ics".to_owned(), text.into_bytes())));
        if let Some(custody) = tables.iter().find(|table| table.name == "custody") {
            members.push(("custody.csv".to_owned(), csv::write(custody, b',')?));
        }
        members.push(("VERIFY.txt".to_owned(), verify_txt::text(&self.about).into_bytes()));
        Ok(members)
    }
}

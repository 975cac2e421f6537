//! A table as CSV that spreadsheet programs open as it is: a byte order mark, CRLF, and no cell that they would compute.

use super::tables::Table;

/// What a cell must not begin with; an apostrophe of its own is doubled so that it can be told apart.
const RISKY: &[char] = &['=', '+', '-', '@', '\t', '\r', '\n', '\'', '＝', '＋', '－', '＠'];

/// Returns a cell that no program computes: a leading apostrophe stands before what could be a formula. Whoever wants
/// the text itself takes one leading apostrophe off.
pub fn neutral(cell: &str) -> String {
    if cell.starts_with(RISKY) { format!("'{cell}") } else { cell.to_owned() }
}

/// Writes a table with a separator.
///
/// # Errors
/// Returns an error when a row has more cells than there are columns.
pub fn write(table: &Table, separator: u8) -> Result<Vec<u8>, csv::Error> {
    let mut writer = csv::WriterBuilder::new()
        .delimiter(separator)
        .terminator(csv::Terminator::CRLF)
        .quote_style(csv::QuoteStyle::Always)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(table.columns.iter().map(|column| neutral(&column.heading())))?;
    for row in &table.rows {
        writer.write_record(row.iter().map(|cell| neutral(cell)))?;
    }
    writer.into_inner().map_err(|error| csv::Error::from(std::io::Error::other(error.to_string())))
}

//! The tables as a workbook: every cell a text, so that nothing is computed and no number is rounded.

use rust_xlsxwriter::{DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError};

use super::tables::Table;

/// The longest cell in UTF-16 units that spreadsheet programs keep, less the mark of a cut.
const CELL: usize = 32_700;
/// Widest column, in letters.
const WIDEST: usize = 48;

/// Writes a workbook with one sheet for each table.
///
/// # Errors
/// Returns an error when a table has more rows or columns than a sheet.
pub fn workbook(tables: &[Table], made: i64) -> Result<Vec<u8>, XlsxError> {
    let mut workbook = Workbook::new();
    let created = ExcelDateTime::from_timestamp(made)?;
    workbook.set_properties(&DocProperties::new().set_creation_datetime(&created));
    for table in tables {
        write(workbook.add_worksheet(), table)?;
    }
    workbook.save_to_buffer()
}

fn write(sheet: &mut Worksheet, table: &Table) -> Result<(), XlsxError> {
    let head = Format::new().set_bold().set_text_wrap().set_align(FormatAlign::Top);
    let cell = Format::new().set_text_wrap().set_align(FormatAlign::Top).set_num_format("@");
    sheet.set_name(table.name)?.set_freeze_panes(1, 0)?.set_landscape().set_repeat_rows(0, 0)?;
    for (at, column) in (0u16..).zip(&table.columns) {
        sheet.write_string_with_format(0, at, column.heading(), &head)?;
        sheet.set_column_width(at, width(table, usize::from(at)))?;
    }
    for (at, row) in (1u32..).zip(&table.rows) {
        for (column, text) in (0u16..).zip(row).filter(|(_, text)| !text.is_empty()) {
            sheet.write_string_with_format(at, column, cut(text), &cell)?;
        }
    }
    Ok(())
}

fn width(table: &Table, at: usize) -> f64 {
    let longest = table.rows.iter().map(|row| row[at].chars().count()).max().unwrap_or(0);
    let letters = longest.max(table.columns[at].heading().chars().count() / 2).clamp(8, WIDEST);
    f64::from(u32::try_from(letters).unwrap_or(8)) + 2.0
}

/// The text as far as a cell holds it; the whole of it stands in the CSV and in `records.json`.
fn cut(text: &str) -> String {
    let mut units = 0;
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= CELL
    };
    let kept: String = text.chars().take_while(fits).collect();
    if kept.len() == text.len() { kept } else { format!("{kept} [...]") }
}

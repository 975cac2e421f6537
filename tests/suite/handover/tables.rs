//! The tables: opened by readers that are not ours, with every letter intact and nothing computed.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use sandyq::handover::choice::given::Given;
use sandyq::handover::contents::csv::neutral;
use sandyq::locale::LANGUAGES;
use sandyq::model::Kind;
use serde_json::json;

use super::support::{Made, case, contested_case, given, is_installed, record};

const LETTERS: &str = "Кириллица, Әәіңғүұқөһ; «ё»";

fn hostile() -> Given {
    let names = ["=1+1", "+7 701", "-5", "@SUM(A1)", "\tx", "'=2+2", "007", "1,5", "a\"b", LETTERS, "=HYPERLINK(\"http://x\",\"y\")"];
    let forms: serde_json::Map<String, serde_json::Value> = names.iter().enumerate().map(|(n, text)| (format!("n{n:02}"), json!({"text": text}))).collect();
    let mut person = record(Kind::Person, 'a', json!({"citizenship": "=1+1", "occupation": LETTERS}));
    person.tree.insert("names".into(), forms.into());
    given(vec![person])
}

/// Reads a CSV member as rows, its apostrophes taken off.
fn rows(bytes: &[u8], separator: u8) -> Vec<Vec<String>> {
    let text = bytes.strip_prefix("\u{feff}".as_bytes()).expect("a byte order mark");
    let plain = |cell: &str| cell.strip_prefix('\'').unwrap_or(cell).to_owned();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).delimiter(separator).from_reader(text);
    reader.records().map(|row| row.expect("a row").iter().map(plain).collect()).collect()
}

fn column(rows: &[Vec<String>], code: &str) -> Vec<String> {
    let place = rows[0].iter().position(|head| head == code || head.ends_with(&format!("[{code}]"))).unwrap_or_else(|| panic!("{code} in {:?}", rows[0]));
    rows[1..].iter().map(|row| row[place].clone()).collect()
}

#[test]
fn every_table_is_read_back_by_either_separator_in_every_language() {
    for lang in LANGUAGES {
        let made = Made::of(&case(), lang);
        for name in made.1.iter().filter(|name| name.starts_with("tables/") && !name.ends_with("-semicolon.csv")) {
            let comma = rows(&made.0[name], b',');
            assert_eq!(comma, rows(&made.0[&name.replace(".csv", "-semicolon.csv")], b';'), "{name}");
            let heads: BTreeSet<&String> = comma[0].iter().collect();
            assert_eq!(heads.len(), comma[0].len(), "{name}: a head stands twice");
            assert!(made.text(name).ends_with("\r\n") && !made.text(name).replace("\r\n", "").contains('\n'), "{name}");
        }
    }
}

#[test]
fn rows_stand_under_ids_codes_and_words() {
    let made = Made::of(&case(), "ru");
    let steps = rows(&made.0["tables/transitions.csv"], b',');
    assert_eq!(column(&steps, "entry"), ["t1", "t2", "t3", "t4", "t5"]);
    assert_eq!(column(&steps, "status.code")[3], "administrative_arrest");
    assert_eq!(column(&steps, "place")[3], "Спецприёмник, Алматы");
    assert_eq!(column(&steps, "observer"), ["2", "1", "2", "1", "2"]);
    let rights = rows(&made.0["tables/rights.csv"], b',');
    assert_eq!(column(&rights, "item"), ["R03", "R03", "R11", "R14", "R25", "R40"]);
    assert_eq!(column(&rights, "answer.code"), ["no", "yes", "no", "unclear", "yes", "yes"]);
    let checks = rows(&made.0["tables/checks.csv"], b',');
    assert_eq!(column(&checks, "item"), ["H02", "H03", "H17", "H02"]);
    assert_eq!(column(&checks, "person"), ["", "", "P-AAAAAA", ""]);
    let voices = rows(&made.0["tables/voices.csv"], b',');
    assert_eq!(column(&voices, "path"), ["rights/R03", "rights/R03"]);
    let outcomes = rows(&made.0["tables/outcomes.csv"], b',');
    assert!(column(&outcomes, "parts")[0].contains("суток: 15"));
    assert_eq!(column(&rows(&made.0["custody.csv"], b','), "action.code"), ["collected", "hashed"]);
}

#[test]
fn columns_have_the_same_stable_names_in_every_language() {
    let codes = |lang: &str| -> Vec<String> {
        let made = Made::of(&case(), lang);
        let heads = made.1.iter().filter(|name| name.starts_with("tables/")).flat_map(|name| {
            let separator = if name.contains("-semicolon") { b';' } else { b',' };
            rows(&made.0[name], separator)[0]
                .iter()
                .map(|head| format!("{name} {}", head.rsplit('[').next().unwrap().trim_end_matches(']')))
                .collect::<Vec<_>>()
        });
        heads.collect()
    };
    assert_eq!(codes("en"), codes("ru"));
    assert_eq!(codes("en"), codes("kk"));
}

#[test]
fn no_cell_of_a_csv_begins_like_a_formula_and_every_text_comes_back() {
    let made = Made::of(&hostile(), "en");
    let raw = made.text("tables/names.csv");
    for begin in ['=', '+', '-', '@', '\t'] {
        assert!(!raw.contains(&format!("\"{begin}")), "{begin:?}");
    }
    let names = column(&rows(&made.0["tables/names.csv"], b','), "text");
    // A tab is shown as a blank everywhere.
    assert_eq!(names, ["=1+1", "+7 701", "-5", "@SUM(A1)", " x", "'=2+2", "007", "1,5", "a\"b", LETTERS, "=HYPERLINK(\"http://x\",\"y\")"]);
    for cell in ["", "plain", "=x", "'", "''", "＝x", "\rx"] {
        let safe = neutral(cell);
        assert_eq!(safe.strip_prefix('\'').unwrap_or(&safe), cell);
    }
}

/// Opens a file in LibreOffice and returns its first sheet as rows.
fn by_libreoffice(folder: &Path, file: &Path, options: &str) -> Vec<Vec<String>> {
    let profile = format!("-env:UserInstallation=file://{}/profile", folder.display());
    let mut command = Command::new("soffice");
    command.args([&profile, "--headless"]).args(if options.is_empty() { vec![] } else { vec![format!("--infilter=CSV:{options}")] });
    let out = command.args(["--convert-to", "csv:Text - txt - csv (StarCalc):44,34,76,1,,0,false,true,false,false,false,1", "--outdir"]);
    let out = out.arg(folder.join("out")).arg(file).output().expect("soffice runs");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let found = std::fs::read_dir(folder.join("out")).unwrap().map(|entry| entry.unwrap().path()).next().expect("a file");
    let text = std::fs::read(&found).unwrap();
    std::fs::remove_file(found).unwrap();
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text));
    reader.records().map(|row| row.expect("a row").iter().map(str::to_owned).collect()).collect()
}

#[test]
fn libreoffice_opens_csv_of_both_separators_with_every_letter_and_computes_nothing() {
    if !is_installed("soffice", &["--version"], "libreoffice-calc-nogui") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let made = Made::of(&hostile(), "kk");
    for (name, separator) in [("tables/names.csv", 44), ("tables/names-semicolon.csv", 59)] {
        let file = made.write(folder.path(), name);
        let names = column(&by_libreoffice(folder.path(), &file, &format!("{separator},34,76,1")), "text");
        assert_eq!(names[..2], ["'=1+1", "'+7 701"], "{name}");
        assert!(names.contains(&LETTERS.to_owned()) && names.contains(&"'=HYPERLINK(\"http://x\",\"y\")".to_owned()), "{names:?}");
    }
}

#[test]
fn libreoffice_opens_the_workbook_with_texts_as_texts() {
    if !is_installed("soffice", &["--version"], "libreoffice-calc-nogui") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let file = Made::of(&hostile(), "kk").write(folder.path(), "tables.xlsx");
    let people = by_libreoffice(folder.path(), &file, "");
    assert_eq!((column(&people, "citizenship"), column(&people, "occupation")), (vec!["=1+1".to_owned()], vec![LETTERS.to_owned()]));
}

#[test]
fn workbook_has_one_sheet_a_table_and_neither_formula_nor_number() {
    if !is_installed("unzip", &["-v"], "unzip") {
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let made = Made::of(&case(), "en");
    let file = made.write(folder.path(), "tables.xlsx");
    let part = |name: &str| {
        let out = Command::new("unzip").arg("-p").arg(&file).arg(name).output().unwrap();
        assert!(out.status.success(), "{name}");
        String::from_utf8(out.stdout).unwrap()
    };
    let tables = made.1.iter().filter(|name| name.starts_with("tables/") && !name.contains("-semicolon")).count();
    let book = part("xl/workbook.xml");
    assert_eq!(book.matches("<sheet ").count(), tables);
    assert!(part("docProps/core.xml").contains("2018-05-14T12:00:00Z"));
    for sheet in 1..=tables {
        let text = part(&format!("xl/worksheets/sheet{sheet}.xml"));
        assert!(!text.contains("<f>") && text.matches("<v>").count() == text.matches("t=\"s\"").count(), "sheet {sheet}");
        assert!(text.contains("state=\"frozen\""), "sheet {sheet}");
    }
}

#[test]
fn narrative_longer_than_a_cell_is_cut_in_the_workbook_and_whole_in_the_csv() {
    let long = "ұ".repeat(60_000);
    let made = Made::of(&given(vec![record(Kind::Person, 'a', json!({"narrative": long}))]), "en");
    assert_eq!(column(&rows(&made.0["tables/persons.csv"], b','), "narrative"), [long]);
}

#[test]
fn cell_of_a_contested_value_holds_every_voice_behind_the_word() {
    let made = Made::of(&contested_case(), "en");
    let hearings = rows(&made.0["tables/hearings.csv"], b',');
    assert_eq!(column(&hearings, "starts"), ["contested: 2018-05-12 21:20 +05:00 | 2018-05-13 10:00 +05:00", ""]);
    assert_eq!(column(&hearings, "starts.date"), ["2018-05-12 | 2018-05-13", ""]);
    assert_eq!(column(&hearings, "openness.code"), ["open | closed_whole", ""]);
    assert_eq!(column(&hearings, "contested"), ["starts openness", ""]);
    let people = rows(&made.0["tables/persons.csv"], b',');
    assert_eq!((column(&people, "sex.code"), column(&people, "contested")), (vec!["female | unknown".to_owned()], vec!["sex occupation".to_owned()]));
    let rights = rows(&made.0["tables/rights.csv"], b',');
    assert_eq!(column(&rights, "contested"), ["yes", "yes", "", "", "", ""]);
}

#[test]
fn decided_voice_stands_alone_in_its_cell() {
    let mut given = contested_case();
    let trial = given.records.iter_mut().find(|record| record.kind == Kind::Trial).unwrap();
    trial.voices.get_mut("hearings/h1/starts").unwrap()[1].decided = true;
    let hearings = rows(&Made::of(&given, "en").0["tables/hearings.csv"], b',');
    assert_eq!((column(&hearings, "starts")[0].as_str(), column(&hearings, "contested")[0].as_str()), ("2018-05-13 10:00 +05:00", "openness"));
}

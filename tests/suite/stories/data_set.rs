//! The example data set through the program: nothing of what was printed is lost, sums add only what may be added.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use serde_json::Value;

use super::support::{Program, data_set_path, rows};

/// The data set after a round through one vault, by id.
fn exported() -> &'static BTreeMap<String, Value> {
    static ROWS: OnceLock<BTreeMap<String, Value>> = OnceLock::new();
    ROWS.get_or_init(|| by_id(&Program::with_data_set().ok(&["export"], "")))
}

fn by_id(text: &str) -> BTreeMap<String, Value> {
    rows(text).into_iter().map(|row| (row["id"].as_str().unwrap().to_owned(), row)).collect()
}

/// The data set as it is shipped.
fn shipped() -> Vec<Value> {
    rows(&std::fs::read_to_string(data_set_path()).unwrap())
}

fn query(id: &str, key: &str) -> &'static Value {
    let query = &exported()[id]["meta"]["queries"][key];
    assert!(query["question"].is_string() && query["rule"].is_string(), "{id} {key}");
    query
}

fn names(id: &str) -> Vec<&'static str> {
    exported()[id]["names"].as_object().unwrap().values().map(|name| name["text"].as_str().unwrap()).collect()
}

#[test]
fn data_set_comes_in_once_and_the_vault_is_whole() {
    let program = Program::new();
    let path = data_set_path();
    let import = ["import", path.to_str().unwrap()];
    let first = program.json(&import, "");
    assert_eq!((first["new"].as_u64(), first["known"].as_u64()), (Some(336), Some(0)));
    let second = program.json(&import, "");
    assert_eq!((second["new"].as_u64(), second["known"].as_u64()), (Some(0), Some(336)));
    let checked = program.json(&["check"], "");
    assert_eq!((checked["whole"].as_bool(), checked["records"].as_u64()), (Some(true), Some(336)));
}

#[test]
fn chain_prints_six_dated_figures_and_their_sum_with_more_than() {
    let out = Program::with_data_set().ok(&["report", "rally", "--chain", "S004-13"], "");
    let expected = [
        ("2018-05-10", "more than 150"),
        ("2018-06-23", "more than 200"),
        ("2018-07-06", "more than 50"),
        ("2018-12-16", "more than 20"),
        ("2019-02-27", "more than 200"),
        ("2019-03-22", "more than 100"),
    ];
    let lines: Vec<&str> = out.lines().collect();
    assert_eq!(lines.len(), 7, "{out}");
    for (line, (day, figure)) in lines.iter().zip(expected) {
        assert!(line.starts_with(day) && line.ends_with(&format!(": {figure}")), "{line}");
    }
    assert_eq!(lines[6], "Sum of 6 rows: more than 720");
}

#[test]
fn period_prints_every_incident_with_or_without_a_figure_and_what_was_not_added() {
    let program = Program::with_data_set();
    let out = program.ok(&["report", "rally", "--from", "2018-05", "--to", "2019-03"], "");
    let starts = |row: &Value| row["starts"]["date"].as_str().unwrap_or_default().to_owned();
    let inside = |row: &&Value| row["kind"] == "incident" && ("2018-05".to_owned().."2019-04".to_owned()).contains(&starts(row));
    let all = shipped();
    let wanted: Vec<&Value> = all.iter().filter(inside).collect();
    assert_eq!(wanted.len(), 13);
    for incident in wanted {
        assert!(out.contains(incident["title"].as_str().unwrap()), "{} is missing:\n{out}", incident["id"]);
    }
    assert!(out.contains("February 2019 · detained: number unknown"), "{out}");
    assert!(out.contains("February 2019 · detained: several dozen"), "{out}");
    assert!(out.contains("\nSum of 9 rows: more than 722\nNot added:\n"), "{out}");
    assert!(out.contains("  Protests of mothers with many children, February 2019 – no figure stated\n"), "{out}");
    assert!(out.contains("  Protest of people without work, Zhanaozen, February 2019 – words without a number\n"), "{out}");
    assert!(out.contains("may be the same people as Peaceful assemblies in several cities, 22 March 2019"), "{out}");
}

#[test]
fn tolls_of_zhanaozen_stand_side_by_side_with_who_says_so() {
    let out = Program::with_data_set().ok(&["report", "rally", "--from", "2011", "--to", "2011"], "");
    let voices = [
        "    killed: 17 – NGO comments of 2016",
        "    killed: more than 12 [more than a dozen] – NGO briefing of 2015",
        "    killed: at least 17 – official figure, as given in the UPR submission",
        "    casualties, as printed: up to 70 – unofficial figure, as given in the UPR submission",
    ];
    let found: Vec<&str> = out.lines().filter(|line| voices.contains(line)).collect();
    assert_eq!(found, voices, "{out}");
}

#[test]
fn export_into_an_empty_vault_and_out_again_gives_the_same_bytes() {
    let first = Program::with_data_set().ok(&["export"], "");
    let empty = Program::new();
    empty.ok(&["import"], &first);
    assert_eq!(empty.ok(&["export"], ""), first);
}

#[test]
fn every_shipped_line_comes_out_with_every_value_it_had() {
    for row in shipped() {
        let out = &exported()[row["id"].as_str().unwrap()];
        for (name, value) in row.as_object().unwrap() {
            assert_eq!(&out[name], value, "{} of {}", name, row["id"]);
        }
    }
}

/// Every qualifier and printed form below a value, with its path.
fn figures(value: &Value, path: &str, found: &mut BTreeSet<(String, String)>) {
    let Value::Object(fields) = value else { return };
    for (name, inner) in fields {
        let here = format!("{path}/{name}");
        match inner {
            Value::String(text) if name == "op" || name == "as_printed" => drop(found.insert((here, text.clone()))),
            inner => figures(inner, &here, found),
        }
    }
}

#[test]
fn no_qualifier_and_no_printed_form_is_lost() {
    let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
    shipped().iter().for_each(|row| figures(row, row["id"].as_str().unwrap(), &mut before));
    exported().iter().for_each(|(id, row)| figures(row, id, &mut after));
    assert!(before.len() > 60, "{}", before.len());
    assert_eq!(before, after);
}

#[test]
fn data_set_has_the_people_events_trials_and_figures_it_states() {
    let of = |kind: &str| exported().values().filter(|row| row["kind"] == kind).count();
    assert_eq!((of("incident"), of("person"), of("trial"), of("figure")), (25, 102, 33, 16));
    let mut events = BTreeSet::new();
    for (id, row) in exported() {
        let whose = id.split_once('-').unwrap().1;
        let entries = row["transitions"].as_object().into_iter().flatten();
        events.extend(entries.map(|(key, _)| format!("{whose}-{key}")));
        events.extend(["act", "action", "decision"].contains(&row["kind"].as_str().unwrap()).then(|| whose.to_owned()));
    }
    assert_eq!(events.len(), 146);
}

#[test]
fn fifteen_contradictions_are_kept_on_sixteen_records() {
    let of = |row: &Value| row["meta"]["queries"].as_object().map(|queries| queries.keys().cloned().collect::<Vec<_>>()).unwrap_or_default();
    let all: Vec<String> = exported().values().flat_map(of).collect();
    assert_eq!((all.len(), all.iter().collect::<BTreeSet<_>>().len()), (16, 15));
}

#[test]
fn four_tolls_of_one_day_stay_four_figures() {
    query("inc-2011-12-16-zhanaozen", "x-zhanaozen-deaths");
    let counts = exported()["inc-2011-12-16-zhanaozen"]["counts"].as_object().unwrap();
    let tolls = counts.values().filter(|f| f["what"] == "killed" || f["what"] == "casualties");
    let said: Vec<(&str, &str)> = tolls.map(|f| (f["count"]["op"].as_str().unwrap(), f["count"]["value"].as_str().unwrap())).collect();
    assert_eq!(said, [("exact", "17"), ("more_than", "12"), ("at_least", "17"), ("up_to", "70")]);
}

#[test]
fn both_documents_keep_their_number_of_banned_outlets() {
    query("agg-media-banned-2012", "x-media-34");
    let row = &exported()["agg-media-banned-2012"];
    assert_eq!((&row["count"]["value"], &row["parts"]["f1"]["count"]["value"]), (&Value::from("34"), &Value::from("23")));
    assert_eq!(row["parts"]["f2"]["count"]["as_printed"], "several newspapers");
}

#[test]
fn more_investigations_closed_than_cases_recorded_stay_as_printed() {
    query("agg-torture-2008-2018", "x-torture-500-2026");
    let row = &exported()["agg-torture-2008-2018"];
    assert_eq!((&row["count"]["value"], &row["parts"]["f2"]["count"]["value"]), (&Value::from("500"), &Value::from("2026")));
}

#[test]
fn two_printed_given_names_stand_on_one_person() {
    query("p-blyalov", "x-blyalov-name");
    assert_eq!(names("p-blyalov"), ["Boltabek Blyalov", "Bolatbek Blyalov"]);
}

#[test]
fn given_names_that_only_resemble_each_other_wait_for_a_human_being() {
    assert_eq!(query("p-yergaliyeva", "x-yergaliyeva")["status"], "open");
    assert_eq!(names("p-yergaliyeva"), ["Gulshan Yergaliyeva", "Gulzhan Ergalieva"]);
}

#[test]
fn two_spellings_of_one_document_stand_on_one_person() {
    query("p-akberdiyeva", "x-akberdiyeva");
    assert_eq!(names("p-akberdiyeva"), ["Aygul Akberdiyeva", "Aigul Akberdiyeva"]);
}

#[test]
fn a_misprinted_surname_stays_beside_the_right_one() {
    query("p-dzhakishev", "x-dzhakishev-typo");
    assert_eq!(names("p-dzhakishev"), ["Mukhtar Dzhakishev", "Dzakhishev"]);
}

#[test]
fn a_cyrillic_first_letter_stays_and_latin_letters_find_it() {
    query("p-matayev-a", "x-homoglyph");
    assert_eq!(names("p-matayev-a"), ["\u{410}set Matayev"]);
    assert_eq!(names("p-khalabuzar")[0], "\u{41e}lesya Khalabuzar");
    let found = Program::with_data_set().ok(&["find"], "Aset Matayev");
    assert!(found.contains("\u{410}set Matayev"), "{found}");
}

#[test]
fn a_person_without_a_name_may_be_a_named_one_and_is_not_joined() {
    for (named, unnamed) in [("p-shevtsova-valova", "p-unnamed-almaty-russian"), ("p-baikenov", "p-unnamed-astana-kazakh")] {
        query(named, "x-unnamed-named");
        assert_eq!(exported()[named]["links"]["l1"]["verdict"], "unsure");
        assert_eq!(exported()[named]["links"]["l1"]["other"], unnamed);
        assert!(exported().contains_key(unnamed));
    }
}

#[test]
fn one_initial_stays_two_people() {
    query("p-defendant-m", "x-two-m");
    assert_eq!(exported()["p-defendant-m"]["links"]["l1"]["verdict"], "different");
    assert_eq!((names("p-defendant-m"), names("p-prisoner-m")), (vec!["M."], vec!["M."]));
}

#[test]
fn a_sentence_changed_on_appeal_does_not_overwrite_the_first_one() {
    query("p-baidalinova", "x-baidalinova-sentence");
    let steps = &exported()["d-baidalinova"]["transitions"];
    assert_eq!((&steps["e4"]["parts"]["p1"]["kind"], &steps["e5"]["parts"]["p1"]["kind"]), (&Value::from("imprisonment"), &Value::from("suspended")));
}

#[test]
fn father_and_son_carry_the_interval_of_two_years() {
    query("p-matayev-a", "x-matayev-dates");
    for detention in ["d-matayev-a", "d-matayev-s"] {
        assert_eq!(exported()[detention]["transitions"]["e0"]["effective"]["date"], "2017/2018");
    }
}

#[test]
fn an_article_printed_under_two_numbers_keeps_both() {
    let kept = query("pub-s000", "x-cao-389-489");
    assert_eq!((&kept["printed"]["article"], &kept["corrected"]["article"]), (&Value::from("389"), &Value::from("489")));
}

#[test]
fn an_article_nobody_checked_stays_open_with_both_numbers() {
    let kept = query("pub-s000", "x-cc-360-361");
    assert_eq!((&kept["printed"]["article"], &kept["corrected"]["article"], &kept["status"]), (&Value::from("360"), &Value::from("361"), &Value::from("open")));
}

#[test]
fn one_article_number_of_two_codes_is_told_apart_by_the_code() {
    let kept = query("pub-s000", "x-art-145");
    assert_eq!((&kept["printed"]["instrument"], &kept["corrected"]["instrument"]), (&Value::from("KZ-CC-1997"), &Value::from("KZ-CC-2014")));
}

/// Every text of several words in a value: names, titles, notes, narratives.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::String(text) if text.contains(' ') => drop(found.insert(text.clone())),
        Value::Array(items) => items.iter().for_each(|item| texts(item, found)),
        Value::Object(fields) => fields.values().for_each(|field| texts(field, found)),
        _ => {}
    }
}

/// The texts that stand somewhere in the bytes, looked for by their first eight bytes.
fn standing_in<'a>(bytes: &[u8], texts: &'a BTreeSet<String>) -> Vec<&'a str> {
    let mut by_start: BTreeMap<&[u8], Vec<&'a str>> = BTreeMap::new();
    for text in texts.iter().filter(|text| text.len() >= 8) {
        by_start.entry(&text.as_bytes()[..8]).or_default().push(text);
    }
    let starts = bytes.windows(8).enumerate().filter_map(|(at, window)| Some((at, by_start.get(window)?)));
    starts.flat_map(|(at, texts)| texts.iter().copied().filter(move |text| bytes[at..].starts_with(text.as_bytes()))).collect()
}

#[test]
fn no_text_of_the_data_set_stands_in_the_vault_or_its_backup() {
    let mut wanted = BTreeSet::new();
    shipped().iter().for_each(|row| texts(row, &mut wanted));
    assert!(wanted.len() > 500, "{}", wanted.len());
    let shipped = std::fs::read(data_set_path()).unwrap();
    assert!(standing_in(&shipped, &wanted).len() > 500, "what is there is found");
    let program = Program::with_data_set();
    let backup = program.path("out.tar");
    program.ok(&["backup", backup.to_str().unwrap()], "");
    let files = sandyq::sys::disk::files_below(&program.vault()).unwrap();
    for file in files.iter().chain([&backup]) {
        assert_eq!(standing_in(&std::fs::read(file).unwrap(), &wanted), Vec::<&str>::new(), "{}", file.display());
    }
}

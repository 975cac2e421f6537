//! A hand-over through the built program: shown first, sealed, noted, opened, answered.

use std::path::Path;

use sandyq::crypto::{Lock, mac, plain_hash};
use serde_json::{Value, json};

use super::container_support::{Raw, raw_zip, recipient, sealed};
use crate::stories::support::{Program, Ran};

const ORAL: &str = r#"{"recipient": "Adv. Sultanova", "reason": "oral, 23:10, by the mother", "paper_due": "2026-05-13"}"#;

/// A casebook with one person who asks for a lawyer.
struct Case {
    program: Program,
    person: String,
}

impl Case {
    fn new() -> Case {
        let program = Program::new();
        let (person, detention) = program.detained("Айгүл Қасымова");
        let said =
            |time: &str, by: &str| json!({ "status": "apprehended", "effective": { "date": "2026-05-10", "time": time, "offset_min": 300 }, "told_by": by });
        program.ok(&["step", &detention], said("17:55", "witness").to_string());
        program.ok(&["step", &detention], said("19:40", "document").to_string());
        Case { program, person }
    }

    fn create(&self, to: &str, more: &[&str], told: &str) -> Ran {
        self.program.run(&[&["--json", "bundle", "create", &self.person, "--to", &self.program.arg(to), "--yes"], more].concat(), told)
    }

    /// Makes a bundle that opens with words; returns what the program said of it.
    #[track_caller]
    fn created(&self, to: &str, more: &[&str]) -> Value {
        made(&self.create(to, more, ORAL))
    }

    /// Opens a bundle into a folder.
    #[track_caller]
    fn opened(&self, file: &str, made: &Value, folder: &str) -> std::path::PathBuf {
        std::fs::write(self.program.path("six"), made["words"].as_str().expect("words")).expect("written");
        let words = self.program.arg("six");
        self.program.ok(&["bundle", "open", &self.program.arg(file), "--words-file", &words, "--to", &self.program.arg(folder)], "");
        self.program.path(folder)
    }

    fn ledger(&self) -> Vec<Value> {
        self.program.json(&["list", "handover"], "").as_array().expect("a list").clone()
    }
}

#[track_caller]
fn made(ran: &Ran) -> Value {
    assert_eq!(ran.code, 0, "{ran:#?}");
    one_document(ran)
}

/// What a run gave to a script: one document and nothing else.
#[track_caller]
fn one_document(ran: &Ran) -> Value {
    serde_json::from_str(&ran.out).unwrap_or_else(|error| panic!("{error}: {ran:#?}"))
}

fn text(folder: &Path, name: &str) -> String {
    std::fs::read_to_string(folder.join(name)).expect("a text")
}

/// Writes an answer as the reader page does.
pub fn answer(folder: &Path, nonce: &str, to: &Path) {
    let reply: Value = serde_json::from_str(&text(folder, "reply.json")).expect("JSON");
    let secret: [u8; 32] = hex::decode(reply["secret"].as_str().expect("hex")).expect("hex").try_into().expect("32 bytes");
    let decision = "Постановление суда".as_bytes().to_vec();
    let file = json!({ "member": "files/1.pdf", "name": "Решение.pdf", "size": decision.len(), "sha256": hex::encode(plain_hash(&decision)), "what": "court_decision" });
    let written = json!({ "version": 1, "bundle": reply["bundle"], "manifest": hex::encode(plain_hash(text(folder, "MANIFEST").as_bytes())), "nonce": nonce,
        "written": "2026-05-11T12:00:00Z", "kind": "documents", "note": "Получено", "files": [file] })
    .to_string();
    let mark = hex::encode(mac(&secret, written.as_bytes()));
    let zip = raw_zip(&[Raw::new("answer.json", written), Raw::new("answer.mac", mark), Raw::new("files/1.pdf", decision)]);
    let recipient = sandyq::crypto::KeyRecipient::read(reply["recipient"].as_str().expect("a key"), false).expect("a key");
    std::fs::write(to, sealed(&Lock::Keys(vec![recipient]), &zip)).expect("written");
}

#[test]
fn what_goes_is_shown_before_anything_is_sealed() {
    let case = Case::new();
    let seen = case.program.json(&["bundle", "create", &case.person, "--preview"], "");
    assert_eq!((&seen["preview"]["profile"], &seen["preview"]["people"][0]["names"][0]), (&json!("lawyer"), &json!("Айгүл Қасымова")));
    assert_eq!(case.ledger(), [json!(null); 0]);
    let told = "Taken beside Zarema.";
    case.program.add("detention", &json!({ "person": case.person, "narrative": told }));
    case.program.add("mandate", &json!({ "principal": case.person, "agent": "Advocate Petrova", "scope": ["detention"] }));
    let seen = case.program.run(&["bundle", "create", &case.person, "--preview"], r#"{"recipient": "Advocate Sidorov"}"#);
    assert!(seen.out.contains(told) && seen.out.contains("Advocate Petrova") && seen.err.contains("Advocate Sidorov"), "{seen:#?}");
    let same = case.program.run(&["bundle", "create", &case.person, "--preview"], r#"{"recipient": "petrova"}"#);
    assert!(!same.err.contains("petrova"), "{same:#?}");
    let unsure = case.program.run(&["bundle", "create", &case.person, "--to", &case.program.arg("case.zip.age")], ORAL);
    assert!(unsure.code == 1 && unsure.out.contains("Айгүл Қасымова"), "{unsure:#?}");
    assert!(!case.program.path("case.zip.age").exists());
}

#[test]
fn preview_names_every_field_in_the_language_of_the_reader() {
    let case = Case::new();
    let seen = case.program.ok(&["--lang", "ru", "bundle", "create", &case.person, "--preview"], "");
    assert!(seen.contains("изменения статуса · с чьих слов 2"), "{seen}");
    let named = seen.lines().filter(|line| line.starts_with("  "));
    assert!(named.clone().count() == 2 && named.clone().all(|line| !line.contains(|c: char| c.is_ascii_alphabetic())), "{seen}");
}

#[test]
fn one_command_gives_one_document_also_where_it_is_refused() {
    let case = Case::new();
    let to = case.program.arg("case.zip.age");
    let alone = ["files_with_metadata", "preview", "recorded_twice"];
    let keys = |value: &Value| value.as_object().expect("an object").keys().cloned().collect::<Vec<_>>();
    let unsure = case.program.run(&["--json", "bundle", "create", &case.person, "--to", &to], ORAL);
    assert_eq!((unsure.code, keys(&one_document(&unsure))), (1, alone.map(str::to_owned).to_vec()));
    let done = case.created("case.zip.age", &[]);
    assert!(alone.iter().chain(&["record", "bundle", "files", "members", "signer", "words"]).all(|name| done.get(name).is_some()), "{done}");
    assert_eq!(done["preview"]["people"][0]["names"][0], "Айгүл Қасымова");
    let again = case.create("case.zip.age", &[], ORAL);
    assert_eq!((again.code, keys(&one_document(&again))), (1, alone.map(str::to_owned).to_vec()), "what is there stays");
    let nothing = case.create("other.zip.age", &[], "");
    assert_eq!((nothing.code, nothing.out.as_str()), (1, ""), "nothing was worked out");
    let folder = case.opened("case.zip.age", &done, "out");
    let (words, file) = (case.program.arg("six"), case.program.arg("case.answer.age"));
    for command in [&["bundle", "verify", &to][..], &["bundle", "open", &to, "--to", &case.program.arg("second")]] {
        assert_eq!(case.program.json(&[command, &["--words-file", &words]].concat(), "")["whole"], true);
    }
    answer(&folder, &"0".repeat(32), Path::new(&file));
    let unsure = case.program.run(&["--json", "bundle", "receipt", &file], "");
    let shown = one_document(&unsure);
    assert_eq!((unsure.code, &shown["note"], &shown["known"], shown.get("new")), (1, &json!("Получено"), &json!(false), None));
    let taken = case.program.json(&["bundle", "receipt", &file, "--yes"], "");
    assert_eq!((&taken["new"], &taken["known"]), (&json!(2), &json!(false)));
    assert_eq!(case.program.json(&["bundle", "receipt", &file], "")["known"], true);
}

#[test]
fn person_sees_first_what_goes_and_then_what_was_made() {
    let case = Case::new();
    let ran = case.program.run(&["bundle", "create", &case.person, "--to", &case.program.arg("case.zip.age"), "--yes"], ORAL);
    let place = |part: &str| ran.out.find(part).unwrap_or_else(|| panic!("{part}: {ran:#?}"));
    assert!(place("What the recipient will see (lawyer):") < place("Nothing is withheld").min(place("Sealed under words")));
    assert!(place("Sealed under words") < place("The words, shown this once") && ran.err.contains("Noted in the ledger"), "{ran:#?}");
}

#[test]
fn who_is_recorded_twice_is_told_before_half_of_it_goes() {
    let case = Case::new();
    let (other, _) = case.program.detained("Айгуль Касымова");
    case.program.ok(&["link", &case.person, &other], "");
    let seen = case.program.json(&["bundle", "create", &case.person, "--preview"], "");
    assert_eq!((&seen["recorded_twice"], seen["preview"]["people"].as_array().map(Vec::len)), (&json!([other]), Some(1)));
    assert!(case.program.ok(&["bundle", "create", &case.person, "--preview"], "").contains(&format!("{other} is said to be the same person")));
    let both = case.program.json(&["bundle", "create", &case.person, &other, "--preview"], "");
    assert_eq!(both["recorded_twice"], json!([]));
}

#[test]
fn what_comes_with_an_answer_is_about_the_people_of_the_bundle() {
    let case = Case::new();
    let id = |code: &str| case.program.json(&["show", code], "")["id"].as_str().expect("an id").to_owned();
    let (other, detention) = case.program.detained("Данияр Сериков");
    let mut people = [id(&case.person), id(&other)];
    people.sort();
    let about = [vec![case.person.as_str()], vec![detention.as_str()], vec![other.as_str(), case.person.as_str()]];
    let expected = [vec![id(&case.person)], vec![id(&other)], people.to_vec()];
    for (number, (about, expected)) in about.into_iter().zip(expected).enumerate() {
        let to = case.program.arg(&format!("{number}.zip.age"));
        let ran = case.program.run(&[&["--json", "bundle", "create"], &about[..], &["--to", &to, "--yes"]].concat(), ORAL);
        let folder = case.opened(&format!("{number}.zip.age"), &made(&ran), &number.to_string());
        let file = case.program.path(&format!("{number}.answer.age"));
        answer(&folder, &format!("{number:032}"), &file);
        let taken = case.program.json(&["bundle", "receipt", file.to_str().expect("UTF-8"), "--yes"], "");
        for evidence in taken["evidence"].as_array().expect("a list") {
            let row = case.program.json(&["show", evidence.as_str().expect("an id")], "");
            let also = row["also_about"].as_object().into_iter().flat_map(|also| also.values().map(|subject| &subject["record"]));
            let about: Vec<String> = [&row["relates_to"]].into_iter().chain(also).map(|id| id.as_str().expect("an id").to_owned()).collect();
            assert_eq!(about, expected, "{number}");
        }
    }
}

/// Changes the store beneath the program.
fn sql(program: &Program, text: &str) {
    rusqlite::Connection::open(program.vault().join("store")).expect("a database").execute_batch(text).expect("changed");
}

#[test]
fn preview_looks_only_whether_pieces_are_here_and_sealing_tells_a_damaged_one() {
    let case = Case::new();
    std::fs::write(case.program.path("statement.pdf"), [b"%PDF-1.7".as_slice(), &[7; 3_000_000]].concat()).expect("written");
    case.program.ok(&["attach", &case.person, &case.program.arg("statement.pdf")], "");
    // The second piece of the file: the first one is looked into for what kind of file it is.
    let second = "(SELECT number FROM file WHERE length(body) > 900000 ORDER BY number LIMIT 1 OFFSET 1)";
    sql(&case.program, &format!("UPDATE file SET body = zeroblob(length(body)) WHERE number = {second}"));
    let seen = case.program.json(&["bundle", "create", &case.person, "--preview"], "");
    assert_eq!(seen["preview"]["files"].as_array().map(Vec::len), Some(1));
    let refused = case.create("case.zip.age", &[], ORAL);
    assert_eq!((refused.code, one_document(&refused).get("record")), (20, None), "{refused:#?}");
    assert!(!case.program.path("case.zip.age").exists() && case.ledger() == [json!(null); 0]);
    let left = std::fs::read_dir(case.program.path("."))
        .expect("listed")
        .filter(|entry| entry.as_ref().expect("read").file_name().to_string_lossy().contains(".part"));
    assert_eq!(left.count(), 0);
    sql(&case.program, &format!("DELETE FROM file WHERE number = {second}"));
    let seen = case.program.json(&["bundle", "create", &case.person, "--preview"], "");
    assert_eq!(seen["preview"]["files"], json!([]), "what is not here whole is not promised");
}

#[test]
fn missing_power_of_attorney_asks_for_a_reason_and_a_day() {
    let case = Case::new();
    let refused = case.create("case.zip.age", &[], "");
    assert!(refused.code == 1 && refused.err.contains("until which the paper is due"), "{refused:#?}");
    let odd = [
        (r#""oral""#, "soon", "Not understood"),
        (r#""oral""#, "2026-05/..", "Not understood"),
        (r#""oral""#, "2001-01-01", "is over"),
        (r#""  ""#, "2026-05-13", "A reason"),
    ];
    for (reason, due, told) in odd {
        let refused = case.create("case.zip.age", &[], &format!(r#"{{"reason": {reason}, "paper_due": "{due}"}}"#));
        assert!(refused.code == 1 && refused.err.contains(told), "{due}: {refused:#?}");
    }
    let done = case.created("case.zip.age", &[]);
    let ledger = case.program.json(&["show", done["record"].as_str().expect("an id")], "");
    assert_eq!(
        (&ledger["basis"], &ledger["reason"], &ledger["paper_due"]["date"]),
        (&json!("reason"), &json!("oral, 23:10, by the mother"), &json!("2026-05-13"))
    );
    assert!(ledger.get("reply_identity").is_none() && ledger.get("reply_secret").is_none(), "what opens answers is shown to nobody");
    let mandate = json!({ "principal": case.person, "scope": ["detention"], "valid_from": { "date": "2026-01-01" } });
    case.program.add("mandate", &mandate);
    let done = made(&case.create("second.zip.age", &[], "{}"));
    assert_eq!(case.program.json(&["show", done["record"].as_str().expect("an id")], "")["basis"], "mandate");
}

/// Whoever replaces a bundle writes its texts: they must not say what the lawyer is to compare with.
#[test]
fn texts_of_a_bundle_name_no_signer_to_compare_with() {
    let case = Case::new();
    let made = case.created("case.zip.age", &[]);
    let folder = case.opened("case.zip.age", &made, "out");
    for name in ["VERIFY.txt", "index.html"] {
        let said = text(&folder, name);
        for what in ["fingerprint", "words", "digits"] {
            assert!(!said.contains(made["signer"][what].as_str().expect("a text")), "{what} in {name}");
        }
    }
}

#[test]
fn bundle_made_twice_for_the_same_recipient_is_the_same_and_for_another_it_is_not() {
    let case = Case::new();
    let manifest = |file: &str, more: &[&str]| {
        let made = case.created(file, more);
        (made["bundle"].clone(), text(&case.opened(file, &made, &format!("{file}.d")), "MANIFEST"))
    };
    let first = manifest("one.zip.age", &[]);
    assert_eq!(manifest("two.zip.age", &[]), first);
    let other = manifest("three.zip.age", &["--bundle-lang", "kk"]);
    assert!(other.0 != first.0 && other.1 != first.1);
    case.program.detained("Somebody Else");
    assert_ne!(manifest("four.zip.age", &[]).0, first.0, "made from another state");
    assert_eq!(case.ledger().len(), 4);
}

/// A browser opens at most 200 MB; what is larger goes beside it, under the same words.
#[test]
fn large_evidence_goes_in_a_second_bundle_under_the_same_words() {
    let case = Case::new();
    for (name, megabytes) in [("long.mp4", 110), ("short.mp4", 85), ("protocol.pdf", 1)] {
        let file = std::fs::File::create(case.program.path(name)).expect("a file");
        std::io::Write::write_all(&mut &file, name.as_bytes()).expect("written");
        file.set_len(megabytes * 1_000_000).expect("room");
        case.program.ok(&["attach", &case.person, &case.program.arg(name)], "");
    }
    let whole = case.program.json(&["bundle", "create", &case.person, "--preview"], "");
    assert_eq!((whole["preview"]["files"].as_array().map(Vec::len), whole["second"]["preview"]["files"].as_array().map(Vec::len)), (Some(2), Some(1)));
    std::fs::write(case.program.path("case-2.zip.age"), "kept").expect("written");
    let refused = case.create("case.zip.age", &[], ORAL);
    assert!(refused.code == 1 && !case.program.path("case.zip.age").exists() && case.ledger().is_empty(), "{refused:#?}");
    std::fs::remove_file(case.program.path("case-2.zip.age")).expect("removed");
    let done = case.created("case.zip.age", &[]);
    assert!(std::fs::metadata(case.program.path("case.zip.age")).is_ok_and(|file| file.len() < 200_000_000));
    assert_eq!((case.ledger().len(), &done["words"]), (2, &done["second"]["words"]));
    let (first, second) = (case.opened("case.zip.age", &done, "first"), case.opened("case-2.zip.age", &done, "second"));
    let names = |folder: &Path| {
        let files = std::fs::read_dir(folder.join("files")).expect("files");
        let mut sizes: Vec<u64> = files.map(|file| file.expect("a file").metadata().expect("read").len()).collect();
        sizes.sort_unstable();
        sizes
    };
    assert_eq!((names(&first), names(&second)), (vec![1_000_000, 85_000_000], vec![110_000_000]));
    let withheld: Value = serde_json::from_str(&text(&first, "withheld.json")).expect("JSON");
    assert!(withheld["parts"].as_array().expect("a list").iter().any(|row| row["reason"] == "other_bundle" && row["number"] == 1), "{withheld}");
    assert!(text(&second, "index.html").contains("Айгүл Қасымова"));
    let by_key = case.program.run(&["--json", "bundle", "create", &case.person, "--preview", "--recipient", &recipient().recipient().to_string()], "");
    assert!(made(&by_key).get("second").is_none(), "who has a key needs no browser");
}

/// The words are drawn once and shown once: whoever has the first bundle needs them, whatever became of the second.
#[test]
fn first_bundle_keeps_its_words_when_the_second_one_fails() {
    let case = Case::new();
    for (name, megabytes) in [("long.mp4", 110), ("short.mp4", 85)] {
        std::fs::File::create(case.program.path(name)).and_then(|file| file.set_len(megabytes * 1_000_000)).expect("room");
        case.program.ok(&["attach", &case.person, &case.program.arg(name)], "");
    }
    let of_the_long_one = "(SELECT number FROM file WHERE length(body) > 900000 ORDER BY number LIMIT 1 OFFSET 1)";
    sql(&case.program, &format!("UPDATE file SET body = zeroblob(length(body)) WHERE number = {of_the_long_one}"));
    let ran = case.create("case.zip.age", &[], ORAL);
    let told = one_document(&ran);
    assert_eq!((ran.code, told["record"].is_string(), told["second"].get("record")), (20, true, None), "{ran:#?}");
    assert!(case.opened("case.zip.age", &told, "first").join("index.html").exists());
    assert_eq!((case.ledger().len(), case.program.path("case-2.zip.age").exists()), (1, false));
}

#[test]
fn file_that_is_there_is_kept_and_no_hand_over_is_noted() {
    let case = Case::new();
    std::fs::write(case.program.path("case.zip.age"), "kept").expect("written");
    let refused = case.create("case.zip.age", &[], ORAL);
    assert_eq!((refused.code, text(&case.program.path("."), "case.zip.age").as_str()), (1, "kept"));
    assert_eq!(case.ledger(), [json!(null); 0]);
}

#[test]
fn lawyers_bundle_holds_nothing_of_others_of_sources_and_of_monitors() {
    let case = Case::new();
    let (other, _) = case.program.detained("Данияр Сериков");
    case.program.add("source", &json!({ "code": "S-17", "name": "Neighbour Marker" }));
    let observed = json!([{ "number": "1", "observations": [{ "observer": "Zarina Watcher", "basis": "present_in_room" }] }]);
    case.program
        .add("trial", &json!({ "category": "administrative_offence", "parties": [{ "person": case.person }, { "person": other }], "hearings": observed }));
    let told = "Told by Ms Marker from her window; Zarina filmed it. Айгүл was taken at the gate.";
    case.program.add("detention", &json!({ "person": case.person, "narrative": told }));
    let done = case.created("case.zip.age", &[]);
    let folder = case.opened("case.zip.age", &done, "out");
    let listed = text(&folder, "MANIFEST");
    let names: Vec<&str> = listed.lines().map(|line| &line[66..]).collect();
    for wanted in ["index.html", "records.json", "tables.xlsx", "tables/persons.csv", "custody.csv", "withheld.json", "VERIFY.txt", "reply.json"] {
        assert!(names.contains(&wanted), "{wanted} in {names:?}");
    }
    for name in names.iter().filter(|name| !name.ends_with(".xlsx")) {
        let member = text(&folder, name);
        for marker in ["Сериков", "Marker", "Zarina", "Watcher", "S-17", crate::stories::support::HANDLE, "AGE-SECRET-KEY"] {
            assert!(!member.contains(marker), "{marker} in {name}");
        }
    }
    let page = text(&folder, "index.html");
    assert!(page.contains("Айгүл Қасымова") && page.contains("Told by Ms […] from her window; […] filmed it. Айгүл was taken at the gate."));
}

#[test]
fn answer_is_taken_in_once_and_never_when_it_was_changed_or_is_for_others() {
    let case = Case::new();
    let done = case.created("case.zip.age", &[]);
    let folder = case.opened("case.zip.age", &done, "out");
    let file = case.program.path("case.answer.age");
    answer(&folder, "00112233445566778899aabbccddeeff", &file);
    let receipt = |program: &Program, more: &[&str]| program.run(&[&["--json", "bundle", "receipt", file.to_str().expect("UTF-8")], more].concat(), "");
    assert_eq!(receipt(&case.program, &[]).code, 1, "nobody said yes");
    let before = case.program.records();
    let taken = made(&receipt(&case.program, &["--yes"]));
    assert_eq!((&taken["new"], &taken["note"], case.program.records()), (&json!(2), &json!("Получено"), before + 2));
    let again = made(&receipt(&case.program, &["--yes"]));
    assert_eq!((&again["new"], case.program.records()), (&json!(0), before + 2));
    let evidence = taken["evidence"][1].as_str().expect("an id");
    case.program.ok(&["extract", evidence, &case.program.arg("decision.pdf")], "");
    assert_eq!(text(&case.program.path("."), "decision.pdf"), "Постановление суда");
    assert_eq!(receipt(&Case::new().program, &["--yes"]).code, 20);
    let whole = std::fs::read(&file).expect("read");
    for at in (0..whole.len()).step_by(97) {
        let mut changed = whole.clone();
        changed[at] ^= 1;
        std::fs::write(&file, changed).expect("written");
        assert_eq!(receipt(&case.program, &["--yes"]).code, 20, "byte {at}");
    }
    assert_eq!(case.program.records(), before + 2);
}

#[test]
fn withdrawn_consent_names_everybody_who_holds_a_bundle() {
    let case = Case::new();
    case.created("case.zip.age", &[]);
    let given = case.program.run(&["consent", &case.person, "give"], r#"{"purposes": {"share_with_lawyer": {"value": "yes"}}}"#);
    assert!(given.code == 0 && !given.err.contains("Adv. Sultanova"), "{given:#?}");
    let withdrawn = case.program.run(&["consent", &case.person, "withdraw"], r#"{"purposes": {"share_with_lawyer": {"value": "no"}}}"#);
    assert!(withdrawn.code == 0 && withdrawn.err.contains("Adv. Sultanova"), "{withdrawn:#?}");
    let refused = case.create("later.zip.age", &[], ORAL);
    assert_eq!(refused.code, 1, "a refusal stands above every paper: {refused:#?}");
}

#[test]
fn photograph_goes_without_what_its_camera_wrote_and_its_original_is_named() {
    let case = Case::new();
    let photo = super::photo::jpeg().0;
    std::fs::write(case.program.path("IMG.jpg"), &photo).expect("written");
    case.program.ok(&["attach", &case.person, &case.program.arg("IMG.jpg")], "");
    let done = case.created("case.zip.age", &[]);
    let folder = case.opened("case.zip.age", &done, "out");
    let records: Value = serde_json::from_str(&text(&folder, "records.json")).expect("JSON");
    let rows = records["records"].as_array().expect("rows");
    let file = &rows.iter().find(|row| row["kind"] == "evidence").expect("the photograph")["file"];
    let member = std::fs::read(folder.join(file["member"].as_str().expect("a name"))).expect("read");
    assert_eq!((&file["stripped"], &file["original"]), (&json!(true), &json!(hex::encode(plain_hash(&photo)))));
    assert!(member.len() < photo.len() && !member.windows(4).any(|four| four == b"Exif"));
}

#[test]
fn files_that_an_editor_marked_and_ended_its_own_way_are_read() {
    let case = Case::new();
    let marked = |text: &str| format!("\u{feff}{text}\r\n");
    let key = "age1ql3z7hjy54pw3hyww5ayyfg7zqgvc7w3j2elw8zmrj2kg5sfn9aqmcac8p";
    std::fs::write(case.program.path("keys.txt"), marked(key)).expect("written");
    let keys = case.program.arg("keys.txt");
    let done = case.created("case.zip.age", &["--recipients-file", &keys, "--words"]);
    let files: Vec<&str> = done["files"].as_array().expect("files").iter().filter_map(|file| file["class"].as_str()).collect();
    assert_eq!(files, ["keys", "words"]);
    std::fs::write(case.program.path("six"), marked(done["words"].as_str().expect("words"))).expect("written");
    let words = case.program.arg("six");
    case.program.ok(&["bundle", "verify", &case.program.arg("case-words.zip.age"), "--words-file", &words], "");
    std::fs::write(case.program.path("keys.txt"), marked("no key")).expect("written");
    let refused = case.create("other.zip.age", &["--recipients-file", &keys], ORAL);
    assert!(refused.code == 1 && refused.err.contains("A recipient is no key"), "{refused:#?}");
}

#[test]
fn reader_page_is_written_once_with_its_hash() {
    let program = Program::without_vault();
    let said = program.json(&["bundle", "reader", &program.arg("OPEN.html")], "");
    let page = std::fs::read(program.path("OPEN.html")).expect("written");
    assert_eq!(said["sha256"], hex::encode(plain_hash(&page)));
    assert_eq!(program.run(&["bundle", "reader", &program.arg("OPEN.html")], "").code, 1, "what is there stays");
}

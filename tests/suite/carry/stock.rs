//! What stock tools show of a stick, what a stick shows to whoever finds it, and casebooks founded by version 0.1.0.

use std::path::Path;
use std::process::{Command, Stdio};

use sandyq::crypto::{Identity, Sealed, open, padme};
use sandyq::model::Kind;
use sandyq::parcel::{ItemKind, unpack};
use sandyq::session::Session;
use sandyq::team::Role;
use sandyq::transport::{Folder, Memory};
use sandyq::vault::Vault;
use serde_json::json;

use super::support::{Desk, Found, found_with};
use crate::model::root;
use crate::support::{Seeded, clock, copy_folder, phrase, twelve};

fn tar(arguments: &[&str], folder: &Path) -> String {
    let ran = Command::new("tar").args(arguments).current_dir(folder).env("TZ", "UTC").env("LC_ALL", "C").output().expect("tar runs");
    assert!(ran.status.success() && ran.stderr.is_empty(), "{}", String::from_utf8_lossy(&ran.stderr));
    String::from_utf8(ran.stdout).expect("text")
}

fn packs(folder: &Path) -> Vec<String> {
    let name = |entry: std::io::Result<std::fs::DirEntry>| entry.expect("an entry").file_name().into_string().expect("text");
    let mut names: Vec<String> = std::fs::read_dir(folder).expect("a folder").map(name).collect();
    names.sort();
    names
}

/// Tells whether stock age is here. In continuous integration it has to be.
fn age_is_here() -> bool {
    let here = Command::new("age").arg("--version").output().is_ok_and(|ran| ran.status.success());
    assert!(here || std::env::var_os("CI").is_none(), "install age: the interop tests must run here");
    here
}

#[test]
fn stock_tar_lists_a_stick_and_stock_age_opens_with_the_keyring_what_the_vault_opens() {
    let (folder, home) = (tempfile::tempdir().expect("a folder"), tempfile::tempdir().expect("a folder"));
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    twelve(&mut first.session, home.path());
    first.admits(&mut second, Role::Editor);
    let mut chance = Seeded(50);
    first.sync(&mut Folder::at(folder.path(), &mut chance));
    let [pack] = packs(folder.path()).try_into().expect("one pack");
    let listed = tar(&["-tvf", &pack], folder.path());
    assert_eq!(listed.lines().count(), tar(&["-tf", &pack], folder.path()).lines().count());
    for line in listed.lines() {
        let words: Vec<&str> = line.split_whitespace().collect();
        assert_eq!((words[0], words[1], words[3], words[4]), ("-rw-------", "0/0", "1970-01-01", "00:00"), "{line}");
        let digits = words[5].strip_suffix(".age").expect("a sealed file");
        assert!(words.len() == 6 && digits.len() == 64 && digits.bytes().all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f')), "{line}");
    }
    if !age_is_here() {
        return;
    }
    tar(&["-xf", &pack, "-C", home.path().to_str().expect("text")], folder.path());
    for desk in [&first, &second] {
        let keyring = home.path().join("keyring.txt");
        std::fs::write(&keyring, desk.session.vault().keyring().to_text().as_bytes()).expect("written");
        let mut by_age = 0;
        for name in tar(&["-tf", &pack], folder.path()).lines() {
            let file = home.path().join(name);
            let ran = Command::new("age").arg("-d").arg("-i").arg(&keyring).arg(&file).stdin(Stdio::null()).output().expect("age runs");
            let ours = desk.session.vault().keyring().open_file(&Sealed::from_outside(std::fs::read(&file).expect("read")));
            assert_eq!(ran.status.success().then_some(ran.stdout), ours.map(|plain| plain.as_bytes().to_vec()), "{name}");
            by_age += usize::from(ran.status.success());
        }
        assert!(by_age > 14, "{} opens {by_age}", desk.handle);
    }
}

/// A stick that a team of two left, and what stock tar lists of it without the digits of the names.
fn shown(seed: u64, story: impl FnOnce(&mut Desk, &mut Desk)) -> Vec<String> {
    let folder = tempfile::tempdir().expect("a folder");
    let (mut first, mut second) = (Desk::founder("M-ONE", seed), Desk::alone("M-TWO", seed + 1000));
    first.admits(&mut second, Role::Editor);
    let mut between = Memory::new();
    first.sync(&mut between);
    second.sync(&mut between);
    story(&mut first, &mut second);
    second.sync(&mut between);
    first.sync(&mut between);
    let mut chance = Seeded(seed + 50);
    first.sync(&mut Folder::at(folder.path(), &mut chance));
    let [pack] = packs(folder.path()).try_into().expect("one pack");
    assert_eq!(pack.len(), 16 + ".pack".len());
    let bytes = std::fs::read(folder.path().join(&pack)).expect("read");
    let listed = tar(&["-tvf", &pack], folder.path());
    tar(&["-xf", &pack], folder.path());
    // age adds a stanza of random length to each head; behind the head a file has its padded size.
    let sealed = |line: &str| std::fs::read(folder.path().join(line.split_whitespace().last().expect("a name"))).expect("read");
    let line = |line: &str| format!("{} {}", line.split_whitespace().take(2).collect::<Vec<_>>().join(" "), behind_head(&sealed(line)));
    let times: Vec<&str> = listed.lines().map(|line| line.rsplit_once(' ').expect("a name").0.split_once(" 1970-").expect("a time").1).collect();
    assert!(times.iter().all(|time| *time == "01-01 00:00"), "{times:?}");
    let mut lines: Vec<String> = listed.lines().map(line).collect();
    lines.sort();
    lines.push(format!("{}, {}", String::from_utf8_lossy(&bytes[100..124]), String::from_utf8_lossy(&bytes[136..148])));
    lines
}

/// Bytes of an age file behind its head.
fn behind_head(sealed: &[u8]) -> usize {
    let mac = sealed.windows(5).position(|bytes| bytes == b"\n--- ").expect("the end of a head") + 1;
    sealed[mac..].iter().position(|byte| *byte == b'\n').map(|end| sealed.len() - mac - end - 1).expect("a line")
}

#[test]
fn sticks_of_different_stories_show_neither_members_nor_authors_and_only_padded_sizes() {
    let person = |name: &str| (Kind::Person, json!({ "names": [{ "text": name }] }));
    let one_author = shown(1, |first, second| {
        let drafts = [person("Мария Ким"), person("Ержан Төл"), person("Жанна Сул")];
        drafts.into_iter().for_each(|draft| drop(first.session.add(&[draft]).expect("added")));
        second.session.add(&[person("Әлия Дос.")]).expect("added");
    });
    let another = shown(5000, |first, second| {
        first.session.add(&[person("Асқар Нұр")]).expect("added");
        let drafts = [person("Болат Ким"), person("Дина Ахм."), person("Ерлан Тас")];
        drafts.into_iter().for_each(|draft| drop(second.session.add(&[draft]).expect("added")));
    });
    assert_eq!(one_author, another);
    let of_other_kinds = shown(9000, |first, second| {
        first.session.add(&[(Kind::Incident, json!({ "category": "rally", "title": "Abay avenue crossing" }))]).expect("added");
        second.session.add(&[(Kind::Place, json!({ "category": "street_or_square", "name_ru": "СИЗО" }))]).expect("added");
        second.detained("Мария Ким");
    });
    assert_eq!(of_other_kinds.len(), another.len());
    for line in of_other_kinds.iter().filter(|line| line.starts_with('-')) {
        let (head, size) = line.rsplit_once(' ').expect("a size");
        let plain = size.parse::<usize>().expect("a number") - 16 - 16;
        assert_eq!((head, padme(plain)), ("-rw------- 0/0", plain), "padded, and nothing else");
    }
}

const BOOK: &str = "Abay avenue";

/// The founder's vault as version 0.1.0 left it.
fn of_version_one(home: &Path) -> Session {
    let folder = home.join("vault");
    copy_folder(&root().join("tests/fixtures/v1/vault"), &folder);
    let vault = Vault::open(&folder, &phrase("frozen words of version one")).expect("the vault opens");
    let mut session = Session::with(vault, Some(BOOK), Box::new(clock()), Box::new(Seeded(7))).expect("the casebook is there");
    session.set_safety_work(2);
    session
}

fn sync(session: &mut Session, stick: &mut Memory) -> sandyq::session::Synced {
    let words = phrase("frozen words of version one");
    session.sync(stick, &mut sandyq::sync::judge::InProcess, &words, false, &mut sandyq::vault::Silent).expect("synced")
}

fn lines(session: &mut Session) -> Vec<(String, String, u32)> {
    let mut lines: Vec<_> = session.list(None).expect("listed").into_iter().map(|line| (line.id, line.title, line.contested)).collect();
    lines.sort();
    lines
}

#[test]
fn casebook_founded_by_version_one_lets_somebody_in_who_gets_every_record_and_no_key_of_the_register() {
    let (home, mut editor, mut keeper) = (tempfile::tempdir().expect("a folder"), Desk::alone("M-TWO", 1000), Desk::alone("M-KEY", 2000));
    let mut founder = of_version_one(home.path());
    let mut stick = Memory::new();
    let welcome = founder.admit(&editor.badge(), Role::Editor, false, Some(&editor.words())).expect("admitted");
    editor.joins(welcome).expect("joined");
    sync(&mut founder, &mut stick);
    let came = editor.sync(&mut stick);
    assert_eq!(came.refused, []);
    let welcome = founder.admit(&keeper.badge(), Role::Editor, true, Some(&keeper.words())).expect("admitted");
    keeper.joins(welcome).expect("joined");
    for _ in 0..2 {
        sync(&mut founder, &mut stick);
        editor.sync(&mut stick);
        keeper.sync(&mut stick);
    }
    assert!(!lines(&mut founder).is_empty());
    assert_eq!(lines(&mut editor.session), lines(&mut founder));
    assert_eq!(lines(&mut keeper.session), lines(&mut founder));
    for (whose, session) in [("founder", &mut founder), ("editor", &mut editor.session), ("keeper", &mut keeper.session)] {
        let pending = session.pending().expect("pending");
        assert_eq!((pending.aside, pending.missing, pending.forks), (Vec::new(), Vec::new(), Vec::new()), "{whose}");
    }
    // The keys of the founding stay with the founder and the recovery key: nothing on the stick gives the editor the register.
    let book = founder.vault().casebook(Some(BOOK)).expect("the casebook").clone();
    let register = book.keepers.first().expect("the founder keeps the register").secret_text();
    assert!(!editor.session.vault().keyring().to_text().contains(register.as_str()));
    assert!(keeper.session.vault().keyring().to_text().contains(register.as_str()));
    for file in editor.files() {
        let plain = open(&editor.keys(), &file, 1 << 21).map(|plain| plain.as_bytes().to_vec()).unwrap_or_default();
        assert!(!String::from_utf8_lossy(&plain).contains(register.as_str()));
        let keys = unpack(&plain).unwrap_or_default().iter().flat_map(|parcel| parcel.header.items.clone()).filter(|item| item.kind == ItemKind::Keys).count();
        assert!(keys == 0 || open(&[book.epochs[0].1.clone()], &file, 1 << 21).is_err(), "no key of the casebook opens keys");
    }
    let strangers: [Identity; 1] = [Identity::generate()];
    assert_eq!(found_with(strangers.to_vec(), editor.files()), Found::default());
    // Both write on, and see each other.
    let (person, _) = editor.session.add(&[(Kind::Person, json!({ "names": [{ "text": "Мария Ким" }] }))]).map(|ids| (ids[0].clone(), ())).expect("added");
    editor.sync(&mut stick);
    sync(&mut founder, &mut stick);
    assert_eq!(founder.show(&person).expect("shown").line.by, "M-TWO");
}

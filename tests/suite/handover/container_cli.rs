//! `bundle verify` and `bundle open` as a person or a script calls them, without any vault.

use std::path::Path;
use std::process::Command;

use rexpect::session::spawn_command;
use sandyq::crypto::{Lock, Passphrase, safety_words};
use sandyq::locale::{LANGUAGES, Texts};
use serde_json::Value;

use super::container_support::*;
use crate::stories::support::Program;

const PATIENCE: u64 = 60_000;

/// A program without a vault, and bundles beside it.
struct Desk(Program);

impl Desk {
    fn new() -> Desk {
        let desk = Desk(Program::without_vault());
        desk.put("keys.zip.age", &sealed(&to_recipient(), &zipped()));
        desk.put("words.zip.age", &sealed(&Lock::Words { words: Passphrase::words(WORDS), log_n: 10 }, &zipped()));
        desk.put("key", recipient().secret_text().as_bytes());
        desk.put("words", format!("{}\n", WORDS.to_uppercase()).as_bytes());
        desk
    }

    fn put(&self, name: &str, bytes: &[u8]) {
        std::fs::write(self.0.path(name), bytes).expect("written");
    }

    fn arg(&self, name: &str) -> String {
        self.0.arg(name)
    }

    /// Runs with the program's answer: exit code, data, talk.
    fn run(&self, arguments: &[&str]) -> (i32, String, String) {
        let mut command = self.0.command();
        command.args(arguments).stdin(std::process::Stdio::null());
        let ran = command.output().expect("the program runs");
        let text = |bytes: &[u8]| String::from_utf8_lossy(bytes).into_owned();
        (ran.status.code().unwrap_or(-1), text(&ran.stdout), text(&ran.stderr))
    }

    fn verify(&self, name: &str, more: &[&str]) -> (i32, String, String) {
        self.run(&[&["bundle", "verify", &self.arg(name)], more].concat())
    }

    fn json(&self, name: &str, more: &[&str]) -> (i32, Value) {
        let (code, out, err) = self.run(&[&["--json", "bundle", "verify", &self.arg(name)], more].concat());
        (code, serde_json::from_str(&out).unwrap_or_else(|error| panic!("{error}: {out}{err}")))
    }
}

#[test]
fn whole_bundle_is_said_to_be_whole_and_its_signer_not_yet_compared() {
    let desk = Desk::new();
    let fingerprint = key().signer().fingerprint();
    let (code, out, err) = desk.verify("keys.zip.age", &["--identity", &desk.arg("key")]);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("All 8 files are as they were signed.") && out.contains(&format!("Signer not yet compared: {fingerprint}")), "{out}");
    assert!(out.contains(&safety_words(sandyq::crypto::Lang::En, &key().signer().short(17))), "{out}");
    let (code, out, _) = desk.verify("keys.zip.age", &["--identity", &desk.arg("key"), "--signer", &fingerprint]);
    assert_eq!(code, 0);
    assert!(out.contains("The signer is the one you named"), "{out}");
    let (code, json) = desk.json("keys.zip.age", &["--identity", &desk.arg("key")]);
    assert_eq!((code, &json["whole"], &json["files"], &json["signer"]["compared"]), (0, &true.into(), &8.into(), &false.into()));
    assert_eq!(json["signer"]["fingerprint"], fingerprint);
    assert_eq!(json["bundle"]["id"], "0123456789abcdef0123456789abcdef");
    assert!(!Path::new(&desk.arg("vault")).exists(), "no vault is made");
}

#[test]
fn words_come_from_a_file_or_from_the_terminal() {
    let desk = Desk::new();
    for option in ["--words-file", "--passphrase-file"] {
        let (code, _, err) = desk.verify("words.zip.age", &[option, &desk.arg("words")]);
        assert_eq!(code, 0, "{option}: {err}");
    }
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandyq"));
    command.args(["bundle", "verify", &desk.arg("words.zip.age")]).env("SANDYQ_LANG", "en").env("TERM", "dumb");
    let texts = Texts::new("en");
    let mut pty = spawn_command(command, Some(PATIENCE)).expect("started");
    pty.exp_string(&texts.get("ask-bundle-words")).expect("it asks");
    pty.send_line(WORDS).expect("typed");
    pty.exp_string("SHA256:").expect("it says who signed");
    pty.exp_eof().expect("it ends");
}

#[test]
fn each_way_of_not_opening_has_its_exit_code_and_its_words() {
    let desk = Desk::new();
    desk.put("other", sandyq::crypto::Identity::generate().secret_text().as_bytes());
    desk.put("wrong", b"some other words\n");
    let whole = sealed(&to_recipient(), &zipped());
    desk.put("cut.zip.age", &whole[..whole.len() - 1]);
    desk.put("junk.zip.age", b"junk");
    let mut flipped = whole.clone();
    let last = flipped.len() / 2;
    flipped[last] ^= 1;
    desk.put("flipped.zip.age", &flipped);
    desk.put("forged.zip.age", &sealed(&to_recipient(), &zip_of(files(&stranger()), &stranger())));
    let fingerprint = key().signer().fingerprint();
    let (right, other, wrong) = (desk.arg("key"), desk.arg("other"), desk.arg("wrong"));
    let cases: &[(&str, &[&str], i32, &str)] = &[
        ("keys.zip.age", &["--identity", &other], 12, "err-bundle-no-key"),
        ("keys.zip.age", &[], 12, "err-bundle-key-needed"),
        ("keys.zip.age", &["--identity", &wrong], 1, "err-bundle-key-odd"),
        ("words.zip.age", &["--words-file", &wrong], 12, "err-bundle-no-key"),
        ("cut.zip.age", &["--identity", &right], 20, "err-bundle-damaged"),
        ("junk.zip.age", &["--identity", &right], 20, "err-bundle-damaged"),
        ("flipped.zip.age", &["--identity", &right], 20, "hint-bundle-wrong"),
        ("forged.zip.age", &["--identity", &right, "--signer", &fingerprint], 20, "hint-bundle-wrong"),
        ("keys.zip.age", &["--identity", &right, "--signer", "no such words"], 1, "hint-not-understood"),
    ];
    for (name, more, expected, text) in cases {
        let (code, out, err) = desk.verify(name, more);
        assert_eq!(code, *expected, "{name} {more:?}: {out}{err}");
        assert!(err.contains(&Texts::new("en").get(text)), "{name} {more:?}: {err}");
        let to = desk.arg("never");
        let (code, _, err) = desk.run(&[&["bundle", "open", &desk.arg(name), "--to", &to], *more].concat());
        assert_eq!(code, *expected, "{name} {more:?}: {err}");
        assert!(!Path::new(&to).exists(), "{name}");
    }
    let (code, _, _) = desk.verify("absent.zip.age", &["--identity", &right]);
    assert_eq!(code, 1);
    let (_, out, _) = desk.verify("forged.zip.age", &["--identity", &right, "--signer", &fingerprint]);
    assert!(out.contains("the signer is not the one you compared"), "{out}");
    let (_, out, _) = desk.verify("flipped.zip.age", &["--identity", &right]);
    assert!(out.contains("files/") && out.contains("a sealed piece was changed"), "{out}");
}

#[test]
fn differences_are_said_in_three_languages_with_their_places() {
    let desk = Desk::new();
    let mut members = raw_bundle();
    members.insert(1, Raw::new("extra.exe", "MZ"));
    desk.put("odd.zip.age", &sealed(&to_recipient(), &raw_zip(&members)));
    let mut said = std::collections::BTreeSet::new();
    for lang in LANGUAGES {
        let (code, out, err) = desk.verify("odd.zip.age", &["--identity", &desk.arg("key"), "--lang", lang]);
        assert_eq!(code, 20, "{err}");
        assert!(out.contains("extra.exe") && out.contains(&Texts::new(lang).get("wrong-not-listed")), "{out}");
        said.insert(out);
    }
    assert_eq!(said.len(), LANGUAGES.len());
    let (code, json) = desk.json("odd.zip.age", &["--identity", &desk.arg("key")]);
    assert_eq!((code, &json["whole"]), (20, &false.into()));
    assert_eq!((&json["wrong"][0]["what"], &json["wrong"][0]["place"]), (&"not-listed".into(), &"extra.exe".into()));
}

#[test]
fn every_reason_is_said_in_three_languages() {
    for lang in LANGUAGES {
        let texts = Texts::new(lang);
        let said: std::collections::BTreeSet<String> =
            sandyq::handover::container::wrong::What::ALL.iter().map(|what| texts.find(&format!("wrong-{}", what.code()), &[]).expect("a text")).collect();
        assert_eq!(said.len(), sandyq::handover::container::wrong::What::ALL.len(), "{lang}: two reasons in the same words");
    }
}

#[test]
fn bundle_is_opened_into_a_new_folder_and_never_into_a_full_one() {
    let desk = Desk::new();
    let (key_file, to) = (desk.arg("key"), desk.arg("case"));
    let arguments = ["bundle", "open", &desk.arg("keys.zip.age"), "--identity", &key_file, "--to", &to];
    let (code, out, err) = desk.run(&arguments);
    assert_eq!(code, 0, "{err}");
    assert!(out.contains("as they were signed") && err.contains("no longer sealed"), "{out}{err}");
    for (name, bytes) in files(&key()) {
        assert!(std::fs::read(Path::new(&to).join(&name)).expect("read") == bytes, "{name}");
    }
    let (code, _, err) = desk.run(&arguments);
    assert_eq!(code, 1);
    assert!(err.contains("not empty"), "{err}");
}

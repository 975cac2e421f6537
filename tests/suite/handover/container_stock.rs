//! Stock programs open and prove a bundle of every class: `age`, `rage`, `unzip`, `sha256sum`, `ssh-keygen`.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use rexpect::session::spawn_command;
use sandyq::crypto::{HandoverSigner, KeyFileError, KeyRecipient, Lock, OpeningKeys, Passphrase, SignatureFault};
use sandyq::handover::container::outer::Outer;
use sandyq::handover::container::rules::NAMESPACE;
use sandyq::handover::container::verify::verify;
use sandyq::vault::Silent;

use super::container_support::*;
use crate::support::NOW;
use crate::transport::mounted::skipped;

/// Milliseconds that a stock program may take to ask.
const PATIENCE: u64 = 60_000;

struct Desk(tempfile::TempDir);

impl Desk {
    fn new() -> Desk {
        Desk(tempfile::tempdir().expect("a folder"))
    }

    fn path(&self, name: &str) -> PathBuf {
        self.0.path().join(name)
    }

    fn run(&self, program: &str, arguments: &[&str]) -> Output {
        Command::new(program).args(arguments).current_dir(self.0.path()).stdin(Stdio::null()).output().expect("the program runs")
    }

    #[track_caller]
    fn ok(&self, program: &str, arguments: &[&str]) -> String {
        let ran = self.run(program, arguments);
        assert!(ran.status.success(), "{program} {arguments:?}: {}{}", String::from_utf8_lossy(&ran.stdout), String::from_utf8_lossy(&ran.stderr));
        String::from_utf8_lossy(&ran.stdout).into_owned()
    }

    fn seal(&self, lock: Lock) {
        let outer = Outer { path: self.path("case.zip.age"), lock };
        seal_in_place(&[outer], &mut |out| sandyq::handover::container::archive::write(members(files(&key())), NOW, &key(), out, &mut Silent)).expect("sealed");
    }

    /// An OpenSSH key of a kind, made by `ssh-keygen`; returns its public line.
    fn ssh_key(&self, kind: &str, passphrase: &str) -> String {
        self.ok("ssh-keygen", &["-q", "-t", kind, "-N", passphrase, "-C", "lawyer@office", "-f", "key"]);
        fs::read_to_string(self.path("key.pub")).expect("read")
    }

    /// Everything that a lawyer's neighbour with a terminal does after `age -d`.
    fn proved(&self) {
        assert!(fs::read(self.path("case.zip")).expect("read") == zipped());
        self.ok("unzip", &["-q", "-t", "case.zip"]);
        self.ok("unzip", &["-q", "case.zip", "-d", "case"]);
        let folder = self.path("case");
        for (name, bytes) in files(&key()) {
            assert!(fs::read(folder.join(&name)).expect("read") == bytes, "{name}");
        }
        assert!(summed(&folder).status.success());
        assert!(signed(&folder));
    }
}

fn summed(folder: &Path) -> Output {
    Command::new("sha256sum").args(["--strict", "-c", "MANIFEST"]).current_dir(folder).output().expect("sha256sum runs")
}

fn signed(folder: &Path) -> bool {
    let list = fs::File::open(folder.join("MANIFEST")).expect("a list");
    let arguments = ["-Y", "verify", "-f", "allowed_signers", "-I", "handover", "-n", "bundle@sandyq", "-s", "MANIFEST.sig"];
    Command::new("ssh-keygen").args(arguments).current_dir(folder).stdin(list).output().expect("ssh-keygen runs").status.success()
}

fn all_are_here() -> bool {
    [("age", "--version"), ("unzip", "-v"), ("sha256sum", "--version"), ("ssh-keygen", "-?")].iter().all(|(program, argument)| is_here(program, &[argument]))
}

/// The OpenSSH form of the signing key, made apart from the program: HKDF as bundle.md says it.
fn key_for_ssh(desk: &Desk) {
    let mut seed = [0; 32];
    hkdf::Hkdf::<sha2::Sha256>::new(Some(&CASEBOOK), &DEVICE).expand(b"sandyq handover key v1", &mut seed).expect("derived");
    let pair = ssh_key::private::Ed25519Keypair::from_seed(&seed);
    let private = ssh_key::PrivateKey::new(ssh_key::private::KeypairData::Ed25519(pair), "").expect("a key");
    fs::write(desk.path("signer"), private.to_openssh(ssh_key::LineEnding::LF).expect("written").as_bytes()).expect("written");
    desk.ok("chmod", &["600", "signer"]);
}

#[test]
fn signature_is_byte_for_byte_what_ssh_keygen_writes() {
    if !all_are_here() {
        return;
    }
    let desk = Desk::new();
    key_for_ssh(&desk);
    for message in ["", "one line\n", &"a longer list\n".repeat(5000)] {
        fs::write(desk.path("message"), message).expect("written");
        let _ = fs::remove_file(desk.path("message.sig"));
        desk.ok("ssh-keygen", &["-q", "-Y", "sign", "-f", "signer", "-n", NAMESPACE, "message"]);
        assert_eq!(fs::read_to_string(desk.path("message.sig")).expect("read"), key().sign(NAMESPACE, message.as_bytes()));
    }
    let public = desk.ok("ssh-keygen", &["-y", "-f", "signer"]);
    assert_eq!(public.trim(), key().signer().line());
    assert!(desk.ok("ssh-keygen", &["-l", "-f", "signer"]).contains(&key().signer().fingerprint()));
}

#[test]
fn stock_programs_open_and_prove_a_bundle_for_an_age_key() {
    if !all_are_here() {
        return;
    }
    let desk = Desk::new();
    fs::write(desk.path("key"), &*recipient().secret_text()).expect("written");
    desk.seal(to_recipient());
    desk.ok("age", &["-d", "-i", "key", "-o", "case.zip", "case.zip.age"]);
    desk.proved();
}

#[test]
fn stock_programs_open_and_prove_a_bundle_for_ssh_keys() {
    if !all_are_here() {
        return;
    }
    for kind in ["ed25519", "rsa"] {
        let desk = Desk::new();
        let line = desk.ssh_key(kind, "");
        desk.seal(Lock::Keys(vec![KeyRecipient::read(&line, false).expect("a key"), recipient().recipient().into()]));
        desk.ok("age", &["-d", "-i", "key", "-o", "case.zip", "case.zip.age"]);
        desk.proved();
        let keys = OpeningKeys::read(&fs::read_to_string(desk.path("key")).expect("read"), false, &mut || None).expect("keys");
        let report = verify(fs::File::open(desk.path("case.zip.age")).expect("a file"), &keys, None, &mut Silent).expect("opens");
        assert!(report.is_whole(), "{kind}");
    }
}

#[test]
fn stock_programs_open_and_prove_a_bundle_for_words() {
    if !all_are_here() {
        return;
    }
    let desk = Desk::new();
    desk.seal(Lock::Words { words: Passphrase::words(WORDS), log_n: 17 });
    let mut age = Command::new("age");
    age.args(["-d", "-o", "case.zip", "case.zip.age"]).current_dir(desk.0.path());
    let mut pty = spawn_command(age, Some(PATIENCE)).expect("age starts");
    pty.exp_string("Enter passphrase").expect("age asks");
    pty.send_line(WORDS).expect("typed");
    pty.exp_eof().expect("age ends");
    desk.proved();
}

#[test]
fn rage_opens_what_age_opens() {
    let Some(rage) = rage() else { return };
    let desk = Desk::new();
    fs::write(desk.path("key"), &*recipient().secret_text()).expect("written");
    desk.seal(to_recipient());
    desk.ok(rage, &["-d", "-i", "key", "-o", "case.zip", "case.zip.age"]);
    desk.proved();
}

#[test]
fn rage_opens_a_bundle_for_ssh_keys() {
    let Some(rage) = rage() else { return };
    for kind in ["ed25519", "rsa"] {
        let desk = Desk::new();
        let line = desk.ssh_key(kind, "");
        desk.seal(Lock::Keys(vec![KeyRecipient::read(&line, false).expect("a key"), recipient().recipient().into()]));
        desk.ok(rage, &["-d", "-i", "key", "-o", "case.zip", "case.zip.age"]);
        desk.proved();
    }
}

#[test]
fn rage_opens_a_bundle_for_words() {
    let Some(rage) = rage() else { return };
    let desk = Desk::new();
    desk.seal(Lock::Words { words: Passphrase::words(WORDS), log_n: 17 });
    let mut command = Command::new(rage);
    // In English, and asked on the terminal rather than by another program.
    command.args(["-d", "-o", "case.zip", "case.zip.age"]).env("LC_ALL", "C").env("PINENTRY_PROGRAM", "none").current_dir(desk.0.path());
    let mut pty = spawn_command(command, Some(PATIENCE)).expect("rage starts");
    pty.exp_string("Type passphrase").expect("rage asks");
    pty.send_line(WORDS).expect("typed");
    pty.exp_eof().expect("rage ends");
    desk.proved();
}

/// How to call `rage`, where it and the other programs are here. Where all tests have to run, they must be.
fn rage() -> Option<&'static str> {
    let program = super::rage::program();
    if program.is_none() {
        skipped("`rage` is neither on the path nor in target/tools/bin, nothing was opened with it");
    }
    program.filter(|_| all_are_here())
}

#[test]
fn locked_ssh_key_opens_with_its_passphrase_alone() {
    if !all_are_here() {
        return;
    }
    let desk = Desk::new();
    let line = desk.ssh_key("ed25519", "key phrase");
    let sealed = sealed(&Lock::Keys(vec![KeyRecipient::read(&line, false).expect("a key")]), &zipped());
    let text = fs::read_to_string(desk.path("key")).expect("read");
    let mut asked = 0;
    let keys = OpeningKeys::read(&text, false, &mut || {
        asked += 1;
        Some(Passphrase::new("key phrase".into()))
    });
    assert!(verify(std::io::Cursor::new(&sealed), &keys.expect("keys"), None, &mut Silent).expect("opens").is_whole());
    assert_eq!(asked, 1);
    assert_eq!(OpeningKeys::read(&text, false, &mut || Some(Passphrase::new("another".into()))).err(), Some(KeyFileError::Passphrase));
    assert_eq!(OpeningKeys::read(&text, false, &mut || None).err(), Some(KeyFileError::Locked));
}

#[test]
fn stock_programs_notice_every_changed_file_and_a_changed_list() {
    if !all_are_here() {
        return;
    }
    let desk = Desk::new();
    fs::write(desk.path("case.zip"), zipped()).expect("written");
    desk.ok("unzip", &["-q", "case.zip", "-d", "case"]);
    let folder = desk.path("case");
    for (name, bytes) in files(&key()) {
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(folder.join(&name), changed).expect("written");
        let ran = summed(&folder);
        assert!(!ran.status.success() && String::from_utf8_lossy(&ran.stdout).contains(&format!("{name}: FAILED")), "{name}");
        fs::write(folder.join(&name), bytes).expect("written");
    }
    for name in ["MANIFEST", "MANIFEST.sig"] {
        let bytes = fs::read(folder.join(name)).expect("read");
        let mut changed = bytes.clone();
        let at = changed.len() / 2;
        changed[at] ^= 1;
        fs::write(folder.join(name), changed).expect("written");
        assert!(!signed(&folder), "{name}");
        fs::write(folder.join(name), bytes).expect("written");
    }
    assert!(signed(&folder) && summed(&folder).status.success());
}

#[test]
fn keys_are_read_as_people_give_them() {
    let age = recipient().recipient().to_string();
    assert_eq!(KeyRecipient::read(&format!("  {age}\n"), false).expect("a key").text(), age);
    let ssh = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHsKLqeplhpW+uObz5dvMgjz1OxfM/XXUB+VHtZ6isGN";
    assert_eq!(KeyRecipient::read(&format!("{ssh} lawyer@office"), false).expect("a key").text(), ssh);
    for odd in ["", "age1", "ssh-ed25519 AAAA", "ecdsa-sha2-nistp256 AAAA", "AGE-SECRET-KEY-1"] {
        assert_eq!(KeyRecipient::read(odd, true).map(|key| key.text().to_owned()), Err(KeyFileError::NotAKey), "{odd}");
    }
    let plugin = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse_unchecked("age1example"), &[1; 32]).expect("encoded");
    assert_eq!(KeyRecipient::read(&plugin, false).map(|key| key.is_plugin()), Err(KeyFileError::Plugin));
    assert!(KeyRecipient::read(&plugin, true).expect("asked for").is_plugin());
    let identity = bech32::encode::<bech32::Bech32>(bech32::Hrp::parse_unchecked("age-plugin-example-"), &[1; 32]).expect("encoded").to_uppercase();
    assert_eq!(OpeningKeys::read(&identity, false, &mut || None).err(), Some(KeyFileError::Plugin));
    assert_eq!(OpeningKeys::read(&identity, true, &mut || None).err(), Some(KeyFileError::NoPlugin));
    for odd in ["", "# nothing\n", "-----BEGIN OPENSSH PRIVATE KEY-----\nAAAA\n-----END OPENSSH PRIVATE KEY-----\n", "some text"] {
        assert_eq!(OpeningKeys::read(odd, true, &mut || None).err(), Some(KeyFileError::NotAKey), "{odd}");
    }
}

#[test]
fn only_the_one_armour_of_a_signature_is_taken() {
    let (message, armour) = (b"a list\n", key().sign(NAMESPACE, b"a list\n"));
    assert_eq!(HandoverSigner::of(&armour, NAMESPACE, message), Ok(key().signer()));
    let body: String = armour.lines().filter(|line| !line.starts_with('-')).collect();
    let wrapped = |width: usize| {
        let lines: Vec<String> = body.as_bytes().chunks(width).map(|line| String::from_utf8_lossy(line).into_owned()).collect();
        format!("-----BEGIN SSH SIGNATURE-----\n{}\n-----END SSH SIGNATURE-----\n", lines.join("\n"))
    };
    assert_eq!(wrapped(70), armour);
    let twins = [
        armour.trim_end().to_owned(),
        format!("{armour}\n"),
        format!("\n{armour}"),
        format!(" {armour}"),
        armour.replace('\n', "\r\n"),
        wrapped(64),
        wrapped(76),
        wrapped(1000),
        armour.replace("-----END", "\n-----END"),
        armour.replace("-----BEGIN", "comment\n-----BEGIN"),
        format!("{armour}{armour}"),
    ];
    for twin in twins {
        assert_eq!(HandoverSigner::of(&twin, NAMESPACE, message), Err(SignatureFault::Armour), "{twin:?}");
    }
    assert_eq!(HandoverSigner::of(&key().sign("other", message), NAMESPACE, message), Err(SignatureFault::Namespace));
    assert_eq!(HandoverSigner::of(&armour, NAMESPACE, b"another list\n"), Err(SignatureFault::Wrong));
    assert_eq!(HandoverSigner::of("", NAMESPACE, message), Err(SignatureFault::Armour));
}

#[test]
fn every_letter_of_an_armour_counts() {
    let armour = key().sign(NAMESPACE, b"a list\n");
    for at in 0..armour.len() {
        for with in [b'A', b'/', b'\n', b' ', b'='] {
            let mut changed = armour.clone().into_bytes();
            if changed[at] == with {
                continue;
            }
            changed[at] = with;
            let changed = String::from_utf8(changed).expect("ASCII");
            assert_ne!(HandoverSigner::of(&changed, NAMESPACE, b"a list\n"), Ok(key().signer()), "{at}");
        }
    }
}

//! What a bundle of 1 GiB costs: `cargo bench --all-features --bench handover`, in memory (`/dev/shm`) where there is room. Prints a table and
//! fails on nothing: times belong to the machine. What was measured stands in `docs/performance.md`.

#[allow(dead_code, reason = "one device is enough here")]
#[path = "carry/desk.rs"]
mod desk;
#[allow(dead_code, reason = "the table of the other bench is not asked for here")]
#[path = "casebook/made.rs"]
mod made;

use std::fs::{self, File};
use std::io::{self, Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use desk::{BOOK, Desk};
use sandyq::crypto::{HandoverKey, Identity, KeyRecipient, Lock, OpeningKeys, SigningKey, open_stream};
use sandyq::handover::container::archive::{Member, write};
use sandyq::handover::container::extract::extract;
use sandyq::handover::container::outer::{Outer, seal_to_files};
use sandyq::handover::container::verify::verify;
use sandyq::vault::Silent;
use serde_json::json;

/// Makes this program run the command line it got and print its peak memory.
pub const PEAK: &str = "SANDYQ_BENCH_PEAK";
/// Says which task a process of this program does.
const TASK: &str = "SANDYQ_BENCH_TASK";
const SIZE: u64 = 1 << 30;
/// How often each is timed; the fastest counts, because the others were disturbed.
const RUNS: usize = 3;

fn main() -> ExitCode {
    if let Ok(task) = std::env::var(TASK) {
        do_task(&task, &std::env::args().skip(1).map(PathBuf::from).collect::<Vec<_>>());
        eprintln!("VmHWM {}", peak());
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir_in(place()).expect("a folder with room");
    let bench = Bench::new(folder.path());
    println!("| what | measured | beside it | ratio | bound | |\n|---|---|---|---|---|---|");
    bench.seal();
    bench.open();
    bench.attach();
    ExitCode::SUCCESS
}

/// Memory where it has room for some copies, else a disk.
fn place() -> PathBuf {
    let asked = Command::new("df").args(["--output=avail", "-B1", "/dev/shm"]).output();
    let free = asked.ok().and_then(|said| String::from_utf8_lossy(&said.stdout).lines().nth(1)?.trim().parse::<u64>().ok());
    if free.is_some_and(|free| free > 6 * SIZE) { "/dev/shm".into() } else { env!("CARGO_TARGET_TMPDIR").into() }
}

fn peak() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// One file of 1 GiB, a key, and what others make of them.
struct Bench {
    folder: PathBuf,
    identity: Identity,
}

impl Bench {
    fn new(folder: &Path) -> Bench {
        let bench = Bench { folder: folder.to_owned(), identity: Identity::generate() };
        let mut file = File::create(bench.path("big.bin")).expect("a file");
        let mut state = 1_u64;
        let mut block = vec![0; 1 << 20];
        for _ in 0..SIZE >> 20 {
            for eight in block.chunks_exact_mut(8) {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                eight.copy_from_slice(&state.to_le_bytes());
            }
            file.write_all(&block).expect("room");
        }
        fs::write(bench.path("key"), format!("{}\n", &*bench.identity.secret_text())).expect("written");
        fs::write(bench.path("recipient"), bench.identity.recipient().to_string()).expect("written");
        bench
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    fn seal(&self) {
        let (time, memory) = self.task("seal", &["big.bin", "recipient", "case.zip.age"], &["case.zip.age"]);
        let recipient = self.identity.recipient().to_string();
        for (peer, bound) in [("rage", 1.0), ("age", 0.65)] {
            let other = self.peer(peer, &["-r", &recipient, "-o"], "big.age", "big.bin");
            row("P7 bundle of 1 GiB sealed", time, peer, other, Some(bound));
        }
        at_most("peak memory of it", memory, 32);
    }

    fn open(&self) {
        let (plain, _) = self.task("decrypt", &["case.zip.age", "key", "case.zip"], &["case.zip"]);
        let (checked, memory) = self.task("verify", &["case.zip.age", "key"], &[]);
        let (opened, _) = self.task("open", &["case.zip.age", "key", "out"], &["out"]);
        let key = self.path("key").display().to_string();
        for (peer, bound) in [("rage", 1.0), ("age", 0.85)] {
            let other = self.peer(peer, &["-d", "-i", &key, "-o"], "case.plain", "case.zip.age");
            row("P7 bundle of 1 GiB decrypted", plain, peer, other, Some(bound));
            row("verified: every hash, signature, record", checked, peer, other, None);
            row("opened: verified, then written out", opened, peer, other, None);
        }
        at_most("peak memory of verifying", memory, 32);
    }

    fn attach(&self) {
        let desk = Desk::founder(&self.path("desk"));
        let mut session = desk.open(Some(BOOK));
        let person = session.add(&[(sandyq::model::Kind::Person, json!({ "names": [{ "text": "Dana Kim" }] }))]).expect("a person").remove(0);
        drop(session);
        fs::write(self.path("person"), person).expect("written");
        fs::write(self.path("vault"), desk.vault().display().to_string()).expect("written");
        let (time, memory) = self.once("attach", &["vault", "person", "big.bin"]);
        let recipient = self.identity.recipient().to_string();
        let other = self.peer("rage", &["-r", &recipient, "-o"], "big.age", "big.bin");
        row("P7 attachment of 1 GiB into the vault", time, "rage", other, Some(0.4));
        at_most("peak memory of it", memory, 64);
    }

    /// The fastest of some runs of a task in a process of its own, with its peak memory.
    fn task(&self, task: &str, names: &[&str], makes: &[&str]) -> (Duration, u64) {
        let mut runs = Vec::new();
        for _ in 0..RUNS {
            makes.iter().for_each(|name| gone(&self.path(name)));
            runs.push(self.once(task, names));
        }
        runs.into_iter().min().expect("some runs")
    }

    fn once(&self, task: &str, names: &[&str]) -> (Duration, u64) {
        let mut command = Command::new(std::env::current_exe().expect("this program"));
        command.env(TASK, task).args(names.iter().map(|name| self.path(name))).stdin(Stdio::null());
        let start = Instant::now();
        let output = command.output().expect("a process");
        let time = start.elapsed();
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success(), "{task}: {said}");
        (time, said.lines().find_map(|line| line.strip_prefix("VmHWM ")?.parse().ok()).expect("a peak"))
    }

    /// The fastest run of a stock program; none where it is not installed.
    fn peer(&self, program: &str, arguments: &[&str], out: &str, from: &str) -> Option<Duration> {
        let run = |_| {
            gone(&self.path(out));
            let start = Instant::now();
            let status = Command::new(program).args(arguments).arg(self.path(out)).arg(self.path(from)).stdin(Stdio::null()).status().ok()?;
            status.success().then(|| start.elapsed())
        };
        let fastest = (0..RUNS).filter_map(run).min();
        gone(&self.path(out));
        if fastest.is_none() {
            eprintln!("SKIPPED: {program} is not installed");
        }
        fastest
    }
}

fn gone(path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir_all(path);
}

/// Speed beside a peer's.
fn row(what: &str, time: Duration, peer: &str, other: Option<Duration>, bound: Option<f64>) {
    let Some(other) = other else { return };
    let ratio = other.as_secs_f64() / time.as_secs_f64();
    let (bound, said) = bound.map_or_else(Default::default, |bound| (format!(">= {bound}"), if ratio >= bound { "within" } else { "MISSED" }));
    println!("| {what} | {:.2} s | {peer} {:.2} s | {ratio:.2} | {bound} | {said} |", time.as_secs_f64(), other.as_secs_f64());
}

fn at_most(what: &str, bytes: u64, mebibytes: u64) {
    let said = if bytes <= mebibytes << 20 { "within" } else { "MISSED" };
    println!("| {what} | {:.1} MiB | | | <= {mebibytes} MiB | {said} |", bytes as f64 / f64::from(1 << 20));
}

fn do_task(task: &str, paths: &[PathBuf]) {
    match task {
        "seal" => seal(&paths[0], &fs::read_to_string(&paths[1]).expect("a key"), &paths[2]),
        "decrypt" => {
            let mut opened = open_stream(&keys(&paths[1]), File::open(&paths[0]).expect("a bundle")).expect("opens");
            io::copy(&mut opened, &mut File::create(&paths[2]).expect("a file")).expect("room");
        }
        "verify" => assert!(verify(File::open(&paths[0]).expect("a bundle"), &keys(&paths[1]), None, &mut Silent).expect("read").is_whole()),
        "open" => assert!(extract(File::open(&paths[0]).expect("a bundle"), &keys(&paths[1]), None, &paths[2], &mut Silent).expect("written").is_whole()),
        "attach" => attach(&fs::read_to_string(&paths[0]).expect("a path"), &fs::read_to_string(&paths[1]).expect("an id"), &paths[2]),
        other => panic!("no task {other}"),
    }
}

fn keys(path: &Path) -> OpeningKeys {
    OpeningKeys::read(&fs::read_to_string(path).expect("a key file"), false, &mut || None).expect("a key")
}

fn seal(from: &Path, recipient: &str, to: &Path) {
    let key = HandoverKey::derive(&SigningKey::from_seed(&[7; 32]), &[8; 32]);
    let head = json!({ "format": "sandyq-bundle", "version": 1, "id": "0".repeat(32), "profile": "lawyer", "language": "en",
        "made": "2026-05-01T12:00:00Z", "heads": "0".repeat(64), "signer": key.signer().line(), "pseudonyms": false });
    let records = json!({ "bundle": head, "clients": [], "records": [] }).to_string();
    let outers = [Outer { path: to.to_owned(), lock: Lock::Keys(vec![KeyRecipient::read(recipient, false).expect("a key")]) }];
    let sealed = seal_to_files(&outers, &mut |out| {
        let big = Member::stream("files/big.bin", SIZE, |out: &mut dyn Write| {
            let mut file = File::open(from)?.take(SIZE);
            io::copy(&mut file, out).map(|_| ())
        });
        write(vec![Member::bytes("records.json", records.clone()), big], 1_777_636_800, &key, out, &mut Silent)
    });
    sealed.and_then(|(_, begun)| begun.place()).expect("sealed");
}

fn attach(vault: &str, person: &str, file: &Path) {
    use sandyq::sys::chance::SystemChance;
    use sandyq::sys::clock::SystemClock;
    let mut session =
        sandyq::session::Session::open(Path::new(vault), &desk::words(), Some(BOOK), Box::new(SystemClock), Box::new(SystemChance)).expect("a vault");
    session.attach(person, file, &json!({}), &mut Silent).expect("attached");
}

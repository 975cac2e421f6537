//! What a bundle of 1 GiB costs: `cargo bench --all-features --bench handover`, in memory (`/dev/shm`) where there is room; `-- seal` (`open`,
//! `attach`) runs one part. Prints a table and fails on nothing: times belong to the machine. What was measured stands in `docs/performance.md`.

#[allow(dead_code, reason = "one device is enough here")]
#[path = "carry/desk.rs"]
mod desk;
#[allow(dead_code, reason = "the table of the other bench is not asked for here")]
#[path = "casebook/made.rs"]
mod made;
#[path = "../tests/suite/handover/rage.rs"]
mod rage;

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
use sandyq::sys::aside::Aside;
use sandyq::vault::Silent;
use serde_json::json;

/// Makes this program run the command line it got and print its peak memory.
pub const PEAK: &str = "SANDYQ_BENCH_PEAK";
/// Says which task a process of this program does.
const TASK: &str = "SANDYQ_BENCH_TASK";
const SIZE: u64 = 1 << 30;
/// How often each is timed; the fastest counts, because the others were disturbed.
const RUNS: usize = 5;
/// A piece of a file as it comes out of a vault.
const PIECE: usize = 960 * 1024;

/// A part of the table by its name.
type Part = (&'static str, fn(&Bench));

fn main() -> ExitCode {
    if let Ok(task) = std::env::var(TASK) {
        do_task(&task, &std::env::args().skip(1).map(PathBuf::from).collect::<Vec<_>>());
        eprintln!("VmHWM {}", peak());
        return ExitCode::SUCCESS;
    }
    let folder = tempfile::tempdir_in(place()).expect("a folder with room");
    let bench = Bench::new(folder.path());
    println!("| what | measured | beside it | ratio | bound | |\n|---|---|---|---|---|---|");
    let asked = std::env::args().skip(1).find(|argument| !argument.starts_with('-'));
    let parts: [Part; 3] = [("seal", Bench::seal), ("open", Bench::open), ("attach", Bench::attach)];
    parts.iter().filter(|(name, _)| asked.as_deref().is_none_or(|asked| asked == *name)).for_each(|(_, part)| part(&bench));
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
        let recipient = self.identity.recipient().to_string();
        let peer = |program| Run::Peer { program, arguments: vec!["-r", &recipient], from: "big.bin", to: "big.age" };
        let ours = Run::Ours { task: "seal", names: &["big.bin", "recipient", "case.zip.age"], to: "case.zip.age" };
        let fastest = self.in_turns(RUNS, &[ours, peer("rage"), peer("age")]);
        beside("P7 bundle of 1 GiB sealed", &fastest, 0, &[("rage", 1, Some(1.0)), ("age", 2, Some(0.65))]);
        at_most("peak memory of sealing", &fastest[0], 32);
    }

    fn open(&self) {
        self.once("seal", &["big.bin", "recipient", "case.zip.age"]);
        let key = self.path("key").display().to_string();
        let peer = |program| Run::Peer { program, arguments: vec!["-d", "-i", &key], from: "case.zip.age", to: "case.plain" };
        let fastest = self.in_turns(
            RUNS,
            &[
                Run::Ours { task: "decrypt", names: &["case.zip.age", "key", "case.zip"], to: "case.zip" },
                Run::Ours { task: "verify", names: &["case.zip.age", "key"], to: "" },
                Run::Ours { task: "open", names: &["case.zip.age", "key", "out"], to: "out" },
                peer("rage"),
                peer("age"),
            ],
        );
        beside("P7 bundle of 1 GiB decrypted", &fastest, 0, &[("rage", 3, Some(1.0)), ("age", 4, Some(0.85))]);
        beside("verified: every hash, signature, record", &fastest, 1, &[("rage", 3, None), ("age", 4, None)]);
        beside("opened: verified, then written out", &fastest, 2, &[("rage", 3, None), ("age", 4, None)]);
        at_most("peak memory of verifying", &fastest[1], 32);
        at_most("peak memory of opening", &fastest[2], 32);
        gone(&self.path("case.zip.age"));
    }

    fn attach(&self) {
        let desk = Desk::founder(&self.path("desk"));
        let mut session = desk.open(Some(BOOK));
        let person = session.add(&[(sandyq::model::Kind::Person, json!({ "names": [{ "text": "Dana Kim" }] }))]).expect("a person").remove(0);
        drop(session);
        fs::write(self.path("person"), person).expect("written");
        fs::write(self.path("vault"), desk.vault().display().to_string()).expect("written");
        let recipient = self.identity.recipient().to_string();
        let ours = Run::Ours { task: "attach", names: &["vault", "person", "big.bin"], to: "" };
        let rage = Run::Peer { program: "rage", arguments: vec!["-r", &recipient], from: "big.bin", to: "big.age" };
        // Each run leaves 1 GiB in the vault.
        let fastest = self.in_turns(2, &[ours, rage]);
        beside("P7 attachment of 1 GiB into the vault", &fastest, 0, &[("rage", 1, Some(0.4))]);
        at_most("peak memory of attaching", &fastest[0], 64);
    }

    /// The fastest of some runs of each, in turns, so that whatever disturbs meets all of them; none for a program that is not installed.
    fn in_turns(&self, rounds: usize, runs: &[Run<'_>]) -> Vec<Option<(Duration, u64)>> {
        let mut fastest = vec![None; runs.len()];
        for _ in 0..rounds {
            for (run, fastest) in runs.iter().zip(&mut fastest) {
                let taken = self.run(run);
                *fastest = [*fastest, taken].into_iter().flatten().min();
            }
        }
        fastest
    }

    fn run(&self, run: &Run<'_>) -> Option<(Duration, u64)> {
        match run {
            Run::Ours { task, names, to } => {
                let taken = self.once(task, names);
                if !to.is_empty() {
                    gone(&self.path(to));
                }
                Some(taken)
            }
            Run::Peer { program, arguments, from, to } => {
                let taken = self.peer(program, arguments, from, to).map(|time| (time, 0));
                gone(&self.path(to));
                taken
            }
        }
    }

    /// A task in a process of its own, with its peak memory.
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

    /// A run of a stock program; none where it is not installed.
    fn peer(&self, program: &str, arguments: &[&str], from: &str, to: &str) -> Option<Duration> {
        let program = if program == "rage" { rage::program()? } else { program };
        let mut command = Command::new(program);
        command.args(arguments).arg("-o").arg(self.path(to)).arg(self.path(from)).stdin(Stdio::null());
        let start = Instant::now();
        let status = command.status().ok()?;
        assert!(status.success(), "{program} {arguments:?}");
        Some(start.elapsed())
    }
}

/// Something that is timed.
enum Run<'a> {
    /// A task of this program with the names of its files; what it makes is removed after it.
    Ours { task: &'a str, names: &'a [&'a str], to: &'a str },
    /// A stock program.
    Peer { program: &'a str, arguments: Vec<&'a str>, from: &'a str, to: &'a str },
}

fn gone(path: &Path) {
    let _ = fs::remove_file(path);
    let _ = fs::remove_dir_all(path);
}

/// Speed of one beside that of peers, each with its place among the runs and its bound.
fn beside(what: &str, fastest: &[Option<(Duration, u64)>], ours: usize, peers: &[(&str, usize, Option<f64>)]) {
    let seconds = |place: usize| fastest[place].map(|(time, _)| time.as_secs_f64());
    let time = seconds(ours).expect("it ran");
    for (peer, place, bound) in peers {
        let Some(other) = seconds(*place) else {
            eprintln!("SKIPPED: {peer} is not installed");
            continue;
        };
        let ratio = other / time;
        let (bound, said) = bound.map_or_else(Default::default, |bound| (format!(">= {bound}"), if ratio >= bound { "within" } else { "MISSED" }));
        println!("| {what} | {time:.2} s | {peer} {other:.2} s | {ratio:.2} | {bound} | {said} |");
    }
}

fn at_most(what: &str, run: &Option<(Duration, u64)>, mebibytes: u64) {
    let bytes = run.expect("it ran").1;
    let said = if bytes <= mebibytes << 20 { "within" } else { "MISSED" };
    println!("| {what} | {:.1} MiB | | | <= {mebibytes} MiB | {said} |", bytes as f64 / f64::from(1 << 20));
}

fn do_task(task: &str, paths: &[PathBuf]) {
    match task {
        "seal" => seal(&paths[0], &fs::read_to_string(&paths[1]).expect("a key"), &paths[2]),
        "decrypt" => {
            let mut opened = open_stream(&keys(&paths[1]), File::open(&paths[0]).expect("a bundle")).expect("opens");
            let mut file = Aside::new(File::create(&paths[2]).expect("a file"));
            io::copy(&mut opened, &mut file).expect("room");
            file.finish().expect("room");
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
            let mut file = File::open(from)?;
            let mut piece = vec![0; PIECE];
            while let read @ 1.. = file.read(&mut piece)? {
                out.write_all(&piece[..read])?;
            }
            Ok(())
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

//! What new keys cost a team: `cargo bench --bench remove`. Prints a table and fails on nothing: times belong to the machine.
//! `-- keys` (`roll`, `memory`) runs one part. What was measured stands in `docs/performance.md`.

#[allow(dead_code, reason = "the tasks of the other bench are not asked for here")]
#[path = "carry/desk.rs"]
mod desk;
#[allow(dead_code, reason = "the table of the other bench is not asked for here")]
#[path = "casebook/made.rs"]
mod made;
#[path = "remove/team.rs"]
mod team;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use desk::{BOOK, Desk, words};
use sandyq::crypto::Identity;
use sandyq::session::Session;
use sandyq::sys::chance::SystemChance;
use sandyq::vault::Silent;
use team::Team;

/// Makes this program run the command line it got and print its peak memory.
pub const PEAK: &str = "SANDYQ_BENCH_PEAK";
const FEW: usize = 1_000;
/// Records of the casebook that gets new keys.
const BOOK_OF: usize = 10_000;
/// How often reading is timed.
const RUNS: usize = 5;

/// Measures something in a folder of its own and prints it.
type Part = fn(&Path);

fn main() -> ExitCode {
    // The judge is this very program, started once more.
    if std::env::args().nth(1).is_some_and(|argument| argument == "judge") {
        return sandyq::cli::main();
    }
    if std::env::var_os(PEAK).is_some() {
        let code = sandyq::cli::main();
        eprintln!("VmHWM {}", number_in("/proc/self/status", "VmHWM:") * 1024);
        return code;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    println!("| what | measured | beside it |\n|---|---|---|");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let parts: [(&str, Part); 3] = [("keys", keys), ("roll", roll), ("memory", memory)];
    for (_, part) in parts.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|one| one == name)) {
        part(folder.path());
    }
    ExitCode::SUCCESS
}

fn shown(what: &str, measured: &str, beside: &str) {
    println!("| {what} | {measured} | {beside} |");
}

fn ms(time: Duration) -> String {
    format!("{:.1} ms", time.as_secs_f64() * 1e3)
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = run();
    (start.elapsed(), done)
}

fn median(mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..RUNS).map(|_| timed(&mut run).0).collect();
    times.sort();
    times[RUNS / 2]
}

/// The number after a word in a file of the system; 0 where the system does not say.
fn number_in(file: &str, word: &str) -> u64 {
    let text = fs::read_to_string(file).unwrap_or_default();
    let line = text.lines().find_map(|line| line.strip_prefix(word)).unwrap_or_default();
    line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or(0)
}

/// Bytes that this process has handed to the system to write.
fn handed_over() -> u64 {
    number_in("/proc/self/io", "wchar:")
}

fn new_folder(path: PathBuf) -> PathBuf {
    fs::create_dir_all(&path).expect("a disk with room");
    path
}

/// Keys files and a roll among 60 members, 10 of whom only record.
fn keys(folder: &Path) {
    let folder = folder.join("keys");
    let stick = new_folder(folder.join("stick"));
    let (joining, team) = timed(|| Team::of_sixty(&folder));
    shown("60 members let in, with a welcome for each", &ms(joining), "");
    team.meet(&stick);
    let mut session = team.founder.open(Some(BOOK));
    let casebook = session.vault().casebook(Some(BOOK)).expect("the team's").id;
    let (time, rolled) = timed(|| session.vault_mut().roll(&casebook, &words(), 1, &mut SystemChance).expect("new keys"));
    let sizes = team::sizes(&mut session, &casebook);
    let all: u64 = sizes.iter().map(|(.., bytes)| bytes).sum();
    drop(session);
    shown(
        "new keys for 60 members written",
        &format!("{}, {} keys files, {rolled_bytes} B", ms(time), rolled.files, rolled_bytes = rolled.bytes),
        &aged(60, all as usize),
    );
    for (what, files, bytes) in sizes {
        shown(&format!("of it: {what}"), &format!("{files} file(s), {bytes} B"), "");
    }
    let (leave, ()) = timed(|| team.founder.sync(&stick));
    shown("left on the stick, one record resealed", &ms(leave), "");
    for (who, desk) in [("a reader", &team.reader), ("a device that only records", &team.capture)] {
        let (take, ()) = timed(|| desk.sync(&stick));
        let (again, ()) = timed(|| desk.sync(&stick));
        shown(&format!("taken by {who}"), &ms(take), &format!("a second sync {}", ms(again)));
    }
    assert!(team.reader.open(Some(BOOK)).vault().casebook(Some(BOOK)).is_ok_and(|book| book.epochs.len() == 2), "the reader has the new key");
    assert!(
        team.capture.open(Some(BOOK)).vault().casebook(Some(BOOK)).is_ok_and(|book| book.recipients.len() == 2),
        "the recording device has the new recipient"
    );
}

/// New keys for a casebook of 10 000 records, and everything sealed anew.
fn roll(folder: &Path) {
    let folder = folder.join("roll");
    let stick = new_folder(folder.join("stick"));
    let (one, two) = book(&folder, BOOK_OF);
    one.sync(&stick);
    two.sync(&stick);
    one.sync(&stick);
    let store = one.vault().join("store");
    let before = (files(&one), size(&store));
    let read_before = reading(&one);
    let copies = median(|| copied(&store, &folder.join("copy")));
    let mut session = one.open(Some(BOOK));
    let casebook = session.vault().casebook(Some(BOOK)).expect("the team's").id;
    let (time, _) = timed(|| session.vault_mut().roll(&casebook, &words(), 1, &mut SystemChance).expect("new keys"));
    shown("new keys among 10 000 records", &ms(time), "");
    let handed = handed_over();
    let (time, done) = timed(|| session.vault_mut().reseal(&casebook, &mut Silent).expect("sealed anew"));
    let handed = handed_over() - handed;
    let rate = done.parcels as f64 / time.as_secs_f64();
    let beside = format!("copy of the store + fsync {}; {}", ms(copies), aged(1, done.bytes as usize));
    shown(&format!("{} parcels sealed anew", done.parcels), &format!("{} ({rate:.0} parcels/s)", ms(time)), &beside);
    shown("bytes of the new files", &mb(done.bytes), &format!("handed to the system, log of the store included: {}", mb(handed)));
    session.vault_mut().close_epochs(&casebook, 1, &mut SystemChance).expect("closed");
    drop(session);
    shown("sealed files", &files(&one).to_string(), &format!("before: {}", before.0));
    shown("store on the disk", &mb(size(&store)), &format!("before: {}", mb(before.1)));
    for (what, after, before) in reading(&one).into_iter().zip(read_before).map(|((what, after), (_, before))| (what, after, before)) {
        shown(&format!("{what}, after"), &ms(after), &format!("before: {}", ms(before)));
    }
    let packs = bytes_in(&stick);
    let (leave, ()) = timed(|| one.sync(&stick));
    shown("new files left on the stick", &format!("{}, {}", ms(leave), mb(bytes_in(&stick) - packs)), &format!("packs there before: {}", mb(packs)));
    let (take, ()) = timed(|| two.sync(&stick));
    shown("taken over by a reader who holds all of it in old files", &format!("{} ({:.0} parcels/s)", ms(take), done.parcels as f64 / take.as_secs_f64()), "");
    shown("sealed files of that reader", &files(&two).to_string(), "");
    for (who, desk) in [("who rolled", &one), ("who took over", &two)] {
        desk.sync(&stick);
        shown(&format!("a sync with nothing to do, {who}"), &ms(timed(|| desk.sync(&stick)).0), "");
    }
}

/// A casebook with so many records, and a second member who reads.
fn book(folder: &Path, records: usize) -> (Desk, Desk) {
    let one = Desk::founder(&folder.join("one"));
    one.fill(0, records);
    let two = one.lets_in(&folder.join("two"));
    (one, two)
}

fn files(desk: &Desk) -> usize {
    desk.open(Some(BOOK)).vault().files_after(0).expect("names").len()
}

fn size(path: &Path) -> u64 {
    fs::metadata(path).expect("a file").len()
}

fn bytes_in(stick: &Path) -> u64 {
    fs::read_dir(stick).expect("a folder").map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file").len()).sum()
}

fn copied(from: &Path, to: &Path) {
    fs::copy(from, to).and_then(|_| File::open(to)?.sync_all()).expect("a disk with room");
}

/// Times of reading: one record with its history out of its parcel, everything out of the view, everything out of the parcels.
fn reading(desk: &Desk) -> [(&'static str, Duration); 3] {
    let id = desk.open(Some(BOOK)).list(None).expect("a list")[BOOK_OF / 2].id.clone();
    let mut session = desk.open(Some(BOOK));
    session.history(&id).expect("a history");
    let history = median(|| drop(session.history(&id).expect("a history")));
    drop(session);
    let fresh = |task: fn(&mut Session)| median(|| task(&mut desk.open(Some(BOOK))));
    let whole = fresh(|session| assert!(session.bodies(None).expect("bodies").len() >= BOOK_OF));
    let (rebuilt, ()) = timed(|| assert!(desk.open(Some(BOOK)).vault_mut().rebuild(&mut Silent).expect("parcels").faults.is_empty()));
    [("history of one record out of its parcel", history), ("whole view opened", whole), ("view made anew from all parcels", rebuilt)]
}

/// What the `age` program takes to seal so many bytes to so many keys.
fn aged(keys: usize, bytes: usize) -> String {
    let mut command = Command::new("age");
    command.args((0..keys).flat_map(|_| ["-r".to_owned(), Identity::generate().recipient().to_string()]));
    let (time, done) = timed(|| {
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null()).spawn().ok()?;
        std::io::Write::write_all(&mut child.stdin.take()?, &vec![7; bytes]).ok()?;
        child.wait().ok().filter(std::process::ExitStatus::success)
    });
    done.map_or_else(|| "no `age` program here".to_owned(), |_| format!("`age` sealing {} to {keys} key(s) {}", mb(bytes as u64), ms(time)))
}

/// Peak memory of whole commands, by the size of the casebook.
fn memory(folder: &Path) {
    let [small, large] = [FEW, BOOK_OF].map(|records| {
        let folder = folder.join(format!("memory-{records}"));
        let stick = new_folder(folder.join("stick"));
        let (one, two) = book(&folder, records);
        one.sync(&stick);
        two.sync(&stick);
        let roll = one.peak_of(&["roll"]);
        one.sync(&stick);
        [roll, two.peak(&stick)]
    });
    for (at, what) in ["`roll`", "`sync` that takes the new files over"].iter().enumerate() {
        shown(&format!("memory of {what} among 10 000 records"), &mb(large[at]), &format!("among 1 000: {}", mb(small[at])));
    }
}

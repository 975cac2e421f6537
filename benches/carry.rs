//! What a team waits for when it meets over a stick, beside its bound: `cargo bench --bench carry`. Prints a table and fails
//! on nothing: times belong to the machine. `-- memory` runs one part. The bounds stand in `docs/performance.md`.

#[path = "carry/desk.rs"]
mod desk;
#[allow(dead_code, reason = "the table of the other bench is not asked for here")]
#[path = "casebook/made.rs"]
mod made;

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::{Duration, Instant};

use desk::{Desk, EDITS, LONG};

/// Makes this program run the command line it got and print its peak memory.
pub const PEAK: &str = "SANDYQ_BENCH_PEAK";
const FEW: usize = 1_000;
const MANY: usize = 100_000;
/// Parcels of the pack that is written and taken in.
const PACK: usize = 10_000;
/// Parcels of the larger pack whose memory is compared.
const LARGE: usize = 20_000;
/// How often a small meeting is timed.
const RUNS: usize = 7;

/// Measures something in a folder of its own and prints it.
type Part = fn(&Path);

fn main() -> ExitCode {
    // The judge is this very program, started once more.
    if std::env::args().nth(1).is_some_and(|argument| argument == "judge") {
        return sandyq::cli::main();
    }
    if std::env::var_os(PEAK).is_some() {
        let code = sandyq::cli::main();
        eprintln!("VmHWM {}", peak_of_this_process());
        return code;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    println!("| what | measured | peer | ratio | bound | |\n|---|---|---|---|---|---|");
    let wanted: Vec<String> = std::env::args().skip(1).filter(|argument| !argument.starts_with('-')).collect();
    let parts: [(&str, Part); 5] = [("pack", pack), ("bytes", bytes), ("memory", memory), ("kinds", kinds), ("meeting", meeting)];
    for (_, part) in parts.into_iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|one| one == name)) {
        part(folder.path());
    }
    ExitCode::SUCCESS
}

/// One figure of the table: `ratio` must be at most `bound`.
fn figure(what: &str, measured: &str, peer: &str, ratio: f64, bound: f64) {
    let verdict = if ratio <= bound { "within" } else { "MISSED" };
    println!("| {what} | {measured} | {peer} | {ratio:.2} | <= {bound} | {verdict} |");
}

/// A figure without a bound.
fn shown(what: &str, measured: &str) {
    println!("| {what} | {measured} | | | | |");
}

fn ms(time: Duration) -> String {
    format!("{:.0} ms", time.as_secs_f64() * 1e3)
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

fn timed<T>(run: impl FnOnce() -> T) -> (Duration, T) {
    let start = Instant::now();
    let done = run();
    (start.elapsed(), done)
}

fn middle(mut times: Vec<Duration>) -> Duration {
    times.sort();
    times[times.len() / 2]
}

/// Peak memory of this process in bytes; 0 where the system does not say.
fn peak_of_this_process() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

fn new_folder(path: PathBuf) -> PathBuf {
    fs::create_dir_all(&path).expect("a disk with room");
    path
}

/// Bytes of the packs in a folder.
fn bytes_in(stick: &Path) -> u64 {
    fs::read_dir(stick).expect("a folder").map(|entry| entry.and_then(|entry| entry.metadata()).expect("a file").len()).sum()
}

/// P5: what a small meeting costs in bytes.
fn bytes(folder: &Path) {
    let few = Met::new(&folder.join("bytes"), FEW);
    for count in [1, 10, 100] {
        let (sealed, pack) = few.bytes_of(count);
        let bound = sealed + 768 * count as u64 + 1024;
        figure(&format!("P5 sync of {count} new, bytes"), &format!("{pack} B"), &format!("{bound} B"), pack as f64 / bound as f64, 1.15);
    }
}

/// P5: how the time of a small meeting grows with what is there already.
fn meeting(folder: &Path) {
    let few = Met::new(&folder.join("few"), FEW);
    let many = Met::new(&folder.join("many"), MANY);
    let (mut left, mut taken) = ([Vec::new(), Vec::new()], [Vec::new(), Vec::new()]);
    for _ in 0..RUNS {
        for (at, met) in [&few, &many].into_iter().enumerate() {
            let (leave, take) = met.ten();
            left[at].push(leave);
            taken[at].push(take);
        }
    }
    for (what, times) in [("left there", left), ("taken in", taken)] {
        let [small, large] = times.map(middle);
        figure(&format!("P5 sync of 10 new {what}, 100 000 against 1 000"), &ms(large), &ms(small), ratio(large, small), 1.3);
    }
}

/// Two devices that hold the same, and the stick between them.
struct Met {
    one: Desk,
    two: Desk,
    stick: PathBuf,
}

impl Met {
    fn new(folder: &Path, parcels: usize) -> Met {
        let stick = new_folder(folder.join("stick"));
        let one = Desk::founder(&folder.join("one"));
        one.fill(0, parcels);
        let two = one.lets_in(&folder.join("two"));
        let met = Met { one, two, stick };
        for desk in [&met.one, &met.two, &met.one, &met.two] {
            desk.sync(&met.stick);
        }
        met
    }

    /// Bytes of so many new parcels as they are sealed, and of the pack that carries them.
    fn bytes_of(&self, count: usize) -> (u64, u64) {
        let before = bytes_in(&self.stick);
        let sealed = self.one.sealed_by(|desk| desk.fill(0, count));
        self.one.sync(&self.stick);
        let pack = bytes_in(&self.stick) - before;
        self.two.sync(&self.stick);
        self.one.sync(&self.stick);
        (sealed, pack)
    }

    /// Times of ten new parcels: left by the one, taken in by the other.
    fn ten(&self) -> (Duration, Duration) {
        self.one.fill(0, 10);
        let (leave, ()) = timed(|| self.one.sync(&self.stick));
        let (take, ()) = timed(|| self.two.sync(&self.stick));
        self.one.sync(&self.stick);
        (leave, take)
    }
}

/// P6: a large pack written, beside a copy of the same bytes, and taken in.
fn pack(folder: &Path) {
    let folder = folder.join("pack");
    let stick = new_folder(folder.join("stick"));
    let one = Desk::founder(&folder.join("one"));
    one.fill(0, PACK);
    let two = one.lets_in(&folder.join("two"));
    let (write, ()) = timed(|| one.sync(&stick));
    let pack = fs::read_dir(&stick).expect("a folder").next().expect("a pack").expect("a pack").path();
    let copies = (0..3).map(|number| timed(|| copied(&pack, &folder.join(format!("copy-{number}")))).0);
    let copy = middle(copies.collect());
    let name = format!("P6 pack of 10 000 parcels ({}) written", mb(bytes_in(&stick)));
    figure(&name, &ms(write), &format!("copy + fsync {}", ms(copy)), ratio(write, copy), 2.0);
    let (ingest, ()) = timed(|| two.sync(&stick));
    let rate = PACK as f64 / ingest.as_secs_f64();
    figure("P6 pack of 10 000 new detentions taken in", &format!("{} ({rate:.0} parcels/s)", ms(ingest)), "1 500 parcels/s", 1_500.0 / rate, 1.0);
}

fn copied(from: &Path, to: &Path) {
    fs::copy(from, to).and_then(|_| File::open(to)?.sync_all()).expect("a disk with room");
}

/// Taking in parcels of other kinds.
fn kinds(folder: &Path) {
    type Write = fn(&Desk);
    let edits = format!("{EDITS} parcels of 100 records of {LONG} characters");
    let kinds = [("receipts", "10 000 receipts", PACK, Desk::receipts as Write), ("edits", edits.as_str(), EDITS, Desk::edit_long as Write)];
    for (name, what, parcels, write) in kinds {
        let folder = folder.join(name);
        let stick = new_folder(folder.join("stick"));
        let one = Desk::founder(&folder.join("one"));
        one.fill(0, 1);
        write(&one);
        let two = one.lets_in(&folder.join("two"));
        one.sync(&stick);
        let (ingest, ()) = timed(|| two.sync(&stick));
        shown(&format!("{what} taken in"), &format!("{} ({:.0} parcels/s)", ms(ingest), parcels as f64 / ingest.as_secs_f64()));
    }
}

/// Peak memory of whole commands, by the size of the pack.
fn memory(folder: &Path) {
    let [small, large] = [FEW, LARGE].map(|parcels| {
        let folder = folder.join(format!("memory-{parcels}"));
        let stick = new_folder(folder.join("stick"));
        let one = Desk::founder(&folder.join("one"));
        one.fill(0, parcels);
        let two = one.lets_in(&folder.join("two"));
        let leave = one.peak(&stick);
        (leave, two.peak(&stick))
    });
    for (what, small, large) in [("left", small.0, large.0), ("taken in", small.1, large.1)] {
        figure(&format!("memory of a pack {what}, 20 000 against 1 000 parcels"), &mb(large), &mb(small), large as f64 / small as f64, 1.25);
    }
}

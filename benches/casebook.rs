//! What a monitor waits for, beside its bound and beside a peer measured in the same run: `cargo bench --bench casebook`.
//! Prints a table and fails on nothing: times belong to the machine. The bounds stand in `docs/performance.md`.

#[path = "casebook/made.rs"]
mod made;
#[path = "casebook/peer.rs"]
mod peer;

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode, Stdio};
use std::time::{Duration, Instant};

use sandyq::crypto::Passphrase;
use sandyq::model::Kind;
use sandyq::session::Session;
use sandyq::sys::chance::SystemChance;
use sandyq::sys::clock::SystemClock;
use sandyq::vault::{Founding, LOG_N, Silent, Vault};
use serde_json::Value;

/// Makes this program append to the file named here, as the peer of `add`.
const APPEND: &str = "SANDYQ_BENCH_APPEND";
/// Makes this program run the command line it got and print its peak memory.
const PEAK: &str = "SANDYQ_BENCH_PEAK";
const WORDS: &str = "orchid-lantern-granite-velvet";
/// scrypt work factor of the vaults that are timed: the passphrase is no part of what is measured.
const LOG_N_TIMED: u8 = 10;
/// Detentions of the book that is read.
const BOOK: usize = 10_000;
const FEW: usize = 100;
const MANY: usize = 100_000;
/// Drafts saved in one call while a vault is filled.
const AT_ONCE: usize = 2_000;

fn main() -> ExitCode {
    if let Some(path) = std::env::var_os(APPEND) {
        peer::append(Path::new(&path));
        return ExitCode::SUCCESS;
    }
    if std::env::var_os(PEAK).is_some() {
        let code = sandyq::cli::main();
        eprintln!("VmHWM {}", peak_of_this_process());
        return code;
    }
    let folder = tempfile::tempdir_in(env!("CARGO_TARGET_TMPDIR")).expect("a folder on a disk");
    std::fs::write(folder.path().join("words"), WORDS).expect("a disk with room");
    println!("| what | measured | peer | ratio | bound | |\n|---|---|---|---|---|---|");
    adding(folder.path());
    reading(folder.path());
    ExitCode::SUCCESS
}

/// One figure of the table: `ratio` must be at most `bound`.
fn figure(what: &str, measured: &str, peer: &str, ratio: f64, bound: f64) {
    let verdict = if ratio <= bound { "within" } else { "MISSED" };
    println!("| {what} | {measured} | {peer} | {ratio:.2} | <= {bound} | {verdict} |");
}

fn ms(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1e3)
}

fn ratio(one: Duration, other: Duration) -> f64 {
    one.as_secs_f64() / other.as_secs_f64()
}

/// Returns the median time of several runs.
fn median(runs: usize, mut run: impl FnMut()) -> Duration {
    let mut times: Vec<Duration> = (0..runs).map(|_| timed(&mut run)).collect();
    times.sort();
    times[runs / 2]
}

fn timed(run: impl FnOnce()) -> Duration {
    let start = Instant::now();
    run();
    start.elapsed()
}

/// P1: one more record, as a whole process, in a small and in a large book.
fn adding(folder: &Path) {
    let few = Book::filled(folder.join("few"), FEW);
    let many = Book::filled(folder.join("many"), MANY);
    let draft = few.draft(7).to_string();
    let appended = folder.join("appended");
    // The three take turns, so that a busy moment of the machine falls on all of them.
    let (mut peers, mut smalls, mut larges) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..61 {
        peers.push(timed(|| drop(run(this().env(APPEND, &appended), &draft))));
        smalls.push(timed(|| drop(run(&mut few.add(), &draft))));
        larges.push(timed(|| drop(run(&mut many.add(), &draft))));
    }
    let middle = |mut times: Vec<Duration>| {
        times.sort();
        times[times.len() / 2]
    };
    let (append, small, large) = (middle(peers), middle(smalls), middle(larges));
    let (small, large) = (small.saturating_sub(few.unlocking()), large.saturating_sub(many.unlocking()));
    let words = |time| format!("{} less the passphrase", ms(time));
    figure("P1 add one, 100 records, process", &words(small), &format!("append + fsync {}", ms(append)), ratio(small, append), 2.0);
    figure("P1 add one, 100 000 records, process", &words(large), &format!("append + fsync {}", ms(append)), ratio(large, append), 2.0);
    figure("P1 add one, 100 000 against 100, time", &ms(large), &ms(small), ratio(large, small), 1.25);
    let (small, large) = (few.peak("add", &draft), many.peak("add", &draft));
    figure("P1 add one, 100 000 against 100, memory", &mb(large), &mb(small), large as f64 / small as f64, 1.25);
}

/// P2, P3, P4 and the memory of commands in a book of 10 000 detentions.
fn reading(folder: &Path) {
    let book = Book::filled(folder.join("book"), BOOK);
    let drafts: Vec<Value> = (0..BOOK).map(|number| book.draft(number)).collect();
    let (table, document) = (folder.join("table"), folder.join("document"));
    peer::table(&table, &drafts);
    std::fs::write(&document, peer::document(&drafts)).expect("a disk with room");
    adding_in_place(&book, &document, &drafts[7]);
    listing(&book, &table);
    opening(&book, &document);
    memory(&book, &drafts[7].to_string());
}

fn adding_in_place(book: &Book, document: &Path, draft: &Value) {
    let mut session = book.open();
    let one = median(51, || drop(session.add(&[(Kind::Detention, draft.clone())]).expect("a detention")));
    let whole = median(3, || peer::load_add_save(document, draft));
    figure("P2 add one among 10 000, library", &ms(one), &format!("one document {}", ms(whole)), ratio(one, whole), 0.01);
}

fn listing(book: &Book, table: &Path) {
    let detentions = |found: usize| assert!(found >= BOOK);
    let list = median(9, || detentions(book.fresh(|session| session.list(Some(Kind::Detention)).expect("a list").len())));
    let rows = median(9, || detentions(peer::read_rows(table)));
    figure("P3 list 10 000", &ms(list), &format!("SQLite {}", ms(rows)), ratio(list, rows), 1.0);
    for (what, word, found) in [("rare word", made::RARE, BOOK / 1_000), ("absent word", "nowhere-at-all", 0)] {
        let find = median(5, || assert_eq!(book.fresh(|session| session.find(word).expect("a search").len()), found));
        let like = median(5, || assert_eq!(peer::search_rows(table, word), found));
        figure(&format!("P3 search 10 000, {what}"), &ms(find), &format!("SQLite LIKE {}", ms(like)), ratio(find, like), 1.0);
    }
}

fn opening(book: &Book, document: &Path) {
    let bytes = std::fs::read(document).expect("a file");
    let load = median(3, || drop(peer::load(&bytes)));
    let opened = median(5, || assert!(book.fresh(|session| session.bodies(None).expect("bodies").len()) >= BOOK));
    figure("P4 open 10 000 from the view", &ms(opened), &format!("Automerge::load {}", ms(load)), ratio(opened, load), 0.5);
    let rebuild = median(3, || assert!(book.fresh(|session| session.vault_mut().rebuild(&mut Silent).expect("parcels").faults.is_empty())));
    figure("P4 rebuild 10 000 from parcels", &ms(rebuild), &format!("Automerge::load {}", ms(load)), ratio(rebuild, load), 5.0);
}

/// Peak memory of whole commands, at the work factor of the program.
fn memory(book: &Book, draft: &str) {
    book.fresh(|session| session.vault_mut().change_passphrase(&words(), LOG_N).expect("a passphrase"));
    for (command, input) in [("add", draft), ("list", ""), ("find", made::RARE), ("show all as JSON", "")] {
        let peak = book.peak(command, input);
        figure(&format!("memory of `{command}` among 10 000"), &mb(peak), "300 MB", peak as f64 / 3e8, 1.0);
    }
}

fn mb(bytes: u64) -> String {
    format!("{:.1} MB", bytes as f64 / 1e6)
}

fn words() -> Passphrase {
    Passphrase::new(WORDS.to_owned())
}

/// This program once more.
fn this() -> Command {
    Command::new(std::env::current_exe().expect("a path"))
}

/// Runs a command with an input; returns what it says on stderr.
fn run(command: &mut Command, input: &str) -> String {
    let mut child = command.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::piped()).spawn().expect("a process");
    child.stdin.take().expect("a pipe").write_all(input.as_bytes()).expect("a reader");
    let output = child.wait_with_output().expect("an end");
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(output.status.success(), "{said}");
    said
}

/// Peak memory of this process in bytes; 0 where the system does not say.
fn peak_of_this_process() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:")).unwrap_or_default();
    line.split_whitespace().next().and_then(|kib| kib.parse::<u64>().ok()).unwrap_or(0) * 1024
}

/// A vault full of made-up detentions.
struct Book {
    folder: PathBuf,
    people: Vec<String>,
    incident: String,
}

impl Book {
    /// Founds a vault and fills it.
    fn filled(folder: PathBuf, detentions: usize) -> Book {
        let founding = Founding { passphrase: &words(), log_n: LOG_N_TIMED, handle: "M-7KQ", time: 0 };
        let vault = Vault::found(&folder, &founding, &mut SystemChance).expect("a vault");
        let mut session = Session::with(vault, None, Box::new(SystemClock), Box::new(SystemChance)).expect("a casebook");
        let people: Vec<_> = (0..detentions / 10).map(|number| (Kind::Person, made::person(number))).collect();
        let people = session.add(&people).expect("people");
        let incident = session.add(&[(Kind::Incident, made::incident())]).expect("a rally").remove(0);
        let book = Book { folder, people, incident };
        for start in (0..detentions).step_by(AT_ONCE) {
            let some = (start..detentions.min(start + AT_ONCE)).map(|number| (Kind::Detention, book.draft(number)));
            session.add(&some.collect::<Vec<_>>()).expect("detentions");
        }
        session.list(None).expect("a view that is merged once");
        book
    }

    fn draft(&self, number: usize) -> Value {
        made::detention(number, &self.people[number % self.people.len()], &self.incident)
    }

    fn open(&self) -> Session {
        Session::open(&self.folder, &words(), None, Box::new(SystemClock), Box::new(SystemChance)).expect("a vault")
    }

    /// Does something in a session of its own and returns what came of it.
    fn fresh<T>(&self, task: impl FnOnce(&mut Session) -> T) -> T {
        task(&mut self.open())
    }

    /// The time that the passphrase takes.
    fn unlocking(&self) -> Duration {
        let session = self.open();
        median(31, || session.vault().unlock_check(&words()).expect("the words fit"))
    }

    fn add(&self) -> Command {
        self.command(Command::new(env!("CARGO_BIN_EXE_sandyq")), &["add", "detention"])
    }

    fn command(&self, mut command: Command, arguments: &[&str]) -> Command {
        let file = self.folder.with_file_name("words");
        command.arg("--vault").arg(&self.folder).arg("--passphrase-file").arg(file).args(["--lang", "en"]).args(arguments);
        command
    }

    /// Returns the peak memory of a whole command in bytes.
    fn peak(&self, command: &str, input: &str) -> u64 {
        let arguments: &[&str] = match command {
            "add" => &["add", "detention"],
            "list" => &["list", "detention"],
            "find" => &["find"],
            _ => &["--json", "list", "detention"],
        };
        let said = run(self.command(this(), arguments).env(PEAK, "1"), input);
        said.lines().find_map(|line| line.strip_prefix("VmHWM ")).and_then(|bytes| bytes.parse().ok()).expect("a peak")
    }
}

//! The stick pulled, the battery gone, or a disk that fails, at every call of a meeting that changes something.
//! Both vaults stay whole, no half pack counts, and a second run completes.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::sync::atomic::{AtomicUsize, Ordering};

use super::{Team, exported, folder, person, sync, synced, whole};
use crate::cli::faults::{Fault, Point, at_every, read_points};
use crate::stories::support::{Program, Ran, copy_folder};

/// Calls of a meeting that change the vault or the stick.
const CHANGING: &str = "pwrite64,write,writev,fsync,fdatasync,ftruncate,rename,renameat,renameat2,unlink,unlinkat";

/// A team of which both have something for the other, and a stick with what the first one left.
struct Waiting {
    team: Team,
    stick: PathBuf,
    /// What both hold in the end.
    all: Vec<String>,
}

impl Waiting {
    fn new() -> Waiting {
        let team = Team::new();
        let stick = folder(&team.one);
        person(&team.one, "Sample Person");
        person(&team.two, "Another Person");
        synced(&team.one, &stick);
        let met = Team { one: team.one.copy(), two: team.two.copy(), words: String::new() };
        let copy = met.one.path("stick");
        copy_folder(&stick, &copy);
        met.meet(&copy);
        met.equal();
        Waiting { all: exported(&met.one), stick, team }
    }

    /// The second one's laptop with the stick in it.
    fn second(&self) -> Program {
        let program = self.team.two.copy();
        copy_folder(&self.stick, &program.path("stick"));
        program
    }

    /// Checks that whatever happened harmed nothing and that the next run completes it.
    fn completes(&self, program: &Program) {
        let stick = program.path("stick");
        whole(program);
        let held = exported(program);
        assert!(held.len() <= self.all.len() && held.iter().all(|line| self.all.contains(line)), "{held:#?}");
        let one = self.team.one.copy();
        let early = synced(&one, &stick);
        assert_eq!((&early["faults"], &early["refused"]), (&serde_json::json!([]), &serde_json::json!([])), "no half pack counts: {early}");
        synced(program, &stick);
        synced(&one, &stick);
        assert_eq!((exported(program), exported(&one)), (self.all.clone(), self.all.clone()), "nothing lost, nothing doubled");
        whole(&one);
        let again = synced(program, &stick);
        assert_eq!(again["faults"], serde_json::json!([]));
    }
}

/// Runs a meeting below `strace`, which follows the first thread: everything that writes a disk is done there.
fn traced(program: &Program, strace: &[&str]) -> Traced {
    let stick = program.arg("stick");
    let plain = program.command();
    let mut command = Command::new("strace");
    command.env_clear().env("PATH", "/usr/bin:/bin").env("SANDYQ_CLOCK", crate::stories::support::NOW).env("SANDYQ_LANG", "en");
    command.args(strace).arg(plain.get_program()).args(plain.get_args());
    command.arg("--passphrase-file").arg(program.path("passphrase")).args(["sync", &stick]);
    let output = command.output().expect("strace runs");
    Traced { code: output.status.code(), err: String::from_utf8(output.stderr).expect("UTF-8") }
}

/// How a meeting ended; no code where it was killed.
#[derive(Debug)]
struct Traced {
    code: Option<i32>,
    err: String,
}

/// Every call of a meeting that changes the vault or the stick.
fn points(program: &Program) -> Vec<Point> {
    let log = program.arg("calls");
    let trace = format!("trace={CHANGING}");
    let ran = traced(program, &["-y", "-s0", "-o", &log, "-e", &trace]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let log = fs::read_to_string(log).expect("a log");
    let numbered: String = log.lines().map(|line| format!("1 {line}\n")).collect();
    read_points(&numbered).into_iter().filter(|point| point.to.contains("/vault/") || point.to.contains("/stick")).collect()
}

fn with_fault(program: &Program, point: &Point, fault: Fault) -> Traced {
    let trace = format!("trace={}", point.call);
    traced(program, &["-qq", "-o", "/dev/null", "-e", &trace, "-e", &fault.clause(point)])
}

/// Every call but the pages of the store, of which only some are tried: there are a hundred, all alike.
fn some(points: Vec<Point>, step: usize) -> Vec<Point> {
    points.into_iter().filter(|point| point.call != "pwrite64" || point.number.is_multiple_of(step)).collect()
}

fn side(points: &[Point], side: &str) -> usize {
    points.iter().filter(|point| point.to.contains(side)).count()
}

#[test]
fn killed_at_any_call_a_sync_leaves_both_vaults_whole_and_the_next_one_completes() {
    let waiting = Waiting::new();
    let points = some(points(&waiting.second()), 3);
    assert!(points.len() <= 100 && side(&points, "/vault/") >= 10 && side(&points, "/stick") >= 4, "{points:#?}");
    // What age adds to a file has no fixed length: one page more or less of the store can be written than in the run that was traced.
    let unreached = AtomicUsize::new(0);
    at_every("sync killed", &points, &[Fault::Killed], |point, fault| {
        let program = waiting.second();
        let ran = with_fault(&program, point, fault);
        if ran.code == Some(0) && point.call == "pwrite64" {
            unreached.fetch_add(1, Ordering::Relaxed);
        } else {
            assert_ne!(ran.code, Some(0), "{ran:?}");
        }
        waiting.completes(&program);
    });
    assert!(unreached.into_inner() <= 5, "nearly every call is reached");
}

#[test]
fn disk_that_fails_at_any_write_of_a_sync_is_said_and_the_next_one_completes() {
    let waiting = Waiting::new();
    let points: Vec<Point> = some(points(&waiting.second()), 7).into_iter().filter(|point| point.call.contains("write")).collect();
    assert!(points.len() <= 25 && side(&points, "/vault/") >= 10 && side(&points, "/stick") >= 2, "{points:#?}");
    at_every("sync on a failing disk", &points, &[Fault::Full, Fault::Broken], |point, fault| {
        let program = waiting.second();
        let ran = with_fault(&program, point, fault);
        assert!(matches!(ran.code, Some(0 | 1 | 3)) && !ran.err.contains("panicked"), "{ran:?}");
        assert!(ran.code != Some(0) || nothing_hangs_on(point), "a failed write is said: {ran:?}");
        waiting.completes(&program);
    });
}

/// The number in the lock file, on which nothing hangs, and the log folded back into the store: it stays until that succeeds.
fn nothing_hangs_on(point: &Point) -> bool {
    point.to.contains("/vault/lock>") || point.to.contains("/vault/store>")
}

#[test]
fn stick_pulled_while_it_is_read_leaves_what_came_and_the_rest_for_the_next_time() {
    let waiting = Waiting::new();
    let program = waiting.second();
    let stick = program.path("stick");
    let pack = fs::read_dir(&stick).expect("listed").next().expect("a pack").expect("read").path();
    let bytes = fs::read(&pack).expect("read");
    fs::write(&pack, &bytes[..bytes.len() - 2048]).expect("cut");
    let ran: Ran = sync(&program, &stick);
    assert_eq!(ran.code, 3, "{ran:#?}");
    fs::write(&pack, bytes).expect("put back");
    waiting.completes(&program);
}

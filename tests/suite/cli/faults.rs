//! Faults on real system calls, by `strace`: the program is killed at a call, or the call fails. Nothing for it is in the product.

use std::collections::BTreeMap;
use std::fs;
use std::io::Write;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use super::support::{Outcome, Program};

/// Calls that change a disk or answer a person.
const CHANGING: &str = "pwrite64,pwritev,write,writev,fsync,fdatasync,ftruncate,truncate,fallocate,rename,renameat,renameat2,link,linkat,\
                        unlink,unlinkat,rmdir,open,creat,openat,mkdir,mkdirat,chmod,fchmod,copy_file_range,sendfile";
/// Most points that one story may have.
const MOST: usize = 400;

/// One call of a story: which one, and the how-manieth of its name.
#[derive(Clone, Debug, PartialEq)]
pub struct Point {
    pub call: String,
    pub number: usize,
    /// What it was done to.
    pub to: String,
}

impl Point {
    /// Tells whether the call writes a file, rather than answers a person.
    pub fn is_file(&self) -> bool {
        self.call != "write" || self.to.contains("/vault/") || self.to.contains("/out")
    }
}

/// What happens at a point.
#[derive(Clone, Copy, Debug)]
pub enum Fault {
    /// The process is gone before the call is made.
    Killed,
    /// The call fails, and the later ones of its name.
    Full,
    /// The call fails once.
    Broken,
    /// The call fails, and the later ones of its name, as on a worn-out stick.
    Dead,
}

impl Fault {
    /// Says it to `strace`.
    pub fn clause(self, point: &Point) -> String {
        let Point { call, number, .. } = point;
        match self {
            Fault::Killed => format!("inject={call}:signal=KILL:when={number}"),
            // Writing on would keep the program from saying what happened.
            Fault::Full if call == "write" => format!("inject={call}:error=ENOSPC:when={number}"),
            Fault::Full => format!("inject={call}:error=ENOSPC:when={number}+"),
            Fault::Dead => format!("inject={call}:error=EIO:when={number}+"),
            Fault::Broken => format!("inject={call}:error=EIO:when={number}"),
        }
    }
}

/// Returns every changing call of a run that goes well.
pub fn points(program: &Program, arguments: &[&str], input: &str) -> Vec<Point> {
    points_of(CHANGING, program, arguments, input)
}

/// Returns every call of some names in a run that goes well.
pub fn points_of(calls: &str, program: &Program, arguments: &[&str], input: &str) -> Vec<Point> {
    let log = program.beside("calls");
    let trace = format!("trace={calls}");
    let mut line: Vec<String> = ["strace", "-f", "-y", "-s0", "-o"].map(str::to_owned).to_vec();
    line.extend([log.display().to_string(), "-e".into(), trace]);
    line.extend(program.line(arguments));
    program.finish(program.command(&line), input).exits(0);
    read_points(&fs::read_to_string(log).expect("a log"))
}

/// Returns at most so many of the changing calls that the first thread makes in a run that goes well: evenly many of
/// the writes into a database and of the others. Other threads and processes of the run are left alone.
pub fn first_thread_points(program: &Program, arguments: &[&str], most: usize) -> Vec<Point> {
    let log = program.beside("calls");
    let mut line: Vec<String> = ["strace", "-y", "-s0", "-o"].map(str::to_owned).to_vec();
    line.extend([log.display().to_string(), "-e".into(), format!("trace={CHANGING}")]);
    line.extend(program.line(arguments));
    program.finish(program.command(&line), "").exits(0);
    let log = fs::read_to_string(log).expect("a log");
    let log: String = log.lines().map(|call| format!("1 {call}\n")).collect();
    thinned(all_points(&log), most)
}

/// Leaves out writes into a database, evenly, until so many points are left; where that is not enough, others too.
fn thinned(points: Vec<Point>, most: usize) -> Vec<Point> {
    let (writes, others): (Vec<Point>, Vec<Point>) = points.into_iter().partition(|point| point.call == "pwrite64");
    let others = evenly(others, most * 2 / 3);
    let writes = evenly(writes, most - others.len());
    others.into_iter().chain(writes).collect()
}

fn evenly(points: Vec<Point>, most: usize) -> Vec<Point> {
    let step = points.len().div_ceil(most).max(1);
    points.into_iter().step_by(step).collect()
}

/// Runs with a fault in the first thread.
pub fn run_first_thread_with(program: &Program, arguments: &[&str], point: &Point, fault: Fault) -> Outcome {
    let line = line_with(program.line(arguments), point, fault);
    let line: Vec<String> = line.into_iter().filter(|part| part != "-f" && part != "--seccomp-bpf").collect();
    program.finish(program.command(&line), "")
}

/// Reads the calls of a log: `PID NAME(ARGUMENTS) = RESULT` a line.
pub fn read_points(log: &str) -> Vec<Point> {
    let points = all_points(log);
    assert!(points.len() <= MOST, "{} calls are too many for one story", points.len());
    points
}

fn all_points(log: &str) -> Vec<Point> {
    let calls: Vec<(&str, &str, &str)> = log.lines().filter_map(call_of).collect();
    assert!(calls.iter().all(|call| call.0 == calls[0].0), "calls are counted for one thread");
    let mut counts: BTreeMap<&str, usize> = BTreeMap::new();
    let mut points = Vec::new();
    for (_, name, rest) in calls {
        let number = counts.entry(name).and_modify(|count| *count += 1).or_insert(1);
        let changes = !matches!(name, "open" | "openat") || rest.contains("O_CREAT");
        points.extend(changes.then(|| Point { call: name.to_owned(), number: *number, to: rest.to_owned() }));
    }
    points
}

fn call_of(line: &str) -> Option<(&str, &str, &str)> {
    let (pid, rest) = line.split_once(' ')?;
    let (name, rest) = rest.trim_start().split_once('(')?;
    name.bytes().all(|b| b.is_ascii_alphanumeric()).then_some((pid, name, rest))
}

/// Returns the arguments that run a program with a fault.
pub fn line_with(line: Vec<String>, point: &Point, fault: Fault) -> Vec<String> {
    let trace = format!("trace={}", point.call);
    let strace = ["strace", "-f", "--seccomp-bpf", "-qq", "-o", "/dev/null", "-e", &trace, "-e", &fault.clause(point)];
    strace.iter().map(|part| (*part).to_owned()).chain(line).collect()
}

/// Runs with a fault.
pub fn run_with(program: &Program, arguments: &[&str], input: &str, point: &Point, fault: Fault) -> Outcome {
    program.finish(program.command(&line_with(program.line(arguments), point, fault)), input)
}

/// Says something that is seen also when every test passes.
pub fn aloud(line: &str) {
    let _ = writeln!(std::io::stderr(), "{line}");
}

/// Tries every point, on every processor; says how many there were and how long they took.
pub fn at_every(story: &str, points: &[Point], faults: &[Fault], attempt: impl Fn(&Point, Fault) + Sync) {
    let began = Instant::now();
    let all: Vec<(&Point, Fault)> = faults.iter().flat_map(|fault| points.iter().map(|point| (point, *fault))).collect();
    let (next, failed) = (AtomicUsize::new(0), Mutex::new(Vec::new()));
    let work = || {
        while let Some((point, fault)) = all.get(next.fetch_add(1, Ordering::Relaxed)) {
            if catch_unwind(AssertUnwindSafe(|| attempt(point, *fault))).is_err() {
                failed.lock().expect("no panic").push(format!("{fault:?} {} {}: {}", point.call, point.number, point.to));
            }
        }
    };
    let workers = std::thread::available_parallelism().map_or(2, usize::from);
    std::thread::scope(|scope| (0..workers).for_each(|_| drop(scope.spawn(work))));
    let failed = failed.into_inner().expect("no panic");
    assert!(!all.is_empty() && failed.is_empty(), "{story}: {} of {} points failed:\n{}", failed.len(), all.len(), failed.join("\n"));
    aloud(&format!("budget: {story}: {} points in {} s", all.len(), began.elapsed().as_secs()));
}

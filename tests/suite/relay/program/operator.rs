//! An operator: a folder, the built program, and a relay that serves from it.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::mpsc::{Receiver, channel};
use std::time::Duration;

use sandyq::wire::Pin;
use serde_json::Value;
use tempfile::TempDir;

use super::visitor::Visitor;

/// Under which address members reach the relay of every story.
pub const ADDRESS: &str = "relay.example.org:8443";
/// Nothing is waited for longer.
const PATIENCE: Duration = Duration::from_secs(60);

/// What a call left behind.
#[derive(Debug)]
pub struct Ran {
    pub fine: bool,
    pub out: String,
    pub err: String,
}

/// A folder and the program to use it.
pub struct Operator {
    pub home: TempDir,
}

impl Operator {
    pub fn new() -> Operator {
        Operator { home: tempfile::tempdir().unwrap() }
    }

    /// A relay that was set up on a free port of this machine.
    pub fn set_up() -> Operator {
        let operator = Operator::new();
        let ran = operator.run(&["init", "--listen", "127.0.0.1:0", "--address", ADDRESS]);
        assert!(ran.fine, "{}", ran.err);
        operator
    }

    /// The same with a store in memory.
    pub fn in_memory() -> Operator {
        let operator = Operator::set_up();
        operator.change("kind = \"sqlite\"", "kind = \"memory\"");
        operator
    }

    pub fn folder(&self) -> PathBuf {
        self.home.path().join("relay")
    }

    pub fn path(&self, name: &str) -> PathBuf {
        self.home.path().join(name)
    }

    /// Runs a command of the program on this folder.
    pub fn run(&self, args: &[&str]) -> Ran {
        let output = command(&self.folder()).args(args).output().unwrap();
        let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
        Ran { fine: output.status.success(), out: text(&output.stdout), err: text(&output.stderr) }
    }

    /// Runs a command that must fail; returns what it says.
    pub fn refused(&self, args: &[&str]) -> String {
        let ran = self.run(args);
        assert!(!ran.fine, "{}", ran.out);
        assert_eq!(ran.err.matches("sandyq-relay: ").count(), 1, "{}", ran.err);
        ran.err
    }

    /// Replaces a part of the settings.
    pub fn change(&self, from: &str, to: &str) {
        let path = self.folder().join("relay.toml");
        let text = std::fs::read_to_string(&path).unwrap();
        assert!(text.contains(from), "{from}");
        std::fs::write(path, text.replacen(from, to, 1)).unwrap();
    }

    pub fn pin(&self) -> Pin {
        let ran = self.run(&["check"]);
        assert!(ran.fine, "{}{}", ran.out, ran.err);
        let line = ran.out.lines().find_map(|line| line.strip_prefix("key fits, pin ")).expect("a pin");
        line.parse().unwrap()
    }

    pub fn ticket(&self) -> String {
        let ran = self.run(&["ticket"]);
        assert!(ran.fine, "{}", ran.err);
        ran.out.trim_end().to_owned()
    }

    pub fn serve(&self) -> Serving {
        Serving::start(command(&self.folder()).arg("serve"), self.pin())
    }

    pub fn serve_with(&self, variables: &[(&str, &Path)], numbers: &[(&str, &str)]) -> Serving {
        let mut command = command(&self.folder());
        command.arg("serve").envs(variables.iter().copied()).envs(numbers.iter().copied());
        Serving::start(&mut command, self.pin())
    }
}

fn command(folder: &Path) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_sandyq-relay"));
    command.arg("--folder").arg(folder).env_remove("NOTIFY_SOCKET").stdin(Stdio::null());
    command
}

/// A relay that serves; killed when dropped.
pub struct Serving {
    child: Child,
    lines: Receiver<String>,
    /// Every line of the log that was read.
    pub log: Vec<String>,
    pub port: u16,
    pub metrics_port: Option<u16>,
    pub pin: Pin,
}

impl Serving {
    fn start(command: &mut Command, pin: Pin) -> Serving {
        let mut child = command.stdout(Stdio::null()).stderr(Stdio::piped()).spawn().unwrap();
        let lines = lines_of(child.stderr.take().unwrap());
        let mut serving = Serving { child, lines, log: Vec::new(), port: 0, metrics_port: None, pin };
        let said = serving.until("serving");
        let port = |name: &str| said[name].as_u64().map(|port| port as u16);
        (serving.port, serving.metrics_port) = (port("port").expect("a port"), port("metrics_port"));
        serving
    }

    /// Reads the log up to an event.
    pub fn until(&mut self, message: &str) -> Value {
        loop {
            let line = self.lines.recv_timeout(PATIENCE).unwrap_or_else(|_| panic!("no {message} in {:?}", self.log));
            self.log.push(line.clone());
            let event: Value = serde_json::from_str(&line).unwrap_or_else(|_| panic!("no JSON: {line}"));
            if event["message"] == message {
                return event;
            }
        }
    }

    /// Sends a signal.
    pub fn signal(&self, name: &str) {
        assert!(Command::new("kill").args(["-s", name, &self.child.id().to_string()]).status().unwrap().success());
    }

    /// Waits for the end; reads the log to its end.
    pub fn end(&mut self) -> ExitStatus {
        let status = self.child.wait().unwrap();
        self.log.extend(self.lines.iter());
        status
    }

    pub fn visitor(&self, seed: u8) -> Visitor {
        Visitor::new(self.port, self.pin, seed)
    }
}

impl Drop for Serving {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn lines_of(from: impl Read + Send + 'static) -> Receiver<String> {
    let (tell, lines) = channel();
    std::thread::spawn(move || BufReader::new(from).lines().map_while(Result::ok).try_for_each(|line| tell.send(line)));
    lines
}

//! A real Chromium without a window, driven over ChromeDriver's plain HTTP. Gone with the test.

use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use reqwest::Method;
use reqwest::blocking::Client;
use serde_json::{Value, json};

use super::container_support::is_here;

/// Longest wait for anything the page does, also where many tests share few processors.
const PATIENCE: Duration = Duration::from_secs(60);
/// Pause between two looks at the page.
const LOOK: Duration = Duration::from_millis(15);
/// The key that moves the focus on.
pub const TAB: &str = "\u{e004}";
pub const ENTER: &str = "\u{e007}";
pub const DOWN: &str = "\u{e015}";
const SHIFT: &str = "\u{e008}";
/// Under this key WebDriver names an element.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// Ends the driver, and with it whatever it started.
struct Driver {
    child: Child,
    /// Kept open: a driver that can tell nobody anything ends.
    out: Option<BufReader<ChildStdout>>,
}

impl Drop for Driver {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// One browser with a profile and a downloads folder of its own, without a network, names of hosts and a proxy.
pub struct Browser {
    client: Client,
    session: String,
    home: tempfile::TempDir,
    _driver: Driver,
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.client.delete(&self.session).send();
    }
}

impl Browser {
    /// Starts one; none where Chromium or ChromeDriver is missing, which is said loudly.
    pub fn start() -> Option<Browser> {
        Browser::start_with(&[])
    }

    /// Starts one with further arguments.
    pub fn start_with(more: &[&str]) -> Option<Browser> {
        let both = is_here("chromium", &["--version"]) && is_here("chromedriver", &["--version"]);
        both.then(|| Browser::new(more))
    }

    fn new(more: &[&str]) -> Browser {
        let home = tempfile::tempdir().expect("a folder");
        std::fs::create_dir(home.path().join("saved")).expect("a folder");
        let (driver, port) = driver(home.path());
        let _ = rustls::crypto::ring::default_provider().install_default();
        let client = Client::builder().no_proxy().timeout(PATIENCE * 2).build().expect("a client");
        let asked = capabilities(home.path(), more);
        let started = call(&client, Method::POST, &format!("http://127.0.0.1:{port}/session"), &asked).expect("a session");
        let id = started["sessionId"].as_str().expect("an id");
        let browser = Browser { session: format!("http://127.0.0.1:{port}/session/{id}"), client, home, _driver: driver };
        browser.unplug();
        browser
    }

    /// Takes the network away.
    fn unplug(&self) {
        let off = json!({ "offline": true, "latency": 0, "download_throughput": -1, "upload_throughput": -1 });
        self.ask(Method::POST, "chromium/network_conditions", &json!({ "network_conditions": off }));
    }

    fn ask(&self, method: Method, path: &str, body: &Value) -> Value {
        self.try_ask(method, path, body).unwrap_or_else(|error| panic!("{path}: {error}"))
    }

    fn try_ask(&self, method: Method, path: &str, body: &Value) -> Result<Value, Value> {
        call(&self.client, method, &format!("{}/{path}", self.session), body)
    }

    /// Opens a file as a double click on it does.
    pub fn go(&self, path: &Path) {
        self.ask(Method::POST, "url", &json!({ "url": format!("file://{}", path.display()) }));
    }

    #[track_caller]
    fn find(&self, id: &str) -> String {
        let found = self.ask(Method::POST, "element", &json!({ "using": "css selector", "value": format!("[id='{id}']") }));
        found[ELEMENT].as_str().expect("an element").to_owned()
    }

    #[track_caller]
    pub fn click(&self, id: &str) {
        self.ask(Method::POST, &format!("element/{}/click", self.find(id)), &json!({}));
    }

    /// Types into a field; into a field for files, their paths.
    #[track_caller]
    pub fn typed(&self, id: &str, text: &str) {
        self.ask(Method::POST, &format!("element/{}/value", self.find(id)), &json!({ "text": text }));
    }

    /// Presses and lets go one key, wherever the focus is.
    pub fn press(&self, key: &str) {
        self.strokes(&[("keyDown", key), ("keyUp", key)]);
    }

    /// Moves the focus back.
    pub fn press_back(&self) {
        self.strokes(&[("keyDown", SHIFT), ("keyDown", TAB), ("keyUp", TAB), ("keyUp", SHIFT)]);
    }

    /// Presses the keys of a text one after the other, wherever the focus is.
    pub fn keys(&self, text: &str) {
        let letters: Vec<String> = text.chars().map(String::from).collect();
        let strokes: Vec<_> = letters.iter().flat_map(|letter| [("keyDown", letter.as_str()), ("keyUp", letter)]).collect();
        self.strokes(&strokes);
    }

    fn strokes(&self, strokes: &[(&str, &str)]) {
        let strokes: Vec<Value> = strokes.iter().map(|(kind, key)| json!({ "type": kind, "value": key })).collect();
        self.ask(Method::POST, "actions", &json!({ "actions": [{ "type": "key", "id": "keys", "actions": strokes }] }));
    }

    /// From now on a dialog in which somebody would choose a file stays closed and waits for `answer_dialog`.
    pub fn hold_dialogs(&self) {
        self.devtools("Page.setInterceptFileChooserDialog", &json!({ "enabled": true }));
    }

    /// Chooses a file in the dialog that the page asked for.
    #[track_caller]
    pub fn answer_dialog(&self, file: &Path) {
        let asked = std::cell::OnceCell::new();
        let opened = || self.log(&["Page.fileChooserOpened"]).pop().is_some_and(|dialog| asked.set(dialog["backendNodeId"].clone()).is_ok());
        assert!(until(opened), "no dialog was asked for");
        self.devtools("DOM.setFileInputFiles", &json!({ "files": [file], "backendNodeId": asked.get() }));
    }

    fn devtools(&self, command: &str, parameters: &Value) {
        self.ask(Method::POST, "goog/cdp/execute", &json!({ "cmd": command, "params": parameters }));
    }

    /// Runs a function body in the page; what it returns, or promises, comes back.
    #[track_caller]
    pub fn script(&self, body: &str, arguments: &[Value]) -> Value {
        self.ask(Method::POST, "execute/sync", &json!({ "script": body, "args": arguments }))
    }

    /// The text of an element, as it is in the page whether seen or not.
    #[track_caller]
    pub fn text(&self, id: &str) -> String {
        let text = self.script("return document.getElementById(arguments[0]).textContent", &[id.into()]);
        text.as_str().expect("a text").to_owned()
    }

    /// Tells whether somebody sees an element.
    #[track_caller]
    pub fn is_seen(&self, id: &str) -> bool {
        self.script("return document.getElementById(arguments[0]).checkVisibility()", &[id.into()]) == json!(true)
    }

    /// Id of the element that has the keyboard.
    pub fn focused(&self) -> String {
        self.script("return document.activeElement.id", &[]).as_str().expect("an id").to_owned()
    }

    /// Waits until a condition over the page holds.
    #[track_caller]
    pub fn wait_until(&self, condition: &str) {
        let body = format!("return Boolean({condition})");
        // While a page is being loaded anew there is nothing to ask.
        let holds = || self.try_ask(Method::POST, "execute/sync", &json!({ "script": body, "args": [] })) == Ok(json!(true));
        assert!(until(holds), "{condition} did not come true: {}", self.script("return document.body.innerText", &[]));
    }

    #[track_caller]
    pub fn wait_seen(&self, id: &str) {
        self.wait_until(&format!("document.getElementById('{id}')?.checkVisibility()"));
    }

    /// Waits for a saved file and returns where it is.
    #[track_caller]
    pub fn saved(&self, name: &str) -> PathBuf {
        let path = self.home.path().join("saved").join(name);
        let unfinished = path.with_file_name(format!("{name}.crdownload"));
        assert!(until(|| path.metadata().is_ok_and(|about| about.len() > 0) && !unfinished.exists()), "{name} was not saved");
        path
    }

    /// The page as it is printed to PDF.
    pub fn print(&self) -> Vec<u8> {
        let printed = self.ask(Method::POST, "print", &json!({}));
        unbase64(printed.as_str().expect("base64"))
    }

    /// Makes the page that wide; narrower than any window can be, too.
    pub fn wide(&self, width: u32) {
        self.devtools("Emulation.setDeviceMetricsOverride", &json!({ "width": width, "height": 640, "deviceScaleFactor": 1, "mobile": false }));
    }

    /// Shows pages as to somebody who wants them dark, or light.
    pub fn dark(&self, dark: bool) {
        let scheme = if dark { "dark" } else { "light" };
        self.devtools("Emulation.setEmulatedMedia", &json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] }));
    }

    /// Addresses of everything that the browser asked for since its log was read last.
    pub fn requests(&self) -> Vec<String> {
        let asked = self.log(&["Network.requestWillBeSent", "Network.webSocketCreated"]).into_iter();
        asked.map(|told| told.pointer("/request/url").unwrap_or(&told["url"]).as_str().expect("an address").to_owned()).collect()
    }

    /// What the browser told of some kinds of events since this was asked last.
    fn log(&self, events: &[&str]) -> Vec<Value> {
        let log = self.ask(Method::POST, "se/log", &json!({ "type": "performance" }));
        let messages = log.as_array().expect("a log").iter().map(|entry| {
            let text = entry["message"].as_str().expect("a message");
            serde_json::from_str::<Value>(text).expect("JSON")["message"].clone()
        });
        messages.filter(|message| events.iter().any(|event| message["method"] == *event)).map(|message| message["params"].clone()).collect()
    }

    /// The most memory that a process which shows pages has held so far, in bytes; none where the system does not tell.
    pub fn memory(&self) -> Option<u64> {
        let profile = self.home.path().join("profile").display().to_string();
        let processes = std::fs::read_dir("/proc").ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        let own = processes.filter(|process| {
            let command = std::fs::read_to_string(process.join("cmdline")).unwrap_or_default();
            command.contains("--type=renderer") && command.contains(&profile)
        });
        own.filter_map(|process| most(&std::fs::read_to_string(process.join("status")).ok()?)).max()
    }
}

/// The line of a process's status that says how much memory it held at most, in bytes.
fn most(status: &str) -> Option<u64> {
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

/// Starts ChromeDriver on a port that it finds free.
fn driver(home: &Path) -> (Driver, u16) {
    let mut command = Command::new("chromedriver");
    command.args(["--port=0"]).env("HOME", home).env("TMPDIR", home);
    let mut child = command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("ChromeDriver starts");
    let mut out = BufReader::new(child.stdout.take().expect("a pipe"));
    let mut driver = Driver { child, out: None };
    let told = out.by_ref().lines().map_while(Result::ok).find_map(|line| line.split("successfully on port ").nth(1)?.trim_end_matches('.').parse().ok());
    driver.out = Some(out);
    (driver, told.expect("ChromeDriver tells its port"))
}

fn capabilities(home: &Path, more: &[&str]) -> Value {
    let mut arguments: Vec<String> = [
        "headless=new",
        "no-sandbox",
        "disable-gpu",
        "disable-quic",
        "disable-dev-shm-usage",
        "no-first-run",
        "no-proxy-server",
        "disable-background-networking",
        "disable-component-update",
        "disable-sync",
        "lang=en",
        "host-resolver-rules=MAP * ~NOTFOUND",
    ]
    .map(|argument| format!("--{argument}"))
    .to_vec();
    arguments.push(format!("--user-data-dir={}", home.join("profile").display()));
    arguments.extend(more.iter().map(|&argument| argument.to_owned()));
    let preferences = json!({ "download.default_directory": home.join("saved"), "download.prompt_for_download": false });
    let options = json!({ "binary": "/usr/bin/chromium", "args": arguments, "prefs": preferences });
    json!({ "capabilities": { "alwaysMatch": { "browserName": "chrome", "goog:chromeOptions": options, "goog:loggingPrefs": { "performance": "ALL" } } } })
}

/// One call; the driver's own words where it refuses.
fn call(client: &Client, method: Method, url: &str, body: &Value) -> Result<Value, Value> {
    let request = client.request(method, url).header("content-type", "application/json").body(body.to_string());
    let answer = request.send().expect("ChromeDriver answers");
    let fine = answer.status().is_success();
    let whole: Value = serde_json::from_str(&answer.text().expect("a text")).expect("JSON");
    if fine { Ok(whole["value"].clone()) } else { Err(whole["value"]["message"].clone()) }
}

/// Looks again and again until something holds or patience ends.
fn until(holds: impl Fn() -> bool) -> bool {
    let end = Instant::now() + PATIENCE;
    loop {
        if holds() {
            return true;
        }
        if Instant::now() > end {
            return false;
        }
        std::thread::park_timeout(LOOK);
    }
}

/// Reads base64.
pub fn unbase64(text: &str) -> Vec<u8> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let six = |letter: u8| LETTERS.iter().position(|&each| each == letter).expect("base64") as u32;
    let four = |chunk: &[u8]| {
        let bits = chunk.iter().fold(0, |bits, &letter| bits << 6 | six(letter)) << (6 * (4 - chunk.len()));
        bits.to_be_bytes()[1..chunk.len()].to_vec()
    };
    text.trim_end_matches('=').as_bytes().chunks(4).flat_map(four).collect()
}

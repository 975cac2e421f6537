//! What the way to a relay tells those who watch it: no host name, no look-up, nothing to a proxy that the environment names.

use std::io::{Read, Write};
use std::net::TcpStream;
use std::path::Path;
use std::process::Command;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use rustls::version;
use sandyq::transport::relay::{Address, Options, Relay};
use sandyq::transport::{Mailbox, Remembered, TransportError};
use sandyq::wire::Failure;

use super::access;
use super::server::{Identity, answer, config, https, listen, refusal};

/// Variables by which a test tells [`relay_is_met_as_the_environment_of_the_test_says`] what to do.
const RELAY: &str = "SANDYQ_TEST_RELAY";
const PROXY: &str = "SANDYQ_TEST_PROXY";
const ORDINARY: &str = "SANDYQ_TEST_ORDINARY";

/// Meets the relay that a variable names, or one of its own. Other tests run this one in a process of its own.
#[test]
fn relay_is_met_as_the_environment_of_the_test_says() {
    let variable = |name| std::env::var(name).ok();
    let own = || Identity::new().serve().to_string();
    let outcome = match variable(ORDINARY) {
        Some(url) => ordinary(&url),
        None => outcome(&variable(RELAY).unwrap_or_else(own), variable(PROXY)),
    };
    println!("outcome: {outcome}");
    assert!(outcome == "listed 0" || variable(RELAY).or(variable(ORDINARY)).is_some(), "{outcome}");
}

/// What came of a look at a relay: a number of names or a code.
fn outcome(address: &str, proxy: Option<String>) -> String {
    let options = Options { proxy, ..Options::default() };
    let address: Address = address.parse().expect("an address");
    let listed = Relay::at(address, vec![access(1)], &options).and_then(|mut relay| relay.list(&Remembered::default()));
    listed.map_or_else(|error| error.code().to_owned(), |listing| format!("listed {}", listing.names.len()))
}

/// What a client says that trusts the roots of the system.
fn ordinary(url: &str) -> String {
    let _ = rustls::crypto::ring::default_provider().install_default();
    let sent = reqwest::blocking::Client::builder().no_proxy().build().and_then(|client| client.get(url).send());
    sent.map_or_else(|error| format!("{error:?}"), |answer| answer.status().as_u16().to_string())
}

/// Runs the test above as a program, below another one if wished, with these variables only.
fn run(below: &[&str], variables: &[(&str, &str)]) -> String {
    let own = std::env::current_exe().expect("this program");
    let name = format!("{}::relay_is_met_as_the_environment_of_the_test_says", module_path!().split_once("::").expect("in a crate").1);
    let mut line: Vec<String> = below.iter().map(|part| (*part).to_owned()).collect();
    line.extend([own.to_str().expect("UTF-8").to_owned(), name, "--exact".to_owned(), "--nocapture".to_owned()]);
    let mut command = Command::new(&line[0]);
    let ran = command.args(&line[1..]).env_clear().envs(variables.iter().copied()).output().expect("it runs");
    let said = String::from_utf8_lossy(&ran.stdout).into_owned();
    let outcome = said.split_once("outcome: ").and_then(|(_, rest)| rest.lines().next());
    outcome.unwrap_or_else(|| panic!("{said}{}", String::from_utf8_lossy(&ran.stderr))).to_owned()
}

impl Identity {
    /// Serves a relay without any mailbox; returns its address.
    fn serve(&self) -> Address {
        self.address(https(self.config(), empty))
    }
}

fn empty(request: &super::server::Request) -> Vec<u8> {
    if request.target == "/v1/nonce" { answer(200, b"{\"nonce\":\"00ff\"}") } else { refusal(Failure::NoMailbox) }
}

#[test]
fn certificate_that_a_root_of_the_system_vouches_for_is_refused_all_the_same() {
    let folder = tempfile::tempdir().expect("a folder");
    let mut above = CertificateParams::new([]).expect("no name");
    above.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let root = CertifiedIssuer::self_signed(above, KeyPair::generate().expect("a key")).expect("a root");
    let file = folder.path().join("root.pem");
    std::fs::write(&file, root.pem()).expect("written");
    let key = KeyPair::generate().expect("a key");
    let leaf = CertificateParams::new(["127.0.0.1".to_owned()]).and_then(|params| params.signed_by(&key, &root)).expect("a certificate");
    let port = https(config(&[leaf.der().clone()], &key, &version::TLS13), empty);
    let trusted = ("SSL_CERT_FILE", file.to_str().expect("UTF-8"));
    assert_eq!(run(&[], &[trusted, (ORDINARY, &format!("https://127.0.0.1:{port}/v1/nonce"))]), "200", "the root is trusted on this machine");
    assert_eq!(run(&[], &[trusted, (RELAY, &Identity::new().address(port).to_string())]), "relay-intercepted");
}

#[test]
fn proxies_of_the_environment_are_not_used() {
    let called = Arc::new(AtomicU64::new(0));
    let count = called.clone();
    let port = listen(move |_| {
        count.fetch_add(1, Ordering::SeqCst);
    });
    let (proxy, address) = (format!("http://127.0.0.1:{port}"), Identity::new().serve().to_string());
    let mut variables: Vec<(&str, &str)> = vec![(RELAY, &address)];
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"];
    variables.extend(names.map(|name| (name, proxy.as_str())));
    assert_eq!(run(&[], &variables), "listed 0");
    assert_eq!(called.load(Ordering::SeqCst), 0);
    let direct = Identity::new().serve();
    assert_eq!(outcome(&direct.to_string(), Some(format!("socks5h://127.0.0.1:{port}"))), "place-unreachable");
    assert!(called.load(Ordering::SeqCst) > 0, "the proxy that was named is used, and nothing goes past it");
}

#[test]
fn only_a_proxy_that_looks_names_up_itself_is_taken() {
    for proxy in ["socks5://127.0.0.1:9050", "http://127.0.0.1:8080", "https://127.0.0.1:8080", "socks4a://127.0.0.1:9050", "127.0.0.1:9050", "socks5h://", ""]
    {
        let options = Options { proxy: Some(proxy.to_owned()), ..Options::default() };
        let refused = Relay::at(Identity::new().address(1), vec![access(1)], &options);
        assert!(matches!(refused, Err(TransportError::Proxy)), "{proxy}");
    }
}

/// What a SOCKS server was asked for, and the first bytes that went through it.
#[derive(Debug, Default)]
struct Passed {
    asked: Vec<String>,
    hello: Vec<u8>,
}

/// Serves SOCKS 5 and leads every connection to one port here.
fn socks(to: u16) -> (u16, Arc<Mutex<Passed>>) {
    let passed = Arc::new(Mutex::new(Passed::default()));
    let seen = passed.clone();
    let port = listen(move |stream| drop(lead(stream, to, &seen)));
    (port, passed)
}

fn lead(mut client: TcpStream, to: u16, passed: &Mutex<Passed>) -> std::io::Result<()> {
    let (mut greeting, mut head) = ([0; 3], [0; 4]);
    client.read_exact(&mut greeting)?;
    client.write_all(&[5, 0])?;
    client.read_exact(&mut head)?;
    let mut length = [4];
    if head[3] == 3 {
        client.read_exact(&mut length)?;
    }
    let mut address = vec![0; usize::from(length[0]) + 2];
    client.read_exact(&mut address)?;
    let host = &address[..address.len() - 2];
    let host = if head[3] == 3 { String::from_utf8_lossy(host).into_owned() } else { format!("{host:?}") };
    passed.lock().expect("unpoisoned").asked.push(host);
    client.write_all(&[5, 0, 0, 1, 0, 0, 0, 0, 0, 0])?;
    splice(client, to, passed)
}

/// Carries bytes both ways and keeps the first ones of the client.
fn splice(client: TcpStream, to: u16, passed: &Mutex<Passed>) -> std::io::Result<()> {
    let server = TcpStream::connect(("127.0.0.1", to))?;
    let (mut back_from, mut back_to) = (server.try_clone()?, client.try_clone()?);
    thread::spawn(move || drop(std::io::copy(&mut back_from, &mut back_to)));
    let (mut from, mut into, mut buffer) = (client, server, [0; 4096]);
    loop {
        let read = from.read(&mut buffer)?;
        if read == 0 {
            return into.shutdown(std::net::Shutdown::Write);
        }
        passed.lock().expect("unpoisoned").hello.extend(&buffer[..read]);
        into.write_all(&buffer[..read])?;
    }
}

/// Types of the extensions of a ClientHello that stands at the beginning of these bytes.
fn extensions(bytes: &[u8]) -> Vec<u16> {
    let two = |at: usize| usize::from(bytes[at]) << 8 | usize::from(bytes[at + 1]);
    assert_eq!((bytes[0], bytes[5]), (22, 1), "a record with a ClientHello");
    let session = 5 + 4 + 2 + 32;
    let suites = session + 1 + usize::from(bytes[session]);
    let compression = suites + 2 + two(suites);
    let mut at = compression + 1 + usize::from(bytes[compression]);
    let end = at + 2 + two(at);
    at += 2;
    let mut found = Vec::new();
    while at < end {
        found.push(two(at) as u16);
        at += 4 + two(at + 2);
    }
    found
}

/// Number of the extension that says a host name.
const SERVER_NAME: u16 = 0;
/// Number of the extension that says the versions of TLS.
const VERSIONS: u16 = 43;

fn contains(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

#[test]
fn no_host_name_stands_in_the_first_bytes() {
    let identity = Identity::new();
    let port = https(identity.config(), empty);
    for (host, asked) in [("relay.example", "relay.example"), ("127.0.0.1", "[127, 0, 0, 1]")] {
        let (proxy, passed) = socks(port);
        let address = Address::new(&format!("https://{host}:{port}"), identity.pin()).expect("an address");
        assert_eq!(outcome(&address.to_string(), Some(format!("socks5h://127.0.0.1:{proxy}"))), "listed 0");
        let passed = passed.lock().expect("unpoisoned");
        assert_eq!(passed.asked, [asked], "the proxy looks the name up");
        let found = extensions(&passed.hello);
        assert!(found.contains(&VERSIONS) && !found.contains(&SERVER_NAME), "{found:?}");
        assert!(!contains(&passed.hello, host.as_bytes()), "nowhere in what was sent");
    }
}

#[test]
fn reader_of_first_bytes_finds_a_host_name_where_one_is() {
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let builder = rustls::ClientConfig::builder_with_provider(provider).with_safe_default_protocol_versions().expect("versions");
    let config = builder.with_root_certificates(rustls::RootCertStore::empty()).with_no_client_auth();
    let mut usual = rustls::ClientConnection::new(Arc::new(config), "relay.example".try_into().expect("a name")).expect("a connection");
    let mut bytes = Vec::new();
    usual.write_tls(&mut bytes).expect("written");
    assert!(extensions(&bytes).contains(&SERVER_NAME) && contains(&bytes, b"relay.example"));
}

/// What a look at a relay opens and connects to.
fn traced(variables: &[(&str, &str)]) -> String {
    let folder = tempfile::tempdir().expect("a folder");
    let log = folder.path().join("log");
    let strace = ["/usr/bin/strace", "-f", "-o", log.to_str().expect("UTF-8"), "-e", "trace=connect,openat,sendto,sendmsg,sendmmsg"];
    assert!(Path::new(strace[0]).exists(), "strace is needed to see system calls");
    assert_eq!(run(&strace, variables), "listed 0");
    std::fs::read_to_string(&log).expect("read")
}

/// Lines that a look-up of a name leaves.
fn look_ups(log: &str) -> Vec<&str> {
    let signs = ["resolv.conf", "nsswitch.conf", "/etc/hosts", "htons(53)", "nscd", "io.systemd.Resolve"];
    log.lines().filter(|line| signs.iter().any(|sign| line.contains(sign))).collect()
}

#[test]
fn no_name_is_looked_up_for_an_ip_or_through_socks() {
    let identity = Identity::new();
    let address = identity.serve();
    let port = address.url.rsplit(':').next().expect("a port").to_owned();
    let (proxy, _) = socks(port.parse().expect("a number"));
    let proxy = format!("socks5h://127.0.0.1:{proxy}");
    let pin = hex::encode(identity.pin());
    let direct = traced(&[(RELAY, &address.to_string())]);
    assert!(direct.contains(&format!("htons({port})")), "the log shows connections");
    assert_eq!(look_ups(&direct), [""; 0]);
    let through = traced(&[(RELAY, &format!("https://relay.example:{port}#{pin}")), (PROXY, &proxy)]);
    assert!(!through.contains(&format!("htons({port})")), "nothing goes past the proxy from the client");
    assert_eq!(look_ups(&through), [""; 0]);
    let by_name = traced(&[(RELAY, &format!("https://localhost:{port}#{pin}"))]);
    assert!(!look_ups(&by_name).is_empty(), "a look-up would be seen");
}

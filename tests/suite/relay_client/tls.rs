//! Whom the client takes for the relay, and what it says of whoever is not.

use std::io::{Read, Write};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{CertificateParams, KeyPair, date_time_ymd};
use rustls::version;
use sandyq::error::Error;
use sandyq::transport::relay::{Address, Interception, Options};
use sandyq::transport::{Mailbox, Remembered, TransportError};
use sandyq::wire::Failure;

use super::server::{Identity, answer, closed_port, config, https, listen, refusal};
use super::{access, relay};

/// Lists what is at an address.
fn list(address: Address) -> Result<usize, TransportError> {
    relay(address, vec![access(1)]).list(&Remembered::default()).map(|listing| listing.names.len())
}

/// Serves a relay without any mailbox and counts the requests that it reads.
fn counting(config: Arc<rustls::ServerConfig>) -> (u16, Arc<AtomicU64>) {
    let count = Arc::new(AtomicU64::new(0));
    let seen = count.clone();
    let port = https(config, move |request| {
        seen.fetch_add(1, Ordering::SeqCst);
        if request.target == "/v1/nonce" { answer(200, b"{\"nonce\":\"00ff\"}") } else { refusal(Failure::NoMailbox) }
    });
    (port, count)
}

fn intercepted(result: Result<usize, TransportError>) -> Interception {
    match result {
        Err(TransportError::Intercepted(interception)) => *interception,
        other => panic!("{other:?}"),
    }
}

#[test]
fn pinned_key_is_the_relay() {
    let identity = Identity::new();
    let (port, count) = counting(identity.config());
    assert_eq!(list(identity.address(port)).expect("listed"), 0);
    assert_eq!(count.load(Ordering::SeqCst), 2, "a nonce and a list");
}

#[test]
fn another_key_is_an_interception_and_its_certificates_are_kept() {
    let (relay, other, above) = (Identity::new(), Identity::new(), Identity::new());
    let chain = [other.certificate.clone(), above.certificate];
    let (port, count) = counting(config(&chain, &other.key, &version::TLS13));
    let found = intercepted(list(relay.address(port)));
    assert_eq!(found.chain, chain.map(|one| one.to_vec()));
    assert_eq!(found.url, format!("https://127.0.0.1:{port}"));
    assert_eq!(count.load(Ordering::SeqCst), 0, "nothing was said");
}

#[test]
fn pinned_certificate_without_its_key_is_an_interception() {
    let (relay, other) = (Identity::new(), Identity::new());
    let (port, count) = counting(config(std::slice::from_ref(&relay.certificate), &other.key, &version::TLS13));
    assert_eq!(intercepted(list(relay.address(port))).chain, [relay.certificate.to_vec()]);
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn bytes_that_are_no_certificate_are_an_interception() {
    let (relay, other) = (Identity::new(), Identity::new());
    let mut longer = relay.certificate.to_vec();
    longer.push(0);
    for shown in [b"no certificate".to_vec(), longer] {
        let (port, _) = counting(config(&[shown.clone().into()], &other.key, &version::TLS13));
        assert_eq!(intercepted(list(relay.address(port))).chain, [shown]);
    }
}

#[test]
fn expired_certificate_with_the_pinned_key_is_the_relay() {
    let mut params = CertificateParams::new(["relay.invalid".to_owned()]).expect("a name");
    (params.not_before, params.not_after) = (date_time_ymd(1999, 1, 1), date_time_ymd(2000, 1, 1));
    let old = Identity::with(params.clone());
    (params.not_before, params.not_after) = (date_time_ymd(2999, 1, 1), date_time_ymd(3000, 1, 1));
    for identity in [old, Identity::with(params)] {
        let (port, _) = counting(identity.config());
        assert_eq!(list(identity.address(port)).expect("listed"), 0);
    }
}

#[test]
fn key_kept_ready_is_the_relay_too_and_requests_go_by_the_key_that_was_shown() {
    let (lost, ready) = (Identity::new(), Identity::new());
    let (port, _) = counting(ready.config());
    let address = format!("{},{}", lost.address(port), hex::encode(ready.pin()));
    assert_eq!(list(address.parse().expect("an address")).expect("listed"), 0);
}

#[test]
fn tls_1_2_is_refused_with_the_right_key_too() {
    let identity = Identity::new();
    let (port, count) = counting(config(std::slice::from_ref(&identity.certificate), &identity.key, &version::TLS12));
    assert!(matches!(list(identity.address(port)), Err(TransportError::WrongRelay)));
    assert_eq!(count.load(Ordering::SeqCst), 0);
}

#[test]
fn server_hello_of_tls_1_2_is_refused_before_any_certificate() {
    // ServerHello: version 1.2, 32 random bytes, no session, a suite of TLS 1.2, no compression.
    let mut hello = vec![22, 3, 3, 0, 42, 2, 0, 0, 38, 3, 3];
    hello.extend([7; 32]);
    hello.extend([0, 0xc0, 0x2b, 0]);
    let port = listen(move |mut stream| {
        let _ = stream.read(&mut [0; 2048]).and_then(|_| stream.write_all(&hello)).and_then(|()| stream.read(&mut [0; 2048]));
    });
    assert!(matches!(list(Identity::new().address(port)), Err(TransportError::WrongRelay)));
}

#[test]
fn address_without_the_hash_of_a_key_is_none() {
    let pin = "ab".repeat(32);
    let good: Address = format!("https://relay.example:8443#{pin}").parse().expect("an address");
    assert_eq!((good.url.as_str(), good.pin, good.backup), ("https://relay.example:8443", [0xab; 32], None));
    assert_eq!(good.to_string(), format!("https://relay.example:8443#{pin}"), "as the relay printed it");
    let usual: Address = format!(" https://[::1]#{pin},{pin}\n").parse().expect("an address");
    assert_eq!(usual.to_string(), format!("https://[::1]:443#{pin},{pin}"));
    let (short, upper) = ("ab".repeat(31), "AB".repeat(32));
    for wrong in [
        "https://relay.example:8443".to_owned(),
        "https://relay.example:8443#".to_owned(),
        format!("https://relay.example:8443#{short}"),
        format!("https://relay.example:8443#{upper}"),
        format!("https://relay.example:8443#{pin},"),
        format!("http://relay.example:8443#{pin}"),
        format!("https://user@relay.example:8443#{pin}"),
        format!("https://relay.example:8443/path#{pin}"),
        format!("https://relay.example:8443?x=1#{pin}"),
        format!("https://relay.example:0#{pin}"),
        format!("https://#{pin}"),
        format!("relay.example:8443#{pin}"),
    ] {
        assert!(matches!(wrong.parse::<Address>(), Err(TransportError::NoAddress)), "{wrong}");
    }
}

#[test]
fn network_that_answers_without_tls_is_told_apart() {
    for said in ["HTTP/1.1 302 Found\r\nlocation: http://login.example/\r\n\r\n", "<html>please log in</html>", "SSH-2.0-OpenSSH_9.2\r\n"] {
        let port = listen(move |mut stream| {
            let _ = stream.read(&mut [0; 2048]).and_then(|_| stream.write_all(said.as_bytes())).and_then(|()| stream.read(&mut [0; 2048]));
        });
        assert!(matches!(list(Identity::new().address(port)), Err(TransportError::CaptivePortal)), "{said}");
    }
}

#[test]
fn who_does_not_answer_or_breaks_off_is_unreachable() {
    let identity = Identity::new();
    let hangs_up = listen(drop);
    let after_hello = listen(|mut stream| drop(stream.read(&mut [0; 2048])));
    let after_request = https(identity.config(), |_| Vec::new());
    let in_the_head = https(identity.config(), |_| b"HTTP/1.1 200 OK\r\ncontent-le".to_vec());
    for port in [closed_port(), hangs_up, after_hello] {
        assert!(matches!(list(identity.address(port)), Err(TransportError::Unreachable)), "{port}");
    }
    let hasty = Options { stall: std::time::Duration::from_millis(300), ..Options::default() };
    for port in [after_request, in_the_head] {
        let mut relay = sandyq::transport::relay::Relay::at(identity.address(port), vec![access(1)], &hasty).expect("a relay");
        assert!(matches!(relay.list(&Remembered::default()), Err(TransportError::Unreachable)), "{port}");
    }
}

#[test]
fn answer_of_the_relay_that_is_none_of_its_protocol_is_odd() {
    let identity = Identity::new();
    let elsewhere = Identity::new();
    let (other, count) = counting(elsewhere.config());
    let moved = format!("HTTP/1.1 307 Moved\r\nlocation: https://127.0.0.1:{other}/v1/nonce\r\ncontent-length: 0\r\n\r\n").into_bytes();
    let answers = [
        answer(200, b"<html>hello</html>"),
        answer(200, b"{\"nonce\":\"two words\"}"),
        answer(200, &vec![b' '; 5_000_000]),
        answer(502, b"<html>bad gateway</html>"),
        answer(403, b"{\"error\":\"of-tomorrow\"}"),
        answer(500, b"{\"error\":\"quota\"}"),
        moved,
    ];
    for said in answers {
        let port = https(identity.config(), move |_| said.clone());
        assert!(matches!(list(identity.address(port)), Err(TransportError::OddAnswer)));
    }
    assert_eq!(count.load(Ordering::SeqCst), 0, "no redirect is followed");
}

#[test]
fn what_stands_between_ends_with_30_and_what_the_relay_says_with_1() {
    let exit = |error| Error::Place(error).exit_code();
    let interception = Interception { url: String::new(), chain: Vec::new() };
    for error in [TransportError::Unreachable, TransportError::Intercepted(Box::new(interception)), TransportError::CaptivePortal, TransportError::WrongRelay] {
        assert_eq!(exit(error), 30);
    }
    for error in [TransportError::OddAnswer, TransportError::NoMailbox, TransportError::Refused(Failure::Ticket), TransportError::Proxy] {
        assert_eq!(exit(error), 1);
    }
}

#[test]
fn no_other_version_of_the_tls_crates_than_the_tested_one_is_linked() {
    let lock = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/Cargo.lock")).expect("read");
    let tested = [
        ("hyper-rustls", "0.27.10"),
        ("reqwest", "0.13.5"),
        ("ring", "0.17.14"),
        ("rustls", "0.23.46"),
        ("rustls-pki-types", "1.15.1"),
        ("rustls-webpki", "0.103.16"),
        ("tokio-rustls", "0.26.6"),
        ("x509-parser", "0.18.1"),
    ];
    for (name, version) in tested {
        let found: Vec<&str> = lock.split(&format!("\nname = \"{name}\"\nversion = \"")).skip(1).filter_map(|rest| rest.split('"').next()).collect();
        assert_eq!(found, [version], "{name}: run the tests of this file against the new version, then name it here");
    }
}

/// A key that has nothing to do with any certificate.
#[test]
fn pin_is_the_hash_of_the_public_key_and_not_of_the_certificate() {
    let key = KeyPair::generate().expect("a key");
    let certificates: Vec<_> = ["one.invalid", "two.invalid"]
        .map(|name| CertificateParams::new([name.to_owned()]).and_then(|params| params.self_signed(&key)).expect("a certificate").der().clone())
        .to_vec();
    assert_ne!(certificates[0], certificates[1]);
    let [one, two] = certificates.try_into().expect("two");
    let address = Identity { key, certificate: one };
    let (port, _) = counting(config(&[two], &address.key, &version::TLS13));
    assert_eq!(list(address.address(port)).expect("listed"), 0);
}

//! A relay that listens: TLS with its key alone, and an end that loses no answer.

use std::io::{ErrorKind, Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, SignatureScheme, StreamOwned};
use sandyq::relay::serve::{Running, serve};
use sandyq::relay::store::memory::Memory;
use sandyq::relay::store::{Answer, Created, Figures, Known, Put, Terms, TicketId};
use sandyq::relay::tls::{IdentityError, key_as_pem, key_of_seed, pin_of};
use sandyq::relay::{Identity, Relay, Rules, Store};
use sandyq::wire::body::Page;
use sandyq::wire::{Failure, FileName, Key, MailboxId, Pin, PublicKeys, path};

use super::raw::{Ask, connect, exchange, reply};
use super::served::{Served, rules};

/// Takes whatever certificate is shown and keeps it.
#[derive(Debug)]
struct Taken(Mutex<Vec<u8>>, CryptoProvider);

impl ServerCertVerifier for Taken {
    fn verify_server_cert(
        &self,
        shown: &CertificateDer,
        _: &[CertificateDer],
        _: &ServerName,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        *self.0.lock().expect("a lock") = shown.to_vec();
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(&self, _: &[u8], _: &CertificateDer, _: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        Err(rustls::Error::General("no TLS 1.2".to_owned()))
    }

    fn verify_tls13_signature(&self, text: &[u8], shown: &CertificateDer, signed: &DigitallySignedStruct) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature(text, shown, signed, &self.1.signature_verification_algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.1.signature_verification_algorithms.supported_schemes()
    }
}

/// A TLS connection, and the certificate that was shown on it.
fn tls(to: SocketAddr) -> (StreamOwned<ClientConnection, TcpStream>, Arc<Taken>) {
    let taken = Arc::new(Taken(Mutex::default(), ring::default_provider()));
    let config = ClientConfig::builder_with_provider(Arc::new(ring::default_provider())).with_protocol_versions(&[&rustls::version::TLS13]).expect("TLS 1.3");
    let config = config.dangerous().with_custom_certificate_verifier(taken.clone()).with_no_client_auth();
    let name = ServerName::from(to.ip());
    let connection = ClientConnection::new(Arc::new(config), name).expect("a connection");
    (StreamOwned::new(connection, connect(to)), taken)
}

fn here() -> SocketAddr {
    "127.0.0.1:0".parse().expect("an address")
}

fn serving(identity: Identity) -> Running {
    serve(Arc::new(Relay::new(Arc::new(Memory::default()), identity, rules())), here()).expect("it serves")
}

#[test]
fn a_relay_shows_the_key_that_its_pin_is_of_and_answers_over_tls() {
    let running = serving(Identity::of_seed(&[7; 32]));
    let (mut stream, taken) = tls(running.address);
    for _ in 0..3 {
        stream.write_all(&Ask::new("GET", path::NONCE).bytes()).expect("sent");
        assert_eq!(reply(&mut stream).expect("an answer").status, 200);
    }
    assert_eq!(pin_of(&taken.0.lock().expect("a lock")), Ok(running.pin));
    assert_eq!(stream.conn.protocol_version(), Some(rustls::ProtocolVersion::TLSv1_3));
    running.stop();
}

#[test]
fn the_same_key_has_the_same_pin_however_it_is_given() {
    let key = key_of_seed(&[7; 32]);
    let pem = key_as_pem(&key).expect("PEM");
    let pin = Identity::of_seed(&[7; 32]).pin();
    assert_eq!(Identity::of_key(&key).expect("an identity").pin(), pin);
    assert_eq!(Identity::of_pem(&pem, None).expect("an identity").pin(), pin);
    assert_eq!(pin.to_string(), "324be2dea8bc44461b0233e51fa48902ed6b1cc671e7739af2551e0bfe68f54e");
}

#[test]
fn a_certificate_of_the_operator_is_shown_with_its_key_and_no_other() {
    let pair = rcgen::KeyPair::generate().expect("a key");
    let certificate = rcgen::CertificateParams::new(["relay.example".to_owned()]).expect("a name").self_signed(&pair).expect("a certificate");
    let identity = Identity::of_pem(&pair.serialize_pem(), Some(&certificate.pem())).expect("an identity");
    assert_eq!(Ok(identity.pin()), pin_of(certificate.der()));
    let other = rcgen::KeyPair::generate().expect("a key").serialize_pem();
    assert_eq!(Identity::of_pem(&other, Some(&certificate.pem())).map(|_| ()), Err(IdentityError::Mismatch));
    assert_eq!(Identity::of_pem(&other, Some("")).map(|_| ()), Err(IdentityError::Certificate));
    assert_eq!(Identity::of_pem("no key", None).map(|_| ()), Err(IdentityError::Key));
    let running = serving(identity);
    let (mut stream, taken) = tls(running.address);
    stream.write_all(&Ask::new("GET", "/healthz").bytes()).expect("sent");
    assert_eq!(reply(&mut stream).expect("an answer").status, 200);
    assert_eq!(*taken.0.lock().expect("a lock"), certificate.der().to_vec());
}

/// A ClientHello of TLS 1.2, with one suite and the curve and signatures it needs.
fn hello_of_tls_12() -> Vec<u8> {
    let extensions = hex::decode("000a00040002001d000d0006000404030804000b00020100").expect("hex");
    let mut hello = [&[3, 3][..], &[9; 32], &[0], &[0, 2, 0xc0, 0x2b], &[1, 0], &[0, extensions.len() as u8], &extensions].concat();
    hello.splice(0..0, [1, 0, 0, hello.len() as u8]);
    hello.splice(0..0, [22, 3, 1, 0, hello.len() as u8]);
    hello
}

#[test]
fn tls_before_1_3_is_refused() {
    let running = serving(Identity::of_seed(&[7; 32]));
    let mut stream = connect(running.address);
    stream.write_all(&hello_of_tls_12()).expect("sent");
    let mut alert = [0; 7];
    stream.read_exact(&mut alert).expect("an alert");
    assert_eq!((alert[0], alert[6]), (21, 70), "fatal alert: protocol_version");
}

#[test]
fn a_visitor_who_does_not_finish_a_handshake_is_let_go() {
    let limits = sandyq::relay::Limits { handshake: std::time::Duration::from_millis(100), ..rules().limits };
    let relay = Relay::new(Arc::new(Memory::default()), Identity::of_seed(&[7; 32]), Rules { limits, ..rules() });
    let running = serve(Arc::new(relay), here()).expect("it serves");
    let mut stream = connect(running.address);
    assert_eq!(stream.read(&mut [0; 16]).expect("an end"), 0);
}

#[test]
fn more_connections_than_there_are_places_wait_and_are_served() {
    let limits = sandyq::relay::Limits { connections: 2, ..rules().limits };
    let served = Served::new(Rules { limits, ..rules() });
    let mut open: Vec<TcpStream> = (0..4).map(|_| connect(served.address())).collect();
    open.iter_mut().for_each(|stream| stream.write_all(&Ask::new("GET", "/healthz").bytes()).expect("sent"));
    for mut stream in open {
        assert_eq!(reply(&mut stream).expect("an answer").status, 200);
        assert!(served.relay.counted().open() <= 2);
    }
}

#[test]
fn one_address_does_not_take_all_places() {
    let limits = sandyq::relay::Limits { per_address: Some(2), ..rules().limits };
    let served = Served::new(Rules { limits, ..rules() });
    let mut open: Vec<TcpStream> = Vec::new();
    for _ in 0..2 {
        let mut stream = connect(served.address());
        stream.write_all(&Ask::new("GET", "/healthz").bytes()).expect("sent");
        assert_eq!(reply(&mut stream).expect("an answer").status, 200);
        open.push(stream);
    }
    let mut third = connect(served.address());
    let heard = third.read(&mut [0; 16]).map_err(|error| error.kind());
    assert!(matches!(heard, Ok(0) | Err(ErrorKind::ConnectionReset)), "it is let go unheard: {heard:?}");
    drop(open);
    while served.relay.counted().open() > 0 {
        std::thread::yield_now();
    }
    assert_eq!(served.send(&Ask::new("GET", "/healthz")).status, 200);
}

/// A store that waits for a word before it keeps a file.
struct Waiting {
    memory: Memory,
    asked: SyncSender<()>,
    go: Mutex<Receiver<()>>,
}

impl Store for Waiting {
    fn known(&self, mailbox: MailboxId) -> Answer<'_, Known> {
        self.memory.known(mailbox)
    }
    fn create(&self, keys: PublicKeys, terms: Terms, ticket: Option<TicketId>, now: i64) -> Answer<'_, Created> {
        self.memory.create(keys, terms, ticket, now)
    }
    fn put(&self, mailbox: MailboxId, name: FileName, bytes: Vec<u8>, owner: bool, now: i64) -> Answer<'_, Put> {
        self.asked.send(()).expect("somebody waits");
        self.go.lock().expect("a lock").recv().expect("a word");
        self.memory.put(mailbox, name, bytes, owner, now)
    }
    fn list(&self, mailbox: MailboxId, after: u64, limit: u64) -> Answer<'_, Option<Page>> {
        self.memory.list(mailbox, after, limit)
    }
    fn get(&self, mailbox: MailboxId, name: FileName) -> Answer<'_, Option<Vec<u8>>> {
        self.memory.get(mailbox, name)
    }
    fn freeze(&self, mailbox: MailboxId, notice: Vec<u8>) -> Answer<'_, bool> {
        self.memory.freeze(mailbox, notice)
    }
    fn notice(&self, mailbox: MailboxId) -> Answer<'_, Option<Vec<u8>>> {
        self.memory.notice(mailbox)
    }
    fn delete(&self, mailbox: MailboxId, now: i64) -> Answer<'_, bool> {
        self.memory.delete(mailbox, now)
    }
    fn expire(&self, now: i64, batch: u64) -> Answer<'_, u64> {
        self.memory.expire(now, batch)
    }
    fn ready(&self) -> Answer<'_, ()> {
        self.memory.ready()
    }
    fn figures(&self) -> Answer<'_, Figures> {
        self.memory.figures()
    }
}

#[test]
fn a_relay_that_stops_answers_what_it_began_and_takes_nothing_more() {
    let ((asked, is_asked), (go, may_go)) = (sync_channel(1), sync_channel(1));
    let store = Waiting { memory: Memory::default(), asked, go: Mutex::new(may_go) };
    let served = Served::with(Arc::new(store), Identity::of_seed(&[7; 32]), rules());
    assert_eq!(served.create().status, 201);
    let (mut idle, mut busy) = (connect(served.address()), connect(served.address()));
    idle.write_all(&Ask::new("GET", "/healthz").bytes()).expect("sent");
    assert_eq!(reply(&mut idle).expect("an answer").status, 200);
    busy.write_all(&served.putting(b"the last file", Key::Write).bytes()).expect("sent");
    is_asked.recv().expect("it has begun");
    let (relay, address, running) = (Arc::clone(&served.relay), served.address(), served.running);
    let stopping = std::thread::spawn(move || running.stop());
    assert_eq!(idle.read(&mut [0; 16]).expect("an end"), 0, "who waits for nothing is let go");
    go.send(()).expect("it goes on");
    assert_eq!(reply(&mut busy).expect("an answer").status, 201);
    stopping.join().expect("it stops");
    assert!(TcpStream::connect(address).is_err());
    assert_eq!(relay.counted().open(), 0);
}

#[test]
fn a_relay_that_was_told_to_refuse_refuses_with_a_word_of_its_own() {
    let served = Served::new(rules());
    served.relay.refuse_all();
    for target in ["/readyz", path::NONCE] {
        assert_eq!(exchange(served.address(), &Ask::new("GET", target).bytes()).expect("an answer").failure(), Some(Failure::Stopping));
    }
}

#[test]
fn new_rules_hold_for_the_next_request() {
    let served = Served::new(rules());
    assert_eq!(served.create().json::<sandyq::wire::body::Made>().quota, rules().terms.quota);
    served.relay.set_rules(Rules { work_bits: None, ..rules() });
    assert_eq!(served.send(&Ask::new("GET", path::NONCE)).json::<sandyq::wire::body::Nonce>().work_bits, None);
}

#[test]
fn a_pin_is_no_pin_of_another_key() {
    let pins: std::collections::BTreeSet<Pin> = (0..8).map(|seed| Identity::of_seed(&[seed; 32]).pin()).collect();
    assert_eq!(pins.len(), 8);
}

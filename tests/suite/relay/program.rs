//! The relay as an operator has it: the built program, its folder, its signals and its log.

pub mod operator;
mod visitor;

use std::io::Write;
use std::net::{TcpListener, TcpStream};
use std::os::unix::fs::PermissionsExt;
use std::os::unix::net::UnixDatagram;
use std::path::Path;
use std::time::Duration;

use operator::{ADDRESS, Operator, Serving};
use sandyq::relay::program::serve::clock_is_set;
use sandyq::relay::program::settings::Settings;
use sandyq::relay::program::words;
use sandyq::sys::clock::{FixedClock, Wall};
use sandyq::wire::FileName;
use visitor::read;

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

fn read_metrics(serving: &Serving) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", serving.metrics_port.unwrap())).unwrap();
    stream.write_all(b"GET /metrics HTTP/1.1\r\nHost: here\r\n\r\n").unwrap();
    let answer = read(&mut stream);
    assert_eq!(answer.status, 200);
    answer.text().to_owned()
}

#[test]
fn a_new_relay_prints_the_line_for_members_and_keeps_its_key_for_its_owner_alone() {
    let operator = Operator::new();
    let ran = operator.run(&["init", "--listen", "127.0.0.1:0", "--address", ADDRESS]);
    assert!(ran.fine, "{}", ran.err);
    let pin = operator.pin();
    assert!(ran.out.contains(&format!("\nhttps://{ADDRESS}#{pin}\n")), "{}", ran.out);
    assert!(ran.out.contains(&words::in_groups(&pin)), "{}", ran.out);
    assert_eq!(words::in_groups(&pin).split_whitespace().collect::<String>(), pin.to_string());
    assert!(ran.out.contains('\u{2588}'), "a picture");
    assert_eq!(["", "key.pem", "relay.toml"].map(|name| mode(&operator.folder().join(name))), [0o700, 0o600, 0o600]);
    let serving = operator.serve();
    assert_eq!(serving.visitor(1).get("/healthz").status, 200, "the key that is shown has the pin that was printed");
}

#[test]
fn init_overwrites_nothing_and_leaves_nothing_half_done() {
    let operator = Operator::set_up();
    let before = ["key.pem", "relay.toml"].map(|name| std::fs::read(operator.folder().join(name)).unwrap());
    let said = operator.refused(&["init", "--address", "other.example.org:1"]);
    assert!(said.contains("overwrites nothing"), "{said}");
    assert_eq!(["key.pem", "relay.toml"].map(|name| std::fs::read(operator.folder().join(name)).unwrap()), before);
    let empty = Operator::new();
    assert!(empty.refused(&["init"]).contains("--address HOST:PORT"));
    for address in ["relay", "relay:0", "relay:x", "a b:1", "https://a:1", "[::1:1", "a/b:1", "a#:1", ":1", "a:+1"] {
        assert!(empty.refused(&["init", "--address", address]).contains("HOST:PORT"), "{address}");
    }
    assert!(!empty.folder().exists());
}

#[test]
fn the_settings_that_init_writes_are_those_that_hold_without_any() {
    let path = Path::new("relay.toml");
    let written = Settings::read(&words::settings(ADDRESS, &"0.0.0.0:8443".parse().unwrap()), path).unwrap();
    let least = Settings::read(&format!("address = \"{ADDRESS}\"\nlisten = \"0.0.0.0:8443\"\n"), path).unwrap();
    assert_eq!(written.rules(), least.rules());
    assert_eq!(least.needs_restart(&written), Vec::<&str>::new());
    assert_eq!((written.log, written.classes.len()), (least.log, 1));
}

#[test]
fn relay_whose_visitors_share_one_address_counts_neither_their_requests_nor_their_connections_by_it() {
    let least = format!("address = \"{ADDRESS}\"\nlisten = \"0.0.0.0:8443\"\n");
    let read = |text: &str| Settings::read(text, Path::new("relay.toml")).unwrap().rules().limits;
    let (usual, onion) = (read(&least), read(&format!("{least}[limits]\naddress_per_second = 0\n")));
    assert!(usual.per_address.is_some() && usual.address.is_some());
    assert!(onion.per_address.is_none() && onion.address.is_none());
    assert_eq!((onion.connections, onion.mailbox), (usual.connections, usual.mailbox));
}

#[test]
fn settings_that_do_not_fit_are_refused_with_line_and_name() {
    let operator = Operator::in_memory();
    let whole = std::fs::read_to_string(operator.folder().join("relay.toml")).unwrap();
    for (from, to, said) in [
        ("quota_mib = 256", "qouta_mib = 256", "unknown field `qouta_mib`"),
        ("keep_days = 365", "keep_days = 0", "a number from 1 to 65535 belongs here"),
        ("log = \"info\"", "log = \"loud\"", "unknown variant `loud`"),
        ("# metrics = \"127.0.0.1:9464\"", "metrics = \"0.0.0.0:9464\"", "on this machine only"),
        ("# metrics = \"127.0.0.1:9464\"", "metrics = \"[2001:db8::1]:9464\"", "on this machine only"),
        ("kind = \"memory\"", "kind = \"postgres\"", "needs its `url`"),
        ("# url =", "url =", "only the store `postgres` has a `url`"),
    ] {
        operator.change(from, to);
        let line = whole.lines().position(|line| line.starts_with(from)).unwrap() + 1;
        for command in ["serve", "check", "ticket"] {
            let err = operator.refused(&[command]);
            assert!(err.contains(said) && err.contains(&format!("Line {line} of ")), "{err}");
        }
        std::fs::write(operator.folder().join("relay.toml"), &whole).unwrap();
    }
}

#[test]
fn a_ticket_makes_one_mailbox_with_the_terms_that_it_names() {
    let operator = Operator::in_memory();
    let ran = operator.run(&["ticket", "--count", "3", "--class", "week", "--quota-mib", "5"]);
    let tickets: Vec<&str> = ran.out.lines().collect();
    assert!(ran.fine && tickets.len() == 3 && tickets[0] != tickets[1], "{ran:?}");
    let serving = operator.serve();
    let made = serving.visitor(1).create(tickets[0]);
    assert_eq!((made.status, made.text()), (201, r#"{"quota":5242880,"keeps_days":7}"#));
    assert_eq!(serving.visitor(9).create(tickets[0]).text(), r#"{"error":"ticket"}"#);
    assert_eq!(serving.visitor(9).create(tickets[1]).status, 201);
    assert!(operator.refused(&["ticket", "--class", "none"]).contains("`none`"));
}

#[test]
fn log_and_figures_of_a_story_hold_no_address_no_mailbox_and_no_file() {
    let operator = Operator::in_memory();
    operator.change("# metrics = \"127.0.0.1:9464\"", "metrics = \"127.0.0.1:0\"");
    operator.change("log = \"info\"", "log = \"debug\"");
    let mut serving = operator.serve();
    let (visitor, ticket) = (serving.visitor(1), operator.ticket());
    assert_eq!(visitor.create(&ticket).status, 201);
    assert_eq!(visitor.put(b"sealed").status, 201);
    assert_eq!(visitor.fetch(&FileName::of(b"sealed")).body, b"sealed");
    assert_eq!(visitor.list().count, 1);
    assert_eq!(serving.visitor(9).put(b"lost").text(), r#"{"error":"no-mailbox"}"#);
    assert_eq!(visitor.get("/metrics").status, 404, "figures are not for visitors");
    let figures = read_metrics(&serving);
    for line in [
        r#"sandyq_relay_requests_total{route="put",status="201",failure=""} 1"#,
        r#"sandyq_relay_requests_total{route="put",status="404",failure="no-mailbox"} 1"#,
        "sandyq_relay_mailboxes 1",
        "sandyq_relay_files 1",
        "sandyq_relay_kept_bytes 6",
        "sandyq_relay_stored_bytes_total 6",
        r#"sandyq_relay_store_failures_total{kind="full"} 0"#,
        "# EOF",
    ] {
        assert!(figures.lines().any(|found| found == line), "{line} in {figures}");
    }
    serving.signal("TERM");
    assert!(serving.end().success());
    let said = serving.log.join("\n") + &figures;
    assert!(said.contains("\"answered\"") && said.contains("\"stopped\""), "{said}");
    let names = [visitor.mailbox().to_string(), serving.visitor(9).mailbox().to_string()];
    let files = [b"sealed".as_slice(), b"lost"].map(|bytes| FileName::of(bytes).to_string());
    for secret in names.into_iter().chain(files).chain(["127.0.0.1".to_owned(), "::1".to_owned(), ticket]) {
        assert!(!said.contains(&secret) && !said.contains(&secret[..secret.len().min(16)]), "{secret} in {said}");
    }
}

#[test]
fn told_to_stop_it_finishes_what_was_begun_and_takes_nothing_new() {
    let operator = Operator::set_up();
    let mut serving = operator.serve();
    let visitor = serving.visitor(1);
    assert_eq!(visitor.create(&operator.ticket()).status, 201);
    let bytes = vec![7; 300_000];
    let (mut talk, rest) = visitor.begin_to_put(&bytes);
    assert_eq!(visitor.put(b"another").status, 201);
    serving.signal("TERM");
    serving.until("stopping");
    talk.write_all(rest).unwrap();
    assert_eq!(read(&mut talk).status, 201);
    assert!(serving.end().success());
    assert!(TcpStream::connect(("127.0.0.1", serving.port)).is_err());
    let again = operator.serve();
    assert_eq!(again.visitor(1).fetch(&FileName::of(&bytes)).body, bytes, "what was acknowledged is there");
}

#[test]
fn settings_that_may_change_change_while_it_serves_and_the_others_are_named() {
    let operator = Operator::in_memory();
    let mut serving = operator.serve();
    let visitor = serving.visitor(1);
    assert_eq!(visitor.nonce().work_bits, Some(22));
    operator.change("work_bits = 22", "work_bits = 5");
    serving.signal("HUP");
    serving.until("reloaded");
    assert_eq!(visitor.nonce().work_bits, Some(5));
    operator.change("tickets_only = false", "tickets_only = true");
    operator.change("listen = \"127.0.0.1:0\"", "listen = \"127.0.0.1:1\"");
    operator.change("connections = 256", "connections = 2");
    serving.signal("HUP");
    assert_eq!(serving.until("reloaded; needs a restart")["restart"], "listen connections");
    assert_eq!(visitor.nonce().work_bits, None);
    operator.change("tickets_only = true", "tickets_only = maybe");
    serving.signal("HUP");
    let said = serving.until("not reloaded")["said"].as_str().unwrap().to_owned();
    assert!(said.starts_with("Line "), "{said}");
    assert_eq!(visitor.nonce().work_bits, None, "it goes on as before");
}

#[test]
fn what_was_acknowledged_is_there_after_the_process_was_killed() {
    let operator = Operator::set_up();
    let mut serving = operator.serve();
    let visitor = serving.visitor(1);
    assert_eq!(visitor.create(&operator.ticket()).status, 201);
    for number in 0..20u8 {
        assert_eq!(visitor.put(&[number; 100]).status, 201);
    }
    serving.signal("KILL");
    assert!(!serving.end().success());
    let again = operator.serve();
    let page = again.visitor(1).list();
    assert_eq!((page.count, page.last), (20, 20));
    assert!((0..20u8).all(|number| page.files[usize::from(number)].name == FileName::of(&[number; 100])));
}

#[test]
fn a_backup_of_a_serving_relay_becomes_the_same_relay_elsewhere() {
    let operator = Operator::set_up();
    let serving = operator.serve();
    let visitor = serving.visitor(1);
    assert_eq!(visitor.create(&operator.ticket()).status, 201);
    assert_eq!(visitor.put(b"sealed").status, 201);
    let backup = operator.path("relay.backup");
    let ran = operator.run(&["backup", backup.to_str().unwrap()]);
    assert!(ran.fine, "{}", ran.err);
    assert_eq!(mode(&backup), 0o600);
    assert!(operator.refused(&["backup", backup.to_str().unwrap()]).contains("nothing is overwritten"));
    assert_eq!(visitor.put(b"later").status, 201);
    let elsewhere = Operator::new();
    let ran = elsewhere.run(&["init", "--from", backup.to_str().unwrap(), "--address", "new.example.org:443"]);
    assert!(ran.fine, "{}", ran.err);
    assert!(ran.out.contains(&format!("https://new.example.org:443#{}\n", operator.pin())), "{}", ran.out);
    assert_eq!(elsewhere.pin(), operator.pin());
    let moved = elsewhere.serve().visitor(1).fetch(&FileName::of(b"sealed"));
    assert_eq!(moved.body, b"sealed");
    let left: Vec<_> = std::fs::read_dir(operator.home.path()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert_eq!(left.len(), 2, "the folder and the backup: {left:?}");
}

#[test]
fn what_is_no_whole_backup_sets_nothing_up() {
    let operator = Operator::set_up();
    drop(operator.serve());
    let backup = operator.path("whole");
    assert!(operator.run(&["backup", backup.to_str().unwrap()]).fine);
    let whole = std::fs::read(&backup).unwrap();
    let elsewhere = Operator::new();
    let turned = |at: usize| whole.iter().enumerate().map(|(place, byte)| if place == at { byte ^ 1 } else { *byte }).collect::<Vec<_>>();
    let end = whole.windows(10).position(|ten| ten == b"SHA256SUMS").unwrap();
    let without_sums = [&whole[..end], &[0; 1024]].concat();
    for wrong in [whole[..whole.len() / 2].to_vec(), whole[..512].to_vec(), Vec::new(), turned(0), turned(600), whole[1024..].to_vec(), without_sums] {
        let file = operator.path("wrong");
        std::fs::write(&file, wrong).unwrap();
        let said = elsewhere.refused(&["init", "--from", file.to_str().unwrap()]);
        assert!(said.contains("is no whole backup"), "{said}");
        assert_eq!(std::fs::read_dir(elsewhere.folder()).map_or(0, Iterator::count), 0);
    }
}

#[test]
fn a_store_that_is_newer_or_damaged_is_left_as_it_is() {
    let operator = Operator::set_up();
    let mut serving = operator.serve();
    serving.signal("TERM");
    assert!(serving.end().success());
    let path = operator.folder().join("store.sqlite");
    let db = rusqlite::Connection::open(&path).unwrap();
    db.pragma_update(None, "user_version", 99).unwrap();
    db.close().unwrap();
    for command in ["serve", "check"] {
        assert!(operator.refused(&[command]).contains("written by a newer version"));
    }
    std::fs::write(&path, b"no database at all, but long enough to be looked at".repeat(100)).unwrap();
    assert!(operator.refused(&["serve"]).contains("The store is damaged"));
}

#[test]
fn check_finds_a_counter_that_does_not_fit_and_a_key_that_others_read() {
    let operator = Operator::set_up();
    let mut serving = operator.serve();
    assert_eq!(serving.visitor(1).create(&operator.ticket()).status, 201);
    assert_eq!(serving.visitor(1).put(b"sealed").status, 201);
    let while_serving = operator.run(&["check"]);
    assert!(while_serving.fine && while_serving.out.contains("store: 1 mailboxes, 1 files, 6 bytes\nstore: whole\n"), "{while_serving:?}");
    serving.signal("TERM");
    assert!(serving.end().success());
    let db = rusqlite::Connection::open(operator.folder().join("store.sqlite")).unwrap();
    assert_eq!(db.execute("UPDATE mailbox SET used = used + 1", []).unwrap(), 1);
    db.close().unwrap();
    std::fs::set_permissions(operator.folder().join("key.pem"), std::fs::Permissions::from_mode(0o644)).unwrap();
    let ran = operator.run(&["check"]);
    assert!(!ran.fine && ran.err.contains("2 faults found"), "{ran:?}");
    assert!(ran.out.contains("FAULT: The store is damaged") && ran.out.contains("FAULT: others on this machine can read the key"), "{}", ran.out);
}

#[test]
fn what_is_in_the_way_of_serving_is_said_in_one_sentence() {
    let operator = Operator::in_memory();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port();
    operator.change("listen = \"127.0.0.1:0\"", &format!("listen = \"127.0.0.1:{port}\""));
    let said = operator.refused(&["serve"]);
    assert!(said.contains(&format!("Port {port} is in use")), "{said}");
    operator.change(&format!("listen = \"127.0.0.1:{port}\""), "listen = \"127.0.0.1:0\"");
    let serving = operator.serve();
    assert!(operator.refused(&["serve"]).contains("serves this folder"));
    drop(serving);
    std::fs::write(operator.folder().join("key.pem"), "no key").unwrap();
    assert!(operator.refused(&["serve"]).contains("no private key"));
    assert!(Operator::new().refused(&["serve"]).contains("There is no relay in"));
}

#[test]
fn a_clock_before_2026_is_no_clock() {
    let at = |seconds| FixedClock(Wall { seconds, offset_min: 0 });
    let (last, first) = (Wall::parse("2025-12-31T23:59:59Z").unwrap().seconds, Wall::parse("2026-01-01T00:00:00Z").unwrap().seconds);
    assert!(clock_is_set(&at(last)).is_err() && clock_is_set(&at(0)).is_err());
    assert!(clock_is_set(&at(first)).is_ok());
}

#[test]
fn the_service_manager_is_told_of_readiness_life_and_end() {
    let operator = Operator::in_memory();
    let socket = operator.path("notify");
    let manager = UnixDatagram::bind(&socket).unwrap();
    manager.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
    let mut serving = operator.serve_with(&[("NOTIFY_SOCKET", &socket)], &[("WATCHDOG_USEC", "200000")]);
    let mut heard = Vec::new();
    let mut until = |what: &str| {
        while !heard.iter().any(|said: &String| said.contains(what)) {
            let mut bytes = [0; 256];
            let length = manager.recv(&mut bytes).unwrap_or_else(|_| panic!("no {what} in {heard:?}"));
            heard.push(String::from_utf8_lossy(&bytes[..length]).into_owned());
        }
    };
    until("READY=1");
    until("WATCHDOG=1");
    serving.signal("HUP");
    until("RELOADING=1");
    serving.signal("TERM");
    until("STOPPING=1");
    assert!(serving.end().success());
}

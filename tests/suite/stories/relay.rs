//! A team and its relay through both built programs: announced once, compared by voice, moved, and a room without any server.

use std::io::{BufRead, BufReader, Lines, Write};
use std::process::{Child, ChildStdout, Stdio};

use serde_json::{Value, json};

use super::stick::{Team, exported, folder, person, synced};
use super::support::{Program, Ran};
use crate::relay::program::operator::{Operator, Serving};
use crate::relay_client::cuts::{Counted, Cutter};
use crate::relaying::Host;

/// A relay that asks for little work.
fn operator() -> Operator {
    let operator = Operator::set_up();
    operator.change("work_bits = 22", "work_bits = 4");
    operator
}

/// The line for members of a relay on this machine.
fn address(serving: &Serving) -> String {
    format!("https://127.0.0.1:{}#{}", serving.port, serving.pin)
}

fn url(serving: &Serving) -> String {
    format!("https://127.0.0.1:{}", serving.port)
}

/// The words that `places` shows for a relay which nobody compared here.
fn words_shown(program: &Program) -> String {
    let ran = program.run(&["places"], "");
    assert!(ran.err.contains("has a key that nobody compared"), "{ran:#?}");
    ran.err.lines().find(|line| line.starts_with("    ")).expect("words").trim().to_owned()
}

/// Every meeting of a `sync` with all known places.
#[track_caller]
fn synced_everywhere(program: &Program) -> Vec<Value> {
    let ran = program.run(&["--json", "sync"], "");
    assert_eq!(ran.code, 0, "{ran:#?}");
    ran.out.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn of_place<'a>(met: &'a [Value], place: &str) -> &'a Value {
    met.iter().find(|met| met["place"] == place).unwrap_or_else(|| panic!("{place} in {met:?}"))
}

#[test]
fn relay_is_announced_once_compared_by_voice_and_found_again_elsewhere() {
    let (operator, team) = (operator(), Team::new());
    let serving = operator.serve();
    let stick = folder(&team.one);
    person(&team.one, "Sample Person");
    team.one.ok(&["announce", &address(&serving)], "");
    assert!(of_place(&synced_everywhere(&team.one), &url(&serving))["sent"].as_u64() > Some(0));
    team.meet(&stick);
    let refused = team.two.run(&["sync", &url(&serving)], "");
    assert!(refused.code == 1 && refused.err.contains("Nothing was sent."), "{refused:#?}");
    let words = words_shown(&team.two);
    team.two.ok(&["places", "--accept", &words], "");
    person(&team.two, "Another Person");
    assert!(of_place(&synced_everywhere(&team.two), &url(&serving))["sent"].as_u64() > Some(0));
    let came: u64 = synced_everywhere(&team.one).iter().filter_map(|met| met["new"].as_u64()).sum();
    assert!(came > 0, "by the stick or by the relay");
    let blocked = url(&serving);
    drop(serving);
    let away = team.two.run(&["sync", &blocked], "");
    assert!(away.code == 30 && away.err.contains("Nothing is lost. Last success: 2"), "{away:#?}");
    let serving = std::iter::repeat_with(|| operator.serve()).find(|serving| url(serving) != blocked).expect("another port");
    team.one.ok(&["announce", &blocked, "--gone"], "");
    team.one.ok(&["announce", &address(&serving)], "");
    team.meet(&stick);
    person(&team.two, "Third Person");
    of_place(&synced_everywhere(&team.two), &url(&serving));
    synced_everywhere(&team.one);
    synced_everywhere(&team.two);
    team.equal();
    assert_eq!(exported(&team.one).len(), 3);
}

#[test]
fn address_by_hand_needs_words_and_anothers_key_is_kept_as_evidence() {
    let (operator, other, team) = (operator(), operator(), Team::new());
    let (serving, between) = (operator.serve(), other.serve());
    team.one.ok(&["announce", &address(&serving)], "");
    synced_everywhere(&team.one);
    let shown = team.two.run(&["sync", &address(&serving)], "");
    assert_eq!(shown.code, 1, "{shown:#?}");
    let words = shown.err.lines().find(|line| line.starts_with("    ")).expect("words").trim().to_owned();
    let wrong = team.two.run(&["sync", &address(&serving), "--words", "72015 78141 42455 26440"], "");
    assert!(wrong.code == 1 && wrong.err.contains("NOT the words of that relay"), "{wrong:#?}");
    team.two.ok(&["sync", &address(&serving), "--words", &words], "");
    let false_address = format!("{}#{}", url(&between), serving.pin);
    let records = team.two.records();
    let ran = team.two.run(&["sync", &false_address], "");
    assert!(ran.code == 30 && ran.err.contains("INTERCEPTED") && ran.err.contains("Kept as evidence: "), "{ran:#?}");
    assert_eq!(team.two.records(), records + 1);
    let evidence = team.two.json(&["list", "evidence"], "");
    assert_eq!((&evidence[0]["category"], &evidence[0]["file_name"]), (&json!("certificate_chain"), &json!("certificate-chain.pem")), "{evidence}");
}

#[test]
fn relay_that_breaks_off_in_the_middle_gets_the_rest_with_the_next_sync_and_nothing_else_is_called_sent() {
    let (host, team) = (Host::new(21), Team::new());
    let cutter = Cutter::before(host.running().address.port(), u64::MAX, Counted { up: true, down: false });
    let place = format!("https://127.0.0.1:{}", cutter.port);
    team.one.ok(&["announce", &format!("{place}#{}", hex::encode(host.address().pin))], "");
    team.one.ok(&["sync", &place], "");
    let person = person(&team.one, "Sample Person");
    std::fs::write(team.one.path("video"), vec![7; 4 * 1024 * 1024]).expect("written");
    team.one.ok(&["attach", &person, &team.one.arg("video")], "");
    let before = host.figures().files;
    cutter.lets(2_500_000);
    let ran = team.one.run(&["--json", "sync", &place], "");
    let met: Value = serde_json::from_str(&ran.out).expect("JSON");
    let (sent, not_sent) = (met["sent"].as_u64().expect("a number"), met["not_sent"].as_u64().expect("a number"));
    assert!(ran.code == 30 && sent > 0 && not_sent > 0 && met["broke_off"] == true, "{ran:#?}");
    assert!(ran.err.contains(&format!("The connection broke off. {not_sent} files were not acknowledged and count as NOT sent.")), "{ran:#?}");
    assert!(!ran.err.contains("No room there") && ran.err.contains(&format!("{sent} left there")), "{ran:#?}");
    assert!((before + sent..=before + sent + 1).contains(&host.figures().files), "one may be there unacknowledged");
    cutter.lets(u64::MAX);
    let rest = team.one.json(&["sync", &place], "");
    assert!(rest["not_sent"] == 0 && rest["sent"].as_u64() >= Some(not_sent - 1), "{rest}");
    assert_eq!(team.one.json(&["sync", &place], "")["sent"], 0);
    assert!(host.figures().files >= before + sent + not_sent);
}

#[test]
fn no_address_no_proxy_and_no_admin_are_said() {
    let team = Team::new();
    for (args, code, said) in [
        (vec!["announce", "https://127.0.0.1:1"], 1, "no address of a relay"),
        (vec!["announce", "http://127.0.0.1:1#00"], 1, "no address of a relay"),
        (vec!["sync", "https://127.0.0.1:1"], 1, "no address of a relay"),
        (vec!["sync", "--proxy", "http://127.0.0.1:9050"], 1, "proxy"),
        (vec!["sync", "--lan", "127.0.0.1:1"], 1, "no address of a relay"),
    ] {
        let ran: Ran = team.one.run(&args, "");
        assert!(ran.code == code && ran.err.contains(said), "{args:?}: {ran:#?}");
    }
    let address = format!("https://127.0.0.1:1#{}", "0".repeat(64));
    assert_eq!(team.two.run(&["announce", &address], "").code, 1, "an editor announces nothing");
}

/// A laptop that holds a room open.
struct Laptop {
    child: Child,
    lines: Lines<BufReader<ChildStdout>>,
    code: String,
}

impl Laptop {
    fn of(program: &Program) -> Laptop {
        let mut child = program
            .command()
            .arg("--passphrase-file")
            .arg(program.path("passphrase"))
            .args(["sync", "--lan"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("started");
        let mut lines = BufReader::new(child.stdout.take().expect("stdout")).lines();
        let line = lines.find(|line| line.as_ref().is_ok_and(|line| line.starts_with("sandyq sync --lan "))).expect("a code").expect("text");
        let (at, number) = line.rsplit_once(' ').expect("a code").1.rsplit_once('-').expect("a number");
        let port = at.rsplit_once(':').expect("a port").1;
        Laptop { child, lines, code: format!("127.0.0.1:{port}-{number}") }
    }

    fn closes(mut self) {
        self.child.stdin.take().expect("stdin").write_all(b"\n").expect("told");
        let said: Vec<String> = self.lines.by_ref().map(|line| line.expect("text")).collect();
        assert!(self.child.wait().expect("ended").success());
        assert!(said.iter().any(|line| line.starts_with("M-TWO: ")), "what came is said: {said:?}");
    }
}

#[test]
fn two_laptops_in_one_room_exchange_without_any_server() {
    let team = Team::new();
    person(&team.one, "Sample Person");
    person(&team.two, "Another Person");
    let host = Laptop::of(&team.one);
    let met = team.two.json(&["sync", "--lan", &host.code], "");
    assert!(met["new"].as_u64() > Some(0) && met["sent"].as_u64() > Some(0), "{met}");
    host.closes();
    let stick = folder(&team.one);
    synced(&team.one, &stick);
    synced(&team.two, &stick);
    assert_eq!(exported(&team.one), exported(&team.two));
    assert_eq!(team.one.json(&["places"], "").as_array().map(Vec::len), Some(1), "a room is no place to come back to");
}

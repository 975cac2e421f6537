//! Somebody with another key answers for a relay: a person at the terminal is asked where and through whom, and what was shown is
//! kept.

use sandyq::locale::Texts;
use serde_json::Value;

use super::sitting::{SPEAKERS, Sitting, Speaker};
use crate::relaying::Host;
use crate::stories::stick::Team;

/// Exit code of what nobody reached.
const UNREACHABLE: i32 = 30;

/// A sync that meets another certificate: these answers to both questions. Returns the device, what stood on the screen, and the
/// evidence.
fn intercepted(speaker: &Speaker, place: &str, provider: &str) -> (Team, String, Value) {
    let (relay, between, team) = (Host::new(31), Host::new(32), Team::new());
    let address = between.address().url;
    team.one.ok(&["announce", &format!("{address}#{}", hex::encode(relay.address().pin))], "");
    let mut sitting = Sitting::start(speaker, &team.one.vault(), &["--passphrase-file", &team.one.arg("passphrase"), "sync", &address]);
    let mut shown = sitting.see(&sitting.text("relay-ask-why", &[]));
    sitting.answer_text("relay-ask-place", place);
    sitting.answer_text("relay-ask-provider", provider);
    shown += &sitting.ends(UNREACHABLE);
    assert_eq!(between.figures().mailboxes, 0, "nothing was sent");
    let evidence = team.one.json(&["list", "evidence"], "");
    assert_eq!(evidence.as_array().map(Vec::len), Some(1), "{evidence}");
    (team, shown, evidence[0].clone())
}

fn speaker(lang: &str) -> &'static Speaker {
    SPEAKERS.iter().find(|speaker| speaker.lang == lang).expect("it is spoken")
}

#[test]
fn answers_about_an_interception_stand_in_the_record_with_the_certificates() {
    for (lang, place, provider) in [("en", "almaty, a cafe", "beta wifi"), ("ru", "алматы, кафе", "сеть кафе"), ("kk", "алматы, дәмхана", "дәмхана желісі")]
    {
        let (team, shown, evidence) = intercepted(speaker(lang), place, provider);
        assert!(shown.contains("`sandyq sync --proxy socks5h://127.0.0.1:9050`"), "{shown}");
        let account = evidence["narrative"].as_str().expect("an account");
        assert!(account.contains(place) && account.contains(provider), "{account}");
        let kept = Texts::new(lang).with("relay-kept", &[("id", "")]);
        let (_, code) = shown.split_once(kept.trim_end()).expect("what was kept is named");
        let code = code.split_whitespace().next().expect("a code");
        team.one.ok(&["extract", code, &team.one.arg("chain.pem")], "");
        let chain = std::fs::read_to_string(team.one.path("chain.pem")).expect("PEM");
        assert!(chain.starts_with("-----BEGIN CERTIFICATE-----"), "{chain}");
    }
}

#[test]
fn enter_leaves_both_questions_open_and_the_certificates_are_kept_all_the_same() {
    let (_, shown, evidence) = intercepted(speaker("en"), "", "");
    assert!(shown.contains("INTERCEPTED") && shown.contains("Use a stick, another network, or Tor"), "{shown}");
    assert_eq!((&evidence["category"], &evidence["file_name"]), (&"certificate_chain".into(), &"certificate-chain.pem".into()));
    let account = evidence["narrative"].as_str().expect("an account");
    assert!(account.ends_with("was answered with another certificate."), "no question without an answer: {account}");
}

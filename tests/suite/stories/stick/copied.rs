//! A vault folder that was copied and used on two machines: nothing is lost, and two signed headers prove it to anybody.

use std::collections::BTreeSet;
use std::path::Path;

use ed25519_dalek::{Signature, VerifyingKey};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::{Team, exported, folder, person, synced};

/// What docs/formats/parcel.md says of everything hashed or signed.
fn hash(label: &str, part: &[u8]) -> [u8; 32] {
    let mut hasher = Sha256::new();
    for part in [label.as_bytes(), part] {
        hasher.update((part.len() as u64).to_be_bytes());
        hasher.update(part);
    }
    hasher.finalize().into()
}

/// Checks one proof by its documentation alone; returns its header.
fn verified(folder: &Path, name: &str, device: &str) -> Value {
    let header = std::fs::read(folder.join(format!("{name}.header.json"))).expect("a header");
    let signature = std::fs::read(folder.join(format!("{name}.signature"))).expect("a signature");
    assert_eq!(hex::encode(hash("sandyq parcel header v1", &header)), name);
    let key: [u8; 32] = hex::decode(device).expect("hex").try_into().expect("a key");
    let key = VerifyingKey::from_bytes(&key).expect("a key");
    let signature = Signature::from_slice(&signature).expect("a signature");
    key.verify_strict(&hash("sandyq parcel header signature v1", &header), &signature).expect("the member's signature");
    let mut other = header.clone();
    other[0] ^= 1;
    assert!(key.verify_strict(&hash("sandyq parcel header signature v1", &other), &signature).is_err());
    serde_json::from_slice(&header).expect("JSON")
}

#[test]
fn copied_vault_that_wrote_on_both_sides_is_proved_by_two_signed_headers() {
    let team = Team::new();
    let stick = folder(&team.one);
    let copy = team.one.copy();
    person(&team.one, "Written Here");
    person(&copy, "Written There");
    synced(&team.one, &stick);
    synced(&copy, &stick);
    let came = synced(&team.two, &stick);
    assert_eq!(came["refused"], serde_json::json!([]), "{came}");
    let proofs = team.two.path("proofs");
    let pending = team.two.json(&["pending", "--proofs", proofs.to_str().expect("text")], "");
    let fork = &pending["forks"][0];
    assert_eq!((pending["forks"].as_array().map(Vec::len), &fork["author"]), (Some(1), &"M-ONE".into()), "{pending}");
    let members = team.two.json(&["members"], "");
    let device = members.as_array().expect("rows").iter().find(|row| row["handle"] == "M-ONE").expect("a member")["device"].as_str().expect("hex").to_owned();
    let names: BTreeSet<&str> = fork["parcels"].as_array().expect("two").iter().map(|name| name.as_str().expect("hex")).collect();
    let headers: Vec<Value> = names.iter().map(|name| verified(&proofs, name, &device)).collect();
    assert_eq!(headers.len(), 2, "{pending}");
    assert!(["device", "chain", "n", "casebook"].iter().all(|field| headers[0][field] == headers[1][field]), "{headers:?}");
    assert_eq!(std::fs::read_dir(&proofs).expect("listed").count(), 4);
    assert_eq!(exported(&team.two).len(), 2, "nobody's entry is lost");
    let said = team.two.ok(&["pending"], "");
    assert!(said.contains("M-ONE wrote two parcels with one number") && names.iter().all(|name| said.contains(name)), "{said}");
}

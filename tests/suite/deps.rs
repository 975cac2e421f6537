//! What comes in from outside: allowed licences, no banned crate, exact pins, one registry, no crate twice without a reason.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;
use std::process::Command;

use serde_json::Value;

fn text(name: &str) -> String {
    std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(name)).expect("read")
}

/// Every quoted text between two marks of deny.toml.
fn listed(from: &str, to: &str) -> BTreeSet<String> {
    let deny = text("deny.toml");
    let part = deny.split_once(from).and_then(|(_, rest)| rest.split_once(to)).expect("a list").0.to_owned();
    let lines = part.lines().filter(|line| !line.trim_start().starts_with('#'));
    lines.filter_map(|line| line.split('"').nth(1).map(str::to_owned)).collect()
}

/// Name, version and source of every crate in Cargo.lock, for all systems.
fn locked() -> Vec<(String, String, Option<String>)> {
    let lock = text("Cargo.lock");
    let value = |block: &str, key: &str| block.lines().find_map(|line| line.strip_prefix(&format!("{key} = ")).map(|text| text.trim_matches('"').to_owned()));
    lock.split("[[package]]")
        .skip(1)
        .map(|block| (value(block, "name").expect("a name"), value(block, "version").expect("a version"), value(block, "source")))
        .collect()
}

/// The crates that are built here, as cargo itself describes them.
fn built() -> Vec<Value> {
    let args = ["metadata", "--offline", "--format-version", "1", "--locked", "--filter-platform", "x86_64-unknown-linux-gnu"];
    let ran = Command::new(env!("CARGO")).args(args).current_dir(env!("CARGO_MANIFEST_DIR")).output().expect("cargo runs");
    assert!(ran.status.success(), "{}", String::from_utf8_lossy(&ran.stderr));
    let found: Value = serde_json::from_slice(&ran.stdout).expect("JSON");
    found["packages"].as_array().expect("packages").clone()
}

/// Tells whether a licence expression can be met from the list: one of the `OR`s, all of the `AND`s.
fn allowed(expression: &str, list: &BTreeSet<String>) -> bool {
    let plain = |part: &str| part.trim().trim_matches(['(', ')']).to_owned();
    let either = |part: &str| part.replace('/', " OR ").split(" OR ").any(|one| list.contains(&plain(one)));
    expression.split(" AND ").all(either)
}

#[test]
fn every_licence_is_on_the_list() {
    let list = listed("allow = [", "]");
    let packages = built();
    assert!(packages.len() > 100);
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("none");
        assert!(allowed(licence, &list), "{}: {licence}", package["name"]);
    }
    assert!(allowed("(MIT OR GPL-3.0) AND Unicode-3.0", &list) && !allowed("MIT AND GPL-3.0", &list) && !allowed("none", &list));
}

#[test]
fn no_banned_crate_comes_in_by_any_way() {
    let banned = listed("deny = [", "]");
    assert!(["openssl", "openssl-sys", "native-tls", "aws-lc-rs", "aws-lc-sys", "cmake"].iter().all(|name| banned.contains(*name)));
    let found: Vec<_> = locked().into_iter().filter(|(name, ..)| banned.contains(name)).collect();
    assert!(found.is_empty(), "{found:?}");
}

#[test]
fn what_decides_about_bytes_for_ever_is_pinned_exactly() {
    let manifest = text("Cargo.toml");
    assert!(manifest.contains("\nautomerge = \"=0.12.0\""));
    assert!(manifest.contains("\nage = { version = \"=0.12.1\", default-features = false"));
}

#[test]
fn every_crate_comes_from_the_one_registry() {
    let strange = locked().into_iter().filter(|(name, _, source)| match source.as_deref() {
        Some("registry+https://github.com/rust-lang/crates.io-index") => name == "sandyq",
        _ => name != "sandyq",
    });
    let strange: Vec<_> = strange.collect();
    assert!(strange.is_empty(), "{strange:?}");
}

#[test]
fn a_crate_stands_twice_only_for_a_reason() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for (name, version, _) in locked() {
        versions.entry(name).or_default().insert(version);
    }
    let known = listed("skip = [", "\n]");
    for (name, mut found) in versions.clone() {
        found.retain(|version| !known.contains(&format!("{name}@{version}")));
        assert_eq!(found.len(), 1, "{name}: {found:?}");
    }
    for entry in known {
        let (name, version) = entry.split_once('@').expect("name@version");
        assert!(versions.get(name).is_some_and(|found| found.len() > 1 && found.contains(version)), "{entry} stands no longer twice");
    }
}

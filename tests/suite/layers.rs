//! The layers of the source: nothing names a module above itself, and some things are done in one place only.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

/// Each module with its level and what it may name; a level by itself allows nothing.
const MODULES: &[(&str, u8, &[&str])] = &[
    ("sys", 0, &[]),
    ("model", 0, &[]),
    ("wire", 0, &[]),
    ("locale", 0, &[]),
    ("crypto", 1, &[]),
    ("doc", 1, &["model"]),
    ("names", 1, &["model"]),
    ("words", 1, &["model", "locale"]),
    ("report", 1, &["model", "names"]),
    ("interchange", 1, &["model", "names"]),
    ("team", 2, &["wire", "model", "crypto"]),
    ("parcel", 2, &["model", "crypto"]),
    ("vault", 2, &["wire", "sys", "crypto", "doc", "team", "parcel", "model", "names"]),
    ("relay", 2, &["wire", "sys"]),
    ("transport", 2, &["wire", "sys", "crypto", "relay"]),
    ("sync", 3, &["sys", "vault", "team", "parcel", "crypto", "doc", "model", "transport"]),
    ("handover", 3, &["sys", "vault", "team", "crypto", "doc", "model", "names", "locale", "words"]),
    ("error", 4, &["sys", "model", "crypto", "doc", "names", "report", "interchange", "team", "parcel", "vault", "transport", "sync", "handover"]),
    (
        "session",
        4,
        &["wire", "sys", "model", "crypto", "doc", "names", "report", "interchange", "team", "parcel", "vault", "transport", "sync", "handover", "error"],
    ),
    ("cli", 5, &["words", "session", "sync", "model", "report", "interchange", "transport", "handover", "locale", "error", "sys", "vault", "crypto", "names"]),
    ("web", 5, &["words", "session", "model", "report", "interchange", "transport", "handover", "locale", "error", "sys", "vault", "crypto", "names"]),
];

/// What only the named files may contain.
const ONE_PLACE: &[(&str, &[&str])] = &[
    ("automerge::", &["doc/"]),
    // Names of the crate alone: the model has a module `age` of its own.
    ("age::x25519", &["crypto/"]),
    ("age::scrypt", &["crypto/"]),
    ("age::secrecy", &["crypto/"]),
    ("age::Encryptor", &["crypto/"]),
    ("age::Decryptor", &["crypto/"]),
    ("age::Recipient", &["crypto/"]),
    ("age::Identity", &["crypto/"]),
    ("rusqlite::", &["vault/", "relay/store/sqlite"]),
    ("tokio_postgres", &["relay/store/postgres"]),
    ("axum::", &["relay/"]),
    ("hyper::", &["relay/"]),
    ("rcgen::", &["relay/"]),
    ("tokio_rustls::", &["relay/"]),
    ("reqwest::", &["transport/relay/"]),
    ("rustls::", &["relay/", "transport/relay/"]),
    ("tracing::", &["relay/"]),
    ("age::ssh", &["crypto/"]),
    ("age::plugin", &["crypto/"]),
    ("ssh_key::", &["crypto/"]),
    ("zip::", &["handover/"]),
    ("rust_xlsxwriter::", &["handover/"]),
    ("csv::", &["handover/"]),
    ("img_parts::", &["handover/"]),
    ("tar::", &["sys/", "vault/", "relay/program/backup.rs", "transport/relay/notice.rs"]),
    ("getrandom::", &["sys/"]),
    ("std::env", &["sys/", "cli/", "main.rs"]),
    ("std::fs", &["sys/", "vault/", "session/attach.rs", "cli/"]),
    ("tokio::fs", &[]),
    ("fs::File", &["sys/", "vault/", "session/attach.rs"]),
    ("std::net", &["transport/", "relay/", "web/"]),
    ("std::process", &["sys/", "vault/error.rs", "cli/", "main.rs", "relay/program/mod.rs", "bin/"]),
    ("println!", &["cli/"]),
    ("print!", &["cli/"]),
    ("dbg!", &[]),
    ("stdin", &["cli/", "sys/child.rs"]),
    ("SystemTime", &["sys/"]),
    ("Timestamp::now", &["sys/"]),
    ("unsafe ", &[]),
];

struct Source {
    /// Path below `src`.
    path: String,
    /// First folder or file name.
    module: String,
    /// The text without comments.
    code: String,
}

fn sources() -> Vec<Source> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut files = Vec::new();
    collect(&root, &mut files);
    files.into_iter().map(|path| source(&root, &path)).collect()
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).expect("a folder") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(&path, files);
        } else if path.extension().is_some_and(|ending| ending == "rs") {
            files.push(path);
        }
    }
}

fn source(root: &Path, path: &Path) -> Source {
    let below = path.strip_prefix(root).expect("below src").to_str().expect("UTF-8").replace('\\', "/");
    let module = below.split(['/', '.']).next().expect("a name").to_owned();
    let text = std::fs::read_to_string(path).expect("read");
    let code = text.lines().map(|line| line.split("//").next().unwrap_or_default()).collect::<Vec<_>>().join("\n");
    Source { path: below, module, code }
}

/// Modules named as `crate::x`, alone or in braces: `use crate::{x, y::z}`.
fn named(code: &str) -> BTreeSet<String> {
    let word = |text: &str| text.trim_start().chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect::<String>();
    let mut found = BTreeSet::new();
    for (at, path) in code.match_indices("crate::") {
        let rest = &code[at + path.len()..];
        match rest.strip_prefix('{') {
            Some(group) => found.extend(top_level(group).into_iter().map(|part| word(&part))),
            None => drop(found.insert(word(rest))),
        }
    }
    found
}

/// The parts of a `use` group up to its closing brace.
fn top_level(group: &str) -> Vec<String> {
    let (mut depth, mut parts) = (0, vec![String::new()]);
    for c in group.chars() {
        match c {
            '}' if depth == 0 => break,
            '{' => depth += 1,
            '}' => depth -= 1,
            ',' if depth == 0 => parts.push(String::new()),
            c => parts.last_mut().expect("one").push(c),
        }
    }
    parts
}

#[test]
fn no_module_names_what_its_layer_may_not_name() {
    let mut wrong = Vec::new();
    for source in sources().iter().filter(|source| !matches!(source.path.as_str(), "lib.rs" | "main.rs" | "bin/sandyq-relay.rs")) {
        let Some((_, _, allowed)) = MODULES.iter().find(|(name, ..)| *name == source.module) else {
            wrong.push(format!("{} has no layer", source.path));
            continue;
        };
        let beyond = named(&source.code).into_iter().filter(|name| *name != source.module && !allowed.contains(&name.as_str()));
        wrong.extend(beyond.map(|name| format!("{} names {name}", source.path)));
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn the_table_of_layers_has_no_arrow_upwards_and_no_circle() {
    let level = |name: &str| MODULES.iter().find(|(known, ..)| *known == name).expect("a module").1;
    for (place, (name, own, allowed)) in MODULES.iter().enumerate() {
        for below in *allowed {
            assert!(level(below) <= *own, "{name} may name {below}");
            assert!(MODULES[..place].iter().any(|(known, ..)| known == below), "{name} may name {below}, which stands after it");
        }
    }
}

#[test]
fn some_things_are_done_in_one_place_only() {
    let mut wrong = Vec::new();
    for source in sources() {
        for (what, places) in ONE_PLACE {
            let before = |at: usize| source.code[..at].chars().next_back().is_none_or(|c| !(c.is_alphanumeric() || c == '_'));
            let found = source.code.match_indices(what).any(|(at, _)| before(at));
            if found && !places.iter().any(|place| source.path.starts_with(place)) {
                wrong.push(format!("{} says {what}", source.path));
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}");
}

#[test]
fn unsafe_code_is_forbidden_at_the_root_of_each_program() {
    let text = |path: &str| std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(path)).expect("read");
    assert!(text("src/lib.rs").contains("#![forbid(unsafe_code)]"));
    assert!(text("Cargo.toml").contains("[lints.rust]\nunsafe_code = \"forbid\""), "for the binaries and tests too");
}

#[test]
fn the_reader_of_sources_sees_what_it_must_see() {
    let code = "use crate::{vault::{A, B}, doc};\nuse crate::session::X; fn f() { crate::cli::g() }";
    assert_eq!(named(code).into_iter().collect::<Vec<_>>(), ["cli", "doc", "session", "vault"]);
    assert!(sources().len() > 40);
}

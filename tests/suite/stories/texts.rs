//! Every word a person sees is a text with a code, in three languages, and no text waits in vain.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

use sandyq::cli::help_codes;
use sandyq::locale::{LANGUAGES, codes};

use super::support::{Program, root};

/// Texts that the program asks for by a code it puts together: the beginning of the code, and the file it is done in.
const MADE_UP: &[(&str, &str)] = &[
    ("withheld-", "handover/choice/withheld.rs"),
    ("changed-", "handover/choice/withheld.rs"),
    ("count-", "words.rs"),
    ("practice-", "cli/practice.rs"),
    ("why-", "cli/sync.rs"),
    ("word-", "cli/terminal.rs"),
    ("wrong-", "cli/bundle/said.rs"),
];

/// Sources of the program by path below `src`.
fn sources() -> BTreeMap<String, String> {
    fn walk(folder: &Path, found: &mut BTreeMap<String, String>) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                walk(&path, found);
            } else if path.extension().is_some_and(|extension| extension == "rs") {
                let name = path.strip_prefix(root().join("src")).unwrap().to_str().unwrap().replace('\\', "/");
                found.insert(name, std::fs::read_to_string(&path).unwrap());
            }
        }
    }
    let mut found = BTreeMap::new();
    walk(&root().join("src"), &mut found);
    found
}

fn is_code(text: &str) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase()) && text.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-' || b == b'_')
}

/// Strings in quotes on a line that may be codes.
fn quoted(line: &str) -> impl Iterator<Item = &str> {
    line.split('"').skip(1).step_by(2).filter(|text| is_code(text))
}

/// Codes given directly to a function that looks texts up.
fn asked_for(source: &str) -> Vec<&str> {
    let calls = ["texts.get(\"", "texts.with(\"", "texts.find(\"", "passphrase(\"", "which(context, &mut session, \""];
    let after = calls.iter().flat_map(|call| source.split(call).skip(1));
    after.filter_map(|rest| rest.split('"').next()).filter(|code| is_code(code)).collect()
}

/// Stable codes of everything that can go wrong.
fn error_codes() -> BTreeSet<String> {
    let sources = sources();
    let of = |file: &str| {
        let (_, code) = sources[file].split_once("pub fn code(").unwrap();
        code.split("\n    }\n").next().unwrap().lines().filter(|line| line.contains("=> \"")).flat_map(quoted).map(str::to_owned).collect::<Vec<_>>()
    };
    [of("error.rs"), of("vault/error.rs"), of("vault/joining.rs"), of("transport/error.rs")].concat().into_iter().collect()
}

/// Names of the rules that faults cite.
fn rules() -> BTreeSet<String> {
    let cites = |line: &&str| {
        ["rule: \"", "rule_of::<", "fault(", "faulty(", "missing("].iter().any(|call| line.replace("default(", "").contains(call)) && !line.contains("texts.")
    };
    let last = |line: &str| quoted(line).last().map(str::to_owned);
    let named = |line: &str| line.split("rule: \"").nth(1).and_then(|rest| rest.split('"').next()).map(str::to_owned);
    sources()
        .iter()
        .filter(|(file, _)| !file.contains("relay/"))
        .flat_map(|(_, source)| source.lines().filter(cites).filter_map(|line| named(line).or_else(|| last(line))).collect::<Vec<_>>())
        .collect()
}

/// Each text of a language with the variables it takes.
fn variables(lang: &str) -> BTreeMap<String, BTreeSet<String>> {
    let text = std::fs::read_to_string(root().join(format!("src/locale/{lang}.ftl"))).unwrap();
    let mut found: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let mut current = String::new();
    for line in text.lines() {
        if let Some((code, _)) = line.split_once(" =").filter(|(code, _)| is_code(code)) {
            current = code.to_owned();
        }
        let names = line.split('$').skip(1).map(|rest| rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect());
        found.entry(current.clone()).or_default().extend(names);
    }
    found.remove("");
    found
}

#[test]
fn every_command_and_argument_has_its_help() {
    let missing: Vec<String> = help_codes().into_iter().filter(|code| !codes("en").contains(code)).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn every_text_the_program_asks_for_is_there() {
    let known = codes("en");
    for (file, source) in sources() {
        for code in asked_for(&source) {
            assert!(known.contains(code), "{file} asks for {code}");
        }
    }
}

#[test]
fn everything_that_can_go_wrong_is_said_with_what_to_do_next() {
    let known = codes("en");
    let codes = error_codes();
    assert!(codes.len() > 40, "{codes:?}");
    for code in &codes {
        assert!(known.contains(&format!("err-{code}")), "err-{code} is missing");
    }
    let without_hint: Vec<&String> = codes.iter().filter(|code| !known.contains(&format!("hint-{code}"))).collect();
    assert_eq!(without_hint, [""; 0]);
}

#[test]
fn every_rule_a_draft_can_break_is_said() {
    let rules = rules();
    assert!(rules.len() > 25, "{rules:?}");
    let missing: Vec<&String> = rules.iter().filter(|rule| !codes("en").contains(&format!("rule-{rule}"))).collect();
    assert_eq!(missing, [""; 0]);
}

#[test]
fn no_text_is_left_unused() {
    let sources = sources();
    let mut used: BTreeSet<String> = sources.values().flat_map(|source| source.lines().flat_map(quoted).map(str::to_owned).collect::<Vec<_>>()).collect();
    used.extend(help_codes());
    used.extend(error_codes().iter().flat_map(|code| [format!("err-{code}"), format!("hint-{code}")]));
    used.extend(rules().iter().map(|rule| format!("rule-{rule}")));
    for (beginning, file) in MADE_UP {
        assert!(sources[*file].contains(&format!("\"{beginning}{{")), "{file} puts no code {beginning} together");
    }
    let made_up = |code: &String| MADE_UP.iter().any(|(beginning, _)| code.starts_with(beginning));
    let unused: Vec<String> = codes("en").into_iter().filter(|code| !used.contains(code) && !made_up(code)).collect();
    assert_eq!(unused, [""; 0]);
}

#[test]
fn russian_and_kazakh_have_exactly_the_texts_of_english_with_the_same_variables() {
    let english = variables("en");
    assert_eq!(english.keys().cloned().collect::<BTreeSet<_>>(), codes("en"));
    for lang in LANGUAGES {
        let theirs = variables(lang);
        let (keys, own): (Vec<_>, Vec<_>) = (english.keys().collect(), theirs.keys().collect());
        assert_eq!(own, keys, "{lang}");
        for (code, names) in &english {
            assert_eq!(&theirs[code], names, "{lang}: {code}");
        }
    }
}

#[test]
fn no_text_stands_twice_in_a_language() {
    for lang in LANGUAGES {
        let text = std::fs::read_to_string(root().join(format!("src/locale/{lang}.ftl"))).unwrap();
        let mut seen = BTreeSet::new();
        let twice: Vec<&str> =
            text.lines().filter_map(|line| line.split_once(" =")).map(|(code, _)| code).filter(|code| is_code(code) && !seen.insert(*code)).collect();
        assert_eq!(twice, [""; 0], "{lang}");
    }
}

/// Every command as the words that call it.
fn commands() -> Vec<Vec<String>> {
    let help = Program::without_vault().ok(&["--help"], "");
    let listed = help.split("Commands:\n").nth(1).unwrap().split("\n\n").next().unwrap();
    let mut found: Vec<Vec<String>> = listed.lines().filter_map(|line| line.split_whitespace().next()).map(|name| vec![name.to_owned()]).collect();
    assert_eq!(found.len(), 52, "{help}");
    found.push(vec!["report".into(), "rally".into()]);
    found.extend(["verify", "open"].map(|name| vec!["bundle".into(), name.into()]));
    found.push(Vec::new());
    found
}

#[test]
fn every_help_is_shown_in_three_languages_without_a_code() {
    let program = Program::without_vault();
    for command in commands() {
        let mut shown = BTreeSet::new();
        for lang in LANGUAGES {
            let args: Vec<&str> = ["--lang", lang].into_iter().chain(command.iter().map(String::as_str)).chain(["--help"]).collect();
            let help = program.ok(&args, "");
            assert!(!help.contains("help-"), "{lang} {command:?}: {help}");
            shown.insert(help);
        }
        assert_eq!(shown.len(), LANGUAGES.len(), "{command:?} says the same in two languages");
    }
}

#[test]
fn json_is_all_that_stands_on_standard_output() {
    let program = Program::with_data_set();
    let person = program.json(&["list", "person"], "")[0]["id"].as_str().unwrap().to_owned();
    let file = super::support::data_set_path();
    let calls: &[(&[&str], &str)] = &[
        (&[], ""),
        (&["list", "person"], ""),
        (&["show", &person], ""),
        (&["show", &person, "--history"], ""),
        (&["find"], "almaty"),
        (&["find"], "no such word at all"),
        (&["conflicts"], ""),
        (&["conflicts", "--decided"], ""),
        (&["report", "rally"], ""),
        (&["check"], ""),
        (&["check", "--rebuild"], ""),
        (&["import", file.to_str().unwrap()], ""),
        (&["export"], ""),
        (&["add", "person"], "{}"),
        (&["edit", &person], r#"{"occupation":"teacher"}"#),
        (&["consent", &person, "give"], r#"{"given_by":"self"}"#),
        (&["note"], "Person A\nPerson B\nundo\n"),
    ];
    for (args, stdin) in calls {
        let out = program.ok(&[&["--json"], *args].concat(), stdin);
        let values = serde_json::Deserializer::from_str(&out).into_iter::<serde_json::Value>();
        let read: Result<Vec<_>, _> = values.collect();
        assert!(read.is_ok_and(|values| !values.is_empty()), "{args:?}: {out}");
    }
}

#[test]
fn the_language_of_the_vault_is_spoken_unless_another_is_asked_for() {
    let program = Program::without_vault();
    program.ok(&["--lang", "ru", "init"], "");
    let spoken = |args: &[&str]| program.ok(args, "").lines().last().unwrap().to_owned();
    let text = |lang: &str| sandyq::locale::Texts::new(lang).get("next-note");
    assert_eq!((spoken(&[]), spoken(&["--lang", "kk"])), (text("ru"), text("kk")));
}

//! Every property that SECURITY.md claims names a test that exists.

use std::collections::BTreeSet;
use std::path::Path;

/// A numbered property with the tests it names.
#[derive(Debug, PartialEq)]
struct Property {
    number: u32,
    tests: Vec<String>,
}

/// Reads items such as ``1. **Sealed.** … Test: `name_of_test` ``; an item goes on until a blank line or the next item.
fn properties(text: &str) -> Vec<Property> {
    let mut found: Vec<(u32, String)> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        if let Some((number, rest)) = numbered(line) {
            found.push((number, rest.to_owned()));
            inside = true;
        } else if line.trim().is_empty() || line.starts_with('#') {
            inside = false;
        } else if let (true, Some((_, item))) = (inside, found.last_mut()) {
            item.push(' ');
            item.push_str(line.trim());
        }
    }
    found.into_iter().map(|(number, item)| Property { number, tests: tests_named(&item) }).collect()
}

fn numbered(line: &str) -> Option<(u32, &str)> {
    let (number, rest) = line.split_once(". **")?;
    Some((number.parse().ok()?, rest))
}

/// Words in backticks after `Test:` or `Tests:`.
fn tests_named(item: &str) -> Vec<String> {
    let after = ["Test: ", "Tests: "].iter().find_map(|word| item.split_once(word)).map(|(_, after)| after).unwrap_or_default();
    after.split('`').skip(1).step_by(2).map(str::to_owned).collect()
}

fn sources(folder: &Path, text: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            sources(&path, text);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            text.push_str(&std::fs::read_to_string(path).unwrap());
        }
    }
}

/// Names of all test functions in a text.
fn test_names(text: &str) -> BTreeSet<&str> {
    let name = |line: &'_ str| line.trim_start().strip_prefix("fn ").and_then(|rest| rest.split_once('(')).map(|(name, _)| name.len());
    let lines: Vec<&str> = text.lines().collect();
    let after_attribute = lines.windows(2).filter(|pair| pair[0].trim() == "#[test]");
    after_attribute.filter_map(|pair| name(pair[1]).map(|length| &pair[1].trim_start()[3..3 + length])).collect()
}

#[test]
fn every_property_claimed_names_a_test_that_exists() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let claimed = properties(&std::fs::read_to_string(root.join("SECURITY.md")).expect("SECURITY.md is there"));
    assert!(!claimed.is_empty(), "SECURITY.md claims nothing");
    let mut text = String::new();
    sources(&root.join("tests"), &mut text);
    let tests = test_names(&text);
    let mut numbers = BTreeSet::new();
    for property in &claimed {
        assert!(numbers.insert(property.number), "property {} stands twice", property.number);
        assert!(!property.tests.is_empty(), "property {} names no test", property.number);
        for name in &property.tests {
            assert!(tests.contains(name.as_str()), "property {} names {name}, which is no test", property.number);
        }
    }
}

#[test]
fn properties_are_read_with_their_numbers_and_all_of_their_tests() {
    let text = "# What holds\n\n1. **Sealed.** Nothing is\n   readable. Test: `one_test`\n2. **Signed.** Tests: `two`, `three`.\n\n3. **Bare.** None.\n\nTest: `elsewhere`\n";
    let of = |number, tests: &[&str]| Property { number, tests: tests.iter().map(|test| (*test).to_owned()).collect() };
    assert_eq!(properties(text), [of(1, &["one_test"]), of(2, &["two", "three"]), of(3, &[])]);
}

#[test]
fn only_functions_marked_as_tests_count_as_tests() {
    let text = "#[test]\nfn a_story() {}\nfn helper() {}\n    #[test]\n    fn inner(x: u8) {}\n";
    assert_eq!(test_names(text), BTreeSet::from(["a_story", "inner"]));
}

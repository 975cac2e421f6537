//! The committed schema of `withheld.json` is what the types say.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::withheld::withheld_schema;
use sandyq::locale::Texts;

#[test]
fn committed_schema_of_what_is_withheld_is_what_the_types_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("schema/withheld.schema.json");
    let text = serde_json::to_string_pretty(&withheld_schema()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "run `BLESS=1 cargo test` and read the difference");
}

#[test]
fn every_reason_change_and_profile_has_words_in_each_language() {
    let schema = withheld_schema();
    let codes = |name: &str| -> Vec<String> {
        let of = &schema["$defs"][name];
        let listed = of["enum"].as_array().into_iter().flatten().chain(of["oneOf"].as_array().into_iter().flatten().map(|one| &one["const"]));
        listed.filter_map(|code| code.as_str()).map(|code| code.replace('_', "-")).collect()
    };
    let all = [("withheld", codes("Reason")), ("changed", codes("Change"))];
    assert_eq!(all.iter().map(|(_, codes)| codes.len()).collect::<Vec<_>>(), [24, 4]);
    for lang in ["en", "ru", "kk"] {
        let texts = std::fs::read_to_string(Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("src/locale/{lang}.ftl"))).unwrap();
        for (of, codes) in &all {
            for code in codes {
                assert!(texts.contains(&format!("\n{of}-{code} = ")), "{lang} {of}-{code}");
            }
        }
        let words: BTreeSet<String> = Profile::ALL.iter().map(|profile| profile.word(&Texts::new(lang))).collect();
        assert_eq!(words.len(), Profile::ALL.len(), "{lang}");
        assert!(Profile::ALL.iter().all(|profile| !words.contains(profile.code()) || lang == "en"), "{lang}");
    }
}

//! Texts by code in English, Russian and Kazakh (Fluent). No other module holds a sentence that a person sees.

use std::collections::BTreeSet;

use fluent_bundle::{FluentArgs, FluentBundle, FluentResource, FluentValue};
use unic_langid::LanguageIdentifier;

const EN: &str = include_str!("en.ftl");
const RU: &str = include_str!("ru.ftl");
const KK: &str = include_str!("kk.ftl");

/// The languages the program speaks, the first being the one that is always complete.
pub const LANGUAGES: &[&str] = &["en", "ru", "kk"];

/// The texts of one language; a text it lacks is given in English.
pub struct Texts {
    lang: &'static str,
    bundles: Vec<FluentBundle<FluentResource>>,
}

impl Texts {
    /// Opens the texts for a language tag such as `ru_KZ.UTF-8`; English for a language that is not ours.
    pub fn new(tag: &str) -> Texts {
        let lang = named(tag).unwrap_or("en");
        let wanted = if lang == "en" { vec!["en"] } else { vec![lang, "en"] };
        Texts { lang, bundles: wanted.into_iter().map(bundle).collect() }
    }

    /// Returns the code of the language.
    pub fn lang(&self) -> &'static str {
        self.lang
    }

    /// Returns a text; its code when no language has it.
    pub fn get(&self, code: &str) -> String {
        self.with(code, &[])
    }

    /// Returns a text with values in their places.
    pub fn with(&self, code: &str, values: &[(&str, &str)]) -> String {
        self.find(code, values).unwrap_or_else(|| code.to_owned())
    }

    /// Returns a text where some language has it.
    pub fn find(&self, code: &str, values: &[(&str, &str)]) -> Option<String> {
        let mut args = FluentArgs::new();
        for (name, value) in values {
            let number = value.parse::<i64>().ok().filter(|number| number.to_string() == *value);
            args.set(*name, number.map_or_else(|| FluentValue::from((*value).to_owned()), FluentValue::from));
        }
        self.bundles.iter().find_map(|bundle| {
            let pattern = bundle.get_message(code)?.value()?;
            Some(bundle.format_pattern(pattern, Some(&args), &mut Vec::new()).into_owned())
        })
    }
}

/// Finds one of our languages in a tag.
pub fn named(tag: &str) -> Option<&'static str> {
    let head = tag.split(['_', '-', '.', '@']).next().unwrap_or_default().to_lowercase();
    LANGUAGES.iter().copied().find(|lang| *lang == head)
}

fn source(lang: &str) -> &'static str {
    match lang {
        "ru" => RU,
        "kk" => KK,
        _ => EN,
    }
}

fn bundle(lang: &str) -> FluentBundle<FluentResource> {
    let id: LanguageIdentifier = lang.parse().expect("our language codes are tags");
    let mut bundle = FluentBundle::new(vec![id]);
    bundle.set_use_isolating(false);
    let resource = FluentResource::try_new(source(lang).to_owned()).unwrap_or_else(|(resource, _)| resource);
    bundle.add_resource_overriding(resource);
    bundle
}

/// Returns the codes of every text of a language.
pub fn codes(lang: &str) -> BTreeSet<String> {
    let entry = |line: &str| line.split_once('=').map(|(code, _)| code.trim().to_owned());
    source(lang).lines().filter(|line| line.starts_with(|c: char| c.is_ascii_lowercase())).filter_map(entry).collect()
}

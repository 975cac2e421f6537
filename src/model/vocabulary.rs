//! The words of the field as data: every vocabulary with its codes and their words in Kazakh, Russian and English.
//! A casebook may add terms of its own; codes never change their meaning.

use std::collections::BTreeMap;
use std::sync::LazyLock;

use serde::Deserialize;
use serde_json::{Map, Value};

/// One term of a vocabulary.
#[derive(Clone, Debug, Deserialize)]
pub struct Entry {
    pub code: String,
    pub en: String,
    pub ru: String,
    pub kk: String,
    /// Other words by which a person may choose it.
    #[serde(default)]
    pub also: Vec<String>,
    /// What else the vocabulary knows about the term.
    #[serde(flatten)]
    pub more: Map<String, Value>,
}

/// A vocabulary in its order.
#[derive(Clone, Debug, Deserialize)]
pub struct Vocabulary {
    #[serde(rename = "vocabulary")]
    pub name: String,
    pub terms: Vec<Entry>,
}

/// Embeds the vocabularies that ship with the program.
macro_rules! shipped {
    ($($name:literal),* $(,)?) => {
        &[$(include_str!(concat!("../../schema/vocabulary/", $name, ".json"))),*]
    };
}

static FILES: &[&str] = shipped![
    "act_type",
    "action_response",
    "action_status",
    "action_type",
    "affected_right",
    "age_band",
    "agency",
    "answer",
    "authorisation",
    "authority_reaction",
    "basis",
    "body_part",
    "body_side",
    "chain",
    "charge_status",
    "communications",
    "consent_given_by",
    "consent_how",
    "consent_purpose",
    "contact",
    "count_by",
    "count_unit",
    "count_what",
    "counsel",
    "counting_unit",
    "credibility",
    "currency",
    "custody_action",
    "custody_type",
    "decision_body",
    "detention_kind",
    "evidence_kind",
    "fields",
    "follow_up_verdict",
    "force",
    "force_means",
    "handover_basis",
    "handover_profile",
    "hearing_item",
    "hearing_type",
    "identity_status",
    "incident_kind",
    "incident_status",
    "injury_type",
    "instrument",
    "involvement_degree",
    "ip_level",
    "kinds",
    "language",
    "link_verdict",
    "mandate_scope",
    "medical_setting",
    "method",
    "name_kind",
    "notes_origin",
    "observation_basis",
    "openness",
    "part_of_day",
    "perpetrator_status",
    "perpetrator_type",
    "place",
    "place_kind",
    "pretext",
    "priority",
    "privacy",
    "proceeding_kind",
    "property_item",
    "protect_level",
    "provision",
    "purpose",
    "query_status",
    "recipient_class",
    "record_kind",
    "reply_kind",
    "reliability",
    "right",
    "role",
    "script",
    "sentence_part",
    "sex",
    "signed_by",
    "source_channel",
    "source_material",
    "speaker",
    "stated_reason",
    "statements_signed",
    "status",
    "taken_by",
    "told_by",
    "topic",
    "verification",
    "vulnerability",
    "wgad_category",
];

static SHIPPED: LazyLock<BTreeMap<String, Vocabulary>> = LazyLock::new(|| {
    let read = |text: &&str| serde_json::from_str::<Vocabulary>(text).expect("shipped vocabularies are read by a test");
    FILES.iter().map(read).map(|vocabulary| (vocabulary.name.clone(), vocabulary)).collect()
});

/// Returns a shipped vocabulary.
pub fn shipped(name: &str) -> Option<&'static Vocabulary> {
    SHIPPED.get(name)
}

/// Returns every shipped vocabulary by name.
pub fn all() -> &'static BTreeMap<String, Vocabulary> {
    &SHIPPED
}

/// Returns a term of a shipped vocabulary.
pub fn term(vocabulary: &str, code: &str) -> Option<&'static Entry> {
    shipped(vocabulary)?.terms.iter().find(|term| term.code == code)
}

impl Entry {
    /// Returns the word in a language, `en` when the language is not one of ours.
    pub fn word(&self, lang: &str) -> &str {
        match lang {
            "kk" => &self.kk,
            "ru" => &self.ru,
            _ => &self.en,
        }
    }

    /// Tells whether a flag of the vocabulary is set for this term.
    pub fn flag(&self, name: &str) -> bool {
        self.more.get(name).and_then(Value::as_bool).unwrap_or(false)
    }

    /// Returns a text the vocabulary keeps about this term.
    pub fn detail(&self, name: &str) -> Option<&str> {
        self.more.get(name).and_then(Value::as_str)
    }

    fn is_called(&self, words: &str) -> bool {
        let same = |own: &str| own.to_lowercase() == words;
        same(&self.code) || same(&self.en) || same(&self.ru) || same(&self.kk) || self.also.iter().any(|own| same(own))
    }

    fn begins_with(&self, words: &str) -> bool {
        [&self.en, &self.ru, &self.kk].iter().any(|own| own.to_lowercase().starts_with(words))
    }
}

impl Vocabulary {
    /// Finds the term somebody means by words of any of the three languages: its code, a word of it, its number in the
    /// list, or the only term that begins so.
    pub fn meant(&self, words: &str) -> Option<&Entry> {
        let words = words.trim().to_lowercase();
        if words.is_empty() {
            return None;
        }
        let exact = self.terms.iter().find(|term| term.is_called(&words));
        exact.or_else(|| self.numbered(&words)).or_else(|| self.only_beginning(&words))
    }

    fn numbered(&self, words: &str) -> Option<&Entry> {
        let number = words.parse().ok().or_else(|| super::note::spoken_number(words))?;
        self.terms.get((number as usize).checked_sub(1)?)
    }

    fn only_beginning(&self, words: &str) -> Option<&Entry> {
        let mut found = self.terms.iter().filter(|term| term.begins_with(words));
        let first = found.next()?;
        found.next().is_none().then_some(first)
    }
}

//! What the tests of redaction share: a choice, an order, what was written, a bundle as it is packed.

use std::collections::{BTreeMap, BTreeSet};

use sandyq::crypto::plain_hash;
use sandyq::handover::choice::choose::{Choice, Subject, choose};
use sandyq::handover::choice::photo::without_metadata;
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::records::{Attached, Head, records_json};
use sandyq::handover::choice::redact::{FileGiven, Order, Redacted};
use sandyq::handover::compose::{Enclosed, Whole, members};
use sandyq::handover::container::archive::{Content, write};
use sandyq::vault::{Body, Line, Silent};
use serde_json::json;

use super::casebook::{KEY, Maker, NOW, id};
use super::container_support::key;
use super::photo;

/// The people of these letters.
pub fn people(names: &[&str]) -> Subject {
    Subject::People(names.iter().map(|name| id(&format!("person {name}"))).collect())
}

pub fn order(profile: Profile) -> Order<'static> {
    Order { profile, at: NOW, key: &KEY, oral: None }
}

pub fn chosen<'a>(records: &'a [(Line, Body)], subject: &Subject) -> Choice<'a> {
    choose(records, subject, &BTreeSet::new())
}

/// What stands at the head of `records.json` says nothing about anybody.
pub fn head(profile: Profile) -> Head {
    Head {
        format: "sandyq-bundle".into(),
        version: 1,
        id: "0123456789abcdef0123456789abcdef".into(),
        profile: profile.code().into(),
        language: "en".into(),
        made: "2026-05-01T00:00:00Z".into(),
        heads: "00".repeat(32),
        signer: key().signer().line(),
        pseudonyms: profile.rules().pseudonyms,
    }
}

/// What a program reads: the records, and what is withheld.
pub fn written(redacted: &Redacted) -> String {
    let mut text = String::from_utf8(records_json(&redacted.given, &head(redacted.profile), &BTreeMap::new())).unwrap();
    text.push_str(&String::from_utf8(redacted.withheld.to_json(redacted.profile)).unwrap());
    text
}

/// The zip of a bundle, in English, with a photograph for every file that goes.
pub fn packed(redacted: &Redacted) -> Vec<u8> {
    let (head, key) = (head(redacted.profile), key());
    let files = redacted.files.iter().map(enclosed).collect();
    let whole = Whole { redacted, head: &head, key: &key, lang: "en", files };
    let mut zip = Vec::new();
    write(members(whole).unwrap(), redacted.given.made, &key, &mut zip, &mut Silent).unwrap();
    zip
}

fn enclosed(file: &FileGiven) -> Enclosed<'static> {
    let copy = without_metadata(&photo::jpeg().0).unwrap();
    let sha256 = hex::encode(plain_hash(&copy));
    let member = format!("files/{sha256}.jpg");
    let attached = Attached { member, sha256, original: file.sha256.clone(), size: copy.len() as u64, stripped: true };
    Enclosed { given: file.given.clone(), attached, content: Content::Bytes(copy) }
}

/// Says in an act, and in every consent of the same person, whether an allegation may be sent; nothing where there is nothing.
pub fn silent(casebook: &mut Maker, act: Option<&str>, consent: Option<&str>) {
    for (name, field) in [("act A", act), ("consent A", consent)] {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id(name)).unwrap();
        let place = if name == "act A" { &mut body.tree } else { body.tree["statements"]["ffffffffffffffff"].as_object_mut().unwrap() };
        match field {
            Some(value) => drop(place.insert("torture_allegation_may_be_sent".into(), json!({"value": value}))),
            None => drop(place.remove("torture_allegation_may_be_sent")),
        }
        if name == "consent A" {
            let others = body.tree["statements"].as_object_mut().unwrap();
            others
                .iter_mut()
                .filter(|(key, _)| *key != "ffffffffffffffff")
                .for_each(|(_, s)| drop(s.as_object_mut().unwrap().remove("torture_allegation_may_be_sent")));
        }
    }
}

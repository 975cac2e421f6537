//! Everything of one bundle, put together in the order of its format.

use std::collections::BTreeMap;

use serde_json::json;

use super::choice::records::{Attached, Head, records_json};
use super::choice::redact::Redacted;
use super::choice::withheld::{Part, withheld_schema};
use super::container::archive::{Content, Member};
use super::contents::{About, Contents, ContentsError};
use crate::crypto::HandoverKey;
use crate::locale::Texts;
use crate::model::schema::record_schema;

/// Stands for the name of the bundle in the commands of `VERIFY.txt`: a bundle does not know how its file is called.
const ANY_NAME: &str = "NAME";

/// What one bundle is made of.
pub struct Whole<'a> {
    pub redacted: &'a Redacted,
    pub head: &'a Head,
    pub key: &'a HandoverKey,
    /// Language of what people read in it.
    pub lang: &'static str,
    pub files: Vec<Enclosed<'a>>,
}

/// An attached file as it goes.
pub struct Enclosed<'a> {
    /// Id of its record in the bundle.
    pub given: String,
    pub attached: Attached,
    pub content: Content<'a>,
}

/// Returns the members of the zip, but for those that prove the others.
///
/// # Errors
/// Returns an error when a table is larger than its format holds.
pub fn members(whole: Whole<'_>) -> Result<Vec<Member<'_>>, ContentsError> {
    let attached: BTreeMap<String, Attached> = whole.files.iter().map(|file| (file.given.clone(), file.attached.clone())).collect();
    let mut shown = contents(&whole, &Texts::new(whole.lang), &attached)?;
    let page = shown.remove(0);
    let verify = shown.pop().expect("how to verify stands last");
    let mut members = vec![Member::bytes(page.0, page.1)];
    members.push(Member::bytes("records.json", records_json(&whole.redacted.given, whole.head, &attached)));
    members.push(Member::bytes("schema/record.schema.json", pretty(&record_schema())));
    members.push(Member::bytes("schema/withheld.schema.json", pretty(&withheld_schema())));
    members.extend(shown.into_iter().map(|(name, bytes)| Member::bytes(name, bytes)));
    members.extend(enclosed(whole.files));
    members.push(Member::bytes("withheld.json", whole.redacted.withheld.to_json(whole.redacted.profile)));
    members.push(Member::bytes(verify.0, verify.1));
    members.push(Member::bytes("reply.json", reply(whole.key, &whole.head.id)));
    Ok(members)
}

fn contents(whole: &Whole, texts: &Texts, attached: &BTreeMap<String, Attached>) -> Result<Vec<(String, Vec<u8>)>, ContentsError> {
    let about = About { id: &whole.head.id, name: ANY_NAME, profile: &whole.redacted.profile.word(texts) };
    let files = attached.iter().map(|(id, file)| (id.clone(), file.member.clone())).collect();
    let withheld = withheld(whole, texts);
    Contents { given: &whole.redacted.given, texts, about, files: &files, withheld: &withheld }.members()
}

/// How many values stay out for each reason.
fn withheld(whole: &Whole, texts: &Texts) -> Vec<(String, u64)> {
    let mut sums: BTreeMap<String, u64> = BTreeMap::new();
    for ((_, _, part, reason), number) in &whole.redacted.withheld.parts {
        if *part == Part::Value {
            *sums.entry(texts.get(&reason.text())).or_default() += number;
        }
    }
    sums.into_iter().collect()
}

/// Files that several records share stand once.
fn enclosed(files: Vec<Enclosed<'_>>) -> impl Iterator<Item = Member<'_>> {
    let by_name: BTreeMap<String, Content> = files.into_iter().map(|file| (file.attached.member, file.content)).collect();
    by_name.into_iter().map(|(name, content)| Member { name, content })
}

/// Where answers go, and what marks them.
fn reply(key: &HandoverKey, bundle: &str) -> Vec<u8> {
    let recipient = key.reply_identity(bundle).recipient().to_string();
    pretty(&json!({ "version": 1, "bundle": bundle, "recipient": recipient, "secret": hex::encode(*key.reply_secret(bundle)) }))
}

fn pretty(value: &serde_json::Value) -> Vec<u8> {
    let mut bytes = serde_json::to_vec_pretty(value).expect("text keys");
    bytes.push(b'\n');
    bytes
}

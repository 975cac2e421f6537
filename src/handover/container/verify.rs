//! Whether a bundle is as it was signed: the sealed file, the zip, every member, the signature, the signer, every record.
//! Needs no vault. Whatever differs is told with its place.

use std::collections::BTreeMap;
use std::io::{self, Read, Seek};

use super::directory::Contents;
use super::judge::{Judged, judge};
use super::manifest;
use super::rules::{LAST, MANIFEST, MAX_MANIFEST, MAX_SIGNATURE, NAMESPACE, Names, RECORDS, SIGNATURE, SIGNERS};
use super::wrong::{BundleError, What, Wrong};
use crate::crypto::{HandoverSigner, OpenedStream, OpeningKeys, SAFETY_LOG_N, SignatureFault, open_stream, plain_hash, read_safety};
use crate::handover::choice::records::Head;
use crate::vault::Progress;

/// The signer as somebody heard of it by another way.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Expected {
    Fingerprint(String),
    /// Six words or twenty digits.
    Short([u8; 9]),
}

impl Expected {
    /// Reads `SHA256:…`, six words of any of the lists, or twenty digits.
    pub fn read(text: &str) -> Option<Expected> {
        let text = text.trim();
        let fingerprint =
            text.strip_prefix("SHA256:").is_some_and(|rest| rest.len() == 43 && rest.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'+' || b == b'/'));
        if fingerprint { Some(Expected::Fingerprint(text.to_owned())) } else { read_safety(text).map(Expected::Short) }
    }

    fn is(&self, signer: &HandoverSigner) -> bool {
        match self {
            Expected::Fingerprint(text) => *text == signer.fingerprint(),
            Expected::Short(short) => *short == signer.short(SAFETY_LOG_N),
        }
    }
}

/// What was found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// Members that `MANIFEST` lists, and all their bytes.
    pub files: u64,
    pub bytes: u64,
    pub records: u64,
    /// SHA-256 of `MANIFEST`.
    pub manifest: Option<[u8; 32]>,
    pub about: Option<Head>,
    /// Who signed, once the signature holds.
    pub signer: Option<HandoverSigner>,
    /// Whether that was held against what somebody heard by another way, and is the same.
    pub compared: bool,
    /// Empty for a bundle that is as it was signed.
    pub wrong: Vec<Wrong>,
}

impl Report {
    /// Tells whether nothing is wrong.
    pub fn is_whole(&self) -> bool {
        self.wrong.is_empty()
    }
}

/// A bundle that was read through, with the hash of every member.
pub(super) struct Checked<R> {
    pub report: Report,
    pub contents: Option<Contents<OpenedStream<R>>>,
    pub hashes: Vec<Option<[u8; 32]>>,
}

/// Verifies a sealed bundle.
///
/// # Errors
/// Returns [`BundleError::NoKey`], [`BundleError::Damaged`] or [`BundleError::TooMuchWork`] when it does not open at all, and what the disk refused.
/// Everything found wrong in a bundle that opens stands in the report.
pub fn verify<R: Read + Seek>(input: R, keys: &OpeningKeys, expected: Option<&Expected>, progress: &mut dyn Progress) -> Result<Report, BundleError> {
    check(input, keys, expected, progress).map(|checked| checked.report)
}

pub(super) fn check<R: Read + Seek>(input: R, keys: &OpeningKeys, expected: Option<&Expected>, progress: &mut dyn Progress) -> Result<Checked<R>, BundleError> {
    match Contents::of(open_stream(keys, input)?) {
        Ok(contents) => read_through(contents, expected, progress),
        Err(BundleError::Wrong(wrong)) => Ok(Checked { report: Report { wrong, ..Report::default() }, contents: None, hashes: Vec::new() }),
        Err(error) => Err(error),
    }
}

/// The small members that are looked into, and what the records say.
#[derive(Default)]
struct Kept {
    manifest: Option<Vec<u8>>,
    signature: Option<Vec<u8>>,
    signers: Option<Vec<u8>>,
    judged: Judged,
}

fn read_through<R: Read + Seek>(
    mut contents: Contents<OpenedStream<R>>,
    expected: Option<&Expected>,
    progress: &mut dyn Progress,
) -> Result<Checked<R>, BundleError> {
    let names: Vec<String> = contents.entries().iter().map(|entry| entry.name.clone()).collect();
    let sizes: Vec<u64> = contents.entries().iter().map(|entry| entry.size).collect();
    let (mut kept, mut wrong, mut hashes, mut done) = (Kept::default(), Vec::new(), Vec::new(), 0);
    for (index, name) in names.iter().enumerate() {
        let hash = match kept.member(&mut contents, index, name) {
            Ok(hash) => Some(hash),
            Err(BundleError::Wrong(found)) => {
                wrong.extend(found);
                None
            }
            Err(error) => return Err(error),
        };
        hashes.push(hash);
        if wrong.iter().any(|wrong| wrong.what == What::Changed) {
            // Nothing behind a changed piece can be told from what it was.
            return Ok(Checked { report: Report { wrong, ..Report::default() }, contents: None, hashes });
        }
        done += sizes[index];
        progress.at(done, sizes.iter().sum());
    }
    let mut report = kept.judged_with(&names, &hashes, expected);
    report.bytes = names.iter().zip(&sizes).filter(|(name, _)| !LAST.contains(&name.as_str())).map(|(_, size)| size).sum();
    report.wrong.splice(0..0, wrong);
    report.wrong.sort_by_key(|wrong| wrong.what != What::OtherSigner);
    Ok(Checked { report, contents: Some(contents), hashes })
}

impl Kept {
    fn member<R: Read + Seek>(&mut self, contents: &mut Contents<R>, index: usize, name: &str) -> Result<[u8; 32], BundleError> {
        let (slot, limit) = match name {
            MANIFEST => (&mut self.manifest, MAX_MANIFEST),
            SIGNATURE => (&mut self.signature, MAX_SIGNATURE),
            SIGNERS => (&mut self.signers, MAX_SIGNATURE),
            RECORDS => {
                let (judged, hash) = contents.member(index, &mut |member| Ok(judge(member)))?;
                self.judged = judged;
                return Ok(hash);
            }
            _ => return contents.copy(index, &mut io::sink()),
        };
        let (bytes, hash) = contents.bytes(index, limit)?;
        *slot = Some(bytes);
        Ok(hash)
    }

    /// Holds list, signature and signers against the members.
    fn judged_with(self, names: &[String], hashes: &[Option<[u8; 32]>], expected: Option<&Expected>) -> Report {
        let mut wrong = missing(names);
        let signer = self.signer(&mut wrong);
        let listed = self.manifest.as_deref().map(|bytes| manifest::read(bytes).filter(|listed| is_list(listed)));
        match &listed {
            Some(Some(listed)) => wrong.extend(compared(names, hashes, listed)),
            Some(None) => wrong.push(Wrong::at(What::ManifestForm, MANIFEST)),
            None => {}
        }
        let files = listed.flatten().map_or(0, |listed| listed.len() as u64);
        wrong.extend(self.judged.wrong.iter().cloned());
        if let (Some(signer), Some(expected)) = (&signer, expected)
            && !expected.is(signer)
        {
            wrong.push(Wrong::whole(What::OtherSigner));
        }
        let compared = signer.is_some() && expected.is_some() && !wrong.iter().any(|wrong| wrong.what == What::OtherSigner);
        let manifest = self.manifest.as_deref().map(plain_hash);
        Report { files, bytes: 0, records: self.judged.records, manifest, about: self.judged.about, signer, compared, wrong }
    }

    /// Returns who signed, once armour, purpose and signature hold; and whether everything else names the same key.
    fn signer(&self, wrong: &mut Vec<Wrong>) -> Option<HandoverSigner> {
        let (manifest, signature) = (self.manifest.as_deref()?, self.signature.as_deref()?);
        let armour = std::str::from_utf8(signature).unwrap_or_default();
        let signer = HandoverSigner::of(armour, NAMESPACE, manifest).map_err(|fault| wrong.push(Wrong::at(what(fault), SIGNATURE))).ok();
        match self.signers.as_deref().map(manifest::read_signers) {
            Some(None) => wrong.push(Wrong::at(What::SignersForm, SIGNERS)),
            Some(Some(named)) if signer.is_some_and(|signer| signer != named) => wrong.push(Wrong::at(What::SeveralSigners, SIGNERS)),
            _ => {}
        }
        let named = self.judged.about.as_ref().map(|about| about.signer.as_str());
        if let (Some(signer), Some(named)) = (&signer, named)
            && signer.line() != named
        {
            wrong.push(Wrong::at(What::SeveralSigners, RECORDS));
        }
        signer
    }
}

fn what(fault: SignatureFault) -> What {
    match fault {
        SignatureFault::Armour | SignatureFault::Kind => What::SignatureForm,
        SignatureFault::Namespace => What::SignatureNamespace,
        SignatureFault::Hash => What::SignatureHash,
        SignatureFault::Wrong => What::Signature,
    }
}

/// Members that every bundle has, and the three that stand last.
fn missing(names: &[String]) -> Vec<Wrong> {
    let needed = [RECORDS].into_iter().chain(LAST);
    let mut wrong: Vec<Wrong> = needed.filter(|needed| !names.iter().any(|name| name == needed)).map(|needed| Wrong::at(What::NotThere, needed)).collect();
    let last = names.iter().rev().take(LAST.len()).rev();
    if wrong.is_empty() && !last.eq(LAST) {
        wrong.push(Wrong::at(What::Order, MANIFEST));
    }
    wrong
}

/// A list names each file once, and neither itself nor its signature.
fn is_list(listed: &[(String, [u8; 32])]) -> bool {
    let mut names = Names::of_bundle();
    listed.iter().all(|(name, _)| names.take(name))
}

fn compared(names: &[String], hashes: &[Option<[u8; 32]>], listed: &[(String, [u8; 32])]) -> Vec<Wrong> {
    let signed: BTreeMap<&str, &[u8; 32]> = listed.iter().map(|(name, hash)| (name.as_str(), hash)).collect();
    let members: Vec<(&str, &Option<[u8; 32]>)> = names.iter().map(String::as_str).zip(hashes).filter(|(name, _)| !LAST.contains(name)).collect();
    let mut wrong: Vec<Wrong> = members.iter().filter_map(|(name, hash)| differs(name, hash, signed.get(name).copied())).collect();
    let there = |name: &str| members.iter().any(|(member, _)| *member == name);
    wrong.extend(listed.iter().filter(|(name, _)| !there(name)).map(|(name, _)| Wrong::at(What::NotThere, name)));
    if wrong.is_empty() && !members.iter().map(|(name, _)| *name).eq(listed.iter().map(|(name, _)| name.as_str())) && hashes.iter().all(Option::is_some) {
        wrong.push(Wrong::at(What::Order, MANIFEST));
    }
    wrong
}

/// A member that did not open was told of already.
fn differs(name: &str, hash: &Option<[u8; 32]>, signed: Option<&[u8; 32]>) -> Option<Wrong> {
    match (hash, signed) {
        (_, None) => Some(Wrong::at(What::NotListed, name)),
        (Some(hash), Some(signed)) if hash != signed => Some(Wrong::at(What::Hash, name)),
        _ => None,
    }
}

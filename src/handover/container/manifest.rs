//! `MANIFEST` as `sha256sum` writes it, and the line that names its signer.

use super::rules::{MAX_MANIFEST, NAMESPACE, PRINCIPAL, name_fault};
use crate::crypto::HandoverSigner;

/// Hex digits of a hash and the two blanks after it.
const BEFORE_NAME: usize = 66;

/// Returns the line of a member.
pub fn line(hash: &[u8; 32], name: &str) -> String {
    format!("{}  {name}\n", hex::encode(hash))
}

/// Reads a `MANIFEST`; none unless it is written exactly as [`line`] writes it.
pub fn read(bytes: &[u8]) -> Option<Vec<(String, [u8; 32])>> {
    let text = std::str::from_utf8(bytes).ok().filter(|text| text.len() as u64 <= MAX_MANIFEST)?;
    let listed: Option<Vec<_>> = text.split_inclusive('\n').map(read_line).collect();
    listed.filter(|listed| !listed.is_empty())
}

fn read_line(written: &str) -> Option<(String, [u8; 32])> {
    let (before, name) = written.strip_suffix('\n')?.split_at_checked(BEFORE_NAME)?;
    let hash = hex::decode(before.strip_suffix("  ")?).ok()?.try_into().ok()?;
    (name_fault(name.as_bytes()).is_none() && line(&hash, name) == written).then(|| (name.to_owned(), hash))
}

/// Returns the one line of `allowed_signers`.
pub fn signers_line(signer: &HandoverSigner) -> String {
    format!("{PRINCIPAL} namespaces=\"{NAMESPACE}\" {}\n", signer.line())
}

/// Reads `allowed_signers`; none unless it is that one line.
pub fn read_signers(bytes: &[u8]) -> Option<HandoverSigner> {
    let line = std::str::from_utf8(bytes).ok()?.strip_suffix('\n')?;
    let signer = HandoverSigner::from_line(line.strip_prefix(&format!("{PRINCIPAL} namespaces=\"{NAMESPACE}\" "))?)?;
    (signers_line(&signer).as_bytes() == bytes).then_some(signer)
}

//! What every bundle and answer keeps to: names, sizes, numbers. Writer and reader ask the same questions.

use super::wrong::What;

/// Most members.
pub const MAX_MEMBERS: usize = 10_000;
/// Longest name of a member in bytes.
pub const MAX_NAME: usize = 200;
/// Largest deflated member, opened.
pub const MAX_DEFLATED: u64 = 256 * 1024 * 1024;
/// All deflated members together, opened.
pub const MAX_DEFLATED_TOGETHER: u64 = 1024 * 1024 * 1024;
/// Largest stored member: one byte less than what takes a second form of header.
pub const MAX_STORED: u64 = u32::MAX as u64 - 1;
/// Longest `MANIFEST`.
pub const MAX_MANIFEST: u64 = 4 * 1024 * 1024;
/// Longest `MANIFEST.sig` and `allowed_signers`.
pub const MAX_SIGNATURE: u64 = 4096;

/// The folder of attached files: stored, not deflated.
pub const FILES: &str = "files/";
pub const RECORDS: &str = "records.json";
pub const MANIFEST: &str = "MANIFEST";
pub const SIGNATURE: &str = "MANIFEST.sig";
pub const SIGNERS: &str = "allowed_signers";
/// What stands at the end of every bundle, in this order.
pub const LAST: [&str; 3] = [MANIFEST, SIGNATURE, SIGNERS];

/// Purpose of a bundle's signature.
pub const NAMESPACE: &str = "bundle@sandyq";
/// Who signs: no device and no person.
pub const PRINCIPAL: &str = "handover";

/// Names that some systems take for devices.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Returns what is wrong with the name of a member.
pub fn name_fault(name: &[u8]) -> Option<What> {
    let Ok(text) = std::str::from_utf8(name) else { return Some(What::NameLetters) };
    if name.len() > MAX_NAME {
        return Some(What::NameLong);
    }
    if text.starts_with('/') || text.contains('\\') || text.as_bytes().get(1) == Some(&b':') {
        return Some(What::NameAbsolute);
    }
    if text.ends_with('/') && text.len() > 1 {
        return Some(What::NotPlain);
    }
    if text.split('/').any(|part| matches!(part, "" | "." | "..")) {
        return Some(What::NameParent);
    }
    let plain = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-' | b'_' | b'/');
    if !name.iter().all(plain) || text.split('/').any(|part| part.ends_with('.') || is_device(part)) {
        return Some(What::NameLetters);
    }
    None
}

fn is_device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let numbered = stem.len() == 4 && (stem.starts_with("com") || stem.starts_with("lpt")) && stem.as_bytes()[3].is_ascii_digit();
    numbered || DEVICES.contains(&stem.as_str())
}

/// Names as disks that know no case compare them; a file is no folder as well.
#[derive(Default)]
pub struct Names {
    files: std::collections::BTreeSet<String>,
    folders: std::collections::BTreeSet<String>,
}

impl Names {
    /// Begins where the three last names of a bundle are taken.
    pub fn of_bundle() -> Names {
        let files = LAST.iter().map(|name| name.to_ascii_lowercase()).collect();
        Names { files, ..Names::default() }
    }

    /// Takes a name; false when it is there already, in any case, or is a folder of another.
    pub fn take(&mut self, name: &str) -> bool {
        let name = name.to_ascii_lowercase();
        let folders: Vec<String> = name.match_indices('/').map(|(at, _)| name[..at].to_owned()).collect();
        let free = !self.folders.contains(&name) && !folders.iter().any(|folder| self.files.contains(folder));
        self.folders.extend(folders);
        free && self.files.insert(name)
    }
}

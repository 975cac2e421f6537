//! What a reader finds wrong, and where. Nothing here says what a record holds.

use std::fmt;

/// Declares the reasons with the codes of their texts.
macro_rules! whats {
    ($($(#[$doc:meta])* $name:ident $code:literal),* $(,)?) => {
        /// Something that a whole bundle never has.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum What { $($(#[$doc])* $name),* }

        impl What {
            /// Every reason.
            pub const ALL: &'static [What] = &[$(What::$name),*];

            /// Returns the stable code, e.g. `name-twice`. People see the text `wrong-<code>`.
            pub fn code(self) -> &'static str {
                match self { $(What::$name => $code),* }
            }
        }
    };
}

whats! {
    /// A piece of the sealed file was changed.
    Changed "changed",
    /// There is no directory at its end.
    NotZip "not-zip",
    /// Bytes before, between or after the members.
    Gap "gap",
    /// What a member says of itself and what the directory says of it differ, or are more than a bundle says.
    Headers "headers",
    /// A number too large for its place stands there for one that is not.
    Zip64 "zip64",
    /// A remark, which no bundle has.
    Comment "comment",
    TooMany "too-many",
    NameTwice "name-twice",
    NameLong "name-long",
    NameAbsolute "name-absolute",
    NameParent "name-parent",
    NameLetters "name-letters",
    /// A folder, a link or a device.
    NotPlain "not-plain",
    Encrypted "encrypted",
    /// Packed in a way that bundles do not use.
    Method "method",
    /// Opens to more than a bundle may hold.
    TooLarge "too-large",
    /// Takes another number of bytes than it says.
    Size "size",
    /// Does not unpack, or not to its size and checksum.
    Content "content",
    /// In the zip and not in the list.
    NotListed "not-listed",
    /// In the list and not in the zip.
    NotThere "not-there",
    Order "order",
    /// Other bytes than those that were signed.
    Hash "hash",
    ManifestForm "manifest-form",
    /// Not the one armour for that signature.
    SignatureForm "signature-form",
    SignatureNamespace "signature-namespace",
    SignatureHash "signature-hash",
    Signature "signature",
    SignersForm "signers-form",
    /// The list of signers, the records and the signature name several keys.
    SeveralSigners "several-signers",
    /// Not the signer that was compared.
    OtherSigner "other-signer",
    RecordsForm "records-form",
    /// A record breaks a rule of its kind.
    Record "record",
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Wrong {
    pub what: What,
    /// The member, as its name stands in the zip, with everything but plain letters written as `?`.
    pub place: Option<String>,
    /// Where in the member: the number of the record and the path of the field.
    pub detail: Option<String>,
}

impl Wrong {
    /// Names what is wrong with the whole.
    pub fn whole(what: What) -> Wrong {
        Wrong { what, place: None, detail: None }
    }

    /// Names what is wrong with a member.
    pub fn at(what: What, place: &str) -> Wrong {
        Wrong { what, place: Some(shown(place)), detail: None }
    }
}

impl fmt::Display for Wrong {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let parts = [Some(self.what.code()), self.place.as_deref(), self.detail.as_deref()];
        f.write_str(&parts.into_iter().flatten().collect::<Vec<_>>().join(" "))
    }
}

fn shown(name: &str) -> String {
    name.chars().take(200).map(|c| if c.is_ascii_graphic() { c } else { '?' }).collect()
}

/// Why a bundle could not be written or read at all.
#[derive(Debug, thiserror::Error)]
pub enum BundleError {
    /// Wrong words or key, or the head of the file was changed: age cannot tell them apart.
    #[error("nothing given opens it")]
    NoKey,
    #[error("it is cut, changed, or no sealed file")]
    Damaged,
    #[error("the work factor is over the limit")]
    TooMuchWork,
    #[error("there is nobody to seal it to")]
    NoRecipient,
    #[error("{}", .0.first().map_or_else(String::new, ToString::to_string))]
    Wrong(Vec<Wrong>),
    #[error("the member {name} cannot be written: {}", what.code())]
    Member { name: String, what: What },
    #[error("a file or folder is in its place")]
    Exists,
    #[error("the disk refused: {0}")]
    Io(std::io::Error),
}

impl From<std::io::Error> for BundleError {
    fn from(error: std::io::Error) -> Self {
        match error.kind() {
            _ if crate::crypto::is_damage(&error) => BundleError::Wrong(vec![Wrong::whole(What::Changed)]),
            std::io::ErrorKind::AlreadyExists => BundleError::Exists,
            _ => BundleError::Io(error),
        }
    }
}

impl From<crate::crypto::SealError> for BundleError {
    fn from(error: crate::crypto::SealError) -> Self {
        use crate::crypto::SealError::{Damaged, NoKey, NoRecipient, NotWritten, TooLong, TooMuchWork, Unreadable};
        match error {
            NoKey => BundleError::NoKey,
            Damaged | TooLong(_) => BundleError::Damaged,
            TooMuchWork => BundleError::TooMuchWork,
            NoRecipient => BundleError::NoRecipient,
            Unreadable(code) => BundleError::Io(std::io::Error::from_raw_os_error(code)),
            NotWritten => BundleError::Io(std::io::Error::other("the head was not written")),
        }
    }
}

//! A record: one entity of a known kind, stored as a document of its own.

use serde_json::Value;

use super::entity::{
    Act, Action, Consent, Decision, Detention, Evidence, Figure, Handover, Incident, Mandate, Official, Person, Place, Publication, Source, Trial, Vocable,
};
use super::shape::{Field, Shaped};
use super::tree::Tree;

/// Declares the kinds of record: entity, and the letter that begins its short codes.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident $letter:literal),* $(,)?) => {
        /// The kind of a record.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind { $($(#[$doc])* $kind),* }

        /// A record as a typed value.
        #[derive(Clone, Debug, PartialEq)]
        pub enum Record { $($kind(Box<$kind>)),* }

        impl Kind {
            /// Every kind, in the order in which lists and exports give them: what is pointed at comes first.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind),*];

            /// Returns the stable name, e.g. `detention`.
            pub fn code(self) -> &'static str {
                match self { $(Kind::$kind => $kind::NAME),* }
            }

            /// Returns the letter that begins short codes of this kind.
            pub fn letter(self) -> char {
                match self { $(Kind::$kind => $letter),* }
            }

            /// Returns the table of fields.
            pub fn fields(self) -> &'static [Field] {
                match self { $(Kind::$kind => $kind::FIELDS),* }
            }
        }

        impl Record {
            /// Reads a tree as a record of its kind. Fields of newer versions are passed over.
            ///
            /// # Errors
            /// Returns what serde found wrong; a tree that [`super::draft::judge`] passed has nothing wrong.
            pub fn from_tree(kind: Kind, tree: &Tree) -> Result<Record, serde_json::Error> {
                let mut tree = tree.clone();
                tree.remove("kind");
                let value = Value::Object(tree);
                match kind { $(Kind::$kind => serde_json::from_value(value).map(|r| Record::$kind(Box::new(r)))),* }
            }
        }
    };
}

kinds! {
    Publication 'B',
    Place 'L',
    Official 'O',
    Source 'S',
    Incident 'I',
    Person 'P',
    Detention 'D',
    Act 'A',
    Trial 'T',
    Evidence 'E',
    Consent 'C',
    Mandate 'M',
    Action 'N',
    Decision 'R',
    Figure 'F',
    Vocable 'V',
    Handover 'H',
}

impl Kind {
    /// Finds a kind by its name.
    pub fn named(code: &str) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.code() == code)
    }

    /// Finds a kind by the letter of a short code.
    pub fn lettered(letter: char) -> Option<Kind> {
        Kind::ALL.iter().copied().find(|kind| kind.letter() == letter.to_ascii_uppercase())
    }
}

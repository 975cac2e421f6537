//! Reads one line of quick entry, typed in Kazakh, Russian, English or a mixture of them.
//!
//! A line is `name / descriptor, tokens in any order`. The name is everything before the first
//! token or `;`. After the first token a word that is no token goes to the note, so nothing that
//! was typed is lost and no line is refused. Text in quotation marks is never a token.
//!
//! The tokens are data in `schema/vocabulary/note.json`. Every one of them has a form in letters
//! only, because the standard Kazakh layout has no digits, minus, plus or `>`. Words are compared
//! in lower case, `ё` counts as `е`, and a Kazakh word may be typed with Russian letters
//! (`суйреди` for `сүйреді`).
//!
//! A few words have two meanings. They are told apart by position alone:
//!
//! | Word | First meaning | Other meaning |
//! |---|---|---|
//! | `жас` | directly after a number: years of age | elsewhere: the age band 18-29 |
//! | `он`, `бес` and every other number word | beside a unit, a vehicle, an `at` word or a plus word: a number | elsewhere: an ordinary word (Russian `он` is "he", `бес` is "demon") |
//! | `в` | before a clock time: at | before a vehicle: into; before a place: destination |
//! | `сағат` | before a number: at the hour | after a number: hours |
//! | `no` | between a vehicle and its number: "number" | before an observation: "not" |
//! | `help` and the other commands | the whole line: a command | elsewhere: an ordinary word |
//!
//! `ж` is always the sex, also after a number: the Kazakh age is written `35 жаста`, not `35 ж`.
//! A two-digit number alone is an age; a number in words needs a word for years.
//!
//! Case matters only before the first token, where capitals show a name: `М Иванов` and `В Иванов`
//! stay names, `Асан в Медеу` has a destination and `асан в медеу` is a name. In a line without a
//! small letter capitals show nothing.
//!
//! An observation that is denied (`не били`, `not beaten`, `журналист емес`) or
//! doubted (`f?`) is kept as note text and sets nothing. An approximate age (`~50`) is kept as note
//! text and sets the band when five years more or less do not change it. When a field that holds one value is given two, the first one stands and the
//! second goes to the note.

mod age;
mod clock;
mod date;
mod line;
mod number;
mod observed;
mod pieces;
mod place;
mod span;
mod spoken;
mod start;
mod tokens;
pub(super) use tokens::russian_letter;
mod vehicle;

pub use number::spoken_number;
pub use spoken::{Spoken, spoken_when};

/// Holds what one line of quick entry says.
#[derive(Debug, Clone, PartialEq)]
pub enum Entry {
    /// One person.
    Person(Seen),
    /// Several people who were not told apart. `seen` has no name.
    Group {
        /// How many they were, at least one.
        count: u32,
        /// What was seen for all of them.
        seen: Seen,
    },
    /// The same as the last line (`..`).
    Again,
    /// A request for help (`?`), also given for a line that holds punctuation only.
    Help,
    /// A request to take the last line back.
    Undo,
    /// The end of the entry session (`.`).
    Finish,
    /// A blank line.
    Empty,
}

/// Holds what was seen of a person; a field that was not mentioned is empty.
///
/// Codes are the values of `schema/vocabulary/note.json`.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Seen {
    /// The name as typed; none for a line of tokens or for a word such as `unknown`.
    pub name: Option<String>,
    /// The description after `/`.
    pub descriptor: Option<String>,
    /// `male` or `female`.
    pub sex: Option<&'static str>,
    /// `under_14`, `14_17`, `18_29`, `30_59` or `60_plus`.
    ///
    /// Set only when a band was given, never derived from `age`.
    pub age_band: Option<&'static str>,
    /// The age in years, when it was given as exact.
    pub age: Option<u32>,
    /// Roles in the order they were given, each once.
    pub roles: Vec<&'static str>,
    /// Who took the person.
    pub taken_by: Option<&'static str>,
    /// Whether those who took the person were said to be masked.
    pub masked: bool,
    /// Kinds of force in the order they were given, each once.
    pub force: Vec<&'static str>,
    /// The vehicle in the person's own word and its number in digits: `bus 3`, `автобус 3`.
    pub vehicle: Option<String>,
    /// The destination without its marker; for a Kazakh dative (`Медеуге`) the stem (`Медеу`).
    pub destination: Option<String>,
    /// How many minutes ago it happened.
    pub minutes_ago: Option<u32>,
    /// Hour and minute on the wall clock.
    pub at: Option<(u8, u8)>,
    /// Words after the first token that are no tokens, in order and as typed.
    pub note: Option<String>,
}

/// Reads one line; every line gives an entry and nothing that was typed is lost.
///
/// Words beyond the first 2000 go to the note unread.
pub fn parse(line: &str) -> Entry {
    if line.trim().is_empty() {
        return Entry::Empty;
    }
    if let Some(command) = start::command(line) {
        return command;
    }
    let (pieces, rest) = pieces::split(line);
    if let Some((count, used)) = start::group(&pieces) {
        let seen = line::Walk::after_group(line, pieces, rest, used).run();
        return Entry::Group { count, seen };
    }
    Entry::Person(line::Walk::new(line, pieces, rest).run())
}

//! Who gets what: one row for each kind of recipient.

use serde::Serialize;

use super::withheld::Reason;
use crate::locale::Texts;
use crate::words::term;

/// A kind of recipient.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Profile {
    /// The lawyer of the person.
    Lawyer,
    /// An organisation that works on the same.
    Partner,
    Press,
    /// Somebody who counts.
    Statistics,
    /// Everything, for another casebook of the same team.
    Migration,
}

/// What must hold for something to go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Gate {
    Open,
    Shut,
    /// Everybody whom it concerns allowed this purpose.
    Purpose(&'static str),
    /// Everybody whom it concerns gave a power of attorney that is valid.
    Mandate,
}

/// How exact dates go.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Dates {
    Exact,
    Day,
    Week,
}

/// One row of the table of profiles.
#[derive(Clone, Copy, Debug)]
pub struct Rules {
    pub profile: Profile,
    /// What allows the hand-over as a whole, for each person.
    pub ground: Gate,
    /// Fields of class R that no other column names.
    pub restricted: Gate,
    /// Fields of class S and the source register.
    pub secret: Gate,
    /// Names of the people whom the bundle is about, and the numbers of their cases.
    pub names: Gate,
    /// Names, ranks and descriptions of officials, names of judges, prosecutors and defenders.
    pub officials: Gate,
    /// Identity papers, home, registration, affiliation.
    pub papers: Gate,
    /// Narratives, remarks, lines in somebody's own words.
    pub text: Gate,
    /// Attached files; where people are hidden, photographs with blurred faces alone.
    pub files: Gate,
    /// Who observed, wrote, kept or passed on; what the team notes for itself; keys of files; other people.
    pub internal: Gate,
    pub dates: Dates,
    /// Cities instead of places.
    pub cities: bool,
    /// Bands instead of ages and dates of birth.
    pub bands: bool,
    /// Ids, codes and keys of entries by keyed hash.
    pub pseudonyms: bool,
    /// Sex and age only where at least three people share them.
    pub small_groups: bool,
}

/// Every profile. Torture allegations are in no row: their own gate stands before each of them.
const TABLE: [Rules; 5] = [
    Rules {
        profile: Profile::Lawyer,
        ground: Gate::Mandate,
        restricted: Gate::Open,
        secret: Gate::Shut,
        names: Gate::Open,
        officials: Gate::Open,
        papers: Gate::Mandate,
        text: Gate::Open,
        files: Gate::Open,
        internal: Gate::Shut,
        dates: Dates::Exact,
        cities: false,
        bands: false,
        pseudonyms: false,
        small_groups: false,
    },
    Rules {
        profile: Profile::Partner,
        ground: Gate::Purpose("share_with_partners"),
        restricted: Gate::Purpose("share_with_partners"),
        secret: Gate::Shut,
        names: Gate::Shut,
        officials: Gate::Shut,
        papers: Gate::Shut,
        text: Gate::Shut,
        files: Gate::Purpose("publish_photo"),
        internal: Gate::Shut,
        dates: Dates::Day,
        cities: true,
        bands: true,
        pseudonyms: true,
        small_groups: false,
    },
    Rules {
        profile: Profile::Press,
        ground: Gate::Purpose("press"),
        restricted: Gate::Shut,
        secret: Gate::Shut,
        names: Gate::Purpose("publish_name"),
        officials: Gate::Shut,
        papers: Gate::Shut,
        text: Gate::Shut,
        files: Gate::Purpose("publish_photo"),
        internal: Gate::Shut,
        dates: Dates::Day,
        cities: true,
        bands: true,
        pseudonyms: true,
        small_groups: false,
    },
    Rules {
        profile: Profile::Statistics,
        ground: Gate::Purpose("keep_in_database"),
        restricted: Gate::Shut,
        secret: Gate::Shut,
        names: Gate::Shut,
        officials: Gate::Shut,
        papers: Gate::Shut,
        text: Gate::Shut,
        files: Gate::Shut,
        internal: Gate::Shut,
        dates: Dates::Week,
        cities: true,
        bands: true,
        pseudonyms: true,
        small_groups: true,
    },
    Rules {
        profile: Profile::Migration,
        ground: Gate::Purpose("keep_in_database"),
        restricted: Gate::Open,
        secret: Gate::Open,
        names: Gate::Open,
        officials: Gate::Open,
        papers: Gate::Open,
        text: Gate::Open,
        files: Gate::Open,
        internal: Gate::Open,
        dates: Dates::Exact,
        cities: false,
        bands: false,
        pseudonyms: false,
        small_groups: false,
    },
];

impl Profile {
    /// Every profile.
    pub const ALL: [Profile; 5] = [Profile::Lawyer, Profile::Partner, Profile::Press, Profile::Statistics, Profile::Migration];

    /// Returns the stable name.
    pub fn code(self) -> &'static str {
        match self {
            Profile::Lawyer => "lawyer",
            Profile::Partner => "partner",
            Profile::Press => "press",
            Profile::Statistics => "statistics",
            Profile::Migration => "migration",
        }
    }

    /// Returns its words, as the ledger has them too.
    pub fn word(self, texts: &Texts) -> String {
        term(texts, "handover_profile", self.code())
    }

    /// Finds a profile by its name.
    pub fn named(code: &str) -> Option<Profile> {
        Profile::ALL.into_iter().find(|profile| profile.code() == code)
    }

    /// Returns its row of the table.
    pub fn rules(self) -> &'static Rules {
        &TABLE[self as usize]
    }

    /// Tells whether this recipient learns who the people are, not only that there are some.
    pub fn knows_people(self) -> bool {
        !self.rules().pseudonyms
    }
}

/// Fields that are more than their class says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Group {
    Names,
    /// Numbers by which the registers of courts and bodies find the person.
    CaseNumbers,
    Officials,
    Papers,
    Monitors,
    Sources,
    Keys,
    Care,
    OtherPeople,
    Files,
}

/// Fields of a group by entity and field; `*` for all fields of an entity.
const GROUPS: &[(&str, &str, Group)] = &[
    ("person", "code", Group::Names),
    ("name_form", "text", Group::Names),
    ("name_form", "remark", Group::Names),
    ("name_form", "source", Group::Sources),
    ("trial", "case_no", Group::CaseNumbers),
    ("decision", "document_no", Group::CaseNumbers),
    ("trial", "judges", Group::Officials),
    ("trial", "prosecutors", Group::Officials),
    ("trial", "defence", Group::Officials),
    ("official", "badge", Group::Officials),
    ("official", "rank", Group::Officials),
    ("official", "description", Group::Officials),
    ("person", "citizenship", Group::Papers),
    ("person", "registration", Group::Papers),
    ("person", "id_document", Group::Papers),
    ("person", "affiliation", Group::Papers),
    ("person", "home", Group::Papers),
    ("identity_link", "*", Group::Care),
    ("detention", "observer", Group::Monitors),
    ("transition", "source", Group::Sources),
    ("observation", "observer", Group::Monitors),
    ("observation", "card", Group::Monitors),
    ("medical_finding", "by", Group::Monitors),
    ("action", "by", Group::Monitors),
    ("custody_event", "actor", Group::Monitors),
    ("custody_event", "recipient", Group::Monitors),
    ("custody_event", "note", Group::Monitors),
    ("evidence", "captured_by", Group::Monitors),
    ("evidence", "received_from", Group::Sources),
    ("evidence", "people_visible", Group::OtherPeople),
    ("evidence", "identity", Group::Keys),
    ("evidence", "sha256", Group::Files),
    ("evidence", "size", Group::Files),
    ("evidence", "media_type", Group::Files),
    ("evidence", "category", Group::Files),
    ("evidence", "faces_blurred", Group::Files),
    ("chunk", "*", Group::Keys),
    ("incident", "narrative", Group::OtherPeople),
    ("source", "*", Group::Sources),
    ("verdict", "by", Group::Monitors),
    ("verdict", "*", Group::Care),
    ("query", "*", Group::Care),
    ("meta", "*", Group::Care),
];

/// Returns the group of a field of an entity.
pub fn group_of(entity: &str, field: &str) -> Option<Group> {
    GROUPS.iter().find(|(e, f, _)| *e == entity && (*f == field || *f == "*")).map(|(.., group)| *group)
}

impl Group {
    /// Returns what opens a group in a profile, and the reason when it stays shut.
    pub fn gate(self, rules: &Rules) -> (Gate, Reason) {
        match self {
            Group::Names | Group::CaseNumbers => (rules.names, Reason::Names),
            Group::Officials => (rules.officials, Reason::Names),
            Group::Papers => (rules.papers, if rules.papers == Gate::Mandate { Reason::NoMandate } else { Reason::Restricted }),
            Group::Files => (rules.files, Reason::Files),
            Group::Monitors => (rules.internal, Reason::Monitors),
            Group::Sources => (rules.internal, Reason::SourceRegister),
            Group::Keys => (rules.internal, Reason::Keys),
            Group::Care => (rules.internal, Reason::InternalCare),
            Group::OtherPeople => (rules.internal, Reason::OtherPeople),
        }
    }
}

//! Casebooks in which every value is like no other: none that stays out can be read from any member of a bundle, whatever is handed
//! over, to whom, and whatever was allowed.

use std::collections::{BTreeMap, BTreeSet};

use sandyq::handover::choice::choose::Subject;
use sandyq::handover::choice::profile::Profile;
use sandyq::handover::choice::redact::redact;
use sandyq::model::{Kind, short};
use serde_json::{Value, json};

use super::browser::Browser;
use super::casebook::{Maker, Marked, everything, id};
use super::leaves::{fields, never_goes, scalars, singles};
use super::needles::Needles;
use super::redaction_support::{chosen, order, packed, people, silent};
use super::search::{Text, fold, printed, texts};

/// What a hand-over is made of.
#[derive(Clone, Copy, Debug)]
struct Case {
    profile: Profile,
    how: How,
    /// A allowed everything; otherwise A refused everything.
    allowed: bool,
    /// A lets allegations of torture be sent.
    gate: bool,
}

#[derive(Clone, Copy, Debug)]
enum How {
    Record,
    Incident,
    /// A search that found parts of several cases.
    Query,
    /// One that found a file without what it is about.
    Stray,
}

const HOWS: [How; 4] = [How::Record, How::Incident, How::Query, How::Stray];

impl Case {
    /// One case for each profile with A's two answers; with all four pairs of them, each profile is met in every way of choosing.
    fn all(allowed: bool, gate: bool) -> [Case; 5] {
        let way = |profile: Profile| HOWS[(profile as usize + usize::from(allowed) + 2 * usize::from(gate)) % HOWS.len()];
        Profile::ALL.map(|profile| Case { profile, how: way(profile), allowed, gate })
    }

    fn subject(self) -> Subject {
        match self.how {
            How::Record => people(&["A", "C"]),
            How::Incident => Subject::Incident(id("incident 0")),
            How::Query => Subject::Records(["trial AB", "act A", "detention B", "evidence A"].map(id).into()),
            How::Stray => Subject::Records(["detention A", "action B", "evidence B", "evidence C"].map(id).into()),
        }
    }

    /// Letters of the people whose records go.
    fn inside(self) -> String {
        let asked = match self.how {
            How::Record => "AC",
            // Whoever names a file or an act names the person it is about.
            How::Incident | How::Stray => "ABC",
            How::Query => "AB",
        };
        asked.chars().filter(|person| self.allowed || *person != 'A').collect()
    }

    fn bundle(self, casebook: &Maker) -> Vec<u8> {
        let choice = chosen(&casebook.records, &self.subject());
        packed(&redact(&choice, &order(self.profile)).unwrap_or_else(|error| panic!("{self:?}: {error}")))
    }

    /// Tells whether a value must not go, whatever the program thinks.
    fn must_stay(self, one: &Marked) -> bool {
        let whole = self.profile == Profile::Migration;
        // What the team keeps for itself keeps all parties of a trial together.
        let together = one.owner == '*' || (whole && one.record == id("trial AB"));
        let others = match one.owner {
            '0' => false,
            _ if together => !self.inside().contains(['A', 'B']),
            owner => !self.inside().contains(owner),
        };
        let alleged = !self.gate && !whole && one.owner == 'A' && (one.kind == Kind::Act || one.field == "narrative");
        others || alleged || never_goes(self.profile, one.kind, one.entity, one.field, one.class, one.leaf)
    }
}

fn casebook(seed: u64, allowed: bool, gate: bool) -> Maker {
    let mut casebook = everything(seed);
    silent(&mut casebook, gate.then_some("yes").or(Some("no")), gate.then_some("yes"));
    if !allowed {
        let (_, body) = casebook.records.iter_mut().find(|(line, _)| line.id == id("consent A")).unwrap();
        let all = ["keep_in_database", "share_with_lawyer", "share_with_partners", "press", "publish_name", "publish_photo"];
        let refused: BTreeMap<&str, Value> = all.into_iter().map(|purpose| (purpose, json!({"value": "no"}))).collect();
        body.tree["statements"]["ffffffffffffffff"]["purposes"] = json!(refused);
    }
    let stored: String = casebook.records.iter().map(|(_, body)| format!("{}{}", json!(body.tree), json!(body.voices))).collect();
    // Some values had to be other ones, e.g. the category of an act.
    casebook.marked.retain(|one| one.words.iter().all(|word| stored.contains(word.as_str())));
    casebook
}

/// Everything that nothing given says: values, and what leads to records that stay where they are.
struct Looked<'c> {
    casebook: &'c Maker,
    names: Vec<String>,
}

impl Looked<'_> {
    fn new(casebook: &Maker) -> Looked<'_> {
        let mut names: Vec<String> = casebook.records.iter().flat_map(|(line, _)| [line.id.clone(), short(&line.kind, &line.id)]).collect();
        names.extend(casebook.records.iter().flat_map(|(_, body)| keys(&json!(body.tree))));
        names.extend(["obsalpha", "obsbeta", "obsgamma", "GPS43.25N", "thumbnailpixels", "between scans", "after the end"].map(str::to_owned));
        Looked { casebook, names }
    }

    fn needles(&self) -> Needles<'_> {
        let words = self.casebook.marked.iter().flat_map(|one| &one.words);
        Needles::new(words.chain(&self.names).map(String::as_str))
    }

    /// Values that must stay, and those that the records of the bundle do not say.
    fn withheld(&self, case: Case, needles: &Needles, said: Text) -> BTreeSet<&str> {
        let said = [said];
        let said = needles.found(&said);
        let words = || self.casebook.marked.iter().flat_map(|one| one.words.iter().map(move |word| (one, word.as_str())));
        let stays = words().filter(|(one, _)| case.must_stay(one)).map(|(_, word)| word);
        let unsaid = words().map(|(_, word)| word).chain(self.names.iter().map(String::as_str)).filter(|word| !said.contains_key(word));
        stays.chain(unsaid).collect()
    }
}

/// The random keys of entries.
fn keys(value: &Value) -> Vec<String> {
    let parts = value.as_object().into_iter().flatten();
    parts
        .flat_map(|(key, value)| (key.len() == 16 && key.bytes().all(|byte| byte.is_ascii_hexdigit())).then(|| key.clone()).into_iter().chain(keys(value)))
        .collect()
}

/// What the records of a bundle and its head say, folded: what its recipient may know.
pub fn said(zip: &[u8]) -> Text {
    let records = member(zip, "records.json");
    let records: Value = serde_json::from_slice(&records).unwrap();
    let row = |row: &Value| format!("{} {} {} {} {}\n", row["record"], row["voices"], row["entries"], row["id"], row["code"]);
    let rows: String = records["records"].as_array().unwrap().iter().map(row).collect();
    Text { place: String::new(), text: fold(&format!("{}\n{rows}", records["bundle"])) }
}

pub fn member(zip: &[u8], name: &str) -> Vec<u8> {
    let mut archive = zip::ZipArchive::new(std::io::Cursor::new(zip)).unwrap();
    let mut bytes = Vec::new();
    std::io::Read::read_to_end(&mut archive.by_name(name).unwrap(), &mut bytes).unwrap();
    bytes
}

/// What the search of one bundle gave, where nothing that stays was found.
struct Clean {
    withheld: usize,
    /// How many values that go were found, by member.
    given: BTreeMap<String, usize>,
}

#[track_caller]
fn assert_clean(case: Case, looked: &Looked, needles: &Needles, said: Text, texts: &[Text]) -> Clean {
    let withheld = looked.withheld(case, needles, said);
    let found = needles.found(texts);
    let of = |word: &str| looked.casebook.marked.iter().find(|one| one.words.iter().any(|other| other == word));
    let leaks: Vec<_> = found.iter().filter(|(word, _)| withheld.contains(*word)).map(|(word, places)| (of(word), word, places)).take(4).collect();
    assert!(leaks.is_empty(), "{case:?}: {leaks:#?}");
    let mut given: BTreeMap<String, usize> = BTreeMap::new();
    for places in found.values() {
        let members: BTreeSet<&str> = places.iter().map(|place| place.split([' ', '/']).next().unwrap_or_default()).collect();
        members.into_iter().for_each(|member| *given.entry(member.to_owned()).or_default() += 1);
    }
    Clean { withheld: withheld.len(), given }
}

/// Searches a bundle of each profile with these answers, printed pages too where there is a browser. What goes is found wherever people
/// look for it, so that what is not found is not there.
fn search(seed: u64, allowed: bool, gate: bool, browser: Option<&Browser>) {
    let casebook = casebook(seed, allowed, gate);
    let looked = Looked::new(&casebook);
    let needles = looked.needles();
    for case in Case::all(allowed, gate) {
        let zip = case.bundle(&casebook);
        let mut texts = texts(&zip);
        texts.extend(browser.and_then(|browser| printed(browser, &member(&zip, "index.html"))).into_iter().flatten());
        let Clean { withheld, given } = assert_clean(case, &looked, &needles, said(&zip), &texts);
        let share = |member: &str| given.get(member).map_or(0, |number| 100 * number / given["records.json"]);
        println!(
            "budget: {case:?}: {withheld} values looked for in vain, {} found in the records, {}% of them on the page",
            given["records.json"],
            share("index.html")
        );
        assert!(withheld > 300 && given["records.json"] > 15, "{case:?}");
        assert!(share("index.html") > 80 && share("tables") > 40 && share("tables.xlsx") > 40, "{case:?}: {given:?}");
        assert!(!texts.iter().any(|text| text.place.starts_with("printed")) || share("printed") > 80, "{case:?}: {given:?}");
    }
}

#[test]
fn nothing_withheld_is_in_any_member_nor_printed_where_everything_was_allowed() {
    search(0, true, true, Browser::start().as_ref());
}

#[test]
fn nothing_withheld_is_in_any_member_where_allegations_of_torture_stay() {
    search(1, true, false, None);
}

#[test]
fn nothing_withheld_is_in_any_member_where_one_of_those_concerned_refused() {
    search(1, false, true, None);
}

#[test]
fn nothing_withheld_is_in_any_member_where_one_refused_everything() {
    search(0, false, false, None);
}

/// What cannot be like no other: a yes or no; a reference, which leads to a record whose id is looked for; the class of a record, what
/// kind of act or file it is, and what consents and powers of attorney must say for anything to go.
#[test]
fn every_field_that_the_tables_know_is_filled_and_nearly_every_value_is_like_no_other() {
    for seed in 0..2 {
        let casebook = casebook(seed, true, true);
        let words: BTreeSet<&str> = casebook.marked.iter().flat_map(|one| &one.words).map(String::as_str).collect();
        let (mut filled, mut all, mut unmarked) = (BTreeSet::new(), 0, BTreeMap::<String, usize>::new());
        for (line, body) in &casebook.records {
            for single in singles(Kind::named(&line.kind).unwrap(), &body.tree) {
                let marked = scalars(single.value).iter().any(|scalar| words.contains(scalar.as_str()));
                *unmarked.entry(format!("{:?}", single.leaf)).or_default() += usize::from(!marked);
                all += 1;
                filled.insert(format!("{}.{}", line.kind, single.field));
            }
        }
        let known = Kind::ALL.iter().flat_map(|kind| fields(kind.fields(), kind.code())).collect();
        assert_eq!(filled, known);
        unmarked.retain(|_, number| *number > 0);
        let without: usize = unmarked.values().sum();
        println!("budget: casebook {seed}: {all} values of {} fields, {without} without a mark of their own: {unmarked:?}", filled.len());
        assert!(without * 6 < all);
    }
}

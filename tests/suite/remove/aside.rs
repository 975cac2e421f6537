//! What is set aside: listed, read before anybody decides, adopted or left.

use sandyq::error::Error;
use sandyq::model::Kind;
use sandyq::parcel::ItemKind;
use sandyq::session::{Choice, Decision};
use sandyq::sync::judge::{InProcess, Job, Judge, Outcome};
use sandyq::team::{Act, Adopt, Operation, Role, SetAside};
use sandyq::transport::Memory;
use sandyq::vault::{Silent, Standing};
use serde_json::{Value, json};

use super::super::carry::support::{Desk, parcel_by};
use super::super::hostile::forge::{Hands, change_of, files_after, last};
use super::aside_team::{Team, adopts, code, copies, ingest, of_device, operates, parcel_of, removes, sets_aside, standing};
use super::desks::{admitted, meet, rolls};
use crate::stories::support::Program;
use crate::support::{NOW, passphrase};

/// A judge that keeps what it was given, and may end on it.
#[derive(Default)]
struct Watched {
    jobs: Vec<Job>,
    crashes: bool,
}

impl Judge for Watched {
    fn judge(&mut self, jobs: Vec<Job>) -> Vec<Outcome> {
        self.jobs.extend(jobs.iter().cloned());
        if self.crashes { jobs.iter().map(|_| Outcome::Crashed).collect() } else { InProcess.judge(jobs) }
    }
}

#[test]
fn what_a_device_wrote_and_cannot_open_is_listed_aside_and_never_called_damage() {
    let mut first = Desk::founder("M-ONE", 1);
    let mut second = admitted(&mut first, "M-TWO", 1000, Role::Capture);
    meet(&mut [&mut first, &mut second]);
    second.session.turn_to_shared();
    second.detained("Recorded Blind");
    first.session.suspend("M-TWO").expect("suspended");
    rolls(&mut first);
    first.session.give_up("M-TWO").expect("given up");
    assert_eq!(first.session.retire(&passphrase()).expect("retired"), [0], "the key that the record is sealed to is gone");
    first.session.change_role("M-TWO", Role::Editor, false, &passphrase(), &mut Silent).expect("raised");
    meet(&mut [&mut first, &mut second]);
    assert!(second.session.reads());
    let rows = second.session.set_aside_list(None, &mut InProcess).expect("listed");
    assert_eq!(rows.len(), 2, "{rows:?}");
    for row in rows {
        let reading = second.session.read_aside(&row.id, &mut InProcess).expect("no damage");
        assert_eq!(reading.unreadable.as_deref(), Some("waiting-change"));
    }
}

#[test]
fn a_removed_member_returns_with_thirty_honest_offline_parcels() {
    let mut team = Team::new(100);
    let before = team.one.seen();
    for number in 0..14 {
        team.three.detained(&format!("Person {number}"));
    }
    let known = team.person.clone();
    team.three.edit(&known, &json!({ "occupation": "nurse" }));
    team.three.edit(&known, &json!({ "sex": "female" }));
    let whole = team.three.seen();
    removes(&mut team.one, &team.three, 7);
    team.meet();
    assert_eq!(team.one.seen(), before, "nothing of it counts");

    let mut judge = Watched::default();
    let rows = team.one.session.set_aside_list(Some("m-3"), &mut judge).expect("listed");
    assert_eq!(rows, team.one.session.set_aside_list(None, &mut judge).expect("listed"));
    assert_eq!(rows.len(), 30);
    assert!(rows.iter().all(|row| (row.author.as_str(), row.why.as_str(), row.short.len()) == ("M-3", "aside-cut-off", 8)), "{rows:#?}");
    assert!(rows.iter().all(|row| row.decided.as_ref().is_some_and(|decided| decided.by == "M-1" && decided.at == NOW)));
    let titles: Vec<(&str, &str)> = rows.iter().map(|row| (row.kind.expect("read").code(), row.title.as_str())).collect();
    assert_eq!((titles[0], titles[1]), (("person", "Person 0"), ("detention", "Person 0")));
    assert_eq!((titles[29], rows[29].record.is_some(), rows[0].record.is_some()), (("person", "Мария Ким"), true, false));

    let first = team.one.session.read_aside(&rows[0].short, &mut judge).expect("read");
    assert_eq!((first.unreadable.as_deref(), first.builds_on.len(), first.row.title.as_str()), (None, 0, "Person 0"));
    assert!(first.edits.iter().any(|(path, now, then)| path.ends_with("/text") && now.is_none() && *then == Some(json!("Person 0"))));
    let last = team.one.session.read_aside(&rows[29].id, &mut judge).expect("read");
    assert_eq!(last.builds_on, [rows[28].short.clone()]);
    let edits: Vec<(&str, Option<Value>)> = last.edits.iter().map(|(path, _, then)| (path.as_str(), then.clone())).collect();
    assert_eq!(edits, [("occupation", Some(json!("nurse"))), ("sex", Some(json!("female")))]);
    assert_eq!(team.one.seen(), before, "reading decides nothing");

    let choice = Choice { member: Some("M-3"), ..Choice::default() };
    let heads = team.one.heads();
    let done = team.one.session.adopt(&choice, "his lawyer brought the phone", &mut InProcess).expect("adopted");
    assert_eq!(done, Decision { done: 30, ..Decision::default() });
    assert_ne!(team.one.heads(), heads);
    team.meet();
    team.agrees();
    assert!(team.one.seen() == whole, "the very records that their author saw");
    assert_eq!(team.one.session.set_aside_list(None, &mut InProcess).expect("listed"), []);
    assert_eq!(code(team.one.session.adopt(&choice, "again", &mut InProcess)), "parcel-not-aside");
    for desk in [&mut team.two, &mut team.four] {
        let shown = desk.session.show(&known).expect("shown");
        let [adopted] = shown.adopted.as_slice() else { panic!("{:?}", shown.adopted) };
        assert_eq!((adopted.author.as_str(), adopted.by.as_str(), adopted.reason.as_str()), ("M-3", "M-1", "his lawyer brought the phone"));
        assert_eq!(adopted.parcels.len(), 2);
    }
}

#[test]
fn up_to_an_entry_takes_everything_of_its_chain_before_it() {
    let mut team = Team::new(200);
    (0..4).for_each(|number| drop(team.three.detained(&format!("Person {number}"))));
    removes(&mut team.one, &team.three, 7);
    team.meet();
    let rows = team.one.session.set_aside_list(None, &mut InProcess).expect("listed");
    let choice = Choice { up_to: Some(&rows[3].id), ..Choice::default() };
    assert_eq!(team.one.session.adopt(&choice, "before the arrest", &mut InProcess).expect("adopted").done, 4);
    let left = team.one.session.set_aside_list(None, &mut InProcess).expect("listed");
    assert_eq!(left.iter().map(|row| &row.id).collect::<Vec<_>>(), rows[4..].iter().map(|row| &row.id).collect::<Vec<_>>());
    team.meet();
    team.agrees();
}

#[test]
fn more_entries_than_one_operation_names_are_adopted_by_several() {
    let mut team = Team::new(250);
    let drafts: Vec<(Kind, Value)> = (0..300).map(|n| (Kind::Person, json!({ "names": [{ "text": format!("Person {n}") }] }))).collect();
    team.three.session.add(&drafts).expect("added");
    removes(&mut team.one, &team.three, 7);
    team.meet();
    let (casebook, choice) = (team.one.casebook(), Choice { member: Some("M-3"), ..Choice::default() });
    let before = team.one.session.vault().log(&casebook).expect("a log").taken().count();
    let done = team.one.session.adopt(&choice, "r".repeat(500).as_str(), &mut InProcess).expect("adopted");
    assert_eq!((done.done, team.one.session.vault().log(&casebook).expect("a log").taken().count() - before), (300, 2));
}

/// Every order of so many things.
fn orders(count: usize) -> Vec<Vec<usize>> {
    if count == 0 {
        return vec![Vec::new()];
    }
    let insert = |order: Vec<usize>| (0..count).map(move |at| [&order[..at], &[count - 1], &order[at..]].concat());
    orders(count - 1).into_iter().flat_map(insert).collect()
}

#[test]
fn concurrent_decisions_of_two_admins_mean_the_same_in_every_order_of_delivery() {
    let mut team = Team::new(600);
    let mut observer = Desk::alone("M-5", 5000);
    team.one.admits(&mut observer, Role::Reader);
    let mut stick = Memory::new();
    for desk in [&mut team.one, &mut observer, &mut team.two, &mut team.three] {
        desk.sync(&mut stick);
    }
    let person = team.person.clone();
    // The removed member's entries, honest work on one of them, then both admins decide without knowing of each other.
    let from = last(team.three.session.vault());
    team.three.edit(&person, &json!({ "occupation": "nurse" }));
    team.three.detained("Person A");
    let offline = files_after(team.three.session.vault(), from);
    let from = last(team.one.session.vault());
    removes(&mut team.one, &team.three, 7);
    let removal = files_after(team.one.session.vault(), from);
    ingest(&mut team.one, offline.clone());
    ingest(&mut team.two, offline.clone());
    let (first, from) = (parcel_of(&mut team.two, &person, 1), last(team.two.session.vault()));
    assert_eq!(standing(&mut team.one, &first).expect("here").code(), "aside-cut-off");
    team.two.edit(&person, &json!({ "sex": "female" }));
    let work = files_after(team.two.session.vault(), from);
    let from = last(team.two.session.vault());
    sets_aside(&mut team.two, &first);
    let against = files_after(team.two.session.vault(), from);
    let from = last(team.one.session.vault());
    let choice = Choice { member: Some("M-3"), ..Choice::default() };
    assert_eq!(team.one.session.adopt(&choice, "known by voice", &mut InProcess).expect("adopted").done, 3);
    let adoption = files_after(team.one.session.vault(), from);
    let pieces = [offline, removal, work, against, adoption];
    let mut seen: Option<(Vec<_>, Vec<_>)> = None;
    let every: Vec<String> = {
        (0..pieces.len()).for_each(|at| ingest(&mut team.one, pieces[at].clone()));
        let three = team.three.badge().device;
        of_device(&mut team.one, three.as_bytes()).iter().map(|(id, _)| hex::encode(id)).collect()
    };
    for (number, order) in orders(pieces.len()).into_iter().enumerate() {
        let mut desk = observer.copied(9000 + number as u64, false);
        order.iter().for_each(|at| ingest(&mut desk, pieces[*at].clone()));
        let standings: Vec<Option<Standing>> = every.iter().map(|id| standing(&mut desk, id)).collect();
        let now = (desk.seen(), standings);
        assert_eq!(copies(&mut desk).len(), 1, "{order:?}: the set-aside beats an adopt that does not follow it");
        assert_eq!(*seen.get_or_insert_with(|| now.clone()), now, "{order:?}");
    }
    assert_eq!(seen.expect("compared").0, team.one.seen());
}

#[test]
fn an_adopt_of_a_strangers_parcel_never_lets_it_in() {
    let mut team = Team::new(700);
    let stranger = Desk::alone("M-9", 9000);
    let (casebook, hands) = (team.one.casebook(), Hands::of(&team.three));
    let change = change_of(hands.own.first().expect("a change")).expect("a change");
    let (id, deps) = (hex::encode(change.hash), change.deps.iter().map(hex::encode).collect());
    let items = vec![(ItemKind::Change { record: id.clone(), change: id, deps }, change.bytes)];
    let parcel = parcel_by(&stranger.signing(), &casebook, &team.one.heads(), items, 3);
    let receipt = parcel_by(&stranger.signing(), &casebook, &team.one.heads(), Vec::new(), 4);
    let header = hex::encode(parcel.id());
    let before = team.one.seen();
    let adopt = Adopt { headers: vec![header.clone()], reason: "whoever that is".into() };
    operates(&mut team.one, |by, heads, nonce| Operation::Adopt(Act::new(by, heads, adopt, NOW, nonce)), 7);
    let adopt = Adopt { headers: vec![hex::encode(receipt.id())], reason: "whoever that is".into() };
    operates(&mut team.one, |by, heads, nonce| Operation::Adopt(Act::new(by, heads, adopt, NOW, nonce)), 8);
    for desk in [&mut team.one, &mut team.two] {
        ingest(desk, vec![hands.sealed(std::slice::from_ref(&parcel)), hands.sealed(std::slice::from_ref(&receipt))]);
        assert_eq!(standing(desk, &header), None, "it is not kept");
        assert_eq!(standing(desk, &hex::encode(receipt.id())), None, "it is not kept");
        let choice = Choice { parcels: std::slice::from_ref(&header), ..Choice::default() };
        assert_eq!(code(desk.session.adopt(&choice, "r", &mut InProcess)), "parcel-unknown");
        assert_eq!(code(desk.session.set_aside_list(Some("M-9"), &mut InProcess)), "member-unknown");
    }
    team.meet();
    team.agrees();
    assert_eq!(team.one.seen(), before);
}

#[test]
fn a_hostile_change_is_read_by_the_judge_alone() {
    let mut team = Team::new(800);
    let person = team.person.clone();
    team.three.edit(&person, &json!({ "occupation": "nurse" }));
    team.meet();
    let hands = Hands::of(&team.three);
    removes(&mut team.one, &team.three, 7);
    // Written after the removal with the key of the removed device: a counter that does not follow.
    let hostile = hands.change(90, [9; 16], hands.edit(), |raw| raw.start_op += 1_000);
    let (id, bytes) = (hex::encode(hostile.id()), hostile.items[0].clone());
    ingest(&mut team.one, vec![hands.sealed(&[hostile])]);
    let before = team.one.seen();
    assert_eq!(standing(&mut team.one, &id).expect("kept").code(), "aside-cut-off");
    let mut judge = Watched::default();
    let rows = team.one.session.set_aside_list(None, &mut judge).expect("listed");
    assert_eq!((rows.len(), rows[0].id.as_str(), judge.jobs.len()), (1, id.as_str(), 0), "its record is shown");

    let reading = team.one.session.read_aside(&id, &mut judge).expect("read");
    assert_eq!((reading.unreadable.as_deref(), reading.edits.len()), (Some("counter"), 0));
    assert_eq!((judge.jobs.len(), &judge.jobs[0].new), (1, &vec![bytes.clone()]), "it went to the judge and as something new");
    let mut crashing = Watched { crashes: true, ..Watched::default() };
    let reading = team.one.session.read_aside(&id, &mut crashing).expect("read");
    assert_eq!((reading.unreadable.as_deref(), crashing.jobs.len()), (Some("crashed"), 1), "nobody else looked at it");

    let parcels = [id.clone()];
    let choice = Choice { parcels: &parcels, ..Choice::default() };
    let done = team.one.session.adopt(&choice, "a mistake", &mut crashing).expect("written");
    assert_eq!((done.done, done.left), (0, [("crashed".to_owned(), 1)].into()));
    assert_eq!(crashing.jobs.last().expect("asked").new, vec![bytes]);
    assert_eq!(team.one.seen(), before);
    team.one.session.vault_mut().try_held_again().expect("again");
    let mut stick = Memory::new();
    team.one.sync(&mut stick);
    assert_eq!((standing(&mut team.one, &id), team.one.seen()), (Some(Standing::Refused("counter".into())), before));
}

#[test]
fn a_hostile_beginning_is_listed_without_a_title_and_never_delays_the_list_for_long() {
    let mut team = Team::new(850);
    let hands = Hands::of(&team.three);
    removes(&mut team.one, &team.three, 7);
    let first = hands.own.iter().find(|parcel| change_of(parcel).is_some_and(|change| change.deps.is_empty())).expect("a beginning");
    let made: Vec<_> = (0..6u8).map(|n| hands.change(90 + u64::from(n), [20 + n; 16], first, |raw| raw.time += i64::from(n))).collect();
    ingest(&mut team.one, vec![hands.sealed(&made)]);
    let mut crashing = Watched { crashes: true, ..Watched::default() };
    let rows = team.one.session.set_aside_list(None, &mut crashing).expect("listed");
    assert_eq!((rows.len(), crashing.jobs.len()), (6, 3));
    assert!(rows.iter().all(|row| row.kind.is_none() && row.title.is_empty()));
}

#[test]
fn who_decides_is_an_admin_with_a_reason_about_something_to_decide() {
    let mut team = Team::new(900);
    let person = team.person.clone();
    let id = parcel_of(&mut team.one, &person, 0);
    let heads = team.one.heads();
    let (parcels, unknown) = ([id.clone()], ["00".repeat(32)]);
    let choice = Choice { parcels: &parcels, ..Choice::default() };
    let mut codes = Vec::new();
    let mut refused = |done: Result<Decision, Error>| {
        let error = done.expect_err("refused");
        let said = error.to_string();
        assert!(!["M-1", "M-2", "M-3", "Мария", "secret reason"].iter().any(|name| said.contains(name)) && !said.contains(&id), "{said}");
        codes.push((error.code(), error.exit_code()));
    };
    refused(team.three.session.set_aside(&parcels, "secret reason", &mut InProcess));
    refused(team.three.session.adopt(&choice, "secret reason", &mut InProcess));
    let session = &mut team.one.session;
    refused(session.set_aside(&parcels, " \n", &mut InProcess));
    refused(session.set_aside(&parcels, &"a".repeat(501), &mut InProcess));
    refused(session.set_aside(&unknown, "secret reason", &mut InProcess));
    refused(session.set_aside(&[id[..7].to_owned()], "secret reason", &mut InProcess));
    refused(session.set_aside(&[], "secret reason", &mut InProcess));
    refused(session.adopt(&Choice::default(), "secret reason", &mut InProcess));
    refused(session.adopt(&choice, "secret reason", &mut InProcess));
    refused(session.adopt(&Choice { member: Some("M-3"), ..Choice::default() }, "secret reason", &mut InProcess));
    refused(session.adopt(&Choice { member: Some("M-8"), ..Choice::default() }, "secret reason", &mut InProcess));
    assert_eq!(code(session.read_aside(&id, &mut InProcess)), "parcel-not-aside");
    let wanted = [
        "not-admin",
        "not-admin",
        "reason-needed",
        "reason-needed",
        "parcel-unknown",
        "parcel-unknown",
        "nothing-given",
        "nothing-given",
        "parcel-not-aside",
        "parcel-not-aside",
        "member-unknown",
    ];
    assert_eq!(codes, wanted.map(|code| (code, 1)));
    assert_eq!(team.one.heads(), heads, "nothing was written");
    sets_aside(&mut team.one, &id[..8]);
    assert_eq!(code(team.one.session.set_aside(&[id], "again", &mut InProcess)), "parcel-not-counted");
}

#[test]
fn an_adopt_on_an_entry_that_stays_set_aside_says_what_it_waits_for() {
    let mut team = Team::new(950);
    let person = team.person.clone();
    team.three.edit(&person, &json!({ "occupation": "nurse" }));
    team.three.edit(&person, &json!({ "sex": "female" }));
    removes(&mut team.two, &team.three, 7);
    team.meet();
    let (first, second) = (parcel_of(&mut team.one, &person, 1), parcel_of(&mut team.one, &person, 2));
    let aside = SetAside { headers: vec![first.clone()], reason: "hearsay".into() };
    operates(&mut team.one, |by, heads, nonce| Operation::SetAside(Act::new(by, heads, aside, NOW, nonce)), 8);
    let done = adopts(&mut team.one, &second);
    assert_eq!((done.done, done.left), (0, [("waiting-behind".to_owned(), 1)].into()));
    assert_eq!(adopts(&mut team.one, &first).done, 1);
    assert_eq!(standing(&mut team.one, &second), Some(Standing::Accepted));
    team.meet();
    team.agrees();
}

#[test]
fn what_is_set_aside_is_decided_about_with_the_program() {
    let program = Program::called("M-1");
    program.ok(&["--casebook", "almaty", "init"], "");
    let (person, _) = program.detained("Person A");
    program.ok(&["edit", &person], r#"{"sex":"female"}"#);
    program.ok(&["edit", &person], r#"{"occupation":"nurse"}"#);
    let steps = crate::stories::support::rows(&program.ok(&["--json", "show", &person, "--history"], ""));
    let id = steps[1]["parcel"].as_str().expect("text").to_owned();
    assert!(program.ok(&["show", &person, "--history"], "").contains(&format!(" (claimed) · {id}\n")));
    assert_eq!(program.run(&["aside"], "").err, "Nothing is set aside.\n");

    let ran = program.run(&["set-aside", &id], "  ");
    assert_eq!((ran.code, ran.err.lines().next()), (1, Some("A reason of 1 to 500 characters is needed. Nothing was changed.")));
    let ran = program.run(&["set-aside", &id], "told by nobody\n");
    assert_eq!(ran.code, 0, "{}", ran.err);
    assert!(
        ran.err.starts_with("1 entry is set aside now. Nothing was deleted.\n1 further entry builds on that and stands as a separate copy.\n"),
        "{}",
        ran.err
    );
    let listed = program.ok(&["aside", "--member", "M-1"], "");
    assert!(
        listed.starts_with(&format!("{id} · M-1 · no. ")) && listed.contains("set aside by an admin") && listed.contains("reason: told by nobody"),
        "{listed}"
    );
    let read = program.json(&["aside", &id], "");
    assert_eq!(read["edits"], json!([{ "path": "sex", "now": null, "then": "female" }]));
    let people = program.ok(&["list", "person"], "");
    assert!(people.lines().count() == 2 && people.contains(&format!("SEPARATE COPY of {person}")), "{people}");
    let record = program.json(&["show", &person], "");
    let copy = record["copies"][0].as_str().expect("a copy").to_owned();
    assert_eq!(program.json(&["show", &copy], "")["copy_of"], record["id"]);
    assert!(program.ok(&["show", &copy], "").contains(&format!("SEPARATE COPY of {person}: ")));
    assert!(program.ok(&["show", &person], "").contains("Separate copies stand beside it: P-"));
    let ran = program.run(&["edit", &copy], r#"{"sex":"male"}"#);
    assert_eq!((ran.code, ran.err.lines().next()), (1, Some("That is a separate copy; it cannot be changed. Nothing was saved.")));
    let ran = program.run(&["export"], "");
    assert!(ran.out.lines().count() == 2 && ran.err.contains("Separate copies left out of it: 1."), "{ran:#?}");
    assert!(program.run(&["report", "rally"], "").err.contains("Separate copies left out of it: 1."));

    let ran = program.run(&["adopt", &id], "told by her sister\n");
    assert_eq!((ran.code, ran.err.lines().next()), (0, Some("1 entry counts now and stays marked as adopted.")));
    let shown = program.ok(&["show", &person], "");
    assert!(shown.contains("adopted: 1 entry of M-1 by M-1 (told by her sister)\n"), "{shown}");
    assert_eq!(program.json(&["show", &person], "")["adopted"][0]["reason"], json!("told by her sister"));
    assert_eq!(program.run(&["adopt", &id], "again").code, 1);
    assert_eq!(program.run(&["aside", "--member", "M-7"], "").code, 1);
}

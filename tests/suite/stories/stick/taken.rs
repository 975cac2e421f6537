//! A colleague is taken: the device is put out, told in words what it still reads, and locked out of what comes.

use sandyq::sys::chance::SystemChance;
use sandyq::team::{Act, Operation, Remove};

use super::{BOOK, Team, exported, folder, person, sync, synced, whole};
use crate::stories::support::Program;

/// The handles of the members.
fn handles(program: &Program) -> Vec<String> {
    let rows = program.json(&["members"], "");
    rows.as_array().expect("rows").iter().map(|row| row["handle"].as_str().expect("text").to_owned()).collect()
}

/// A team with one person recorded by each, that met at a stick.
fn met() -> (Team, std::path::PathBuf) {
    let team = Team::new();
    let stick = folder(&team.one);
    person(&team.one, "Sample Person");
    person(&team.two, "Other Person");
    team.meet(&stick);
    (team, stick)
}

#[test]
fn taken_colleague_is_dismissed_and_the_program_says_what_that_device_still_reads() {
    let (team, stick) = met();
    let said = team.one.run(&["dismiss", "M-TWO"], "m-two\n");
    assert_eq!(said.code, 0, "{said:#?}");
    for text in ["M-TWO is out of the casebook", "still reads everything recorded until now", "2 records", "Sync now", "tell the lawyers"] {
        assert!(said.err.contains(text), "{text}: {said:#?}");
    }
    assert!(!said.err.contains("source register"), "{said:#?}");
    assert_eq!(handles(&team.one), ["M-ONE"]);
    person(&team.one, "Later Person");
    synced(&team.one, &stick);
    let before = exported(&team.two);
    let _ = sync(&team.two, &stick);
    assert_eq!(exported(&team.two), before, "nothing that came after it");
    whole(&team.one);
}

#[test]
fn what_a_dismissed_device_writes_on_waits_set_aside() {
    let (team, stick) = met();
    team.one.ok(&["dismiss", "M-TWO", "--yes"], "");
    let before = exported(&team.one);
    person(&team.two, "Written After");
    let _ = sync(&team.two, &stick);
    synced(&team.one, &stick);
    assert_eq!(exported(&team.one), before);
    let pending = team.one.json(&["pending"], "");
    assert_eq!(pending["aside"][0]["author"], "M-TWO", "{pending}");
}

#[test]
fn wrong_handle_typed_again_dismisses_nobody() {
    let (team, _) = met();
    for typed in ["M-ONE\n", "", "yes\n"] {
        let said = team.one.run(&["dismiss", "M-TWO"], typed);
        assert!(said.code == 1 && said.err.contains("Nothing was changed"), "{said:#?}");
    }
    assert_eq!(handles(&team.one), ["M-ONE", "M-TWO"]);
}

#[test]
fn only_admin_is_neither_dismissed_nor_lowered() {
    let (team, _) = met();
    for args in [&["dismiss", "M-ONE", "--yes"][..], &["role", "M-ONE", "editor"]] {
        let said = team.one.run(args, "");
        assert!(said.code == 1 && said.err.contains("the only admin"), "{said:#?}");
    }
    assert_eq!(team.two.run(&["dismiss", "M-ONE", "--yes"], "").code, 1, "an editor dismisses nobody");
    assert_eq!(handles(&team.one), ["M-ONE", "M-TWO"]);
}

#[test]
fn dismissal_that_was_cut_off_before_the_new_keys_is_noticed_and_roll_goes_on() {
    let (team, stick) = met();
    removed_without_new_keys(&team.one, "M-TWO");
    let overview = team.one.ok(&[], "");
    assert!(overview.contains("New keys are due"), "{overview}");
    let met = sync(&team.one, &stick);
    assert!(met.code == 0 && met.err.contains("New keys are due"), "{met:#?}");
    person(&team.one, "In Between");
    let rolled = team.one.json(&["roll"], "");
    assert_eq!((&rolled["epoch"], &rolled["readers"]), (&1.into(), &1.into()), "{rolled}");
    assert!(!team.one.ok(&[], "").contains("New keys are due"));
    synced(&team.one, &stick);
    let before = exported(&team.two);
    let _ = sync(&team.two, &stick);
    assert_eq!(exported(&team.two), before);
    assert_eq!(exported(&team.one).len(), 3);
    whole(&team.one);
}

/// Writes the removal alone, as a dismissal leaves it when the plug is pulled after it.
fn removed_without_new_keys(program: &Program, handle: &str) {
    let mut session = program.session();
    let row = session.members().expect("members").into_iter().find(|row| row.handle == handle).expect("a member");
    let casebook = session.vault().keyring().casebooks.iter().find(|book| book.name.as_deref() == Some(BOOK)).expect("the casebook").id;
    let team = session.vault().log(&casebook).expect("a log").membership().clone();
    let member = *team.members.keys().find(|device| device.to_string() == row.device).expect("a device");
    let (by, time) = (session.vault().keyring().signing.device(), session.now().seconds);
    let cut = session.vault_mut().heads_of(&casebook, &member).expect("heads").iter().map(hex::encode).collect();
    let make = |heads: &[[u8; 32]], nonce| Operation::Remove(Act::new(by, heads, Remove { member, cut }, time, nonce));
    session.vault_mut().operate(&casebook, make, None, time, &mut SystemChance).expect("removed");
}

#[test]
fn suspended_member_is_told_so_reads_on_and_saves_nothing_until_the_suspension_is_lifted() {
    let (team, stick) = met();
    let said = team.one.run(&["suspend", "M-TWO"], "");
    assert!(said.code == 0 && said.err.contains("STILL READS"), "{said:#?}");
    let listed = team.one.ok(&["members"], "");
    assert!(listed.contains("SUSPENDED"), "{listed}");
    assert_eq!(team.one.run(&["suspend", "M-TWO"], "").code, 1);
    person(&team.one, "Later Person");
    synced(&team.one, &stick);
    let told = sync(&team.two, &stick);
    assert!(told.err.contains("M-ONE suspended this device"), "{told:#?}");
    assert_eq!(exported(&team.two), exported(&team.one), "it reads what comes");
    assert_eq!(team.two.run(&["add", "person"], r#"{"names":[{"text":"Not Now"}]}"#).code, 1);
    team.one.ok(&["lift", "M-TWO"], "");
    synced(&team.one, &stick);
    let told = sync(&team.two, &stick);
    assert!(!told.err.contains("suspended"), "{told:#?}");
    person(&team.two, "Now Again");
    team.meet(&stick);
    team.equal();
}

#[test]
fn old_keys_wait_for_the_taken_device_until_it_is_given_up() {
    let (team, stick) = met();
    team.one.ok(&["dismiss", "M-TWO", "--yes"], "");
    let waits = team.one.run(&["retire"], "");
    assert!(waits.code == 3 && waits.out.contains("epoch 0 waits for: M-TWO"), "{waits:#?}");
    let told = sync(&team.one, &stick);
    assert!(told.err.contains("Keys of older epochs are still here: 1"), "{told:#?}");
    assert_eq!(team.one.run(&["retire", "--give-up", "M-NOBODY"], "").code, 1);
    let ended = team.one.json(&["retire", "--give-up", "M-TWO"], "");
    assert_eq!((&ended["ended"], &ended["waiting"]), (&serde_json::json!([0]), &serde_json::json!([])));
    assert_eq!(team.one.run(&["retire"], "").code, 0);
    assert_eq!(exported(&team.one).len(), 2);
    whole(&team.one);
}

#[test]
fn member_who_loses_reading_goes_on_recording_for_those_who_read() {
    let (team, stick) = met();
    let said = team.one.run(&["role", "M-TWO", "capture"], "");
    assert!(said.code == 0 && said.err.contains("still reads everything recorded until now"), "{said:#?}");
    person(&team.one, "Later Person");
    synced(&team.one, &stick);
    let before = exported(&team.two);
    let _ = sync(&team.two, &stick);
    assert_eq!(exported(&team.two), before);
    person(&team.two, "Recorded As Capture");
    let _ = sync(&team.two, &stick);
    synced(&team.one, &stick);
    assert_eq!(exported(&team.one).len(), 4);
    team.one.ok(&["role", "M-TWO", "editor"], "");
    team.meet(&stick);
    team.equal();
}

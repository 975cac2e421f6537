//! Who holds what, and whether a laptop can be wiped.

use super::{Team, folder, person, synced};

#[test]
fn laptop_is_known_to_be_safe_to_wipe_only_when_the_others_said_they_hold_everything() {
    let mut team = Team::new();
    let stick = folder(&team.two);
    let code = person(&team.one, "Sample Person");
    synced(&team.one, &stick);
    let only = team.one.run(&["wipe", "--check"], "");
    assert_eq!((only.code, only.out.as_str()), (1, format!("1 record exists only here\n  {code}\n").as_str()));
    assert!(only.err.contains("It is NOT known that others hold everything that is here."), "{only:?}");
    assert_eq!(team.one.ok(&["receipts"], ""), "M-TWO  editor · 0 of 1 entries · not counted: has never said what it holds\n");
    synced(&team.two, &stick);
    synced(&team.one, &stick);
    team.one.at("2026-05-11T00:04:00+05:00");
    assert_eq!(team.one.ok(&["wipe", "--check"], ""), "1 record, all held by 1 other (1 verified), newest 14 minutes ago: safe\n");
    assert_eq!(team.one.ok(&["receipts"], ""), "M-TWO  editor · 1 of 1 entries · 14 minutes ago\n");
    let said = team.one.json(&["wipe", "--check"], "");
    assert_eq!((&said["safe"], &said["records"], &said["casebooks"][0]["holders"]), (&true.into(), &1.into(), &1.into()));
    assert_eq!(team.one.json(&["receipts"], "")[0]["parcels"], 1);
    person(&team.one, "Later Person");
    let later = team.one.run(&["--json", "wipe", "--check"], "");
    let said: serde_json::Value = serde_json::from_str(&later.out).expect("JSON");
    assert_eq!((later.code, &said["safe"], said["only_here"].as_array().map(Vec::len)), (1, &false.into(), Some(1)));
    let bare = team.one.run(&["wipe"], "");
    assert!(bare.code == 2 && bare.out.is_empty(), "nothing is wiped without being asked for in full: {bare:?}");
}

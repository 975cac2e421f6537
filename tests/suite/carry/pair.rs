//! Two people who never share a network.

use sandyq::team::Role;
use sandyq::transport::Memory;
use serde_json::json;

use super::support::Desk;

#[test]
fn two_who_never_share_a_network_end_with_one_casebook_and_both_values() {
    let (mut first, mut second) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000));
    let before = second.detained("Ержан Төлегенов");
    let joined = first.admits(&mut second, Role::Editor);
    assert_eq!((joined.copied, joined.by.as_str()), (2, "M-ONE"));
    let (person, _) = first.detained("Мария Ким");
    let mut stick = Memory::new();
    first.sync(&mut stick);
    let came = second.sync(&mut stick);
    assert_eq!(came.senders.len(), 1, "{came:?}");
    first.edit(&person, &json!({ "occupation": "teacher" }));
    second.edit(&person, &json!({ "occupation": "nurse" }));
    for _ in 0..2 {
        first.sync(&mut stick);
        second.sync(&mut stick);
    }
    assert_eq!(first.seen(), second.seen());
    assert_eq!(first.session.list(None).expect("listed").len(), 4);
    let conflicts = first.session.conflicts(false).expect("listed");
    assert_eq!(conflicts.iter().map(|c| c.voices.len()).collect::<Vec<_>>(), [2]);
    let _ = before;
    for desk in [&mut first, &mut second] {
        let examined = desk.session.vault_mut().check(&mut sandyq::vault::Silent).expect("examined");
        assert_eq!((examined.faults, examined.stale), (Vec::new(), false), "{}", desk.handle);
    }
}

//! Keys of mailboxes by themselves: their lines, who gets which, and how what came twice goes together.

use sandyq::crypto::{MailboxKey, hash, labels};
use sandyq::team::{KeysText, MailboxKeys, Role};

use super::frozen;

/// The mailbox of an epoch in tests.
pub fn mailbox(number: u8) -> MailboxKeys {
    MailboxKeys::new(number.into(), [&[number; 32], &[number + 64; 32], &[number + 128; 32]])
}

fn part(role: Role) -> MailboxKeys {
    mailbox(1).of_role(role).expect("some keys")
}

fn text(mailboxes: Vec<MailboxKeys>) -> KeysText {
    KeysText { mailboxes, ..KeysText::default() }
}

fn held(mailbox: &MailboxKeys) -> [bool; 3] {
    [&mailbox.owner, &mailbox.write, &mailbox.read].map(Option::is_some)
}

#[test]
fn every_role_gets_its_keys_of_a_mailbox_and_no_other() {
    let expected = [(Role::Capture, [false, true, false]), (Role::Reader, [false, true, true]), (Role::Editor, [false, true, true]), (Role::Admin, [true; 3])];
    for (role, keys) in expected {
        assert_eq!(held(&part(role)), keys, "{role:?}");
        let serves = Role::ALL.map(|asked| part(role).serves(asked));
        assert_eq!(serves, Role::ALL.map(|asked| held(&part(asked)).iter().zip(keys).all(|(needs, has)| has || !needs)), "{role:?}");
    }
    let only_owner = MailboxKeys { write: None, read: None, ..mailbox(1) };
    assert_eq!(only_owner.of_role(Role::Editor), None);
}

#[test]
fn keys_of_mailboxes_read_back_from_their_lines() {
    for mailboxes in [vec![mailbox(0), mailbox(1)], vec![part(Role::Capture)], vec![part(Role::Reader), mailbox(2)]] {
        let keys = text(mailboxes);
        assert_eq!(KeysText::from_text(&keys.to_text()), Some(keys));
    }
    let written = text(vec![part(Role::Capture)]).to_text();
    assert_eq!(*written, format!("# mailbox 1 {} write {}\n", hex::encode(mailbox(1).id), "41".repeat(32)));
    assert!(format!("{:?}", mailbox(1)).ends_with("owner: Some(Key(..)), write: Some(Key(..)), read: Some(Key(..)) }"));
}

#[test]
fn misshapen_line_of_a_mailbox_is_refused() {
    let (id, seed) = (hex::encode(mailbox(1).id), "41".repeat(32));
    let upper = id.to_uppercase();
    let wrong = [
        "# mailbox".to_owned(),
        format!("# mailbox 1 {id} write"),
        format!("# mailbox 1 {id} write {seed} more"),
        format!("# mailbox 01 {id} write {seed}"),
        format!("# mailbox 9007199254740992 {id} write {seed}"),
        format!("# mailbox 1 {upper} write {seed}"),
        format!("# mailbox 1 {} write {seed}", &id[1..]),
        format!("# mailbox 1 {id} list {seed}"),
        format!("# mailbox 1 {id} write {}", &seed[2..]),
        format!("# mailbox 1 {id} write {}", seed.replacen('1', "G", 1)),
        format!("# mailbox 1 {id} write {seed}\n# mailbox 1 {id} write {seed}"),
        format!("# mailbox 1 {id} write {seed}\n# mailbox 1 {id} write {}", "42".repeat(32)),
    ];
    for text in wrong {
        assert_eq!(KeysText::from_text(&text), None, "{text}");
    }
    assert!(KeysText::from_text(&format!("# mailbox 1 {id} write {seed}")).is_some());
}

#[test]
fn three_keys_that_are_not_those_of_the_id_are_refused() {
    let whole = mailbox(1);
    let stranger = MailboxKey::from_seed(&[9; 32]);
    let wrong = [
        MailboxKeys { owner: Some(stranger.clone()), ..whole.clone() },
        MailboxKeys { write: Some(stranger.clone()), ..whole.clone() },
        MailboxKeys { read: Some(stranger), ..whole.clone() },
        MailboxKeys { write: whole.read.clone(), read: whole.write.clone(), ..whole.clone() },
        MailboxKeys { id: [1; 32], ..whole.clone() },
    ];
    for mailbox in wrong {
        assert_eq!(KeysText::from_text(&text(vec![mailbox.clone()]).to_text()), None, "{mailbox:?}");
    }
    assert!(KeysText::from_text(&text(vec![whole]).to_text()).is_some());
}

#[test]
fn what_comes_later_of_a_mailbox_is_added_and_changes_nothing_that_is_there() {
    let stranger = Some(MailboxKey::from_seed(&[9; 32]));
    let mut list = Vec::new();
    part(Role::Capture).add_to(&mut list);
    MailboxKeys { write: stranger.clone(), ..part(Role::Editor) }.add_to(&mut list);
    assert_eq!(list, [part(Role::Editor)], "a key that is there stays");
    MailboxKeys { owner: stranger, ..part(Role::Capture) }.add_to(&mut list);
    assert_eq!(list, [part(Role::Editor)], "an owner key of another mailbox is none");
    mailbox(1).add_to(&mut list);
    assert_eq!(list, [mailbox(1)]);
}

#[test]
fn mailboxes_of_one_number_are_kept_side_by_side_but_for_the_first_epoch() {
    let other = |number: u64| MailboxKeys::new(number, [&[7; 32], &[8; 32], &[9; 32]]);
    let mut list = Vec::new();
    [mailbox(1), other(1), mailbox(0), other(0)].iter().for_each(|mailbox| mailbox.add_to(&mut list));
    assert_eq!(list, [mailbox(0), mailbox(1), other(1)]);
}

#[test]
fn commitment_is_a_hash_over_the_id_alone() {
    let expected = hash(labels::MAILBOX_COMMITMENT, &[&mailbox(1).id]);
    assert_eq!(mailbox(1).commitment(), hex::encode(expected));
    assert_eq!(part(Role::Capture).commitment(), mailbox(1).commitment());
    assert_ne!(mailbox(2).commitment(), mailbox(1).commitment());
}

#[test]
fn the_frozen_text_of_keys_with_mailboxes_never_changes() {
    let of = |number: u8, role: Role| mailbox(number).of_role(role).expect("some keys");
    let keys = KeysText { mailboxes: vec![mailbox(0), of(1, Role::Editor), of(2, Role::Capture)], ..super::keys::full() };
    let frozen = frozen("keys-mailboxes.txt", &keys.to_text());
    assert_eq!(*keys.to_text(), frozen);
    assert_eq!(KeysText::from_text(&frozen), Some(keys));
}

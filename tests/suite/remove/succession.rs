//! A casebook whose admins are lost: the recovery key across new epochs, and a casebook that follows.

use sandyq::crypto::words::{Lang, recovery_words};
use sandyq::sync::judge::InProcess;
use sandyq::team::Role;
use sandyq::transport::Memory;
use sandyq::vault::Silent;

use crate::carry::support::{Desk, Found, RECOVERY, found_with};
use crate::support::{NOW, Seeded, passphrase};

#[test]
fn recovery_words_open_every_epoch_and_take_the_lost_device_out() {
    let (mut first, mut second, taken, mut stick) = super::rolling::team();
    first.session.dismiss("M-BAD", &passphrase(), &mut Silent).expect("dismissed");
    first.detained("Мария Ким");
    first.sync(&mut stick);
    second.sync(&mut stick);
    second.detained("Болат Сейтов");
    second.sync(&mut stick);
    let mut new = Desk::alone("M-NEW", 3000);
    let words = recovery_words(Lang::En, &RECOVERY);
    let count = new.session.recover(&words, &mut stick, &mut InProcess, &passphrase(), &mut Silent).expect("recovered");
    assert_eq!(count, 6);
    let lowered = new.session.dismiss("M-ONE", &passphrase(), &mut Silent).expect("dismissed");
    assert!(lowered.renewed.is_some());
    let before = new.files().len();
    new.detained("Асхат Жумабеков");
    let after = new.files().split_off(before);
    for lost in [&first, &taken] {
        assert_eq!(found_with(lost.keys(), after.clone()), Found::default(), "{}", lost.handle);
    }
    new.sync(&mut stick);
    second.sync(&mut stick);
    assert_eq!(second.seen(), new.seen());
}

#[test]
fn casebook_without_admins_goes_on_and_a_successor_is_accepted_by_hand() {
    let (mut first, mut second, mut third) = (Desk::founder("M-ONE", 1), Desk::alone("M-TWO", 1000), Desk::alone("M-THREE", 2000));
    let mut stick = Memory::new();
    first.admits(&mut second, Role::Editor);
    first.admits(&mut third, Role::Editor);
    first.sync(&mut stick);
    drop(first);
    second.detained("Айгуль Ахметова");
    second.sync(&mut stick);
    third.sync(&mut stick);
    assert_eq!(second.seen(), third.seen());
    let old = second.casebook();
    second.session.vault_mut().found_successor("almaty-2", &old, &[9; 16], &passphrase(), NOW, &mut Seeded(77)).expect("founded");
    second.reopen();
    assert_eq!(second.session.casebook_name(), Some("almaty-2"), "what is new goes to the successor");
    let admitted = second.session.admit(&third.badge(), Role::Editor, false, Some(&third.words())).expect("admitted");
    let joined = third.joins(admitted).expect("joined");
    assert_eq!((joined.name.as_str(), joined.copied, joined.follows.as_deref()), ("almaty-2", 0, Some("almaty")));
    assert_eq!(joined.casebook_words, second.session.casebook_words());
    let (person, _) = third.detained("Мария Ким");
    let mut other = Memory::new();
    third.session.sync(&mut other, &mut InProcess, &passphrase(), false, &mut Silent).expect("synced");
    second.session.sync(&mut other, &mut InProcess, &passphrase(), false, &mut Silent).expect("synced");
    assert!(second.session.list(None).expect("listed").iter().any(|line| line.id == person));
    assert_eq!(second.seen(), third.seen(), "the older casebook stays readable");
}

use sandyq::crypto::Identity;
use sandyq::team::{KeysText, MAX_KEYS};
use zeroize::Zeroizing;

use super::{frozen, recipient};

fn secret(seed: u8) -> Zeroizing<String> {
    Identity::from_secret(&[seed; 32]).secret_text()
}

pub fn full() -> KeysText {
    KeysText {
        epochs: vec![(0, secret(1)), (1, secret(2)), (1, secret(3))],
        recipients: vec![(2, recipient(4))],
        register: Some(recipient(5)),
        keepers: vec![secret(5)],
        mailboxes: Vec::new(),
    }
}

#[test]
fn a_text_of_keys_reads_back() {
    for keys in [full(), KeysText::default(), KeysText { epochs: Vec::new(), keepers: Vec::new(), ..full() }] {
        assert_eq!(KeysText::from_text(&keys.to_text()), Some(keys));
    }
    assert_eq!(format!("{:?}", full()), "KeysText(3 epochs, 1 recipients)");
}

#[test]
fn the_keys_of_a_genesis_are_read_as_they_stand_there() {
    let text = format!("# epoch 0\n{}\n# keeper\n{}\n", *secret(1), *secret(2));
    let keys = KeysText { epochs: vec![(0, secret(1))], keepers: vec![secret(2)], ..KeysText::default() };
    assert_eq!(*keys.to_text(), text);
    assert_eq!(KeysText::from_text(&text), Some(keys));
}

#[test]
fn unknown_comments_in_a_text_of_keys_are_passed_over() {
    let text = format!("# made by a later version\n# epoch 3\n# created: long ago\n{}\n#\n# more 1 2\n", *secret(1));
    assert_eq!(KeysText::from_text(&text), Some(KeysText { epochs: vec![(3, secret(1))], ..KeysText::default() }));
}

#[test]
fn a_misshapen_text_of_keys_is_refused() {
    let (one, two) = (secret(1), secret(2));
    let (one, two) = (one.as_str(), two.as_str());
    let wrong = [
        one.to_owned(),
        format!("# epoch 0\n{one}\n{two}"),
        format!("# epoch 00\n{one}"),
        format!("# epoch -1\n{one}"),
        format!("# epoch 9007199254740992\n{one}"),
        "# epoch 0\nnot a key".to_owned(),
        format!("# epoch 0\n{one}\n# epoch 0\n{one}"),
        format!("# keeper\n{one}\n# keeper\n{one}"),
        "# register age1wrong".to_owned(),
        "# register".to_owned(),
        format!("# register {0}\n# register {0}", recipient(1)),
        format!("# recipient {}", recipient(1)),
        format!("# recipient 1 {0}\n# recipient 1 {0}", recipient(1)),
        format!("# {}", " ".repeat(MAX_KEYS)),
    ];
    for text in wrong {
        assert_eq!(KeysText::from_text(&text), None, "{text}");
    }
}

#[test]
fn the_frozen_text_of_keys_never_changes() {
    let frozen = frozen("keys.txt", &full().to_text());
    assert_eq!(*full().to_text(), frozen);
    assert_eq!(KeysText::from_text(&frozen), Some(full()));
}

use ed25519_dalek::{Signature, VerifyingKey};
use sandyq::crypto::{MailboxKey, SigningKey};

#[test]
fn mailbox_key_signs_the_text_of_a_request_as_it_stands() {
    let key = MailboxKey::from_seed(&[7; 32]);
    let public = VerifyingKey::from_bytes(&key.public()).expect("a public key");
    let signature = key.sign(b"the text of a request");
    assert!(public.verify_strict(b"the text of a request", &Signature::from_bytes(&signature)).is_ok());
    assert!(public.verify_strict(b"another text", &Signature::from_bytes(&signature)).is_err());
    assert_eq!(key.sign(b"the text of a request"), signature, "one signature for one text");
}

#[test]
fn mailbox_key_is_made_from_its_seed_and_never_printed() {
    let key = MailboxKey::from_seed(&[7; 32]);
    assert_eq!((*key.seed(), key.public()), ([7; 32], *SigningKey::from_seed(&[7; 32]).device().as_bytes()));
    assert_eq!(MailboxKey::from_seed(&key.seed()), key);
    assert_eq!(format!("{key:?} {:?}", Some(&key)), "Key(..) Some(Key(..))");
}

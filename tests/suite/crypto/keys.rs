use sandyq::crypto::{
    DeviceId, Identity, Passphrase, SealError, Sealed, SigningKey, hash, labels, open, open_with_passphrase, recovery_keys, seal, seal_with_passphrase,
};

use crate::support::phrase;

const LABELS: &[&str] = &[
    labels::PARCEL_SIGNATURE,
    labels::PARCEL_HEADER,
    labels::ACTOR,
    labels::CASEBOOK,
    labels::OPERATION,
    labels::BADGE_SIGNATURE,
    labels::RECOVERY_SIGNING,
    labels::RECOVERY_IDENTITY,
    labels::RECOVERY_CHECK,
    labels::SAFETY_SALT,
    labels::BADGE_SAFETY,
    labels::CASEBOOK_SAFETY,
    labels::SEPARATE_COPY,
    labels::MAILBOX_COMMITMENT,
    labels::RELAY_SAFETY,
    labels::ROOM_TLS,
    labels::ROOM_OWNER,
    labels::ROOM_WRITE,
    labels::ROOM_READ,
    labels::HANDOVER_KEY,
    labels::HANDOVER_SIGNER,
    labels::BUNDLE_ID,
    labels::BUNDLE_PSEUDONYMS,
    labels::REPLY_IDENTITY,
    labels::REPLY_SECRET,
];

#[test]
fn a_signature_under_one_label_does_not_verify_under_another() {
    let key = SigningKey::from_seed(&[7; 32]);
    for made in LABELS {
        let signature = key.sign(made, b"message");
        for asked in LABELS {
            assert_eq!(key.device().signed(asked, b"message", &signature), made == asked, "{made} / {asked}");
        }
    }
}

#[test]
fn every_label_is_listed_once_and_carries_a_version() {
    let source = include_str!("../../../src/crypto/labels.rs");
    assert_eq!(source.matches("pub const").count(), LABELS.len());
    for label in LABELS {
        assert_eq!(source.matches(&format!("\"{label}\"")).count(), 1, "{label}");
        assert!(label.starts_with("sandyq ") && label.ends_with(" v1"), "{label}");
    }
}

#[test]
fn a_hash_tells_its_parts_apart() {
    let whole = hash("label", &[b"ab", b"c"]);
    assert_ne!(whole, hash("label", &[b"a", b"bc"]));
    assert_ne!(whole, hash("label", &[b"abc"]));
    assert_ne!(hash("la", &[b"bel"]), hash("label", &[]));
}

#[test]
fn a_changed_message_signature_or_device_does_not_verify() {
    let key = SigningKey::from_seed(&[7; 32]);
    let signature = key.sign("label", b"message");
    assert!(key.device().signed("label", b"message", &signature));
    assert!(!key.device().signed("label", b"messagf", &signature));
    assert!(!SigningKey::from_seed(&[8; 32]).device().signed("label", b"message", &signature));
    for at in 0..64 {
        let mut changed = signature;
        changed[at] ^= 1;
        assert!(!key.device().signed("label", b"message", &changed), "byte {at}");
    }
}

/// A key of small order "signs" anything under the lenient rule: R = identity, s = 0 fits every message.
#[test]
fn a_device_key_of_small_order_signs_nothing() {
    let mut identity = [0_u8; 32];
    identity[0] = 1;
    let mut signature = [0_u8; 64];
    signature[0] = 1;
    for message in [&b"a"[..], b"b", b"c"] {
        assert!(!DeviceId::from_bytes(identity).signed("label", message, &signature));
    }
}

/// s + L is the same scalar: a second signature of one message would be a second parcel.
#[test]
fn a_signature_has_one_form() {
    const ORDER: [u8; 32] =
        [0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9, 0xde, 0x14, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x10];
    let key = SigningKey::from_seed(&[7; 32]);
    let mut signature = key.sign("label", b"message");
    let mut carry = 0_u16;
    for (at, byte) in ORDER.iter().enumerate() {
        carry += u16::from(signature[32 + at]) + u16::from(*byte);
        signature[32 + at] = carry as u8;
        carry >>= 8;
    }
    assert_eq!(carry, 0);
    assert!(!key.device().signed("label", b"message", &signature));
}

#[test]
fn recovery_keys_are_the_same_for_ever() {
    let (signing, identity) = recovery_keys(&[0x42; 16]);
    assert_eq!(signing.device().to_string(), "d95033b2f88e3eba4c67a40a0797c33d637cb4a4df83aa645895ed6ab0b1e102");
    assert_eq!(identity.recipient().to_string(), "age1e4vf6xpcqev9sr9cshzl3ws5s58xfxezwl6p9u2v2573tfk0rvtsl2hw4r");
    assert_ne!(recovery_keys(&[0x43; 16]).0.device(), signing.device());
}

#[test]
fn what_was_sealed_opens_with_its_key_alone_and_within_its_limit() {
    let (mine, other) = (Identity::generate(), Identity::generate());
    let sealed = seal([&mine.recipient()], b"twelve bytes").expect("sealed");
    assert_eq!(open([&other, &mine], &sealed, 12).expect("opens").as_bytes(), b"twelve bytes");
    assert_eq!(open([&other], &sealed, 12).map(|_| ()).expect_err("no key"), SealError::NoKey);
    assert_eq!(open([&mine], &sealed, 11).map(|_| ()).expect_err("too long"), SealError::TooLong(11));
    assert_eq!(seal([], b"").expect_err("nobody"), SealError::NoRecipient);
}

#[test]
fn every_flipped_byte_of_a_sealed_file_is_refused() {
    let key = Identity::generate();
    let sealed = seal([&key.recipient()], b"text").expect("sealed").into_bytes();
    for at in 0..sealed.len() {
        let mut changed = sealed.clone();
        changed[at] ^= 1;
        assert!(open([&key], &Sealed::from_outside(changed), 100).is_err(), "byte {at}");
    }
    for end in 0..sealed.len() {
        assert!(open([&key], &Sealed::from_outside(sealed[..end].to_vec()), 100).is_err(), "cut at {end}");
    }
}

#[test]
fn a_passphrase_is_the_same_on_every_keyboard() {
    assert!(phrase(" и\u{306}од\n") == phrase("йод"), "composed and decomposed letters");
    let sealed = seal_with_passphrase(&phrase("и\u{306}од"), 2, b"text").expect("sealed");
    assert_eq!(open_with_passphrase(&phrase("йод"), &sealed, 9).expect("opens").as_bytes(), b"text");
    assert_eq!(open_with_passphrase(&phrase("иод"), &sealed, 9).map(|_| ()).expect_err("wrong"), SealError::NoKey);
    assert_eq!(seal_with_passphrase(&phrase("x"), 21, b"").expect_err("too much work"), SealError::TooMuchWork);
}

#[test]
fn secrets_are_not_printed() {
    let shown = format!("{:?} {:?} {:?}", SigningKey::from_seed(&[0xab; 32]), Identity::from_secret(&[0xab; 32]), Passphrase::new("abracadabra".into()));
    assert_eq!(shown, "Key(..) Key(..) Passphrase(..)");
}

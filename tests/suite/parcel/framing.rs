use sandyq::crypto::padded;
use sandyq::parcel::ItemKind;
use sandyq::parcel::{MAGIC, MAX_HEADER, MAX_PLAIN, Parcel, ParcelError, pack, unpack};

use super::{change, framed, header, key, parcel};

#[test]
fn the_bytes_of_a_parcel_are_the_same_for_ever() {
    let plain = pack(&[parcel()]);
    assert_eq!(hex::encode(sandyq::crypto::plain_hash(&plain)), "249fd74d650ffaf755be38cf5470916994022f0b2736a672eea9ecc89cd6873b");
    assert_eq!(hex::encode(parcel().id()), "8642e65b7686cc71de7f8019a78afa39284a261f08101f84549f92d18a9761a2");
    assert_eq!(String::from_utf8(parcel().header_bytes).expect("UTF-8"), include_str!("frozen-header.json").trim_end());
    let at = 8 + 8 + parcel().header_bytes.len();
    assert_eq!(hex::encode(&plain[..8]), "53414e4459515001");
    assert_eq!(
        hex::encode(&plain[at..at + 64]),
        "e4c527815b64dde7f8cc011d4250b30467098fd384da5eb295bf5529fbf07c8ffa6741561eb4363cc679f852c81d428e991ac345f1df4e1321b0ca5869a5dd09"
    );
    assert_eq!(&plain[at + 64..], b"not judged here");
}

#[test]
fn a_parcel_reads_back_with_and_without_padding() {
    let plain = pack(&[parcel()]);
    assert_eq!(unpack(&plain), Ok(vec![parcel()]));
    assert_eq!(unpack(&padded(plain)), Ok(vec![parcel()]));
}

#[test]
fn several_parcels_stand_in_one_file() {
    let mut second = header();
    (second.n, second.prev) = (2, Some(hex::encode(parcel().id())));
    let log = (ItemKind::Log, b"operation".to_vec());
    let second = Parcel::sign(&key(), second, vec![change(b"other"), log, (ItemKind::Keys, Vec::new())]).expect("fits");
    let receipt = Parcel::sign(&key(), header(), Vec::new()).expect("fits");
    let all = vec![parcel(), second, receipt];
    assert_eq!(unpack(&padded(pack(&all))), Ok(all));
}

#[test]
fn every_flipped_bit_of_a_parcel_file_is_refused() {
    let plain = padded(pack(&[parcel()]));
    for at in 0..plain.len() {
        for bit in 0..8 {
            let mut changed = plain.clone();
            changed[at] ^= 1 << bit;
            assert!(unpack(&changed).is_err(), "byte {at} bit {bit}");
        }
    }
}

#[test]
fn a_cut_file_is_refused_wherever_it_is_cut() {
    let plain = pack(&[parcel()]);
    for end in 0..plain.len() {
        assert!(unpack(&plain[..end]).is_err(), "cut at {end}");
    }
}

#[test]
fn lengths_that_lie_are_refused_before_memory_is_taken() {
    let plain = pack(&[parcel()]);
    for at in [8, 12] {
        let real = u32::from_be_bytes(plain[at..at + 4].try_into().expect("four bytes"));
        for lie in [0, 1, real - 1, real + 1, u32::MAX, 1 << 31] {
            let mut changed = plain.clone();
            changed[at..at + 4].copy_from_slice(&lie.to_be_bytes());
            assert!(unpack(&changed).is_err(), "{lie} at {at}");
        }
    }
    let header = |length: u64| String::from_utf8(parcel().header_bytes).expect("UTF-8").replace("\"length\":15", &format!("\"length\":{length}"));
    for lie in [0, 14, 16, (1 << 53) - 1] {
        assert!(unpack(&framed(header(lie).as_bytes(), b"not judged here")).is_err(), "item of {lie}");
    }
    assert!(unpack(&framed(header(15).as_bytes(), b"not judged here")).is_ok());
    assert!(unpack(&framed(header(15).as_bytes(), b"not judged here and more")).is_err(), "bytes that no item owns");
}

#[test]
fn padding_is_zero_and_a_file_is_never_empty() {
    let mut plain = padded(pack(&[parcel()]));
    *plain.last_mut().expect("bytes") = 1;
    assert_eq!(unpack(&plain), Err(ParcelError::Framing));
    let short = [pack(&[parcel()]), vec![0, 0, 1]].concat();
    assert_eq!(unpack(&short), Err(ParcelError::Framing));
    assert_eq!(unpack(&padded(MAGIC.to_vec())), Err(ParcelError::Framing));
    assert_eq!(unpack(&padded(Vec::new())), Err(ParcelError::Version));
    assert_eq!(unpack(b"SANDYQP\x02"), Err(ParcelError::Version));
    let after_padding = [padded(pack(&[parcel()])), pack(&[parcel()])[8..].to_vec()].concat();
    assert_eq!(unpack(&after_padding), Err(ParcelError::Framing), "a parcel hidden behind zeros");
}

#[test]
fn a_parcel_signed_for_another_purpose_or_by_another_is_refused() {
    let bytes = parcel().header_bytes;
    let signed = |signature: [u8; 64]| {
        let mut plain = framed(&bytes, b"not judged here");
        let at = 16 + bytes.len();
        plain[at..at + 64].copy_from_slice(&signature);
        unpack(&plain)
    };
    assert_eq!(signed(key().sign(sandyq::crypto::labels::BADGE_SIGNATURE, &bytes)), Err(ParcelError::Signature));
    let other = sandyq::crypto::SigningKey::from_seed(&[2; 32]);
    assert_eq!(signed(other.sign(sandyq::crypto::labels::PARCEL_SIGNATURE, &bytes)), Err(ParcelError::Signature));
}

#[test]
fn what_does_not_fit_one_sealed_file_is_not_signed() {
    let room = MAX_PLAIN - pack(&[Parcel::sign(&key(), header(), vec![change(&[0; 900_000])]).expect("fits")]).len() + 900_000;
    let of = |size: usize| Parcel::sign(&key(), header(), vec![change(&vec![0; size])]);
    assert_eq!(of(room + 8), Err(ParcelError::TooLarge));
    let largest = of(room - 8).expect("fits");
    let sealed = sandyq::crypto::seal([&sandyq::crypto::Identity::from_secret(&[1; 32]).recipient()], &padded(pack(&[largest]))).expect("sealed");
    assert!(sealed.as_bytes().len() <= sandyq::parcel::MAX_SEALED, "{} bytes sealed", sealed.as_bytes().len());
    let mut long = header();
    long.log = vec!["55".repeat(32); MAX_HEADER / 66];
    assert_eq!(Parcel::sign(&key(), long, Vec::new()), Err(ParcelError::TooLarge));
}

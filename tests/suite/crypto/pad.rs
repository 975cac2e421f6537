use sandyq::crypto::{padded, padme};

#[test]
fn sizes_are_padded_by_the_table_of_padme() {
    let table = [
        (0, 1024),
        (1, 1024),
        (1023, 1024),
        (1024, 1024),
        (1025, 1088),
        (1088, 1088),
        (1089, 1152),
        (4097, 4352),
        (65_537, 67_584),
        (1_000_000, 1_015_808),
        (1 << 20, 1 << 20),
    ];
    for (length, wanted) in table {
        assert_eq!(padme(length), wanted, "{length}");
    }
}

#[test]
fn padding_adds_at_most_twelve_percent_above_the_floor_and_never_shrinks() {
    let mut before = 0;
    for length in (0..200_000).chain((200_000..40_000_000).step_by(9_973)) {
        let size = padme(length);
        assert!(size >= length.max(1024) && size >= before, "{length}");
        assert!(length < 1024 || size * 100 <= length * 112, "{length} became {size}");
        assert_eq!(padme(size), size, "{length} is padded twice");
        before = size;
    }
}

#[test]
fn padding_is_zeros_behind_the_bytes() {
    let filled = padded(b"text".to_vec());
    assert_eq!((&filled[..4], filled.len()), (&b"text"[..], 1024));
    assert!(filled[4..].iter().all(|byte| *byte == 0));
}

use sandyq::parcel::strict;

fn refused(text: &str) {
    assert!(strict(text.as_bytes()).is_err(), "{text} was taken");
}

fn taken(text: &str) {
    assert!(strict(text.as_bytes()).is_ok(), "{text} was refused");
}

#[test]
fn a_key_that_stands_twice_is_refused_however_it_is_written() {
    refused(r#"{"a":1,"a":1}"#);
    refused(r#"{"a":1,"\u0061":1}"#);
    refused(r#"{"x":{"a":1,"b":2,"a":3}}"#);
    refused(r#"[{"a":1,"a":1}]"#);
    taken(r#"{"a":1,"A":1}"#);
}

#[test]
fn numbers_are_integers_below_two_to_the_fifty_third() {
    taken("9007199254740991");
    taken("-9007199254740991");
    for wrong in
        ["9007199254740992", "-9007199254740992", "18446744073709551615", "18446744073709551616", "1.0", "1e3", "0.5", "-0", "-0.0", "01", "+1", "NaN", "1e999"]
    {
        refused(wrong);
        refused(&format!("{{\"n\":{wrong}}}"));
    }
}

#[test]
fn six_levels_are_the_limit() {
    taken("[[[[[[1]]]]]]");
    refused("[[[[[[[1]]]]]]]");
    refused("[[[[[[[]]]]]]]");
    taken(r#"{"a":{"a":{"a":{"a":{"a":{"a":1}}}}}}"#);
    refused(r#"{"a":{"a":{"a":{"a":{"a":{"a":{}}}}}}}"#);
    refused(&"[".repeat(100_000));
}

#[test]
fn nothing_follows_or_is_left_out() {
    for wrong in ["", " ", "{", "[1,]", "{\"a\":1,}", "{} {}", "{}x", "{}\0", "null", "[null]", "'a'", "{a:1}", "\u{feff}{}", "// c\n{}"] {
        refused(wrong);
    }
    taken(" {} \n");
}

#[test]
fn text_is_utf8_without_halves_of_letters() {
    assert!(strict(b"\"\xff\"").is_err());
    assert!(strict(b"\"\xc0\x80\"").is_err());
    refused(r#""\ud800""#);
    refused("\"a\nb\"");
    taken(r#""\ud83d\ude00 Төлегенов""#);
}

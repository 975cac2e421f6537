//! The committed schema is what the types say.

use std::fs;

use sandyq::model::schema::record_schema;

use super::root;

#[test]
fn committed_schema_is_what_the_types_say() {
    let path = root().join("schema/record.schema.json");
    let text = serde_json::to_string_pretty(&record_schema()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "run `BLESS=1 cargo test` and read the difference");
}

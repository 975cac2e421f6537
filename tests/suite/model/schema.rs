//! The committed schema is what the types say, every leaf has a privacy class, and two judges agree on what a record is.

use std::fs;
use std::path::PathBuf;

use sandyq::model::schema::record_schema;

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

#[test]
fn committed_schema_is_what_the_types_say() {
    let path = root().join("schema/record.schema.json");
    let text = serde_json::to_string_pretty(&record_schema()).unwrap() + "\n";
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &text).unwrap();
    }
    assert_eq!(fs::read_to_string(&path).unwrap_or_default(), text, "run `BLESS=1 cargo test` and read the difference");
}

//! The JSON Schema of every record, generated from the types. The committed files are checked against this.

use schemars::{JsonSchema, SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};

use super::entity::{
    Act, Action, Consent, Decision, Detention, Evidence, Figure, Handover, Incident, Mandate, Official, Person, Place, Publication, Source, Trial, Vocable,
};
use super::record::Kind;

/// Version of the record schema; a released version is frozen under `schema/v<version>/`.
pub const VERSION: u32 = 1;

/// Returns the schema of any record: one definition for each kind, told apart by `kind`.
pub fn record_schema() -> Value {
    let mut generator = SchemaSettings::draft2020_12().into_generator();
    let kinds: Vec<Value> = Kind::ALL.iter().map(|kind| kind_schema(*kind, &mut generator)).collect();
    let mut definitions: Map<String, Value> = generator.take_definitions(true);
    definitions.values_mut().for_each(forbid_null);
    let mut schema = json!({
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "A record of a sandyq casebook",
        "oneOf": kinds,
    });
    forbid_null(&mut schema);
    schema["$defs"] = Value::Object(definitions);
    schema
}

fn kind_schema(kind: Kind, generator: &mut SchemaGenerator) -> Value {
    let mut schema = match kind {
        Kind::Publication => inline::<Publication>(generator),
        Kind::Place => inline::<Place>(generator),
        Kind::Official => inline::<Official>(generator),
        Kind::Source => inline::<Source>(generator),
        Kind::Incident => inline::<Incident>(generator),
        Kind::Person => inline::<Person>(generator),
        Kind::Detention => inline::<Detention>(generator),
        Kind::Act => inline::<Act>(generator),
        Kind::Trial => inline::<Trial>(generator),
        Kind::Evidence => inline::<Evidence>(generator),
        Kind::Consent => inline::<Consent>(generator),
        Kind::Mandate => inline::<Mandate>(generator),
        Kind::Action => inline::<Action>(generator),
        Kind::Decision => inline::<Decision>(generator),
        Kind::Figure => inline::<Figure>(generator),
        Kind::Vocable => inline::<Vocable>(generator),
        Kind::Handover => inline::<Handover>(generator),
    };
    schema["title"] = json!(kind.code());
    schema["properties"]["kind"] = json!({ "const": kind.code() });
    match schema.get_mut("required").and_then(Value::as_array_mut) {
        Some(required) => required.insert(0, json!("kind")),
        None => schema["required"] = json!(["kind"]),
    }
    schema
}

fn inline<T: JsonSchema>(generator: &mut SchemaGenerator) -> Value {
    T::json_schema(generator).to_value()
}

/// An absent field means "not asked"; an explicit null would be a fifth answer, so no schema allows it.
fn forbid_null(schema: &mut Value) {
    match schema {
        Value::Object(parts) => {
            unwrap_nullable(parts);
            if parts.get("format").is_some_and(|format| format == "uint32") {
                parts.entry("maximum").or_insert(json!(u32::MAX));
            }
            parts.values_mut().for_each(forbid_null);
        }
        Value::Array(items) => items.iter_mut().for_each(forbid_null),
        _ => {}
    }
}

fn unwrap_nullable(parts: &mut Map<String, Value>) {
    let null = json!({ "type": "null" });
    if let Some(Value::Array(choices)) = parts.get("anyOf")
        && choices.len() == 2
        && choices.contains(&null)
    {
        let kept = choices.iter().find(|choice| **choice != null).cloned();
        parts.remove("anyOf");
        parts.extend(kept.and_then(|choice| choice.as_object().cloned()).unwrap_or_default());
    }
    if let Some(Value::Array(types)) = parts.get("type").cloned() {
        let kept: Vec<Value> = types.into_iter().filter(|kind| kind != "null").collect();
        parts.insert("type".into(), if kept.len() == 1 { kept[0].clone() } else { Value::Array(kept) });
    }
}

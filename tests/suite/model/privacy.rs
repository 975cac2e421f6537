//! Who may read what stands on every field, in the tables and in the schema alike.

use std::fs;

use sandyq::model::{Field, Kind, Leaf, Privacy, Shape};
use serde_json::{Map, Value};

use super::root;

/// Calls `visit` with every field of a kind and the schema of that field, through entries and groups.
fn each_field(visit: &mut dyn FnMut(&str, &Field, &Value)) {
    each_field_of(&committed(), visit);
}

fn committed() -> Value {
    serde_json::from_str(&fs::read_to_string(root().join("schema/record.schema.json")).unwrap()).unwrap()
}

fn each_field_of(schema: &Value, visit: &mut dyn FnMut(&str, &Field, &Value)) {
    for kind in Kind::ALL {
        let of_kind = schema["oneOf"].as_array().unwrap().iter().find(|s| s["title"] == kind.code()).unwrap();
        let mut properties = of_kind["properties"].as_object().unwrap().clone();
        properties.remove("kind");
        walk(kind.code(), kind.fields(), &properties, &schema["$defs"], visit);
    }
}

fn walk(path: &str, fields: &'static [Field], properties: &Map<String, Value>, defs: &Value, visit: &mut dyn FnMut(&str, &Field, &Value)) {
    let mut names: Vec<&str> = fields.iter().map(|f| f.name).collect();
    names.sort_unstable();
    assert_eq!(properties.keys().collect::<Vec<_>>(), names, "{path}");
    for field in fields {
        let (here, property) = (format!("{path}.{}", field.name), &properties[field.name]);
        visit(&here, field, property);
        let (inner, target) = match field.shape {
            Shape::Many(inner) | Shape::Log(inner) => (inner, property["patternProperties"].as_object().unwrap().values().next().unwrap()),
            Shape::Group(inner) => (inner, property),
            _ => continue,
        };
        walk(&here, inner, target_of(target, defs)["properties"].as_object().unwrap(), defs, visit);
    }
}

fn target_of<'a>(schema: &Value, defs: &'a Value) -> &'a Value {
    &defs[schema["$ref"].as_str().unwrap().rsplit('/').next().unwrap()]
}

/// Fields whose class in a schema is none, or another than the table has.
fn wrongly_classed(schema: &Value) -> (usize, Vec<String>) {
    let (mut seen, mut wrong) = (0, Vec::new());
    each_field_of(schema, &mut |path, field, property| {
        seen += 1;
        let same = property["x-privacy"] == format!("{:?}", field.class);
        wrong.extend((!same).then(|| path.to_owned()));
    });
    (seen, wrong)
}

#[test]
fn every_field_has_the_privacy_class_of_its_table() {
    let (seen, wrong) = wrongly_classed(&committed());
    assert_eq!(wrong, [""; 0]);
    assert!(seen > 400, "only {seen} fields");
}

/// Where the properties with a class stand: JSON pointers.
fn classed(schema: &Value, at: &str, found: &mut Vec<String>) {
    for (name, below) in schema.as_object().into_iter().flatten() {
        let here = format!("{at}/{name}");
        found.extend(below.get("x-privacy").is_some().then(|| here.clone()));
        classed(below, &here, found);
    }
    for (number, below) in schema.as_array().into_iter().flatten().enumerate() {
        classed(below, &format!("{at}/{number}"), found);
    }
}

#[test]
fn field_that_loses_its_privacy_class_in_the_schema_is_told() {
    let committed = committed();
    let mut places = Vec::new();
    classed(&committed, "", &mut places);
    assert!(places.len() > 300, "only {} places", places.len());
    for place in places {
        for class in [None, Some("X")] {
            let mut schema = committed.clone();
            let field = schema.pointer_mut(&place).unwrap().as_object_mut().unwrap();
            match class {
                None => drop(field.remove("x-privacy")),
                Some(class) => drop(field.insert("x-privacy".into(), class.into())),
            }
            let name = place.rsplit('/').next().unwrap();
            let (_, wrong) = wrongly_classed(&schema);
            assert!(!wrong.is_empty() && wrong.iter().all(|path| path.ends_with(name)), "{place}: {wrong:?}");
        }
    }
}

#[test]
fn secret_class_stands_on_sealed_leaves_and_nowhere_else() {
    let mut secrets = Vec::new();
    each_field(&mut |path, field, property| {
        let sealed = matches!(field.shape, Shape::One(Leaf::Secret) | Shape::Map(Leaf::Secret));
        assert_eq!(field.class == Privacy::S, sealed, "{path}");
        assert_eq!(property["$ref"] == "#/$defs/Secret", sealed, "{path}");
        secrets.extend(sealed.then(|| path.to_owned()));
    });
    assert!(secrets.contains(&"source.name".to_owned()) && secrets.contains(&"person.contacts.reach".to_owned()));
}

#[test]
fn names_of_people_are_never_public() {
    each_field(&mut |path, field, _| {
        assert!(!path.ends_with("names.text") || field.class != Privacy::P, "{path}");
    });
}

#[test]
fn no_field_of_the_schema_allows_an_explicit_nothing() {
    let text = fs::read_to_string(root().join("schema/record.schema.json")).unwrap();
    assert!(!text.contains("null"));
}

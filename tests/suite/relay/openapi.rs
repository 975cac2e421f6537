//! `schema/relay.openapi.json` and `schema/error.schema.json` say what the source does: every code and status of a refusal is in
//! them, and every answer that a story meets is looked up.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::OnceLock;

use jsonschema::Validator;
use sandyq::relay::counted::{Answers, Route};
use sandyq::wire::{Failure, path};
use serde_json::Value;

fn read(name: &str) -> Value {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("schema").join(name);
    serde_json::from_slice(&std::fs::read(path).expect("read")).expect("JSON")
}

fn document() -> &'static Value {
    static DOCUMENT: OnceLock<Value> = OnceLock::new();
    DOCUMENT.get_or_init(|| read("relay.openapi.json"))
}

fn refusal() -> &'static Validator {
    static SCHEMA: OnceLock<Validator> = OnceLock::new();
    SCHEMA.get_or_init(|| jsonschema::validator_for(&read("error.schema.json")).expect("a schema"))
}

/// An answer as a story met it.
#[derive(Clone, Debug)]
struct Met {
    method: String,
    /// Path and query as they were sent.
    target: String,
    status: u16,
    body: Vec<u8>,
}

impl Met {
    /// Looks the answer up in the document.
    ///
    /// # Errors
    /// Says what the document does not know of it.
    fn look_up(&self) -> Result<(), String> {
        let (document, says) = (document(), |what: &str| format!("{} {} answered {}: {what}", self.method, self.target, self.status));
        let responses = self.responses(document);
        let response = resolved(document, &responses[self.status.to_string()]);
        if response.is_null() {
            return Err(says("this status is not in the document"));
        }
        if self.status < 400 { self.body_fits(document, response) } else { self.code_fits(response) }.map_err(|what| says(&what))
    }

    /// Answers that the document knows for this method and path, or for those that are not there.
    fn responses<'a>(&self, document: &'a Value) -> &'a Value {
        let path = self.target.split('?').next().unwrap_or_default();
        let paths = document["paths"].as_object().expect("paths");
        if self.method == "HEAD" {
            return &document["x-any-other-method"];
        }
        let Some((_, item)) = paths.iter().find(|(pattern, _)| fits(pattern, path)) else { return &document["x-any-other-path"] };
        let operation = &item[self.method.to_lowercase()];
        if operation.is_null() { &document["x-any-other-method"] } else { &operation["responses"] }
    }

    fn body_fits(&self, document: &Value, response: &Value) -> Result<(), String> {
        let Some(content) = response["content"].as_object() else {
            return if self.body.is_empty() { Ok(()) } else { Err("a body where none is documented".to_owned()) };
        };
        let Some(schema) = content.get("application/json").map(|json| &json["schema"]) else { return Ok(()) };
        let body: Value = serde_json::from_slice(&self.body).map_err(|_| "the body is no JSON".to_owned())?;
        // The schemas of the document refer to each other by their place in it.
        let mut whole = schema.clone();
        whole["components"] = document["components"].clone();
        whole["components"].as_object_mut().expect("components").retain(|name, _| name == "schemas");
        let validator = jsonschema::validator_for(&whole).map_err(|error| error.to_string())?;
        if validator.is_valid(&body) { Ok(()) } else { Err(format!("the body {body} does not fit its schema")) }
    }

    fn code_fits(&self, response: &Value) -> Result<(), String> {
        if self.method == "HEAD" {
            return if self.body.is_empty() { Ok(()) } else { Err("a body where HTTP has none".to_owned()) };
        }
        let body: Value = serde_json::from_slice(&self.body).map_err(|_| "the refusal is no JSON".to_owned())?;
        if !refusal().is_valid(&body) {
            return Err(format!("{body} does not fit error.schema.json"));
        }
        let code = body["error"].as_str().expect("it fits");
        if codes(response).contains(code) { Ok(()) } else { Err(format!("the code {code} is not documented there")) }
    }
}

/// Looks up one answer.
#[track_caller]
pub fn look_up(method: &str, target: &str, status: u16, body: &[u8]) {
    let met = Met { method: method.to_owned(), target: target.to_owned(), status, body: body.to_vec() };
    met.look_up().unwrap_or_else(|what| panic!("{what}"));
}

/// Looks up whatever a relay counted: the name of an operation is the word of its route.
#[track_caller]
pub fn look_up_all(answers: &[Answers]) {
    let document = document();
    let operations = document["paths"].as_object().expect("paths").values().flat_map(|item| item.as_object().expect("an item").values());
    let named: BTreeMap<&str, &Value> = operations.filter_map(|operation| Some((operation["operationId"].as_str()?, &operation["responses"]))).collect();
    let elsewhere = [&document["x-any-other-path"], &document["x-any-other-method"]];
    for answers in answers {
        let status = answers.status.to_string();
        let places = named.get(answers.route.word()).into_iter().chain(&elsewhere);
        let mut responses = places.map(|responses| resolved(document, &responses[&status])).filter(|response| !response.is_null());
        let fits = |response: &Value| answers.failure.is_none_or(|failure| codes(response).contains(failure.code()));
        assert!(responses.any(fits), "not in the document: {answers:?}");
    }
}

/// Tells whether a path is one of a pattern.
fn fits(pattern: &str, path: &str) -> bool {
    let (parts, found): (Vec<&str>, Vec<&str>) = (pattern.split('/').collect(), path.split('/').collect());
    let is = |(part, found): (&&str, &&str)| if part.starts_with('{') { !found.is_empty() } else { part == found };
    parts.len() == found.len() && parts.iter().zip(&found).all(is)
}

fn resolved<'a>(document: &'a Value, response: &'a Value) -> &'a Value {
    let pointer = response["$ref"].as_str().and_then(|reference| reference.strip_prefix('#'));
    pointer.map_or(response, |pointer| document.pointer(pointer).expect("what is referred to is there"))
}

/// Codes that a response may carry.
fn codes(response: &Value) -> BTreeSet<&str> {
    let parts = response["content"]["application/json"]["schema"]["allOf"].as_array().into_iter().flatten();
    parts.filter_map(|part| part["properties"]["error"]["enum"].as_array()).flatten().filter_map(Value::as_str).collect()
}

/// Every response of the document with its status.
fn every_response() -> Vec<(String, &'static Value)> {
    let document = document();
    let operations = document["paths"].as_object().expect("paths").values().flat_map(|item| item.as_object().expect("an item").values());
    let of_operations = operations.filter_map(|operation| operation.get("responses"));
    let all = of_operations.chain([&document["x-any-other-path"], &document["x-any-other-method"]]);
    all.flat_map(|responses| responses.as_object().expect("responses")).map(|(status, response)| (status.clone(), resolved(document, response))).collect()
}

#[test]
fn the_document_has_what_every_document_of_its_version_has() {
    let document = document();
    assert_eq!(document["openapi"], "3.1.0");
    assert!(document["info"]["title"].is_string() && document["info"]["version"].is_string());
    for (pattern, item) in document["paths"].as_object().expect("paths") {
        let named: BTreeSet<&str> = pattern.split('/').filter_map(|part| part.strip_prefix('{')?.strip_suffix('}')).collect();
        let given = item["parameters"].as_array().into_iter().flatten().filter(|given| given["in"] == "path");
        assert_eq!(given.map(|given| given["name"].as_str().expect("a name")).collect::<BTreeSet<_>>(), named, "{pattern}");
        for (method, operation) in item.as_object().expect("an item").iter().filter(|(name, _)| *name != "parameters") {
            assert!(operation["operationId"].is_string() && operation["responses"].is_object(), "{method} {pattern}");
        }
    }
}

#[test]
fn every_path_that_both_sides_know_is_in_the_document() {
    let known = [path::NONCE, path::MAILBOX_PATTERN, path::FILES_PATTERN, path::FILE_PATTERN, path::FREEZE_PATTERN, path::NOTICE_PATTERN];
    let more = ["/healthz", "/readyz"];
    let paths: BTreeSet<&str> = document()["paths"].as_object().expect("paths").keys().map(String::as_str).collect();
    assert_eq!(paths, known.into_iter().chain(more).collect());
}

#[test]
fn every_operation_has_the_name_of_a_route() {
    let operations = document()["paths"].as_object().expect("paths").values().flat_map(|item| item.as_object().expect("an item").values());
    let named: BTreeSet<&str> = operations.filter_map(|operation| operation["operationId"].as_str()).collect();
    assert_eq!(named, Route::ALL.into_iter().filter(|route| *route != Route::Other).map(Route::word).collect());
}

#[test]
fn every_refusal_of_the_source_is_in_the_document_with_its_status_and_no_other() {
    let mut documented: BTreeMap<&str, BTreeSet<String>> = BTreeMap::new();
    for (status, response) in every_response() {
        for code in codes(response) {
            documented.entry(code).or_default().insert(status.clone());
        }
    }
    let known = Failure::ALL.map(|failure| (failure.code(), BTreeSet::from([failure.status().to_string()])));
    assert_eq!(documented, BTreeMap::from(known));
}

#[test]
fn every_refusal_of_the_source_fits_the_schema_of_refusals_and_nothing_else_does() {
    let schema = read("error.schema.json");
    let listed: Vec<&str> = schema["properties"]["error"]["oneOf"].as_array().expect("codes").iter().filter_map(|one| one["const"].as_str()).collect();
    assert_eq!(listed, Failure::ALL.map(Failure::code));
    for (failure, said) in Failure::ALL.iter().zip(schema["properties"]["error"]["oneOf"].as_array().expect("codes")) {
        assert_eq!(said["description"], format!("{failure} ({})", failure.status()));
    }
    assert!(!refusal().is_valid(&serde_json::json!({ "error": "other" })) && !refusal().is_valid(&serde_json::json!({})));
}

#[test]
fn an_answer_that_is_not_in_the_document_is_found_out() {
    let met = |method: &str, target: &str, status, body: &str| Met { method: method.to_owned(), target: target.to_owned(), status, body: body.into() };
    let mailbox = format!("/v1/mailboxes/{}", "ab".repeat(32));
    let nonce = format!("{{\"nonce\":\"{}\",\"work_bits\":22}}", "0a".repeat(32));
    assert_eq!(met("GET", "/v1/nonce", 200, &nonce).look_up(), Ok(()));
    assert_eq!(met("PUT", &mailbox, 403, r#"{"error":"ticket"}"#).look_up(), Ok(()));
    assert_eq!(met("DELETE", &mailbox, 204, "").look_up(), Ok(()));
    assert_eq!(met("GET", "/v2", 404, r#"{"error":"no-path"}"#).look_up(), Ok(()));
    assert_eq!(met("POST", &mailbox, 405, r#"{"error":"method"}"#).look_up(), Ok(()));
    for wrong in [
        met("GET", "/v1/nonce", 200, "{}"),
        met("GET", "/v1/nonce", 302, ""),
        met("PUT", &mailbox, 403, r#"{"error":"frozen"}"#),
        met("PUT", &mailbox, 403, "no"),
        met("DELETE", &mailbox, 204, "x"),
        met("GET", "/v2", 200, ""),
    ] {
        assert!(wrong.look_up().is_err(), "{wrong:?}");
    }
}

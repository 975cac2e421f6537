//! Quick entry: one line for each detainee, durable before it answers.

use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::Session;
use super::statements::moment;
use crate::error::Error;
use crate::model::note::{Entry, Seen, parse};
use crate::model::{Kind, Tree};
use crate::vault::VaultError;

/// What is set once for an event and taken over for each line, marked as carried.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct NoteContext {
    /// Id of the incident.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub incident: Option<String>,
    /// Where the monitor stands.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub spot: Option<String>,
    /// Who takes people, as a term.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub taken_by: Option<String>,
    /// The detention of the last line, for "like the last" and "undo".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub last: Option<String>,
}

/// What became of a line.
#[derive(Clone, Debug, PartialEq)]
pub enum Noted {
    /// Saved: the two records and what was understood, with the fields that were carried over.
    Saved {
        person: String,
        detention: String,
        seen: Tree,
        people_today: u64,
        only_here: u64,
    },
    /// The last line was marked as a mistake.
    Undone {
        person: String,
    },
    NothingToUndo,
    /// This device cannot change what it saved: a colleague who reads may, by this code.
    NotHere {
        person: String,
    },
    Help,
    Finish,
    Empty,
}

/// What quick entry remembers of one run on a device that opens nothing it saved: in memory alone.
#[derive(Clone, Debug, Default)]
pub(super) struct Quick {
    pub(super) context: NoteContext,
    /// What "like the last" repeats.
    pub(super) carried: Vec<(String, Value)>,
    /// The person of the last line.
    pub(super) person: Option<String>,
}

impl Session {
    /// Returns what quick entry takes over.
    pub fn note_context(&self) -> NoteContext {
        if !self.reads() {
            return self.quick.context.clone();
        }
        serde_json::from_value(self.vault.state().note.clone()).unwrap_or_default()
    }

    /// Sets what quick entry takes over.
    ///
    /// # Errors
    /// Returns what the disk refused.
    pub fn set_note_context(&mut self, context: &NoteContext) -> Result<(), Error> {
        if !self.reads() {
            self.quick.context = context.clone();
            return Ok(());
        }
        let value = serde_json::to_value(context).unwrap_or_default();
        self.vault.remember(|state| state.note = value);
        Ok(self.vault.save_state()?)
    }

    /// Takes one line of quick entry. When it returns, what was noted is durable.
    ///
    /// # Errors
    /// Returns what kept it from being saved; then nothing was.
    pub fn note(&mut self, line: &str) -> Result<Noted, Error> {
        match parse(&cleaned(line)) {
            Entry::Person(seen) => self.save_seen(&seen, 1, None, &[]),
            Entry::Group { count, seen } => self.save_seen(&seen, count, None, &[]),
            Entry::Again => self.again(),
            Entry::Undo => self.undo(),
            Entry::Help => Ok(Noted::Help),
            Entry::Finish => Ok(Noted::Finish),
            Entry::Empty => Ok(Noted::Empty),
        }
    }

    /// Takes one line about somebody counted in a group before, without counting twice.
    ///
    /// # Errors
    /// Returns [`Error::WrongKind`] when that is no group, or what kept it from being saved.
    pub fn note_from_group(&mut self, group: &str, line: &str) -> Result<Noted, Error> {
        let group = self.resolve_own(group)?;
        let body = self.body(&group.id)?;
        if group.kind != Kind::Person.code() || !body.tree.contains_key("group_size") {
            return Err(Error::WrongKind { wanted: "group" });
        }
        let theirs = self.recorded(Some(Kind::Detention))?.into_iter().find(|d| d.person.as_ref() == Some(&group.id));
        let carried = match theirs {
            Some(line) => carried_fields(&self.body(&line.id)?.tree),
            None => Vec::new(),
        };
        match parse(&cleaned(line)) {
            Entry::Person(seen) => self.save_seen(&seen, 1, Some(&group.id), &carried),
            Entry::Finish => Ok(Noted::Finish),
            Entry::Help => Ok(Noted::Help),
            _ => Ok(Noted::Empty),
        }
    }

    /// "Like the last": the same detention fields, all of them carried, for somebody of whom nothing else is known.
    fn again(&mut self) -> Result<Noted, Error> {
        let Some(last) = self.note_context().last else { return Ok(Noted::Empty) };
        let carried = if self.reads() { carried_fields(&self.body(&last)?.tree) } else { self.quick.carried.clone() };
        self.save_seen(&Seen::default(), 1, None, &carried)
    }

    fn undo(&mut self) -> Result<Noted, Error> {
        let mut context = self.note_context();
        if let Some(person) = self.quick.person.clone().filter(|_| !self.reads()) {
            return Ok(Noted::NotHere { person });
        }
        let Some(last) = context.last.take() else { return Ok(Noted::NothingToUndo) };
        let view = self.load()?;
        let person = view.line(&last).and_then(|line| line.person.clone()).ok_or(VaultError::NoRecord)?;
        let group = view.line(&person).map_or(0, |line| line.group);
        let counted_before = self.body(&person)?.tree.contains_key("from_group");
        let people = if counted_before { 0 } else { u64::from(group.max(1)) };
        self.vault.remember(|state| state.today = state.today.saturating_sub(people));
        self.withdraw(&last)?;
        self.withdraw(&person)?;
        self.set_note_context(&context)?;
        Ok(Noted::Undone { person })
    }

    fn save_seen(&mut self, seen: &Seen, count: u32, from_group: Option<&str>, carried: &[(String, Value)]) -> Result<Noted, Error> {
        let mut context = self.note_context();
        let person = self.person_of(seen, count, from_group);
        let detention = self.detention_of_seen(seen, &context, carried);
        let trees = self.judged(&[(Kind::Person, person)])?.remove(0).1;
        let placeholder = "0".repeat(64);
        let mut detention_draft = detention;
        detention_draft["person"] = placeholder.into();
        let detention = self.judged(&[(Kind::Detention, detention_draft)])?.remove(0).1;
        let mut seen_tree = trees.clone();
        seen_tree.extend(detention.clone().into_iter().filter(|(name, _)| name != "person" && name != "kind"));
        let (day, unknown) = (self.now().day(), trees.get("code").is_some());
        let people = if from_group.is_some() { 0 } else { u64::from(count) };
        let (reads, repeated) = (self.reads(), carried_fields(&detention));
        let (person, detention) = self.save_pair((Kind::Person, trees), (Kind::Detention, "person", detention), |state, last| {
            if state.day != day {
                (state.day, state.today, state.unknown_today) = (day, 0, 0);
            }
            state.today += people;
            state.unknown_today += u64::from(unknown);
            context.last = Some(last.to_owned());
            if reads {
                state.note = serde_json::to_value(&context).unwrap_or_default();
            }
        })?;
        if !reads {
            self.quick = Quick { context, carried: repeated, person: Some(person.clone()) };
        }
        let only_here = self.only_here();
        Ok(Noted::Saved { person, detention, seen: seen_tree, people_today: self.vault.state().today, only_here })
    }

    fn person_of(&mut self, seen: &Seen, count: u32, from_group: Option<&str>) -> Value {
        let mut person = json!({});
        let mut names = Vec::new();
        names.extend(seen.name.as_ref().map(|name| name_form(name, None)));
        names.extend(seen.descriptor.as_ref().map(|text| name_form(text, Some("descriptor"))));
        if names.is_empty() && count == 1 {
            let same_day = self.vault.state().day == self.now().day();
            let number = if same_day { self.vault.state().unknown_today + 1 } else { 1 };
            person["code"] = format!("unknown-{number}").into();
        }
        if !names.is_empty() {
            person["names"] = names.into();
        }
        if count > 1 {
            person["counting_unit"] = "group".into();
            person["group_size"] = count.into();
        }
        person["from_group"] = from_group.into();
        person["sex"] = seen.sex.into();
        let age = json!({ "years": seen.age, "band": seen.age_band });
        person["age"] = without_null(age);
        if !seen.roles.is_empty() {
            person["roles"] = seen.roles.clone().into();
        }
        without_null(person)
    }

    fn detention_of_seen(&mut self, seen: &Seen, context: &NoteContext, carried: &[(String, Value)]) -> Value {
        let mut detention = json!({
            "apprehended_at": self.when_of(seen),
            "taken_by": seen.taken_by.map(|term| json!([term])),
            "masked": seen.masked.then(|| json!({ "value": "yes", "basis": "observed" })),
            "force": (!seen.force.is_empty()).then(|| json!(seen.force)),
            "vehicle": seen.vehicle,
            "destination": seen.destination.as_ref().map(|text| json!({ "text": text })),
            "note": seen.note,
        });
        detention = without_null(detention);
        let from_context = [
            ("incident", context.incident.clone().map(Value::from)),
            ("apprehended_place", context.spot.as_ref().map(|spot| json!({ "text": spot }))),
            ("taken_by", context.taken_by.as_ref().map(|term| json!([term]))),
        ];
        let context = from_context.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?)));
        let mut taken_over = Vec::new();
        for (name, value) in carried.iter().cloned().chain(context) {
            if detention.get(&name).is_none() {
                detention[&name] = value;
                taken_over.push(name);
            }
        }
        if !taken_over.is_empty() {
            detention["carried"] = taken_over.into();
        }
        detention
    }

    /// The time of a line: as said, or this moment by the device's own clock.
    fn when_of(&self, seen: &Seen) -> Value {
        let now = self.now();
        let Some((hour, minute)) = seen.at else {
            let mut when = moment(&now.earlier(seen.minutes_ago.unwrap_or(0)));
            if seen.minutes_ago.is_some() {
                when["qualifier"] = "about".into();
            }
            return when;
        };
        let (_, _, _, now_hour, now_minute) = now.civil();
        let later_than_now = (hour, minute) > (now_hour, now_minute);
        let day = if later_than_now { now.earlier(24 * 60) } else { now };
        json!({ "date": day.day(), "time": format!("{hour:02}:{minute:02}"), "offset_min": now.offset_min, "precision": "minute" })
    }
}

/// What a line repeats of an earlier detention.
fn carried_fields(tree: &Tree) -> Vec<(String, Value)> {
    let names = ["incident", "apprehended_place", "taken_by", "vehicle", "destination"];
    names.iter().filter_map(|name| Some(((*name).to_owned(), tree.get(*name)?.clone()))).collect()
}

fn name_form(text: &str, kind: Option<&str>) -> Value {
    without_null(json!({ "text": text, "kind": kind, "script": crate::model::value::script_of(text) }))
}

/// Drops what was not said.
fn without_null(value: Value) -> Value {
    match value {
        Value::Object(fields) => {
            let kept: Tree = fields.into_iter().filter(|(_, value)| !value.is_null()).collect();
            if kept.is_empty() { Value::Null } else { Value::Object(kept) }
        }
        other => other,
    }
}

/// Characters that no line may hold become a visible mark; a monitor's line is never refused for them.
fn cleaned(line: &str) -> String {
    use unicode_normalization::UnicodeNormalization;
    line.trim_end_matches(['\n', '\r'])
        .nfc()
        .map(|c| {
            if crate::model::value::is_plain(c) {
                c
            } else if c == '\t' {
                ' '
            } else {
                '\u{fffd}'
            }
        })
        .collect()
}

//! Names of other people in texts: in any spelling, case ending and disguise.

use std::collections::BTreeSet;

use sandyq::handover::choice::mention::{Mentions, Seen};
use sandyq::model::Kind;
use sandyq::model::short;
use sandyq::vault::{Body, Line, line_of};
use serde_json::json;

use super::casebook::id;

fn person(name: &str, forms: &[(&str, &str)]) -> (Line, Body) {
    let names: serde_json::Map<String, serde_json::Value> =
        forms.iter().enumerate().map(|(n, (text, kind))| (format!("{n}"), json!({"text": text, "kind": kind}))).collect();
    let tree = json!({"kind": "person", "names": names}).as_object().unwrap().clone();
    let body = Body { tree, ..Body::default() };
    (line_of(Kind::Person, &id(name), "", &body, ("monitor-seven", 0, 0)), body)
}

fn mentions(others: &[&str], client: &str) -> Mentions {
    let mut all: Vec<(Line, Body)> = others.iter().map(|name| person(name, &[(name, "full")])).collect();
    all.push(person("client", &[(client, "full")]));
    let client = BTreeSet::from([id("client")]);
    Mentions::new(&all, &client, &client)
}

fn renamed(mentions: &Mentions, text: &str) -> String {
    match mentions.look(text, &|_| "P-XXXXXX".into()) {
        Seen::Nobody => text.to_owned(),
        Seen::Renamed(text) => text,
        Seen::Somebody => "(withheld)".into(),
    }
}

#[test]
fn other_names_are_replaced_in_every_ending_and_alphabet() {
    let mentions = mentions(&["Марат Жанузаков", "Анна Ли", "Павел Достоевский"], "Асель Ахметова");
    let cases = [
        ("Видела Марата Жанузакова у входа.", "Видела P-XXXXXX у входа."),
        ("Saw Marat Zhanuzakov there", "Saw P-XXXXXX there"),
        ("МАРАТ упал", "P-XXXXXX упал"),
        ("вместе с М. Жанузаковым", "вместе с P-XXXXXX"),
        ("Жанузақовтың телефоны", "P-XXXXXX телефоны"),
        ("без Анны", "без P-XXXXXX"),
        ("Павла увели, Достоевского нет", "P-XXXXXX увели, P-XXXXXX нет"),
        ("Ли молчала, но знала ли", "P-XXXXXX молчала, но знала ли"),
        ("Асель Ахметову взяли в 18:00", "Асель Ахметову взяли в 18:00"),
        ("Ма\u{ad}рат ушёл", "P-XXXXXX ушёл"),
        ("Ж а н у з а к о в", "(withheld)"),
        ("видел экс-Жанузакова и неЖанузаков", "(withheld)"),
        ("записала monitor-seven", "записала […]"),
    ];
    for (text, wanted) in cases {
        assert_eq!(renamed(&mentions, text), wanted, "{text}");
    }
}

#[test]
fn shared_family_name_does_not_hide_the_client_and_given_name_of_the_other_goes() {
    let mentions = mentions(&["Ержан Ахметов"], "Асель Ахметова");
    assert_eq!(renamed(&mentions, "Ахметову взяли у дома"), "Ахметову взяли у дома");
    assert_eq!(renamed(&mentions, "её брат Ержан"), "её брат P-XXXXXX");
}

#[test]
fn longer_name_of_another_is_no_ending_of_the_clients() {
    let mentions = mentions(&["Анарбек Оспанов"], "Анна Ким");
    assert_eq!(renamed(&mentions, "Анарбека увели"), "P-XXXXXX увели");
    assert_eq!(renamed(&mentions, "Анну увели"), "Анну увели");
}

#[test]
fn name_that_two_people_bear_leads_to_neither() {
    let mentions = mentions(&["Марат Оспанов", "Марат Серик"], "Асель Ахметова");
    assert_eq!(renamed(&mentions, "Марат сказал"), "[…] сказал");
    assert_eq!(renamed(&mentions, "Марат Оспанов сказал"), "P-XXXXXX сказал");
}

#[test]
fn codes_and_ids_of_records_outside_are_seen() {
    let mentions = mentions(&["Марат Оспанов"], "Асель Ахметова");
    let other = id("Марат Оспанов");
    let texts = [format!("see {}", short("person", &other)), format!("see {}", short("person", &other).to_lowercase()), format!("({})", &other[..12])];
    assert!(texts.iter().all(|text| mentions.names_somebody(text)), "{texts:?}");
    assert!(!mentions.names_somebody(&format!("see {}", short("person", &id("client")))));
}

#[test]
fn description_of_another_is_found_as_a_whole_only() {
    let all = [person("other", &[("man about 50, grey beard", "descriptor")]), person("client", &[("Асель", "given")])];
    let client = BTreeSet::from([id("client")]);
    let mentions = Mentions::new(&all, &client, &client);
    assert!(mentions.names_somebody("beside her a man about 50, grey beard"));
    assert!(!mentions.names_somebody("a man came, about noon"));
}

fn record(kind: Kind, name: &str, tree: serde_json::Value) -> (Line, Body) {
    let body = Body { tree: tree.as_object().unwrap().clone(), ..Body::default() };
    (line_of(kind, &id(name), "", &body, ("monitor-seven", 0, 0)), body)
}

/// Whoever is named in a record of these, and in no record of a person.
fn without_a_record() -> Vec<(Line, Body)> {
    let custody = json!({"1": {"actor": "Ерлан", "recipient": "the lawyer Petrova", "note": "handed over by Zhanna at the station"}});
    let observations = json!({"1": {"observer": "timur", "basis": "present_in_room", "card": "card 778899"}});
    vec![
        record(
            Kind::Source,
            "s",
            json!({"code": "SRC-7", "name": "neighbour Gulnara Seitova", "contacts": {"1": {"who": "Ануар", "reach": "+7 701 5551234"}}}),
        ),
        record(Kind::Trial, "t", json!({"hearings": {"1": {"observations": observations}}})),
        record(Kind::Action, "a", json!({"by": "Salamat"})),
        record(Kind::Evidence, "e", json!({"captured_by": "Қайрат", "received_from": "police station 3", "custody": custody})),
        record(Kind::Detention, "d", json!({"observer": "M-X9E"})),
        record(Kind::Act, "x", json!({"medical": {"1": {"by": "Dr Baimenova"}}})),
    ]
}

#[test]
fn sources_and_monitors_without_a_record_are_hidden_and_ordinary_words_are_not() {
    let mut all = without_a_record();
    all.push(person("client", &[("Асель Ахметова", "full")]));
    let client = BTreeSet::from([id("client")]);
    let mentions = Mentions::new(&all, &client, &client);
    let cases = [
        ("Told by the neighbour Гульнары Сеитовой from her window", "Told by the neighbour […] from her window"),
        ("Ануар сказал, Саламатом снято", "[…] сказал, […] снято"),
        ("снял Тимур", "снял […]"),
        ("Ерланом и Қайратпен", "[…] и […]"),
        ("the lawyer Petrova came to the police station 3", "the lawyer […] came to the police station 3"),
        ("seen by Dr Baimenova", "seen by […]"),
        ("call 5551234, card 778899", "call […], card […]"),
        ("see X9E", "see […]"),
        ("by SRC-7", "(withheld)"),
        ("handed over at the station to Асель", "handed over at the station to Асель"),
    ];
    for (text, wanted) in cases {
        assert_eq!(renamed(&mentions, text), wanted, "{text}");
    }
}

#[test]
fn sealed_name_of_a_source_is_hidden_where_it_opens_and_counted_where_it_does_not() {
    let mut all = vec![record(Kind::Source, "s", json!({"code": "S1", "name": {"sealed": "5ec0"}}))];
    all.push(person("client", &[("Асель", "given")]));
    let client = BTreeSet::from([id("client")]);
    let shut = Mentions::new(&all, &client, &client);
    assert_eq!((shut.sealed(), renamed(&shut, "Гульнара видела").as_str()), (1, "Гульнара видела"));
    let open = Mentions::knowing(&all, &client, &client, &[("5ec0".to_owned(), "Gulnara".to_owned())].into());
    assert_eq!((open.sealed(), renamed(&open, "Гульнара видела").as_str()), (0, "[…] видела"));
}

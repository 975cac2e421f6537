//! The page: alone, without script, the same twice, and harmless whatever people wrote.

use sandyq::crypto::plain_hash;
use sandyq::handover::contents::page::html::escape;
use sandyq::locale::LANGUAGES;
use sandyq::model::Kind;
use serde_json::json;

use super::support::{ID, Made, at, case, contested_case, detention, given, id, person, record, visible};

/// Reads tags one by one and tells what was left open or closed without being open.
fn unbalanced(page: &str) -> Vec<String> {
    const VOID: &[&str] = &["meta", "br", "!doctype"];
    let (mut open, mut wrong) = (Vec::new(), Vec::new());
    let (before, after) = page.split_once("<style>").expect("a style");
    let after = after.split_once("</style>").expect("its end").1;
    for tag in [before, after].concat().split('<').skip(1) {
        let (tag, _) = tag.split_once('>').expect("tags end");
        let name = tag.split_whitespace().next().unwrap_or_default().to_owned();
        match name.strip_prefix('/') {
            Some(name) if open.last().is_some_and(|open| open == name) => drop(open.pop()),
            Some(name) => wrong.push(format!("</{name}> within {open:?}")),
            None if VOID.contains(&name.as_str()) => {}
            None => open.push(name),
        }
    }
    wrong.extend(open);
    wrong
}

#[test]
fn page_stands_alone_in_every_language() {
    for lang in LANGUAGES {
        let page = Made::of(&case(), lang).page();
        assert!(page.starts_with("<!doctype html>\n<html lang=\"") && page.contains(&format!("<html lang=\"{lang}\">")));
        for barred in ["<script", "javascript:", "http://", "https://", "<iframe", "<object", "<form", " onclick", " style=", "@import", "url("] {
            assert!(!page.contains(barred), "{lang}: {barred}");
        }
        assert_eq!(unbalanced(&page), [""; 0], "{lang}");
        assert!(!visible(&page).contains("dossier-") && !visible(&page).contains("table-"), "{lang}: a text is missing");
    }
}

#[test]
fn security_policy_allows_this_style_and_nothing_else() {
    let page = Made::of(&case(), "en").page();
    let style = page.split_once("<style>").unwrap().1.split_once("</style>").unwrap().0;
    let hash: Vec<u8> = plain_hash(style.as_bytes()).to_vec();
    let policy = page.split_once("Content-Security-Policy\" content=\"").unwrap().1.split_once('"').unwrap().0;
    let named = policy.strip_prefix("default-src 'none'; style-src 'sha256-").unwrap().strip_suffix("'; img-src data:").unwrap();
    assert_eq!(decoded(named), hash);
    assert!(style.contains(ID), "the id stands at the foot of every printed page");
}

/// Base64 read back the long way.
fn decoded(text: &str) -> Vec<u8> {
    let letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let bits: String = text.trim_end_matches('=').chars().map(|c| format!("{:06b}", letters.find(c).unwrap())).collect();
    bits.as_bytes().chunks_exact(8).map(|byte| u8::from_str_radix(std::str::from_utf8(byte).unwrap(), 2).unwrap()).collect()
}

#[test]
fn same_records_give_the_same_bytes() {
    for lang in LANGUAGES {
        let (first, second) = (Made::of(&case(), lang), Made::of(&case(), lang));
        assert_eq!(first.1, second.1);
        for name in &first.1 {
            assert!(first.0[name] == second.0[name], "{lang} {name}");
        }
    }
}

#[test]
fn members_stand_in_the_order_of_the_format() {
    let names = Made::of(&case(), "ru").1;
    let place = |name: &str| names.iter().position(|known| known == name).unwrap_or_else(|| panic!("{name} in {names:?}"));
    let order = ["index.html", "tables.xlsx", "tables/persons.csv", "tables/persons-semicolon.csv", "hearings.ics", "custody.csv", "VERIFY.txt"];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])));
}

#[test]
fn facts_lead_to_their_records_and_documents_to_their_files() {
    let page = Made::of(&case(), "kk").page();
    assert!(page.contains(&format!("<a href=\"files/{}.jpg\">Хаттама №12.jpg</a>", id('f'))));
    let anchors: Vec<&str> = page.split("href=\"#").skip(1).map(|rest| rest.split('"').next().unwrap()).collect();
    assert!(anchors.len() > 40);
    for anchor in anchors {
        assert_eq!(page.matches(&format!("id=\"{anchor}\"")).count(), 1, "{anchor}");
    }
}

#[test]
fn part_without_a_row_says_nothing_of_what_was_recorded_and_leads_to_what_was_left_out() {
    let alone = given(vec![person(), detention(json!({}))]);
    for (lang, none) in [("en", "Nothing in this bundle."), ("ru", "В этом пакете ничего нет."), ("kk", "Бұл пакетте ештеңе жоқ.")]
    {
        let page = Made::of(&alone, lang).page();
        let parts = page.matches(&format!("<p>{none} <a href=\"#withheld\">")).count();
        assert!(parts >= 5, "{lang}: {parts}");
    }
}

#[test]
fn column_of_an_observer_without_a_name_says_what_its_number_counts() {
    let seen = |observer: &str| json!({"observer": observer, "basis": "outside", "checks": {"H02": {"value": "yes"}}});
    let hearing = json!({"number": "3", "starts": at("2018-05-12", "21:20"), "observations": {"o1": seen("2"), "o2": seen("M-7")}});
    let tree = json!({"category": "criminal_trial", "parties": {"p1": {"person": id('a')}}, "hearings": {"h1": hearing}});
    let page = visible(&Made::of(&given(vec![person(), record(Kind::Trial, 'c', tree)]), "en").page());
    for head in ["hearing number 3, 2018-05-12 21:20 +05:00, observer 2, ", "hearing number 3, 2018-05-12 21:20 +05:00, M-7, "] {
        assert!(page.contains(head), "{head}: {page}");
    }
}

#[test]
fn place_is_named_in_the_language_of_the_reader() {
    let shown = |lang: &str| visible(&Made::of(&case(), lang).page());
    assert!(shown("kk").contains("Арнайы қабылдағыш, Алматы") && shown("en").contains("Special reception centre, Алматы"));
}

#[test]
fn whatever_people_wrote_stays_text() {
    let long = "х".repeat(5_000);
    let hostile = [
        "</style><script>alert(1)</script>",
        "\" onmouseover=\"alert(1)",
        "' autofocus onfocus='alert(1)",
        "<img src=x onerror=alert(1)>",
        "&lt;script&gt;",
        "{{7*7}} ${7*7} ]]> -->",
        "a\u{202e}gpj.exe\u{2066}\u{200b}\u{feff}\u{61c}\u{2028}b",
        "\u{0}\u{1b}[2J\u{7}",
        &long,
    ];
    for text in hostile {
        let tree = json!({"names": {"n": {"text": text}}, "citizenship": text, "narrative": text});
        let mut person = record(Kind::Person, 'a', json!({}));
        person.tree = tree.as_object().unwrap().clone();
        person.code = text.chars().take(60).collect();
        let mut held = detention(json!({}));
        held.tree.insert("rights".into(), json!({text: {"value": "no", "note": text}}));
        held.voices.insert(format!("rights/{text}"), vec![super::support::said(json!(text), 1), super::support::said(json!({"status": text}), 2)]);
        let page = Made::of(&given(vec![person, held]), "en").page();
        let tags = page.matches('<').count() - page.matches("</").count();
        assert!(tags > 50 && !page.contains("<script") && !page.contains("<img") && !page.contains("\" on") && !page.contains("' on"), "{text}");
        assert_eq!(unbalanced(&page), [""; 0], "{text}");
        let marks = ['\u{202e}', '\u{2066}', '\u{200b}', '\u{feff}', '\u{61c}', '\u{2028}', '\u{0}', '\u{1b}', '\u{7}'];
        assert!(!page.contains(marks), "{text:?}");
    }
}

#[test]
fn escaped_text_can_be_read_back() {
    assert_eq!(escape("<a href=\"x\">&'</a>"), "&lt;a href=&quot;x&quot;&gt;&amp;&#39;&lt;/a&gt;");
    assert_eq!(visible(&format!("<body>{}", escape("R&D <\"'>"))), "R&D <\"'>");
}

#[test]
fn first_page_comes_before_everything_else() {
    let page = Made::of(&case(), "en").page();
    let (before, after) = page.split_once("<nav").unwrap();
    let page = visible(&[before, after.split_once("</nav>").unwrap().1].concat());
    let place = |text: &str| page.find(text).unwrap_or_else(|| panic!("{text}"));
    let order = [
        "Әлия Қасымова",
        "Where the person is now",
        "When the person was taken, by whose word",
        "Difference 95–105 min",
        "Dates ahead, as of 2018-05-14 12:00:00 UTC",
        "Rights answered “no”",
        "Contested facts",
        "Everything dated",
        "Rights at the detention",
        "Charges",
        "Acts and injuries",
        "Things taken",
        "Powers of attorney",
        "Files of this bundle",
        "Every recorded step",
        "What was left out",
        "Every record, field by field",
    ];
    assert!(order.windows(2).all(|pair| place(pair[0]) < place(pair[1])), "{page}");
    assert!(page.contains("contact: not for this recipient"));
}

#[test]
fn what_only_the_casebook_needs_stays_out() {
    let mut made = case();
    let evidence = made.records.iter_mut().find(|record| record.kind == Kind::Evidence).unwrap();
    evidence.tree.insert("identity".into(), json!("AGE-SECRET-KEY-1TEST"));
    evidence.tree.insert("chunks".into(), json!({"c1": {"number": 0, "name": id('9')}}));
    evidence.tree.insert("received_from".into(), json!("Марат"));
    let made = Made::of(&made, "ru");
    for (name, bytes) in &made.0 {
        let text = String::from_utf8_lossy(bytes);
        for secret in ["AGE-SECRET-KEY", "Марат", &id('9')] {
            assert!(!text.contains(secret), "{name} {secret}");
        }
    }
}

#[test]
fn check_text_gives_each_command_in_each_language() {
    let text = Made::of(&case(), "en").text("VERIFY.txt");
    assert!(text.starts_with('\u{feff}') && !text.replace("\r\n", "").contains('\n') && !text.contains("{N") && !text.contains("{I"));
    for command in [
        "age -d -o b.zip P-AAAAAA.zip.age",
        "unzip b.zip -d b",
        "sha256sum -c MANIFEST",
        "ssh-keygen -Y verify -f allowed_signers -I handover -n bundle@sandyq -s MANIFEST.sig < MANIFEST",
        "certutil -hashfile",
        "Get-FileHash",
        "cut -d' ' -f3- allowed_signers | ssh-keygen -l -f -",
    ] {
        assert!(text.matches(command).count() >= 3, "{command}");
    }
    assert!(!text.contains("SHA256:"), "what is to be compared comes by another way");
}

#[test]
fn bundle_about_nobody_in_particular_shows_its_records() {
    let mut made = case();
    made.clients.clear();
    let page = Made::of(&made, "kk").page();
    assert!(!page.contains("class=\"first\"") && visible(&page).contains("Әлия Қасымова"));
    assert_eq!(unbalanced(&page), [""; 0]);
}

#[test]
fn record_that_cannot_be_summed_up_is_shown_and_said_to_be_so() {
    let mut held = detention(json!({}));
    held.tree.insert("person".into(), json!("P-7KQ2M4"));
    let page = visible(&Made::of(&given(vec![super::support::person(), held]), "en").page());
    assert!(page.contains("not summed up above") && page.contains("P-7KQ2M4"));
}

#[test]
fn contested_value_is_marked_wherever_it_stands_and_no_voice_is_left_out() {
    let page = Made::of(&contested_case(), "en").page();
    assert_eq!(unbalanced(&page), [""; 0]);
    let mark = "<span class=\"contested\">contested</span>";
    let part = |from: &str, to: &str| page.split_once(from).unwrap_or_else(|| panic!("{from}")).1.split_once(to).unwrap_or_else(|| panic!("{to}")).0.to_owned();
    let first = part("<section class=\"first\">", "<h3>");
    for line in ["<dt>sex</dt><dd><<female | sex unknown</dd>", "<dt>occupation</dt><dd><<journalist | driver</dd>"] {
        assert!(first.contains(&line.replace("<<", &format!("{mark} "))), "{line} in {first}");
    }
    let judge = part("by whose word</h3>", "<h3>Dates ahead");
    for (when, length) in [("2018-05-12 21:20", "49 h 40 min"), ("2018-05-13 10:00", "62 h 20 min")] {
        let line = judge.split("<li>").find(|line| line.contains(&format!("first hearing recorded, {when}"))).unwrap_or_else(|| panic!("{when} in {judge}"));
        assert!(line.starts_with(mark) && line.contains(&format!("by “document” {length}")), "{length} in {line}");
    }
    let timeline = part("<h3>Everything dated</h3>", "</table>");
    for time in ["2018-05-10T17:57+05:00", "2018-05-10T19:40+05:00", "2018-05-12T21:20+05:00", "2018-05-13T10:00+05:00"] {
        assert!(timeline.contains(&format!("{mark} <time datetime=\"{time}\">")), "{time} in {timeline}");
    }
    let hearings = part("<caption>Hearings</caption>", "</table>");
    let hearings = visible(&format!("<body>{hearings}"));
    for told in ["contested2018-05-12 21:20 +05:00 (recorded by observer 1", "2018-05-13 10:00 +05:00 (recorded by observer 2", "closed"] {
        assert!(hearings.replace("contested ", "contested").contains(told), "{told} in {hearings}");
    }
}

#[test]
fn decided_voice_stands_alone_in_the_summary_with_its_decision_beside_it() {
    let mut given = contested_case();
    let person = given.records.iter_mut().find(|record| record.kind == Kind::Person).unwrap();
    person.voices.get_mut("sex").unwrap()[1].decided = true;
    let page = Made::of(&given, "en").page();
    assert!(page.contains("<dt>sex</dt><dd>sex unknown</dd>"));
    assert!(visible(&page).contains("stands by decision"));
}

#[test]
fn judge_is_told_by_what_happened_and_by_whose_word() {
    let mut given = case();
    let detention = given.records.iter_mut().find(|record| record.kind == Kind::Detention).unwrap();
    let step = json!({"status": "administrative_hearing", "told_by": "lawyer", "document": "ruling 7", "effective": {"date": "2018-05-12", "time": "20:50", "offset_min": 300}});
    detention.tree["transitions"]["t6"] = step;
    let page = visible(&Made::of(&given, "en").page());
    for told in [
        "(R40, brought before a judge, 2018-05-12 21:15 +05:00, by “document”)",
        "2018-05-12 20:50 +05:00, by “lawyer, ruling 7”)",
        "(first hearing recorded, 2018-05-12 21:20 +05:00; who tells it is not recorded)",
    ] {
        assert!(page.contains(told), "{told} in {page}");
    }
    assert!(!page.contains("(status steps,") && !page.contains("(R40, 2018"));
}

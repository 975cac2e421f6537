//! Both pages in every state, language, width and light, judged by axe-core for people who see, hear or move otherwise; and nothing scrolls sideways.

use serde_json::json;

use super::*;
use crate::handover::browser::Browser;
use crate::handover::container_hostile::with;
use crate::transport::mounted::skipped;

/// Where building the page puts axe-core.
const AXE: &str = "target/reader/node_modules/axe-core/axe.min.js";
/// WCAG 2.2 at levels A and AA, and what axe-core holds for good practice.
const RULES: [&str; 6] = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
/// A window, and the narrowest screen.
const WIDTHS: [u32; 2] = [1100, 320];

/// A browser with what judges its pages, and what was found so far.
struct Judge {
    browser: Browser,
    axe: String,
    found: Vec<String>,
}

impl Judge {
    /// None where the browser or axe-core is missing, which is said loudly.
    fn start() -> Option<Judge> {
        let axe = std::fs::read_to_string(root().join(AXE)).ok();
        if axe.is_none() {
            skipped("axe-core is missing (node src/handover/reader/build.mjs --check target/reader), no page was judged");
        }
        Some(Judge { axe: axe?, browser: Browser::start()?, found: Vec::new() })
    }

    /// Opens a page.
    fn go(&self, path: &Path) {
        self.browser.go(path);
        self.browser.script(&self.axe, &[]);
    }

    /// Opens the page that opens bundles, and gives it a file.
    fn choose(&self, file: &Path) {
        self.go(&page());
        choose(&self.browser, file);
    }

    /// Judges what `OPEN.html` shows, in every language, and dark in the last of them.
    #[track_caller]
    fn reader(&mut self, what: &str) {
        for language in LANGUAGES {
            self.browser.click(&format!("lang-{language}"));
            self.widths(&format!("{what}, {language}"));
        }
        self.browser.dark(true);
        self.widths(&format!("{what}, dark"));
        self.browser.dark(false);
    }

    #[track_caller]
    fn widths(&mut self, what: &str) {
        for width in WIDTHS {
            self.browser.wide(width);
            self.one(&format!("{what}, {width} px"));
        }
    }

    #[track_caller]
    fn one(&mut self, what: &str) {
        let judged = self.browser.script(
            "const named = (rules) => rules.map(({ id, nodes }) => `${id}: ${nodes.map(({ target }) => target)}`);
            // A sign is no letter to it; each has the colour of the heading that it stands in, which is judged.
            const letters = ({ any, target }) => !(any.some(({ data }) => data?.messageKey === 'nonBmp') && document.querySelector(target).matches('.sign'));
            const undecided = (rules) => rules.map(({ id, nodes }) => ({ id, nodes: nodes.filter(letters) })).filter(({ nodes }) => nodes.length > 0);
            const asked = { iframes: false, runOnly: { type: 'tag', values: arguments[0] }, resultTypes: ['violations', 'incomplete'] };
            return axe.run(document, asked).then(({ passes, violations, incomplete }) => ({
                passed: passes.map(({ id }) => id),
                found: named(violations),
                // No script runs in the frame of the dossier, and so no judge: the same page is judged by itself.
                open: named(undecided(incomplete)).filter((rule) => rule !== 'frame-tested: #dossier'),
            }))",
            &[json!(RULES)],
        );
        let passed = judged["passed"].as_array().expect("rules");
        assert!(passed.len() > 20 && passed.contains(&json!("color-contrast")), "{what}: {passed:?}");
        for rule in ["found", "open"].iter().flat_map(|list| judged[list].as_array().expect("rules")) {
            self.found.push(format!("{what}: {rule}"));
        }
        self.sideways(what);
    }

    /// Sees to it that page and dossier are no wider than their room.
    fn sideways(&mut self, what: &str) {
        let over = self.browser.script(
            "const pages = [document, document.getElementById('dossier')?.contentDocument].filter((page) => page?.documentElement.clientWidth);
            return pages.map(({ documentElement: { scrollWidth, clientWidth } }) => scrollWidth - clientWidth)",
            &[],
        );
        if over.as_array().expect("widths").iter().any(|over| over != 0) {
            self.found.push(format!("{what}: scrolls sideways by {over}"));
        }
    }

    #[track_caller]
    fn nothing(&self) {
        assert!(self.found.is_empty(), "{:#?}", self.found);
    }
}

#[test]
fn judge_finds_pale_letters_missing_names_and_what_is_too_wide() {
    let Some(mut judge) = Judge::start() else { return };
    judge.go(&page());
    judge.browser.script(
        "document.getElementById('intro').style.color = '#bbb';
        document.querySelector('label[for=file]').remove();
        document.getElementById('browsers').style.width = '2000px'",
        &[],
    );
    judge.one("spoilt");
    for told in ["color-contrast: #intro", "label: #file", "scrolls sideways"] {
        assert!(judge.found.iter().any(|found| found.contains(told)), "{told}: {:?}", judge.found);
    }
}

#[test]
fn page_is_fit_for_everybody_before_a_bundle_is_opened() {
    let Some(mut judge) = Judge::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    judge.go(&page());
    judge.reader("start");
    judge.browser.script("document.getElementById('about').open = true", &[]);
    judge.reader("about the page");
    judge.choose(&small(home.path()));
    judge.reader("words");
    judge.browser.typed("words", &WORDS.replace("absent", "absurd"));
    judge.browser.click("open");
    judge.browser.wait_until("document.getElementById('words-error').textContent !== ''");
    judge.reader("wrong words");
    judge.nothing();
}

#[test]
fn refusal_is_fit_for_everybody() {
    let Some(mut judge) = Judge::start() else { return };
    let home = tempfile::tempdir().expect("a folder");
    let (keys, hostile) = (home.path().join("keys.zip.age"), home.path().join("hostile.zip.age"));
    std::fs::write(&keys, sealed(&to_recipient(), &zipped())).expect("written");
    std::fs::write(&hostile, words(&with(Raw::new(format!("files/{}/../evil", "a".repeat(150)), "x")))).expect("written");
    judge.choose(&keys);
    judge.reader("sealed to keys");
    judge.choose(&hostile);
    judge.browser.typed("words", WORDS);
    judge.browser.click("open");
    judge.browser.wait_seen("refused");
    assert!(judge.browser.text("refused-code").ends_with("name.up"));
    judge.reader("hostile");
    judge.nothing();
}

#[test]
fn opened_bundle_is_fit_for_everybody() {
    let Some(mut judge) = Judge::start() else { return };
    let case = Case::get();
    case.open(&judge.browser);
    judge.browser.script(&judge.axe, &[]);
    judge.reader("opened");
    compare(&judge.browser, "SHA256:short");
    judge.browser.script("document.getElementById('parts-all').open = true; document.querySelector('#files button').click()", &[]);
    judge.reader("half a fingerprint, parts, saved");
    compare(&judge.browser, &stranger().signer().fingerprint());
    judge.reader("another signer");
    compare(&judge.browser, &case.fingerprint);
    judge.reader("compared");
    judge.nothing();
}

#[test]
fn form_of_the_answer_is_fit_for_everybody() {
    let Some(mut judge) = Judge::start() else { return };
    let (case, home) = (Case::get(), tempfile::tempdir().expect("a folder"));
    let decision = home.path().join(PROTOCOL_NAME);
    std::fs::write(&decision, PROTOCOL).expect("written");
    case.open(&judge.browser);
    judge.browser.script(&judge.axe, &[]);
    judge.browser.typed("attach", decision.to_str().expect("UTF-8"));
    judge.browser.wait_seen("what-0");
    judge.browser.click("kind-received");
    judge.browser.click("answer-save");
    judge.browser.wait_until("document.getElementById('answer-error').textContent !== ''");
    judge.reader("documents that are none");
    judge.browser.click("kind-documents");
    judge.browser.click("answer-save");
    judge.browser.saved("en.answer.age");
    judge.reader("answered");
    judge.nothing();
}

#[test]
fn dossier_is_fit_for_everybody_in_every_language() {
    let Some(mut judge) = Judge::start() else { return };
    let (case, own) = (Case::get(), Case::get().program.copy());
    for language in LANGUAGES {
        handed(&own, &case.person, language);
        judge.dossier(&own, language);
    }
    let example = Program::with_data_set();
    let incidents = example.json(&["list", "incident"], "");
    let strike = incidents.as_array().expect("a list").iter().find(|incident| incident["category"] == "strike").expect("a strike");
    handed(&example, strike["short"].as_str().expect("a code"), "ru");
    judge.dossier(&example, "ru");
    judge.nothing();
}

impl Judge {
    /// Judges the dossier that was opened into a folder of the language's name, light and dark.
    fn dossier(&mut self, program: &Program, language: &str) {
        for dark in [false, true] {
            self.browser.dark(dark);
            self.go(&program.path(&format!("{language}/index.html")));
            self.widths(&format!("dossier, {language}, dark: {dark}"));
        }
    }
}

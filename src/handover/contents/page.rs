//! The dossier as one page that stands alone: no script, no network, nothing but itself and the files beside it.

pub mod client;
pub mod fields;
pub mod files;
pub mod first;
pub mod html;
pub mod said;
pub mod voiced;

use crate::crypto::plain_hash;
use crate::handover::choice::given::{GivenRecord, Mark};
use crate::handover::contents::Contents;
use crate::handover::contents::dossier::Case;
use crate::model::value::When;
use crate::words;
use html::{Html, Safe, escape};

const STYLE: &str = include_str!("page.css");

/// What every part of the page needs.
pub struct View<'a> {
    pub contents: &'a Contents<'a>,
    pub case: &'a Case<'a>,
}

impl View<'_> {
    /// Returns a text of the page's language.
    pub fn get(&self, code: &str) -> String {
        self.contents.texts.get(code)
    }

    /// A link to a record by its code.
    pub fn link(&self, record: &GivenRecord) -> Safe {
        Safe::record(&anchor(&record.id), &record.code)
    }

    /// Where a fact stands: its record, who recorded it and when.
    pub fn source(&self, record: &str, mark: Option<Mark>) -> Safe {
        let link = self.case.record(record).map(|record| self.link(record));
        let by = Some(said::recorded(self.contents.texts, mark)).filter(|by| !by.is_empty()).map(|by| Safe::text(&by));
        Safe::joined(&link.into_iter().chain(by).collect::<Vec<_>>(), ", ")
    }

    /// Where a fact stands that several recorded: its record, then each of them once.
    pub fn sources(&self, record: &str, marks: &[Mark]) -> Safe {
        let mut parts: Vec<Safe> = self.case.record(record).map(|record| self.link(record)).into_iter().collect();
        for by in marks.iter().map(|mark| Safe::text(&said::recorded(self.contents.texts, Some(*mark)))) {
            if !by.is_empty() && !parts.contains(&by) {
                parts.push(by);
            }
        }
        Safe::joined(&parts, ", ")
    }
}

/// Returns the id under which a record stands in the page.
pub fn anchor(record: &str) -> String {
    format!("r-{record}")
}

/// Writes the page.
pub fn page(contents: &Contents) -> String {
    let case = Case::of(contents.given);
    let view = View { contents, case: &case };
    let mut html = Html::default();
    head(&view, &mut html);
    body(&view, &mut html);
    html.finish()
}

/// The style of one bundle: its id stands at the foot of every printed page.
fn style(id: &str) -> String {
    let id: String = id.chars().filter(char::is_ascii_alphanumeric).collect();
    STYLE.replace("BUNDLE", &id)
}

fn head(view: &View, html: &mut Html) {
    let style = style(view.contents.about.id);
    let policy = format!("default-src 'none'; style-src 'sha256-{}'; img-src data:", base64(&plain_hash(style.as_bytes())));
    html.raw("<!doctype html>\n").raw(&format!("<html lang=\"{}\">\n<head>\n<meta charset=\"utf-8\">\n", view.contents.texts.lang()));
    html.raw(&format!("<meta http-equiv=\"Content-Security-Policy\" content=\"{policy}\">\n"));
    html.raw("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
    html.element("title", &title(view)).raw("<style>").raw(&style).raw("</style>\n</head>\n");
}

fn title(view: &View) -> String {
    let people: Vec<String> = view.case.clients().iter().map(|client| view.case.names(view.contents.texts, client.person)).collect();
    match people.as_slice() {
        [one] => format!("{one} – {}", view.get("dossier-title")),
        _ => view.get("dossier-title"),
    }
}

fn body(view: &View, html: &mut Html) {
    html.raw("<body>\n<a class=\"skip\" href=\"#content\">").safe(&Safe::text(&view.get("dossier-skip"))).raw("</a>\n");
    opening(view, html);
    html.raw("<main id=\"content\">\n");
    let clients = view.case.clients();
    for client in &clients {
        first::write(view, client, html);
    }
    contents_list(view, &clients.iter().map(|c| c.person.record).collect::<Vec<_>>(), html);
    for client in &clients {
        client::write(view, client, html);
    }
    files::write(view, html);
    fields::write(view, html);
    proof(view, html);
    html.raw("</main>\n<footer>").safe(&Safe::text(&view.contents.texts.with("dossier-foot", &[("id", view.contents.about.id)]))).raw("</footer>\n");
    html.raw("</body>\n</html>\n");
}

fn opening(view: &View, html: &mut Html) {
    let about = &view.contents.about;
    html.raw("<header>\n").element("h1", &view.get("dossier-title"));
    html.pairs(&[
        (view.get("dossier-bundle"), Safe::text(about.id)),
        (view.get("dossier-profile"), Safe::text(about.profile)),
        (view.get("dossier-made"), Safe::text(&said::moment(view.case.given.made))),
    ]);
    html.paragraph(&Safe::marked("note", &view.get("dossier-opening"))).raw("</header>\n");
}

fn contents_list(view: &View, people: &[&GivenRecord], html: &mut Html) {
    let named = |record: &&GivenRecord| {
        let person = view.case.people.iter().find(|person| person.record.id == record.id);
        let name = person.map(|person| view.case.names(view.contents.texts, person)).unwrap_or_default();
        Safe::within(&format!("more-{}", record.id), &format!("{}: {name}", view.get("dossier-details")))
    };
    let mut links: Vec<Safe> = people.iter().map(named).collect();
    links.push(Safe::within("documents", &view.get("dossier-documents")));
    links.push(Safe::within("custody", &view.get("dossier-custody")));
    links.push(Safe::within("withheld", &view.get("dossier-withheld")));
    links.push(Safe::within("records", &view.get("dossier-records")));
    links.push(Safe::within("proof", &view.get("dossier-proof")));
    html.raw(&format!("<nav aria-label=\"{}\">\n", escape(&view.get("dossier-contents")))).safe(&Safe::list(&links)).raw("</nav>\n");
}

fn proof(view: &View, html: &mut Html) {
    html.heading(2, "proof", &view.get("dossier-proof"));
    html.paragraph(&Safe::text(&view.get("dossier-proof-how")));
    html.paragraph(&Safe::text(&view.get("dossier-proof-limit")));
}

/// Writes a table; where it has no rows, that nothing stands here, and where what was left out is counted.
pub fn table_or_none(view: &View, html: &mut Html, caption: &str, heads: &[String], rows: &[Vec<Safe>]) {
    if !rows.is_empty() {
        html.table(&view.get(caption), heads, rows);
        return;
    }
    let left_out = (!view.contents.withheld.is_empty()).then(|| Safe::within("withheld", &view.get("dossier-withheld")));
    let none = std::iter::once(Safe::text(&view.get("dossier-none-here"))).chain(left_out);
    html.paragraph(&Safe::joined(&none.collect::<Vec<_>>(), " "));
}

/// Returns a time in words.
pub fn time(view: &View, when: &When) -> Safe {
    Safe::time(when, &words::when(view.contents.texts, when))
}

/// Returns a contested value's mark: a word in a frame.
pub fn contested_mark(view: &View) -> Safe {
    Safe::marked("contested", &view.get("dossier-contested-mark"))
}

/// Returns an answer in words, its note and basis included.
pub fn answer(view: &View, answer: &crate::model::value::Answer) -> String {
    let value = serde_json::to_value(answer).unwrap_or_default();
    words::value(view.contents.texts, crate::model::Leaf::Answer, "", &value)
}

/// Writes bytes in base64 (RFC 4648, section 4), as a content security policy names a hash.
fn base64(bytes: &[u8]) -> String {
    const LETTERS: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut text = String::new();
    for chunk in bytes.chunks(3) {
        let bits = chunk.iter().fold(0u32, |bits, byte| bits << 8 | u32::from(*byte)) << (8 * (3 - chunk.len()));
        let letter = |place: usize| if place <= chunk.len() { char::from(LETTERS[(bits >> (18 - 6 * place)) as usize & 63]) } else { '=' };
        text.extend((0..4).map(letter));
    }
    text
}

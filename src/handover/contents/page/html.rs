//! HTML in which every text is escaped: what is written passes through one function, and only tags of ours go round it.

use crate::handover::contents::dossier::dates::{is_to_the_minute, meant};
use crate::model::value::{Qualifier, When};
use crate::words;

/// Markup that is safe to write: made of escaped texts and of our own tags.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Safe(String);

/// Returns a text that says in HTML what it says in plain letters, in elements and in quoted attributes alike; marks
/// that reorder, hide or command are replaced.
pub fn escape(text: &str) -> String {
    let mut safe = String::with_capacity(text.len());
    for c in words::clean(text).chars() {
        match c {
            '&' => safe.push_str("&amp;"),
            '<' => safe.push_str("&lt;"),
            '>' => safe.push_str("&gt;"),
            '"' => safe.push_str("&quot;"),
            '\'' => safe.push_str("&#39;"),
            // Further marks that reorder or hide, and tags nobody sees.
            '\u{61c}' | '\u{2028}' | '\u{2029}' | '\u{2060}'..='\u{206f}' | '\u{e0000}'..='\u{e007f}' => safe.push('\u{fffd}'),
            c => safe.push(c),
        }
    }
    safe
}

/// The time as HTML wants it for programs; none where it is a stretch, uncertain, or qualified.
fn machine(when: &When) -> Option<String> {
    let date = when.date.as_ref().filter(|date| date.is_day())?.as_str();
    let known = meant(when) == *when && (when.time.is_none() || is_to_the_minute(when)) && when.part_of_day.is_none();
    let plain = known && matches!(when.qualifier, None | Some(Qualifier::Exact)) && when.to_time.is_none();
    let offset = |minutes: i16| format!("{}{:02}:{:02}", if minutes < 0 { '-' } else { '+' }, minutes.abs() / 60, minutes.abs() % 60);
    let time = when.time.as_ref().map(|time| format!("T{}{}", time.as_str(), when.offset_min.map(offset).unwrap_or_default()));
    (plain && !date.contains('/')).then(|| format!("{date}{}", time.unwrap_or_default()))
}

impl Safe {
    /// A text.
    pub fn text(text: &str) -> Self {
        Safe(escape(text))
    }

    /// A link to a place in this page.
    pub fn within(id: &str, text: &str) -> Self {
        Safe(format!("<a href=\"#{}\">{}</a>", escape(id), escape(text)))
    }

    /// A link to a record of this page, by its code, kept in one line.
    pub fn record(id: &str, code: &str) -> Self {
        Safe(format!("<a class=\"code\" href=\"#{}\">{}</a>", escape(id), escape(code)))
    }

    /// A time as it is said, for programs too where it is plain; a date is kept in one line.
    pub fn time(when: &When, text: &str) -> Self {
        let word = |word: &str| match word.bytes().filter(|byte| *byte == b'-').count() {
            2 => format!("<span class=\"code\">{}</span>", escape(word)),
            _ => escape(word),
        };
        let words: Vec<String> = text.split(' ').map(word).collect();
        match machine(when) {
            Some(at) => Safe(format!("<time datetime=\"{}\">{}</time>", escape(&at), words.join(" "))),
            None => Safe(words.join(" ")),
        }
    }

    /// A link to a file that lies beside this page.
    pub fn beside(member: &str, text: &str) -> Self {
        Safe(format!("<a href=\"{}\">{}</a>", escape(member), escape(text)))
    }

    /// A text within an element of ours.
    pub fn within_tag(tag: &'static str, inner: &Safe) -> Self {
        Safe(format!("<{tag}>{}</{tag}>", inner.0))
    }

    /// A text that stands out by a class, a border and a word, never by colour alone.
    pub fn marked(class: &'static str, text: &str) -> Self {
        Safe(format!("<span class=\"{class}\">{}</span>", escape(text)))
    }

    /// Parts with something of ours between them.
    pub fn joined(parts: &[Safe], between: &'static str) -> Self {
        Safe(parts.iter().map(|part| part.0.as_str()).collect::<Vec<_>>().join(between))
    }

    /// A list; nothing where it is empty.
    pub fn list(items: &[Safe]) -> Self {
        let items: String = items.iter().map(|item| format!("<li>{}</li>", item.0)).collect();
        if items.is_empty() { Safe::default() } else { Safe(format!("<ul>{items}</ul>")) }
    }

    /// Returns the markup.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// Tells whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// A page in the making.
#[derive(Default)]
pub struct Html(String);

impl Html {
    /// Writes a tag or another markup of ours.
    pub fn raw(&mut self, markup: &str) -> &mut Self {
        self.0.push_str(markup);
        self
    }

    /// Writes safe markup.
    pub fn safe(&mut self, safe: &Safe) -> &mut Self {
        self.raw(safe.as_str())
    }

    /// Writes an element with a text.
    pub fn element(&mut self, tag: &'static str, text: &str) -> &mut Self {
        self.safe(&Safe::within_tag(tag, &Safe::text(text))).raw("\n")
    }

    /// Writes a paragraph.
    pub fn paragraph(&mut self, inner: &Safe) -> &mut Self {
        self.safe(&Safe::within_tag("p", inner)).raw("\n")
    }

    /// Writes a heading that can be linked to.
    pub fn heading(&mut self, level: u8, id: &str, text: &str) -> &mut Self {
        self.raw(&format!("<h{level} id=\"{}\">{}</h{level}>\n", escape(id), escape(text)))
    }

    /// Writes names with their values; pairs without a value are left out.
    pub fn pairs(&mut self, pairs: &[(String, Safe)]) -> &mut Self {
        let some: Vec<&(String, Safe)> = pairs.iter().filter(|(_, value)| !value.is_empty()).collect();
        if some.is_empty() {
            return self;
        }
        self.raw("<dl>\n");
        for (name, value) in some {
            self.raw(&format!("<div><dt>{}</dt><dd>{}</dd></div>\n", escape(name), value.as_str()));
        }
        self.raw("</dl>\n")
    }

    /// Writes a table whose first column names its rows; each cell repeats its heading for narrow screens.
    pub fn table(&mut self, caption: &str, heads: &[String], rows: &[Vec<Safe>]) -> &mut Self {
        self.raw(&format!("<table>\n<caption>{}</caption>\n<thead><tr>", escape(caption)));
        for head in heads {
            self.raw(&format!("<th scope=\"col\">{}</th>", escape(head)));
        }
        self.raw("</tr></thead>\n<tbody>\n");
        for row in rows {
            self.raw("<tr>");
            for (place, cell) in row.iter().enumerate() {
                let head = heads.get(place).map(|head| escape(head)).unwrap_or_default();
                let (open, close) = if place == 0 { ("th scope=\"row\"", "th") } else { ("td", "td") };
                self.raw(&format!("<{open} data-label=\"{head}\"><span>{}</span></{close}>", cell.as_str()));
            }
            self.raw("</tr>\n");
        }
        self.raw("</tbody>\n</table>\n")
    }

    /// Returns the page.
    pub fn finish(self) -> String {
        self.0
    }
}

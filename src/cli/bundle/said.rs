//! What was found in a bundle, in plain sentences and as JSON.

use serde_json::{Value, json};

use super::super::context::Context;
use super::super::terminal::{clean, data};
use crate::crypto::{HandoverSigner, Lang, SAFETY_LOG_N, safety_digits, safety_words};
use crate::error::Error;
use crate::handover::container::verify::Report;
use crate::handover::container::wrong::Wrong;
use crate::locale::Texts;

/// Most differences that are said one by one.
const MAX_SAID: usize = 100;

/// Says what was found.
///
/// # Errors
/// Returns [`Error::BundleWrong`] for a bundle that is not whole.
pub fn report(report: &Report, context: &Context) -> Result<(), Error> {
    let texts = &context.texts;
    if context.json {
        data(&as_json(texts, report).to_string());
    } else if report.is_whole() {
        data(&texts.with("bundle-whole", &[("files", &report.files.to_string()), ("records", &report.records.to_string())]));
        signer_lines(texts, report).iter().for_each(|line| data(line));
    } else {
        report.wrong.iter().take(MAX_SAID).for_each(|wrong| data(&sentence(texts, wrong)));
        let rest = report.wrong.len().saturating_sub(MAX_SAID);
        if rest > 0 {
            data(&texts.with("bundle-more", &[("count", &rest.to_string())]));
        }
    }
    if report.is_whole() { Ok(()) } else { Err(Error::BundleWrong { count: report.wrong.len() }) }
}

/// Says what is wrong, and where.
pub fn sentence(texts: &Texts, wrong: &Wrong) -> String {
    let what = texts.get(&format!("wrong-{}", wrong.what.code()));
    match (&wrong.place, &wrong.detail) {
        (None, _) => texts.with("bundle-wrong-whole", &[("what", &what)]),
        (Some(place), None) => texts.with("bundle-wrong-at", &[("place", &clean(place)), ("what", &what)]),
        (Some(place), Some(detail)) => texts.with("bundle-wrong-in", &[("place", &clean(place)), ("what", &what), ("detail", &clean(detail))]),
    }
}

fn signer_lines(texts: &Texts, report: &Report) -> Vec<String> {
    let Some(signer) = &report.signer else { return Vec::new() };
    if report.compared {
        return vec![texts.with("bundle-signer-same", &[("fingerprint", &signer.fingerprint())])];
    }
    let (words, digits) = short(texts, signer);
    let said = texts.with("bundle-signer-not-compared", &[("fingerprint", &signer.fingerprint())]);
    vec![said, texts.with("bundle-signer-words", &[("words", &words), ("digits", &digits)])]
}

/// Returns what people compare by voice of a signer: words in their language, and digits.
pub fn short(texts: &Texts, signer: &HandoverSigner) -> (String, String) {
    let short = signer.short(SAFETY_LOG_N);
    (safety_words(Lang::named(texts.lang()).unwrap_or(Lang::En), &short), safety_digits(&short))
}

fn as_json(texts: &Texts, report: &Report) -> Value {
    let wrong = |wrong: &Wrong| json!({ "what": wrong.what.code(), "place": wrong.place, "detail": wrong.detail, "text": sentence(texts, wrong) });
    let signer = report.signer.as_ref().map(|signer| {
        let (words, digits) = short(texts, signer);
        json!({ "key": signer.line(), "fingerprint": signer.fingerprint(), "words": words, "digits": digits, "compared": report.compared })
    });
    json!({ "whole": report.is_whole(), "files": report.files, "bytes": report.bytes, "records": report.records, "manifest": report.manifest.map(hex::encode),
        "bundle": report.about, "signer": signer, "wrong": report.wrong.iter().map(wrong).collect::<Vec<_>>() })
}

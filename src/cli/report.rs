//! `report`: tables whose every figure keeps its qualifier.

use clap::Subcommand;
use serde_json::{Value, json};

use super::context::Context;
use super::terminal::{clean, data, tell};
use crate::error::Error;
use crate::locale::Texts;
use crate::model::entity::IncidentFigure;
use crate::model::value::When;
use crate::report::rally::{Filter, Rally, Reason, Row};
use crate::session::short;
use crate::words;

#[derive(clap::Args)]
pub struct Args {
    #[command(subcommand)]
    report: Report,
}

#[derive(Subcommand)]
enum Report {
    Rally(RallyArgs),
}

#[derive(clap::Args)]
pub struct RallyArgs {
    #[arg(long, value_name = "DATE")]
    from: Option<String>,
    #[arg(long, value_name = "DATE")]
    to: Option<String>,
    #[arg(long, value_name = "CODE")]
    chain: Option<String>,
    #[arg(long, value_name = "TERM")]
    topic: Option<String>,
}

/// Runs the command.
pub fn run(args: &Args, context: &mut Context) -> Result<(), Error> {
    let Report::Rally(asked) = &args.report;
    let date = |text: &Option<String>| match text {
        None => Ok(None),
        Some(text) => text.parse().map(|date| Some(When::on(date))).map_err(|_| Error::NotUnderstood { what: "date" }),
    };
    let filter = Filter { from: date(&asked.from)?, to: date(&asked.to)?, chain: asked.chain.clone(), topic: asked.topic.clone() };
    let mut session = context.open()?;
    let table = session.rally(&filter)?;
    if context.json {
        data(&as_json(&context.texts, &table).to_string())
    } else {
        print(&context.texts, &table)
    }
    let copies = session.separate_copies()?;
    if copies > 0 {
        tell(&context.texts.with("copies-left-out", &[("count", &copies.to_string())]));
    }
    Ok(())
}

fn print(texts: &Texts, table: &Rally) {
    if table.rows.is_empty() {
        data(&texts.get("rally-empty"));
    }
    table.rows.iter().for_each(|row| print_row(texts, row));
    if let Some(sum) = &table.sum {
        let added = table.rows.iter().filter(|row| row.left_out.is_none()).count();
        data(&texts.with("rally-sum", &[("sum", &words::count(texts, sum)), ("rows", &added.to_string())]));
    }
    let left_out: Vec<&Row> = table.rows.iter().filter(|row| row.left_out.is_some()).collect();
    if !left_out.is_empty() {
        data(&texts.get("rally-left-out"));
        left_out.iter().for_each(|row| data(&format!("  {} – {}", name(row), reason(texts, row, table))));
    }
    if !table.undated.is_empty() {
        data(&texts.get("rally-undated"));
        table.undated.iter().for_each(|row| print_row(texts, row));
    }
}

fn print_row(texts: &Texts, row: &Row) {
    let figures: Vec<String> = row.detained.iter().map(|figure| figure_words(texts, figure)).collect();
    let detained = if figures.is_empty() { texts.get("rally-no-figure") } else { figures.join("; ") };
    data(&format!("{} · {} · {} · {}: {detained}", dates(texts, row), place(texts, row), name(row), words::term(texts, "count_what", "detained")));
    if row.recorded.total() > 0 {
        data(&texts.with("rally-recorded", &[("total", &row.recorded.total().to_string()), ("named", &row.recorded.named.to_string())]));
    }
    for figure in &row.others {
        data(&format!("    {}: {}", words::term(texts, "count_what", figure.what.as_str()), figure_words(texts, figure)));
    }
}

/// A figure with its qualifier, as printed where the source prints other words, and who says so.
fn figure_words(texts: &Texts, figure: &IncidentFigure) -> String {
    let mut text = words::count(texts, &figure.count);
    text.extend(figure.count.as_printed.as_ref().map(|printed| format!(" [{}]", clean(printed.as_str()))));
    text.extend(figure.amount.as_ref().map(|amount| format!(" ({amount})")));
    text.extend(figure.said_by.as_ref().map(|by| format!(" – {}", clean(by.as_str()))));
    text
}

fn dates(texts: &Texts, row: &Row) -> String {
    let of = |when: &Option<When>| when.as_ref().map(|w| words::when(texts, w));
    match (of(&row.incident.starts), of(&row.incident.ends)) {
        (Some(starts), Some(ends)) => format!("{starts} – {ends}"),
        (Some(starts), None) => starts,
        _ => texts.get("when-unknown"),
    }
}

fn place(texts: &Texts, row: &Row) -> String {
    match &row.incident.city {
        Some(city) => words::place(texts, city),
        None if row.incident.several_cities == Some(true) => texts.get("rally-several-cities"),
        None => texts.get("rally-no-city"),
    }
}

fn name(row: &Row) -> String {
    let title = row.incident.title.as_ref().map(|title| clean(title.as_str()));
    row.incident.code.as_ref().map(ToString::to_string).or(title).unwrap_or_else(|| short("incident", &row.id))
}

fn reason(texts: &Texts, row: &Row, table: &Rally) -> String {
    match &row.left_out {
        Some(Reason::NoFigure) => texts.get("rally-reason-no-figure"),
        Some(Reason::Words) => texts.get("rally-reason-words"),
        Some(Reason::SeveralFigures) => texts.get("rally-reason-several"),
        Some(Reason::Qualifier) => texts.get("rally-reason-qualifier"),
        Some(Reason::MayOverlap(id)) => {
            let other = table.rows.iter().find(|row| row.id == *id).map(name).unwrap_or_default();
            texts.with("rally-reason-overlap", &[("other", &other)])
        }
        None => String::new(),
    }
}

fn as_json(texts: &Texts, table: &Rally) -> Value {
    let figures = |figures: &[IncidentFigure]| -> Vec<Value> {
        figures.iter().map(|f| json!({ "what": f.what, "count": f.count, "words": words::count(texts, &f.count), "said_by": f.said_by })).collect()
    };
    let row = |row: &Row| {
        json!({ "id": row.id, "code": short("incident", &row.id), "name": name(row), "starts": row.incident.starts, "ends": row.incident.ends,
            "detained": figures(&row.detained), "others": figures(&row.others), "recorded": { "total": row.recorded.total(), "named": row.recorded.named },
            "added": row.left_out.is_none(), "left_out": reason(texts, row, table) })
    };
    json!({ "rows": table.rows.iter().map(row).collect::<Vec<_>>(), "undated": table.undated.iter().map(row).collect::<Vec<_>>(),
        "sum": table.sum, "sum_words": table.sum.as_ref().map(|sum| words::count(texts, sum)) })
}

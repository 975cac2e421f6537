//! Handing over: what is chosen and withheld, how it looks, how it is sealed, proved, opened and answered.

mod awkward;
mod browser;
mod calendar;
mod casebook;
mod choice;
mod consent;
mod container;
mod container_answer;
mod container_cli;
mod container_flips;
mod container_hostile;
mod container_stock;
mod container_support;
mod cut;
mod dossier;
mod mention;
mod page;
mod photo;
mod rage;
mod reader;
mod redaction;
mod schema;
mod story;
mod support;
mod tables;

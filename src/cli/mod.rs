//! The command line: one file for each command. stdout is data, stderr is talk, the terminal is for questions.

mod aside;
mod ask;
mod bundle;
mod care;
mod check;
mod context;
mod evidence;
mod exchange;
mod find;
mod init;
mod judge;
mod list;
mod note;
mod overview;
mod pending;
mod places;
mod practice;
mod receipts;
mod record;
mod relay;
mod removing;
mod report;
#[cfg(feature = "lan")]
mod room;
mod sealing;
mod show;
mod starter;
mod statement;
mod sync;
mod team;
mod terminal;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{ArgAction, CommandFactory, FromArgMatches, Parser, Subcommand};

use crate::error::Error;
use crate::locale::Texts;
use crate::session::Mode;
use crate::sys::env;
pub use ask::{asked, items};
use context::Context;

#[derive(Parser)]
#[command(name = "sandyq", version, disable_help_subcommand = true)]
struct Cli {
    #[arg(long, global = true, value_name = "DIR")]
    vault: Option<PathBuf>,
    #[arg(long, global = true, value_name = "NAME")]
    casebook: Option<String>,
    #[arg(long, global = true, action = ArgAction::SetTrue)]
    json: bool,
    #[arg(long, global = true, value_name = "en|ru|kk", value_parser = ["en", "ru", "kk"])]
    lang: Option<String>,
    #[arg(long, global = true, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Subcommand)]
enum Command {
    Init(init::Args),
    Note(note::Args),
    Split(note::SplitArgs),
    Add(record::AddArgs),
    Edit(record::EditArgs),
    Step(statement::StepArgs),
    Decide(statement::DecideArgs),
    Consent(statement::ConsentArgs),
    Link(statement::LinkArgs),
    Retract(statement::RetractArgs),
    List(list::Args),
    Show(show::Args),
    Find(find::Args),
    Conflicts(statement::ConflictsArgs),
    Attach(evidence::AttachArgs),
    Extract(evidence::ExtractArgs),
    Detach(evidence::DetachArgs),
    Report(report::Args),
    Export(exchange::ExportArgs),
    Import(exchange::ImportArgs),
    Check(check::Args),
    Backup(care::BackupArgs),
    Restore(care::RestoreArgs),
    Passphrase(care::PassphraseArgs),
    Practice(practice::Args),
    Badge(team::BadgeArgs),
    Admit(team::AdmitArgs),
    Join(team::JoinArgs),
    Recover(team::RecoverArgs),
    Members(team::MembersArgs),
    VerifyMember(team::VerifyArgs),
    TeamPack(team::TeamPackArgs),
    Sync(sync::Args),
    Announce(relay::Args),
    Places(places::Args),
    Pending(pending::Args),
    Receipts(receipts::ReceiptsArgs),
    Wipe(receipts::WipeArgs),
    Starter(starter::Args),
    Aside(aside::AsideArgs),
    Adopt(aside::AdoptArgs),
    SetAside(aside::SetAsideArgs),
    Dismiss(removing::DismissArgs),
    Suspend(removing::SuspendArgs),
    Lift(removing::LiftArgs),
    Role(removing::RoleArgs),
    Roll(removing::RollArgs),
    Retire(removing::RetireArgs),
    Seal(sealing::SealArgs),
    Reopen(sealing::ReopenArgs),
    Unseal(sealing::UnsealArgs),
    Bundle(bundle::Args),
    /// Started by this program itself, never by people.
    #[command(hide = true)]
    Judge,
}

impl Command {
    /// Tells whether nothing but its answer comes of a command.
    fn only_reads(&self) -> bool {
        use Command::{Aside, Badge, Conflicts, Export, Find, List, Members, Receipts, Report, Show};
        matches!(self, Aside(_) | Badge(_) | Receipts(_) | Members(_) | List(_) | Show(_) | Find(_) | Conflicts(_) | Report(_) | Export(_))
    }

    /// Tells whether a command does its work on a device that opens nothing of what it saved.
    fn works_unread(&self) -> bool {
        use Command::{
            Admit, Adopt, Aside, Conflicts, Consent, Decide, Detach, Edit, Export, Extract, Find, Import, Link, List, Reopen, Report, Retract, Role, Roll,
            SetAside, Show, Split, Starter, Step, TeamPack, VerifyMember,
        };
        let reads = matches!(self, List(_) | Show(_) | Find(_) | Conflicts(_) | Report(_) | Export(_) | Extract(_));
        let changes = matches!(self, Edit(_) | Step(_) | Decide(_) | Consent(_) | Link(_) | Retract(_) | Detach(_) | Split(_) | Import(_));
        let decides = matches!(self, Aside(_) | Adopt(_) | SetAside(_));
        let hands_keys_on = matches!(self, Admit(_) | VerifyMember(_) | TeamPack(_) | Starter(_) | Role(_) | Roll(_) | Reopen(_));
        !(reads || changes || decides || hands_keys_on)
    }
}

/// Runs the program with the arguments of the process.
pub fn main() -> ExitCode {
    let arguments: Vec<_> = std::env::args_os().collect();
    let lang = language(&arguments);
    let command = localised(Cli::command(), &Texts::new(&lang), "");
    let matches = match command.try_get_matches_from(arguments) {
        Ok(matches) => matches,
        Err(error) => return usage(&error),
    };
    let cli = match Cli::from_arg_matches(&matches) {
        Ok(cli) => cli,
        Err(error) => return usage(&error),
    };
    if matches!(cli.command, Some(Command::Judge)) {
        return judge::run();
    }
    let context = Context::new(cli.vault, cli.casebook, cli.json, cli.lang, cli.passphrase_file);
    let mut context = match context {
        Ok(context) => context,
        Err(error) => return terminal::failed(&Texts::new(&lang), &error, Mode::Open),
    };
    context.works_unread = cli.command.as_ref().is_none_or(Command::works_unread);
    let reads = cli.command.as_ref().is_none_or(Command::only_reads);
    match run(cli.command, &mut context).and_then(|()| terminal::heard()) {
        Ok(()) => ExitCode::SUCCESS,
        // The reader has seen enough, as `head` does.
        Err(Error::Unheard(std::io::ErrorKind::BrokenPipe)) if reads => ExitCode::SUCCESS,
        Err(error) => terminal::failed(&context.texts, &error, context.mode),
    }
}

fn usage(error: &clap::Error) -> ExitCode {
    let _ = error.print();
    ExitCode::from(if error.use_stderr() { 2 } else { 0 })
}

fn run(command: Option<Command>, context: &mut Context) -> Result<(), Error> {
    match command {
        None => overview::run(context),
        Some(Command::Init(args)) => init::run(&args, context),
        Some(Command::Note(args)) => note::run(&args, context),
        Some(Command::Split(args)) => note::split(&args, context),
        Some(Command::Add(args)) => record::add(&args, context),
        Some(Command::Edit(args)) => record::edit(&args, context),
        Some(Command::Step(args)) => statement::step(&args, context),
        Some(Command::Decide(args)) => statement::decide(&args, context),
        Some(Command::Consent(args)) => statement::consent(&args, context),
        Some(Command::Link(args)) => statement::link(&args, context),
        Some(Command::Retract(args)) => statement::retract(&args, context),
        Some(Command::List(args)) => list::run(&args, context),
        Some(Command::Show(args)) => show::run(&args, context),
        Some(Command::Find(_)) => find::run(context),
        Some(Command::Conflicts(args)) => statement::conflicts(&args, context),
        Some(Command::Attach(args)) => evidence::attach(&args, context),
        Some(Command::Extract(args)) => evidence::extract(&args, context),
        Some(Command::Detach(args)) => evidence::detach(&args, context),
        Some(Command::Report(args)) => report::run(&args, context),
        Some(Command::Export(args)) => exchange::export(&args, context),
        Some(Command::Import(args)) => exchange::import(&args, context),
        Some(Command::Check(args)) => check::run(&args, context),
        Some(Command::Backup(args)) => care::backup(&args, context),
        Some(Command::Restore(args)) => care::restore(&args, context),
        Some(Command::Passphrase(_)) => care::passphrase(context),
        Some(Command::Practice(_)) => practice::run(context),
        Some(Command::Badge(_)) => team::badge(context),
        Some(Command::Admit(args)) => team::admit(&args, context),
        Some(Command::Join(args)) => team::join(&args, context),
        Some(Command::Recover(args)) => team::recover(&args, context),
        Some(Command::Members(_)) => team::members(context),
        Some(Command::VerifyMember(args)) => team::verify(&args, context),
        Some(Command::TeamPack(args)) => team::team_pack(&args, context),
        Some(Command::Sync(args)) => sync::run(&args, context),
        Some(Command::Announce(args)) => relay::announce(&args, context),
        Some(Command::Places(args)) => places::run(&args, context),
        Some(Command::Pending(args)) => pending::run(&args, context),
        Some(Command::Receipts(_)) => receipts::receipts(context),
        Some(Command::Wipe(args)) => receipts::wipe(&args, context),
        Some(Command::Starter(args)) => starter::run(&args, context),
        Some(Command::Aside(args)) => aside::aside(&args, context),
        Some(Command::Adopt(args)) => aside::adopt(&args, context),
        Some(Command::SetAside(args)) => aside::set_aside(&args, context),
        Some(Command::Dismiss(args)) => removing::dismiss(&args, context),
        Some(Command::Suspend(args)) => removing::suspend(&args, context),
        Some(Command::Lift(args)) => removing::lift(&args, context),
        Some(Command::Role(args)) => removing::role(&args, context),
        Some(Command::Roll(_)) => removing::roll(context),
        Some(Command::Retire(args)) => removing::retire(&args, context),
        Some(Command::Seal(args)) => sealing::seal(&args, context),
        Some(Command::Reopen(args)) => sealing::reopen(&args, context),
        Some(Command::Unseal(args)) => sealing::unseal(&args, context),
        Some(Command::Bundle(args)) => bundle::run(&args, context),
        // Served before a vault was looked for.
        Some(Command::Judge) => Ok(()),
    }
}

/// The language before the arguments are parsed: help needs it.
fn language(arguments: &[std::ffi::OsString]) -> String {
    let texts: Vec<String> = arguments.iter().map(|argument| argument.to_string_lossy().into_owned()).collect();
    let after = texts.iter().position(|text| text == "--lang").and_then(|at| texts.get(at + 1)).cloned();
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang=").map(str::to_owned));
    after.or(joined).or_else(env::language).unwrap_or_else(|| "en".into())
}

/// Sets the help of every command and argument from the texts.
fn localised(command: clap::Command, texts: &Texts, path: &str) -> clap::Command {
    let code = if path.is_empty() { "help-sandyq".to_owned() } else { format!("help-{path}") };
    let name = |id: &str| if path.is_empty() { format!("help-arg-{id}") } else { format!("help-{path}-{id}") };
    let help = |id: &str| texts.find(&name(id), &[]).or_else(|| texts.find(&format!("help-arg-{id}"), &[])).unwrap_or_else(|| name(id));
    let command = command.about(texts.get(&code)).disable_help_flag(true).disable_version_flag(true).mut_args(|arg| {
        let text = help(arg.get_id().as_str());
        arg.help(text)
    });
    let command = command.arg(clap::Arg::new("help").short('h').long("help").action(ArgAction::Help).help(texts.get("help-arg-help")));
    let command = if path.is_empty() {
        command.arg(clap::Arg::new("version").short('V').long("version").action(ArgAction::Version).help(texts.get("help-arg-version")))
    } else {
        command
    };
    let below = |name: &str| if path.is_empty() { name.to_owned() } else { format!("{path}-{name}") };
    let names: Vec<String> = command.get_subcommands().map(|sub| sub.get_name().to_owned()).collect();
    names.into_iter().fold(command, |command, name| command.mut_subcommand(&name, |sub| localised(sub, texts, &below(&name))))
}

/// Returns every code of help text that commands and arguments ask for.
pub fn help_codes() -> Vec<String> {
    fn collect(command: &clap::Command, path: &str, codes: &mut Vec<String>) {
        codes.push(if path.is_empty() { "help-sandyq".into() } else { format!("help-{path}") });
        let own = |arg: &clap::Arg| if path.is_empty() { format!("help-arg-{}", arg.get_id()) } else { format!("help-{path}-{}", arg.get_id()) };
        codes.extend(command.get_arguments().filter(|arg| !arg.is_global_set() || path.is_empty()).map(own));
        for sub in command.get_subcommands() {
            let below = if path.is_empty() { sub.get_name().to_owned() } else { format!("{path}-{}", sub.get_name()) };
            collect(sub, &below, codes);
        }
    }
    let mut codes = Vec::new();
    collect(&Cli::command(), "", &mut codes);
    codes
}

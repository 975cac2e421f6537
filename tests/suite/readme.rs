//! The README is true: every console block is executed against the built program, and what it prints is compared.

use std::path::Path;
use std::process::Command;

use super::stories::support::{copy_folder, root};

/// A command of a console block with the lines said to follow.
#[derive(Debug, Clone, PartialEq)]
struct Step {
    command: String,
    expected: Vec<String>,
}

impl Step {
    /// Commands of the build tool are not run here: they are what runs this test.
    fn is_run(&self) -> bool {
        !self.command.starts_with("cargo ")
    }
}

/// Reads the steps of every console block; lines that begin with `> ` go on with the command above them.
fn steps(text: &str) -> Vec<Step> {
    let mut steps: Vec<Step> = Vec::new();
    for line in blocks(text, "console") {
        match (line.strip_prefix("$ "), line.strip_prefix("> "), steps.last_mut()) {
            (Some(command), ..) => steps.push(Step { command: command.to_owned(), expected: Vec::new() }),
            (None, Some(more), Some(step)) if step.expected.is_empty() => {
                step.command.push('\n');
                step.command.push_str(more);
            }
            (None, _, step) => step.expect("a console block begins with a command").expected.push(line.to_owned()),
        }
    }
    steps
}

/// Lines of every fenced block of a language.
fn blocks<'a>(text: &'a str, lang: &str) -> Vec<&'a str> {
    let fence = format!("```{lang}");
    let mut open: Option<&str> = None;
    let mut lines = Vec::new();
    for line in text.lines() {
        match (line.trim_start().starts_with("```"), open) {
            (true, None) => open = Some(line.trim()),
            (true, Some(_)) => open = None,
            (false, Some(found)) if found == fence => lines.push(line),
            _ => {}
        }
    }
    lines
}

/// Tells whether lines are as expected: `...` alone stands for any lines, `[..]` for any part of one.
fn lines_fit(expected: &[String], lines: &[&str]) -> bool {
    match expected.split_first() {
        None => lines.is_empty(),
        Some((any, rest)) if any == "..." => (0..=lines.len()).any(|skip| lines_fit(rest, &lines[skip..])),
        Some((line, rest)) => lines.split_first().is_some_and(|(found, left)| line_fits(line, found) && lines_fit(rest, left)),
    }
}

fn line_fits(expected: &str, line: &str) -> bool {
    let line = line.trim_end();
    match expected.trim_end().split_once("[..]") {
        None => expected.trim_end() == line,
        Some((head, tail)) => line.strip_prefix(head).is_some_and(|rest| line_ends_fit(tail, rest)),
    }
}

fn line_ends_fit(tail: &str, rest: &str) -> bool {
    rest.char_indices().map(|(at, _)| at).chain([rest.len()]).any(|at| line_fits(tail, &rest[at..]))
}

/// Runs steps one after the other in one shell and returns what each printed, standard error included.
fn printed(steps: &[Step], folder: &Path) -> Vec<String> {
    const END: &str = "-- end of step --";
    let script: String = steps.iter().map(|step| format!("{}\nprintf '%s\\n' '{END}'\n", step.command)).collect();
    let program = Path::new(env!("CARGO_BIN_EXE_sandyq")).parent().unwrap();
    let path = format!("{}:/usr/local/bin:/usr/bin:/bin", program.display());
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(format!("exec 2>&1\n{script}")).current_dir(folder).stdin(std::process::Stdio::null());
    shell.env_clear().env("PATH", path).env("HOME", folder).env("SANDYQ_LANG", "en").env("LC_ALL", "C.UTF-8");
    let output = String::from_utf8(shell.output().unwrap().stdout).unwrap();
    let mut parts: Vec<String> = output.split(&format!("{END}\n")).map(str::to_owned).collect();
    parts.pop();
    parts
}

/// Runs the steps of a text in a folder; returns a description of each that printed something else.
fn differences(text: &str, folder: &Path) -> Vec<String> {
    let steps: Vec<Step> = steps(text).into_iter().filter(Step::is_run).collect();
    let printed = printed(&steps, folder);
    assert_eq!(printed.len(), steps.len(), "a command ended the shell: {printed:?}");
    let differs = |(step, printed): &(&Step, &String)| !lines_fit(&step.expected, &printed.lines().collect::<Vec<_>>());
    let told = |(step, printed): (&Step, &String)| format!("$ {}\nexpected:\n{}\nprinted:\n{printed}", step.command, step.expected.join("\n"));
    steps.iter().zip(&printed).filter(differs).map(told).collect()
}

/// Commands that run the tests, as a page for people or a script gives them.
fn test_commands<'a>(lines: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    lines.into_iter().map(|line| line.trim_start_matches("$ ").trim()).filter(|line| line.starts_with("cargo test")).collect()
}

fn read(name: &str) -> String {
    std::fs::read_to_string(root().join(name)).unwrap_or_else(|error| panic!("{name}: {error}"))
}

#[test]
fn every_console_block_of_the_readme_does_what_it_says() {
    let folder = tempfile::tempdir().unwrap();
    copy_folder(&root().join("examples"), &folder.path().join("examples"));
    let text = read("README.md");
    assert!(steps(&text).iter().any(Step::is_run), "README.md shows no command");
    let differences = differences(&text, folder.path());
    assert!(differences.is_empty(), "{}", differences.join("\n\n"));
}

#[test]
fn tests_are_run_by_exactly_the_command_the_readme_names() {
    let (readme, script) = (read("README.md"), read(".ci/run"));
    let named = test_commands([blocks(&readme, "sh"), blocks(&readme, "console")].concat());
    assert_eq!(named.len(), 1, "README.md names one test command");
    assert_eq!(named, test_commands(script.lines()));
}

const SAMPLE: &str = "# Sample\n\n```console\n$ name=world\n$ echo \"hello $name\"\nhello world\n$ printf 'a\\nb\\nc\\n'\na\n...\nc\n$ cat <<'END'\n> one\n> two\n> END\none\ntwo\n```\n\n\
    ```sh\n$ not run\n```\n\n```console\n$ echo \"$name\" \\\n>   again >&2\nwor[..] again\n$ sandyq --version\nsandyq [..]\n```\n\n\
    ```console\n$ cargo test --locked\n...\n```\n";

#[test]
fn steps_share_one_shell_and_match_by_lines_and_parts() {
    let folder = tempfile::tempdir().unwrap();
    assert_eq!(differences(SAMPLE, folder.path()), [""; 0]);
    assert_eq!(test_commands(blocks(SAMPLE, "console")), ["cargo test --locked"]);
}

#[test]
fn a_readme_that_says_something_else_is_found_out() {
    let folder = tempfile::tempdir().unwrap();
    for wrong in ["$ echo a\nb", "$ echo a", "$ printf 'a\\nb\\n'\na", "$ echo ab\n[..]c", "$ true\na", "$ sandyq list person\n"] {
        let found = differences(&format!("```console\n{wrong}\n```\n"), folder.path());
        assert_eq!(found.len(), 1, "{wrong}");
    }
}

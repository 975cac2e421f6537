//! The process that tries changes of other people: as good as trying them here, and harmless when it ends or hangs.

use std::path::PathBuf;
use std::time::Duration;

use sandyq::doc::{Document, Verdict};
use sandyq::model::Kind;
use sandyq::sync::judge::{Child, InProcess, Job, Judge, Outcome};
use serde_json::json;

use super::super::doc::{author, change, person, tree};
use super::super::model::dice::{Dice, record};

fn child() -> Child {
    Child::new(PathBuf::from(env!("CARGO_BIN_EXE_sandyq")), vec!["judge".into()]).with_patience(Duration::from_secs(60))
}

/// A program that is no judge.
fn stranger(program: &str, argument: &[&str]) -> Child {
    Child::new(PathBuf::from(program), argument.iter().map(|argument| (*argument).to_owned()).collect())
}

fn jobs() -> Vec<Job> {
    let mut dice = Dice(41);
    let new = Kind::ALL.iter().map(|kind| Document::create(kind.fields(), &record(&mut dice, *kind), &author(1, 1)).unwrap().1.bytes);
    let mut jobs: Vec<Job> = new.map(|bytes| Job { existing: Vec::new(), new: vec![bytes] }).collect();
    let (mut document, first) = person();
    let second = change(&mut document, &author(2, 2), json!({"sex": "female"}));
    jobs.push(Job { existing: vec![first.bytes.clone()], new: vec![second.bytes, b"no change".to_vec(), first.bytes] });
    jobs.push(Job::default());
    jobs
}

#[test]
fn another_process_judges_as_this_one_does() {
    let here = InProcess.judge(jobs());
    let mut child = child();
    assert_eq!(child.judge(jobs()), here);
    assert_eq!(child.judge(jobs()), here, "one process serves more than one import");
    let Outcome::Examined(last) = &here[here.len() - 2] else { panic!("{here:?}") };
    assert!(matches!(last.verdicts[..], [Verdict::Accepted, Verdict::Refused(_), Verdict::Accepted]), "{:?}", last.verdicts);
}

#[test]
fn process_that_hangs_is_ended_and_every_job_has_its_word() {
    let mut hung = stranger("/bin/sh", &["-c", "while read -r line; do :; done"]).with_patience(Duration::ZERO);
    let job = || Job { existing: Vec::new(), new: vec![b"x".to_vec()] };
    assert_eq!(hung.judge(vec![job(), job(), job()]), vec![Outcome::TimedOut; 3]);
}

#[test]
fn process_that_ends_or_answers_nonsense_is_a_crash_of_its_job_alone() {
    for (program, arguments) in [("/bin/false", &[][..]), ("/bin/cat", &[]), ("/nowhere/judge", &[]), ("/bin/sh", &["-c", "printf '\\377\\377\\377\\377'"])] {
        let outcomes = stranger(program, arguments).judge(vec![Job::default(), jobs().remove(0)]);
        assert_eq!(outcomes, vec![Outcome::Crashed; 2], "{program}");
    }
}

#[test]
fn process_that_answers_for_fewer_changes_than_asked_is_not_believed() {
    // A well-formed answer without verdicts: `{"verdicts":[],"view":null}`.
    let short = r#"printf '\000\000\000\033{"verdicts":[],"view":null}'; while read -r line; do :; done"#;
    let outcomes = stranger("/bin/sh", &["-c", short]).judge(vec![jobs().remove(0)]);
    assert_eq!(outcomes, [Outcome::Crashed]);
}

#[test]
fn job_that_kills_its_process_does_not_take_the_next_one_with_it() {
    // Dies of the first question that it is asked, and serves when started anew after that.
    let folder = tempfile::tempdir().unwrap();
    let mark = folder.path().join("died");
    let script = format!("if [ -e {0} ]; then exec {1} judge; fi; touch {0}; exit 1", mark.display(), env!("CARGO_BIN_EXE_sandyq"));
    let script = script.replace("touch ", ": > ");
    let outcomes = stranger("/bin/sh", &["-c", &script]).judge(jobs());
    assert_eq!(outcomes[0], Outcome::Crashed);
    assert_eq!(outcomes[1..], InProcess.judge(jobs())[1..]);
}

#[test]
fn judge_is_given_no_environment() {
    let script = format!("if [ -n \"$HOME$USER$SANDYQ_VAULT\" ]; then exit 1; fi; exec {} judge", env!("CARGO_BIN_EXE_sandyq"));
    let outcomes = stranger("/bin/sh", &["-c", &script]).judge(jobs());
    assert_eq!(outcomes, InProcess.judge(jobs()));
}

#[test]
fn record_of_an_unknown_kind_is_judged_and_read_without_a_table() {
    let (_, first) = Document::create(&[], &tree(json!({"kind": "weather", "wind": "north"})), &author(1, 1)).unwrap();
    let outcomes = child().judge(vec![Job { existing: Vec::new(), new: vec![first.bytes] }]);
    let [Outcome::Examined(examined)] = &outcomes[..] else { panic!("{outcomes:?}") };
    let view = examined.view.as_ref().unwrap();
    assert_eq!((view.kind, json!(view.reading.tree)), (None, json!({"kind": "weather", "wind": "north"})));
}

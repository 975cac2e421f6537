//! One stick with everything on it that somebody could put there, and honest parcels between.

use std::fs;
use std::time::Duration;

use sandyq::crypto::Sealed;
use sandyq::parcel::Parcel;
use sandyq::sync::judge::{Child, InProcess, Judge};
use sandyq::transport::{Folder, Mailbox, Name};
use sandyq::vault::Silent;

use super::super::model::dice::Dice;
use super::super::transport::hostile::{named, of_kind};
use super::super::transport::only_pack;
use super::envelopes::mutant;
use super::forge::{Hands, Team, codes, is_whole};
use super::raw::run;
use crate::support::{Seeded, passphrase};

/// A pack of these files in this order of theirs, as an honest program writes it.
fn pack(files: &[Sealed]) -> Vec<u8> {
    let folder = tempfile::tempdir().expect("a folder");
    let names: Vec<Name> = files.iter().map(Name::of).collect();
    let mut open = |name: &Name| Ok(files.iter().find(|sealed| Name::of(sealed) == *name).expect("one of them").clone());
    Folder::at(folder.path(), &mut Seeded(5)).leave(&names, &mut open, &mut |_, _| {}).expect("left");
    fs::read(only_pack(folder.path())).expect("read")
}

/// Changes that keep the form and cost whoever tries them.
fn heavy(hands: &Hands) -> Vec<Parcel> {
    let root = &hands.own[0];
    let mut all = Vec::new();
    for (at, count) in [250_000, 249_999, 100_000].into_iter().enumerate() {
        all.push(hands.change(0, [at as u8; 16], hands.edit(), |raw| raw.start_op = 1_700_000 + count));
        all.push(hands.change(0, [100 + at as u8; 16], root, |raw| *raw = raw.clone().with(66, run(count as i64, 3))));
    }
    all
}

fn stick_is_survived(seed: u64, judge: &mut dyn Judge) {
    let mut team = Team::new(seed);
    let hands = Hands::of(&team.hostile);
    let mut dice = Dice(seed);
    let honest: Vec<Sealed> = (0..3).flat_map(|_| team.honest_files()).collect();
    let mutants: Vec<Sealed> = (0..300).map(|_| mutant(&mut dice, &hands)).filter(|sealed| !sealed.as_bytes().is_empty()).collect();
    let heavy: Vec<Sealed> = heavy(&hands).iter().map(|parcel| hands.sealed(std::slice::from_ref(parcel))).collect();
    let folder = tempfile::tempdir().expect("a folder");
    let end = |bytes: Vec<u8>| bytes[..bytes.len() - 1024].to_vec();
    let odd = [of_kind(b'2', b""), of_kind(b'3', b""), of_kind(b'6', b""), named(b"../../x.age"), named(b"/etc/passwd")].concat();
    let first = [end(pack(&honest[..2])), odd, pack(&[&mutants[..], &honest[2..4], &heavy].concat())].concat();
    fs::write(folder.path().join("a.pack"), first).expect("written");
    let cut = pack(&[&honest[4..], &mutants[..40]].concat());
    fs::write(folder.path().join("b.pack"), &cut[..cut.len() - 700]).expect("written");
    fs::write(folder.path().join("c.pack"), [0x1f, 0x8b].repeat(4096)).expect("written");
    std::os::unix::fs::symlink("/dev/zero", folder.path().join("d.pack")).expect("a link");
    fs::create_dir(folder.path().join("e.pack")).expect("a folder");
    pack_alone(folder.path(), &honest[4..]);
    let before = team.founder.session.list(None).expect("listed").len();
    let mut chance = Seeded(6);
    let mut place = Folder::at(folder.path(), &mut chance);
    let came = team.founder.session.sync(&mut place, judge, &passphrase(), false, &mut Silent).expect("synced");
    assert!(!came.exchanged.faults.is_empty() && !came.refused.is_empty());
    for sealed in &honest {
        assert_eq!(codes(team.founder.session.vault_mut(), sealed), [Some("accepted".to_owned())]);
    }
    assert!(team.founder.session.list(None).expect("listed").len() >= before + 6);
    let docket = team.founder.session.vault_mut().docket().expect("a docket");
    assert!(docket.ready().is_empty(), "everything that fits was judged");
    let again = team.founder.session.sync(&mut place, judge, &passphrase(), true, &mut Silent).expect("synced");
    assert_eq!(again.exchanged.taken.new, Vec::<[u8; 32]>::new(), "a second run brings nothing new");
    is_whole(&mut team.founder);
}

/// The last honest files once more as one whole pack: the cut one may have lost them.
fn pack_alone(folder: &std::path::Path, files: &[Sealed]) {
    fs::write(folder.join("f.pack"), pack(files)).expect("written");
}

#[test]
fn stick_full_of_harm_gives_its_honest_parcels() {
    stick_is_survived(40, &mut InProcess);
}

#[test]
fn stick_full_of_harm_gives_its_honest_parcels_to_the_built_program_as_well() {
    let mut child = Child::new(env!("CARGO_BIN_EXE_sandyq").into(), vec!["judge".to_owned()]).with_patience(Duration::from_secs(60));
    stick_is_survived(41, &mut child);
}

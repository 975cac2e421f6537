//! 41 small records from one device to another through a slow link.

use std::path::Path;
use std::time::Duration;

use sandyq::session::Session;
use sandyq::sync::judge::Child;
use sandyq::transport::relay::Address;
use sandyq::vault::Silent;

use super::desk::{BOOK, Desk, words};
use super::link::{Link, SLOW};
use super::server::Server;
use super::{shown, timed};

/// Records of a rally and those who were taken there.
const RECORDS: usize = 41;
/// Most bytes of requests and answers for each parcel, and more than its own.
const PARCEL: f64 = 600.0;
/// Most bytes for what one device says of itself.
const DEVICE: f64 = 64.0;
/// Most bytes of the sealed parcels' own.
const OWN: f64 = 1.15;

/// Measures one device that leaves, and one that fetches.
pub fn through(folder: &Path, server: &Server) {
    let link = Link::to(server.address);
    let address = Address { url: format!("https://{}", link.address), pin: server.pin.0, backup: None };
    let founder = Desk::founder(&folder.join("one"));
    let other = founder.lets_in(&folder.join("two"));
    meet(&founder, &address);
    meet(&other, &address);
    meet(&founder, &address);
    let sealed = founder.sealed_by(|desk| desk.fill(0, RECORDS));
    link.set_speed(SLOW);
    link.taken();
    let (time, ()) = timed(|| meet(&founder, &address));
    row("41 small records left through 64 kbit/s", time, link.taken(), sealed, true);
    let (time, ()) = timed(|| meet(&other, &address));
    row("fetched through 64 kbit/s, receipt left", time, link.taken(), sealed, false);
    let (time, ()) = timed(|| meet(&founder, &address));
    let (up, down) = link.taken();
    shown("met again, the receipt fetched", &format!("{:.1} s", time.as_secs_f64()), &format!("{up} B up, {down} B down"));
}

fn row(what: &str, time: Duration, (up, down): (u64, u64), sealed: u64, leaves: bool) {
    let bound = OWN * sealed as f64 + PARCEL * RECORDS as f64 + 2.0 * DEVICE;
    let (bytes, way) = if leaves { (up, "up") } else { (down, "down") };
    let said = if (bytes as f64) <= bound { "within" } else { "MISSED" };
    let beside = format!("sealed parcels {sealed} B, at full speed {:.1} s", bytes as f64 / SLOW as f64);
    let ratio = bytes as f64 / sealed as f64;
    println!("| P5 {what} | {:.1} s, {up} B up, {down} B down | {beside} | {ratio:.2} | {way} <= {bound:.0} B | {said} |", time.as_secs_f64());
}

fn meet(desk: &Desk, address: &Address) {
    let mut judge = Child::new(std::env::current_exe().expect("a path"), vec!["judge".into()]);
    let mut session: Session = desk.open(Some(BOOK));
    let met = session.sync_relay(address, &mut judge, &words(), false, &mut Silent).expect("met");
    assert!(met.failed.is_none() && met.meetings.iter().all(|one| one.refused.is_empty() && one.exchanged.faults.is_empty()));
}

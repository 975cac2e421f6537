//! Members in one room, without any server.

use sandyq::sync::judge::InProcess;
use sandyq::team::Role;
use sandyq::transport::lan::{Code, Room};
use sandyq::vault::Silent;

use super::same;
use crate::carry::support::Desk;
use crate::remove::desks::{admitted, rolls};
use crate::support::passphrase;

/// The room's code with the address of this machine for itself.
fn code(room: &Room) -> Code {
    let mut code = room.code();
    code.at.set_ip(std::net::Ipv4Addr::LOCALHOST.into());
    code
}

fn enters(desk: &mut Desk, code: &Code) -> Result<sandyq::session::Synced, sandyq::error::Error> {
    desk.session.turn_to_shared();
    desk.session.sync_room(code, &mut InProcess, &passphrase(), &mut Silent)
}

#[test]
fn everybody_in_a_room_leaves_with_the_same() {
    let mut one = Desk::founder("M-ONE", 1);
    let mut two = admitted(&mut one, "M-TWO", 50, Role::Editor);
    let mut blind = admitted(&mut one, "M-BLIND", 90, Role::Capture);
    one.detained("Of The First");
    two.detained("Of The Second");
    blind.session.turn_to_shared();
    blind.detained("Of The Blind");
    two.session.turn_to_shared();
    let room = two.session.open_room().expect("open");
    let code = code(&room);
    for _ in 0..2 {
        enters(&mut two, &code).expect("met");
        enters(&mut one, &code).expect("met");
        enters(&mut blind, &code).expect("met");
    }
    enters(&mut two, &code).expect("met");
    same(&mut [&mut one, &mut two]);
    assert_eq!(one.seen().len(), 6);
    for desk in [&one, &two, &blind] {
        assert_eq!(desk.session.places().expect("places"), [], "a room is no place to come back to");
    }
}

#[test]
fn code_is_read_as_it_is_shown_and_nothing_else_is() {
    for text in ["192.168.1.20:40123-58301776", "[fe80::1]:40123-00000007"] {
        assert_eq!(text.parse::<Code>().expect("a code").to_string(), text);
    }
    for text in ["", "192.168.1.20:40123", "192.168.1.20-58301776", "192.168.1.20:40123-5830177", "192.168.1.20:40123-+8301776", "laptop:40123-58301776"] {
        assert!(text.parse::<Code>().is_err(), "{text}");
    }
}

#[test]
fn room_of_other_keys_is_told_from_an_interception() {
    let (mut one, mut stranger) = (Desk::founder("M-ONE", 1), Desk::founder("M-OTHER", 50));
    let mut late = admitted(&mut one, "M-LATE", 90, Role::Editor);
    rolls(&mut one);
    one.session.turn_to_shared();
    let room = one.session.open_room().expect("open");
    for desk in [&mut stranger, &mut late] {
        assert_eq!(enters(desk, &code(&room)).expect_err("other keys").code(), "room-other-keys");
    }
    let closed = code(&room);
    drop(room);
    assert_eq!(enters(&mut one, &closed).expect_err("closed").exit_code(), 30);
}

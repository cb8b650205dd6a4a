//! What is no WebSocket frame, byte by byte: the client is told with the code that WebSocket has for it, and sees it.

use crate::world::{Raw, TEXT, World, frame};

/// Bits of a frame's first byte, and its opcodes (RFC 6455 section 5.2).
const FIN: u8 = 0x80;
const RSV: [u8; 3] = [0x40, 0x20, 0x10];
const CONTINUES: u8 = 0x0;
const TEXT_BEGINS: u8 = 0x1;
const PING: u8 = 0x9;
const CLOSE: u8 = 0x8;

/// More than a socket is read at once, so that some of it is still under way when the server says why.
fn and_more(mut bytes: Vec<u8>) -> Vec<u8> {
    bytes.resize(bytes.len() + 60_000, b'x');
    bytes
}

/// A connection before its sign-in and one after it meet the same end.
async fn all_are_closed_with(code: u16, table: Vec<(&str, Vec<u8>)>) {
    let world = World::start();
    for (what, bytes) in table {
        println!("{what}: {code}");
        let mut stranger = Raw::connects(world.address()).await;
        stranger.sends(&and_more(bytes.clone())).await;
        stranger.is_closed_with(code).await;
        let mut alice = Raw::signs_in(&world.device("alice"), world.address()).await;
        alice.sends(&and_more(bytes)).await;
        alice.is_closed_with(code).await;
    }
}

#[tokio::test]
async fn a_text_that_is_not_utf_8_is_closed_with_1007() {
    let cut_off = [frame(TEXT_BEGINS, &[b'{', 0xE2, 0x82]), frame(FIN | CONTINUES, b"}")].concat();
    let table = vec![
        ("a byte that UTF-8 has not", frame(TEXT, &[b'{', 0xFF, b'}'])),
        ("a character that is cut off", frame(TEXT, &[b'{', 0xE2, 0x82])),
        ("half a surrogate pair", frame(TEXT, &[0xED, 0xA0, 0x80])),
        ("a longer form than needed", frame(TEXT, &[0xC0, 0xAF])),
        ("a character that the next fragment does not end", cut_off),
        ("a reason for closing that is no text", frame(FIN | CLOSE, &[0x03, 0xE8, 0xFF])),
    ];
    all_are_closed_with(1007, table).await;
}

#[tokio::test]
async fn what_is_no_frame_is_closed_with_1002() {
    let mut table = vec![
        ("a frame without mask", vec![TEXT, 2, b'{', b'}']),
        ("a control frame in fragments", frame(PING, b"there?")),
        ("a control frame of 126 bytes", frame(FIN | PING, &[b'x'; 126])),
        ("the rest of a message that never began", frame(FIN | CONTINUES, b"x")),
        ("a message within another", [frame(TEXT_BEGINS, b"x"), frame(FIN | TEXT_BEGINS, b"x")].concat()),
        ("a code for closing that is cut off", frame(FIN | CLOSE, &[0x03])),
    ];
    table.extend(RSV.map(|bit| ("a reserved bit", frame(TEXT | bit, b"{}"))));
    table.extend([0x3, 0x7, 0xB, 0xF].map(|opcode| ("a reserved opcode", frame(FIN | opcode, b"x"))));
    all_are_closed_with(1002, table).await;
}

#[tokio::test]
async fn a_binary_frame_is_closed_with_4504() {
    let binary = |first| frame(first, b"{}");
    all_are_closed_with(
        4504,
        vec![("binary", binary(0x82)), ("the begin of one", [binary(0x02), binary(0x80)].concat())],
    )
    .await;
}

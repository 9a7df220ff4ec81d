//! HTTP in a few lines. HTTP/1.0, so that a body ends where the connection does.

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::ops::Range;
use std::sync::atomic::{AtomicU16, Ordering};
use std::time::Duration;

const PATIENCE: Duration = Duration::from_secs(10);

/// The body behind a path; `None` where nobody answers, or not with 200.
pub fn get(address: SocketAddr, path: &str) -> Option<String> {
    let (status, body) = ask(address, "GET", path)?;
    (status == 200).then_some(body)
}

/// What is answered to a request without a body: the status and the body; `None` where nobody answers.
pub fn ask(address: SocketAddr, method: &str, path: &str) -> Option<(u16, String)> {
    let mut stream = TcpStream::connect_timeout(&address, PATIENCE).ok()?;
    stream.set_read_timeout(Some(PATIENCE)).ok()?;
    write!(stream, "{method} {path} HTTP/1.0\r\nHost: {address}\r\n\r\n").ok()?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer).ok()?;
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.split(' ').nth(1)?.parse().ok()?;
    Some((status, body.to_owned()))
}

/// The JSON behind a path.
pub fn get_json(address: SocketAddr, path: &str) -> Option<serde_json::Value> {
    serde_json::from_str(&get(address, path)?).ok()
}

/// A value as part of a query.
pub fn encoded(text: &str) -> String {
    let encode = |byte: u8| match byte {
        b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_' => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(encode).collect()
}

/// So many free ports of loopback in a row; the first of them. They are none that the system gives to connections: a broker
/// that is away for a while finds its own again.
pub fn free_ports(count: u16) -> u16 {
    static TRIED: AtomicU16 = AtomicU16::new(0);
    const PORTS: Range<u16> = 20_000..32_000;
    // Test runs beside this one begin elsewhere.
    let begin = (std::process::id() % 1_000) as u16 * 10;
    let free = |_| {
        let tried = TRIED.fetch_add(count, Ordering::Relaxed).wrapping_add(begin);
        let port = PORTS.start + tried % (PORTS.end - PORTS.start - count);
        let all = (port..port + count).map(|port| TcpListener::bind(("127.0.0.1", port)).ok());
        all.collect::<Option<Vec<_>>>().map(|_| port)
    };
    (0..100).find_map(free).expect("free ports of loopback, one behind the other")
}

//! An HTTP call as whoever is called sees it.

use std::io::{BufRead, BufReader, Read};
use std::net::TcpStream;

/// What is asked for, and the body; `None` where the caller has hung up.
pub fn taken(call: &TcpStream) -> Option<(String, Vec<u8>)> {
    let mut reader = BufReader::new(call);
    let (mut request, mut line, mut length) = (String::new(), String::new(), 0);
    while reader.read_line(&mut line).ok()? > 2 {
        if request.is_empty() {
            request.clone_from(&line);
        }
        if let Some(told) = line.to_lowercase().strip_prefix("content-length:") {
            length = told.trim().parse().ok()?;
        }
        line.clear();
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    Some((request.split(' ').nth(1)?.to_owned(), body))
}

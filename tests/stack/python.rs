//! The readers in `python/`: each is asked in JSON on standard input and answers in JSON.

use std::io::Write;
use std::process::{Command, Stdio};

use serde_json::Value;

use crate::services;

/// What a script answers to a question.
pub fn ask(script: &str, question: &Value) -> Value {
    let path = services::project().join("tests/stack/python").join(script);
    let mut child = Command::new(services::python())
        .arg("-B") // no compiled files beside the sources
        .arg(path)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("Python runs");
    let mut input = child.stdin.take().expect("a pipe to Python");
    let question = question.to_string();
    // From a thread: a script may begin to answer before it has read everything.
    let asking = std::thread::spawn(move || input.write_all(question.as_bytes()));
    let output = child.wait_with_output().expect("Python ends");
    drop(asking.join());
    assert!(output.status.success(), "{script} failed, see above");
    serde_json::from_slice(&output.stdout).expect("JSON from Python")
}

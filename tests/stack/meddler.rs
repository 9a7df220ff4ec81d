//! A proxy that spoils what passes between chunfeng and its object store. One request a connection, so that each meets
//! the mood of its moment.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{SocketAddr, TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

/// How often somebody who hangs looks whether the mood has changed.
const LOOK: Duration = Duration::from_millis(50);
const SLOW_DOWN: &str = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>SlowDown</Code>\
    <Message>Please reduce your request rate.</Message></Error>";

/// What becomes of requests.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Mood {
    /// They are passed on and answered.
    Works,
    /// They are refused with 503 SlowDown.
    Throttles,
    /// They are never answered.
    Hangs,
    /// What is put under a name with this in it is passed on and done, and the answer lost.
    LosesAnswersTo(&'static str),
}

/// The proxy. It listens until the tests end.
pub struct Meddler {
    address: SocketAddr,
    mood: Arc<Mutex<Mood>>,
}

impl Meddler {
    /// Stands before a server.
    pub fn before(server: SocketAddr) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("its own address");
        let mood = Arc::new(Mutex::new(Mood::Works));
        let of_all = mood.clone();
        thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let mood = of_all.clone();
                // A connection that breaks is none of the test's business.
                thread::spawn(move || drop(serve(client, server, &mood)));
            }
        });
        Self { address, mood }
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Treats requests otherwise from now on.
    pub fn turn(&self, mood: Mood) {
        *self.mood.lock().expect("no thread panics with it") = mood;
    }
}

fn serve(mut client: TcpStream, server: SocketAddr, mood: &Mutex<Mood>) -> std::io::Result<()> {
    let request = Request::read(&client)?;
    let now = || *mood.lock().expect("no thread panics with it");
    match now() {
        Mood::Throttles => {
            let length = SLOW_DOWN.len();
            let head = format!(
                "HTTP/1.1 503 Slow Down\r\nContent-Length: {length}\r\nConnection: close\r\n\r\n"
            );
            client.write_all((head + SLOW_DOWN).as_bytes())
        }
        Mood::Hangs => {
            while now() == Mood::Hangs {
                thread::sleep(LOOK);
            }
            Ok(())
        }
        Mood::LosesAnswersTo(what) if request.puts(what) => request.answer_of(server).map(drop),
        Mood::Works | Mood::LosesAnswersTo(_) => client.write_all(&request.answer_of(server)?),
    }
}

/// A request, whole.
struct Request {
    head: Vec<String>,
    body: Vec<u8>,
}

impl Request {
    fn read(client: &TcpStream) -> std::io::Result<Self> {
        let mut client = BufReader::new(client);
        let mut head = Vec::new();
        loop {
            let mut line = String::new();
            client.read_line(&mut line)?;
            match line.trim_end() {
                "" => break,
                line => head.push(line.to_owned()),
            }
        }
        let length = head.iter().find_map(|line| {
            let (name, value) = line.split_once(':')?;
            name.eq_ignore_ascii_case("content-length").then(|| value.trim().parse().ok())?
        });
        let mut body = vec![0; length.unwrap_or(0)];
        client.read_exact(&mut body)?;
        Ok(Self { head, body })
    }

    fn puts(&self, what: &str) -> bool {
        self.head.first().is_some_and(|line| line.starts_with("PUT ") && line.contains(what))
    }

    /// What the server answers; it ends the connection, as it is asked to.
    fn answer_of(&self, server: SocketAddr) -> std::io::Result<Vec<u8>> {
        let mut server = TcpStream::connect(server)?;
        server.write_all(
            format!("{}\r\nConnection: close\r\n\r\n", self.head.join("\r\n")).as_bytes(),
        )?;
        server.write_all(&self.body)?;
        let mut answer = Vec::new();
        server.read_to_end(&mut answer)?;
        Ok(answer)
    }
}

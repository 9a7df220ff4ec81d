//! One robot's courier: keeps to its pace, puts together what waits, and tells each caller what became of its alerts.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use prometheus::IntCounterVec;
use reqwest::header::CONTENT_TYPE;
use tokio::sync::{mpsc, oneshot};
use tokio::time::sleep;

use super::call::Alert;
use super::digest::{Language, Links, digest};
use super::pace::Pace;
use super::robot::{Robot, Verdict};
use crate::clock::Clock;

/// So many calls wait for a robot at most; whoever comes then is told to come again.
const WAITING_MOST: usize = 256;
/// How often a message is tried that a robot could not take.
const TRIES: u32 = 3;
const FIRST_PAUSE: Duration = Duration::from_secs(1);

/// How messages are made and sent, whichever robot they are for.
#[derive(Clone)]
pub struct Manner {
    /// In which language.
    pub language: Language,
    /// Where links lead.
    pub links: Links,
    /// Who posts.
    pub client: reqwest::Client,
    /// For signatures.
    pub clock: Arc<dyn Clock>,
    /// Messages by robot and by what became of them.
    pub messages: IntCounterVec,
}

/// What may be handed over to a robot's courier.
#[derive(Clone)]
pub struct Courier {
    queue: mpsc::Sender<Parcel>,
}

/// Alerts of one call, and who waits for them.
struct Parcel {
    alerts: Vec<Alert>,
    delivered: oneshot::Sender<Result<(), String>>,
}

impl Courier {
    /// Begins to work, in the runtime that is entered.
    pub fn start(name: String, robot: Robot, manner: Manner) -> Self {
        let (queue, parcels) = mpsc::channel(WAITING_MOST);
        let pace = Pace::new(robot.kind.limits());
        tokio::spawn(Route { name, robot, manner, pace }.walk(parcels));
        Self { queue }
    }

    /// Returns once the alerts have been delivered, or why they have not.
    pub async fn deliver(&self, alerts: Vec<Alert>) -> Result<(), String> {
        let (delivered, answer) = oneshot::channel();
        let queued = self.queue.try_send(Parcel { alerts, delivered });
        queued.map_err(|_| "too many calls wait for this robot".to_owned())?;
        answer.await.unwrap_or_else(|_| Err("the robot's courier is gone".to_owned()))
    }
}

/// A courier at work.
struct Route {
    name: String,
    robot: Robot,
    manner: Manner,
    pace: Pace,
}

impl Route {
    async fn walk(mut self, mut parcels: mpsc::Receiver<Parcel>) {
        while let Some(first) = parcels.recv().await {
            sleep(self.pace.wait(Instant::now())).await;
            let mut waiting = vec![first];
            while let Ok(next) = parcels.try_recv() {
                waiting.push(next);
            }
            // Whoever has hung up calls again.
            waiting.retain(|parcel| !parcel.delivered.is_closed());
            if waiting.is_empty() {
                continue;
            }
            let outcome = self.send(&latest(&waiting)).await;
            if let Err(why) = &outcome {
                tracing::warn!(robot = self.name, "not delivered: {why}");
            }
            for parcel in waiting {
                _ = parcel.delivered.send(outcome.clone()); // it may have hung up meanwhile
            }
        }
    }

    /// Sends one message of all these alerts.
    async fn send(&mut self, alerts: &[Alert]) -> Result<(), String> {
        let Manner { language, links, .. } = &self.manner;
        let message = digest(alerts, *language, links, self.robot.kind.bytes_most());
        let mut pause = FIRST_PAUSE;
        for left in (0..TRIES).rev() {
            sleep(self.pace.wait(Instant::now())).await;
            self.pace.sends(Instant::now());
            let request = self.robot.request(&message, self.manner.clock.now());
            let post = self.manner.client.post(&request.url).body(request.body.to_string());
            let posted = post.header(CONTENT_TYPE, "application/json").send().await;
            let verdict = match posted {
                Ok(answer) => {
                    let status = answer.status().as_u16();
                    let body = answer.bytes().await.unwrap_or_default();
                    self.robot.verdict(status, &body)
                }
                // The address holds the robot's key.
                Err(error) => Verdict::Unwell(error.without_url().to_string()),
            };
            self.count(&verdict);
            match verdict {
                Verdict::Taken => return Ok(()),
                Verdict::TooFast(deaf) => {
                    self.pace.pauses(Instant::now(), deaf);
                    return Err(format!("it was talked to too fast, and is deaf for {deaf:?}"));
                }
                Verdict::Refused(why) => return Err(why),
                Verdict::Unwell(why) if left == 0 => return Err(why),
                Verdict::Unwell(_) => {
                    sleep(pause).await;
                    pause *= 2;
                }
            }
        }
        Err("it was not tried".to_owned())
    }

    fn count(&self, verdict: &Verdict) {
        let outcome = match verdict {
            Verdict::Taken => "taken",
            Verdict::TooFast(_) => "too_fast",
            Verdict::Refused(_) => "refused",
            Verdict::Unwell(_) => "failed",
        };
        self.manner.messages.with_label_values(&[self.name.as_str(), outcome]).inc();
    }
}

/// The last that was told of each alert.
fn latest(parcels: &[Parcel]) -> Vec<Alert> {
    let all = parcels.iter().flat_map(|parcel| &parcel.alerts);
    let by_labels: BTreeMap<_, _> = all.map(|alert| (&alert.labels, alert)).collect();
    by_labels.into_values().cloned().collect()
}

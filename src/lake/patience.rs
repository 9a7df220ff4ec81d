//! How a storage that fails is tried again: after pauses that grow, told to whoever watches, until a budget is spent.
//!
//! Only what may pass by itself is tried again ([`LakeError::Unavailable`]): a full disk, a folder that cannot be written,
//! a store that throttles, is away, or does not answer. Knows nothing of tables.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep, timeout};

use super::LakeError;

/// The first pause; each later one is twice as long …
const FIRST_PAUSE: Duration = Duration::from_millis(100);
/// … up to this.
const LONGEST_PAUSE: Duration = Duration::from_secs(10);
/// What has not answered by then is asked again, and asked what became of the first time.
pub(super) const ANSWER_DEADLINE: Duration = Duration::from_secs(60);

/// Sees a storage fail and recover.
pub trait Watcher: Send + Sync {
    /// It failed and is tried again after `pause`.
    fn failing(&self, error: &LakeError, pause: Duration);
    /// It works again.
    fn recovered(&self);
    /// For how long a failing storage may still be tried, from now on; asked after every failure.
    fn budget(&self) -> Duration;
}

/// How long to try. The default is once.
#[derive(Clone)]
pub struct Patience {
    watcher: Option<Arc<dyn Watcher>>,
    first_pause: Duration,
    answer_deadline: Duration,
}

impl Default for Patience {
    fn default() -> Self {
        Self { watcher: None, first_pause: FIRST_PAUSE, answer_deadline: ANSWER_DEADLINE }
    }
}

impl Patience {
    /// Tries as long as the watcher's budget lasts.
    pub fn watched(watcher: Arc<dyn Watcher>) -> Self {
        Self { watcher: Some(watcher), ..Self::default() }
    }

    /// The same for tests, which have little time.
    #[cfg(test)]
    pub(crate) fn hurried(watcher: Arc<dyn Watcher>, first_pause: Duration) -> Self {
        Self { first_pause, ..Self::watched(watcher) }
    }

    /// Tries `attempt` until it succeeds, fails for good, or patience ends; the last failure is returned.
    pub(super) async fn spend<T>(
        &self,
        table: &str,
        mut attempt: impl AsyncFnMut() -> Result<T, LakeError>,
    ) -> Result<T, LakeError> {
        let Some(watcher) = &self.watcher else {
            return attempt().await;
        };
        let mut trouble: Option<(Instant, Duration)> = None;
        loop {
            let answer = timeout(self.answer_deadline, attempt()).await;
            let error = match answer.unwrap_or_else(|_| Err(LakeError::no_answer(table))) {
                Err(error @ LakeError::Unavailable { .. }) => error,
                done => {
                    if trouble.is_some() {
                        watcher.recovered();
                    }
                    return done;
                }
            };
            let (since, last) = trouble.unwrap_or((Instant::now(), self.first_pause / 2));
            let Some(pause) = next_pause(last, since.elapsed(), watcher.budget()) else {
                return Err(error);
            };
            watcher.failing(&error, pause);
            sleep(pause).await;
            trouble = Some((since, pause));
        }
    }
}

/// How long to wait before the next try, after trouble of a length; `None` where that is enough.
fn next_pause(last: Duration, trouble: Duration, budget: Duration) -> Option<Duration> {
    (trouble < budget).then(|| (last * 2).min(LONGEST_PAUSE))
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    const SECOND: Duration = Duration::from_secs(1);

    /// Notes what it sees, and has a budget of a quarter of a second.
    #[derive(Default)]
    struct Notes {
        pauses: Mutex<Vec<Duration>>,
        recovered: AtomicUsize,
    }

    impl Watcher for Notes {
        fn failing(&self, _error: &LakeError, pause: Duration) {
            self.pauses.lock().unwrap().push(pause);
        }

        fn recovered(&self) {
            self.recovered.fetch_add(1, Ordering::Relaxed);
        }

        fn budget(&self) -> Duration {
            Duration::from_millis(250)
        }
    }

    impl Notes {
        fn pauses(&self) -> Vec<Duration> {
            self.pauses.lock().unwrap().clone()
        }
    }

    fn away() -> LakeError {
        LakeError::Unavailable { table: "p/t".into(), action: "commit", source: "away".into() }
    }

    fn fenced() -> LakeError {
        LakeError::Fenced { table: "p/t".into() }
    }

    /// Fails so often, then succeeds with the number of tries.
    async fn spend(
        patience: Patience,
        failures: usize,
        how: impl Fn() -> LakeError,
    ) -> (Result<usize, LakeError>, usize) {
        let mut tries = 0;
        let attempt = async || {
            tries += 1;
            if tries > failures { Ok(tries) } else { Err(how()) }
        };
        (patience.spend("p/t", attempt).await, tries)
    }

    #[test]
    fn pauses_grow_up_to_a_limit_and_end_with_the_budget() {
        assert_eq!(next_pause(SECOND, SECOND, 9 * SECOND), Some(2 * SECOND));
        assert_eq!(next_pause(8 * SECOND, SECOND, 9 * SECOND), Some(LONGEST_PAUSE));
        assert_eq!(next_pause(SECOND, 9 * SECOND, 9 * SECOND), None);
    }

    #[tokio::test]
    async fn what_fails_for_a_while_succeeds_in_the_end_and_the_watcher_sees_both() {
        let notes = Arc::new(Notes::default());
        let (done, _) = spend(Patience::watched(notes.clone()), 2, away).await;
        assert_eq!(done.unwrap(), 3);
        assert_eq!(notes.pauses(), [FIRST_PAUSE, FIRST_PAUSE * 2]);
        assert_eq!(notes.recovered.load(Ordering::Relaxed), 1);
    }

    #[tokio::test]
    async fn what_works_at_once_is_no_news() {
        let notes = Arc::new(Notes::default());
        let (done, _) = spend(Patience::watched(notes.clone()), 0, away).await;
        assert_eq!((done.unwrap(), notes.recovered.load(Ordering::Relaxed)), (1, 0));
    }

    #[tokio::test]
    async fn patience_ends_with_its_budget() {
        let notes = Arc::new(Notes::default());
        let (done, tries) = spend(Patience::watched(notes.clone()), usize::MAX, away).await;
        assert!(matches!(done, Err(LakeError::Unavailable { .. })));
        assert_eq!((tries, notes.pauses().len()), (3, 2));
        assert_eq!(notes.recovered.load(Ordering::Relaxed), 0);
    }

    #[tokio::test]
    async fn what_does_not_answer_is_asked_again() {
        let soon = Duration::from_millis(20);
        let watched = Patience::watched(Arc::new(Notes::default()));
        let mut tries = 0;
        let done = Patience { answer_deadline: soon, ..watched }
            .spend("p/t", async || {
                tries += 1;
                if tries == 1 {
                    std::future::pending::<()>().await;
                }
                Ok(tries)
            })
            .await;
        assert_eq!(done.unwrap(), 2);
    }

    #[tokio::test]
    async fn what_will_not_pass_is_not_tried_again() {
        let watched = Patience::watched(Arc::new(Notes::default()));
        let (done, tries) = spend(watched, usize::MAX, fenced).await;
        assert!(matches!(done, Err(LakeError::Fenced { .. })));
        assert_eq!(tries, 1);
    }

    #[tokio::test]
    async fn without_a_watcher_everything_is_tried_once() {
        let (done, tries) = spend(Patience::default(), usize::MAX, away).await;
        assert!(done.is_err());
        assert_eq!(tries, 1);
    }
}

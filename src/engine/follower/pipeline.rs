//! One pipeline as it is followed.

use std::sync::Arc;

use super::Follower;
use crate::area::Boundaries;
use crate::board::Board;
use crate::engine::AsOf;
use crate::error::Result;
use crate::lake::{
    Causes, Followed as FollowsPanes, LakeError, LedgerVersion, Moved, PanesVersion, PipelineLake,
    PublishedRates, Reached,
};
use crate::panes::Panes;
use crate::spec::Lookbacks;
use crate::steps::Cell;
use crate::time::{EARLIEST, EventTime};

/// Longer than any commit of panes takes, unless nobody makes it.
const BEHIND_SECONDS_MOST: i64 = 60;

/// So often a board is made again in one look because somebody else published meanwhile.
const PUBLISHED_OVER_OTHERS_MOST: usize = 5;

/// Whether a pipeline can be followed on.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Followed {
    /// It can.
    Goes,
    /// The lake describes it otherwise than it did.
    IsAnother,
}

/// What is known of a pipeline's panes.
pub struct FollowedPipeline {
    lake: PipelineLake,
    published: PublishedRates,
    known: Known,
    at: Option<PanesVersion>,
    as_of: EventTime,
    standing: Standing,
}

/// How the panes stand to the ledger.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Standing {
    /// They have not been seen to tell everything yet: they may be of long ago.
    Unknown,
    /// They told everything when they were last looked at.
    Level,
    /// They have been behind since then.
    BehindSince(EventTime),
}

/// The cells of a pipeline, from its panes table.
struct Known {
    panes: Panes,
    reached: Reached,
}

impl Known {
    fn nothing(lake: &PipelineLake) -> Self {
        let reached = Reached { frontier: EARLIEST, ledger: LedgerVersion(0) };
        Self { panes: Panes::new(Lookbacks::of(lake.pipeline()), EARLIEST), reached }
    }
}

impl FollowsPanes for Known {
    fn moved(&mut self, cell: Cell, end: EventTime, moved: Moved, reached: Reached) {
        self.panes.add(cell, end, moved.entries - moved.exits);
        self.reached.frontier = self.reached.frontier.max(reached.frontier);
        self.reached.ledger = self.reached.ledger.max(reached.ledger);
    }
}

impl FollowedPipeline {
    /// Opens a pipeline as the lake describes it, and hangs what was published of it last.
    pub async fn open(follower: &Follower, name: &str) -> Result<Self> {
        let lake = PipelineLake::open_existing(&follower.lake, name).await?;
        let lake = lake.with_panes(&follower.lake).await?;
        let published = lake.published().await?;
        if let Some(board) = published.last_board(lake.pipeline()) {
            follower.boards.publish(Arc::new(board));
        }
        let known = Known::nothing(&lake);
        Ok(Self { lake, published, known, at: None, as_of: EARLIEST, standing: Standing::Unknown })
    }

    /// Takes in what is new, and publishes where everything that counts is there.
    pub async fn look(&mut self, follower: &Follower) -> Result<Followed> {
        if self.lake.is_described_otherwise().await? {
            return Ok(Followed::IsAnother);
        }
        self.take_in().await?;
        let name = self.lake.pipeline().name.clone();
        if let Some((one, other)) = self.lake.overlapping_homes().await? {
            // What hung may have been wrong already.
            follower.boards.retract(&name);
            let why = format!(
                "entities come in {one} and in {other}, and would be counted twice: key the topic by entity, with one \
                 partitioner, or let one `chunfeng run` read all of it"
            );
            self.withhold(follower, why);
        } else if let Err(error @ LakeError::Undivided { .. }) = self.lake.refuse_elsewhere() {
            self.withhold(follower, format!("{error}, and no panes tell of those"));
        } else if let Some(home) = self.lake.homes_without_panes().await?.first() {
            self.withhold(follower, format!("what {home} brought is still being counted"));
        } else if self.is_out_of_date(follower).await? {
            let why = "records are committed and no panes tell of them: is every `ingest` at work, and does no \
                       `chunfeng run` feed this lake?";
            self.withhold(follower, why.to_owned());
        } else {
            self.publish(follower).await?;
            follower.metrics.withheld(&name, None);
        }
        Ok(Followed::Goes)
    }

    async fn take_in(&mut self) -> Result<()> {
        let at = self.lake.follow_panes(self.at, &mut self.known).await?;
        self.at = match at {
            Some(at) => Some(at),
            None => {
                self.known = Known::nothing(&self.lake);
                self.lake.follow_panes(None, &mut self.known).await?
            }
        };
        Ok(())
    }

    /// Between a commit of the ledger and that of its panes there is a moment. Longer than a while there is nobody who
    /// tells the panes; and nobody may have told them for long before this process looked first.
    async fn is_out_of_date(&mut self, follower: &Follower) -> Result<bool> {
        let now = follower.clock.now();
        self.standing = match (self.lake.is_ahead_of_its_panes().await?, self.standing) {
            (false, _) => Standing::Level,
            (true, Standing::Level) => Standing::BehindSince(now),
            (true, standing) => standing,
        };
        Ok(match self.standing {
            Standing::Unknown => true,
            Standing::Level => false,
            Standing::BehindSince(then) => now.seconds() - then.seconds() > BEHIND_SECONDS_MOST,
        })
    }

    fn withhold(&self, follower: &Follower, why: String) {
        tracing::warn!(pipeline = self.lake.pipeline().name, "no board is made: {why}");
        follower.metrics.withheld(&self.lake.pipeline().name, Some(why));
    }

    /// Writes what is to be published, and hangs it then and only then: whoever begins from the lake must not begin with less.
    async fn publish(&mut self, follower: &Follower) -> Result<()> {
        for _ in 0..PUBLISHED_OVER_OTHERS_MOST {
            let (board, now) = (self.board(follower), follower.clock.now());
            match self.lake.publish(&board, &mut self.published, Causes::Unknown, now).await {
                Ok(()) => {
                    follower.boards.publish(Arc::new(board));
                    return Ok(());
                }
                // Another `serve` has published, or an answer to this one was lost. What it counted is to be known first.
                Err(LakeError::Fenced { .. }) => {
                    self.lake.catch_up_with_rates().await?;
                    self.published = self.lake.published().await?;
                    self.take_in().await?;
                }
                Err(error) => return Err(error.into()),
            }
        }
        tracing::warn!(
            pipeline = self.lake.pipeline().name,
            "others publish all the while: the board that hangs stays until the next look"
        );
        Ok(())
    }

    /// The board of what is known, never as of an earlier moment than what was published.
    fn board(&mut self, follower: &Follower) -> Board {
        let clock = match follower.as_of {
            AsOf::Clock => follower.clock.now(),
            AsOf::NewestEvent => EARLIEST,
        };
        let published = self.published.as_of().unwrap_or(EARLIEST);
        self.as_of = self.as_of.max(published).max(clock).max(self.known.reached.frontier);
        let cells = self.known.panes.close(self.as_of);
        let version = Some(self.known.reached.ledger.0);
        let pipeline = self.lake.pipeline().clone();
        let board = Board::assemble(pipeline, Boundaries::Now, self.as_of, version, cells);
        let others = follower.boards.all();
        let others: Vec<&Board> = others.iter().map(|board| &**board).collect();
        board.with_neighbours(&others)
    }
}

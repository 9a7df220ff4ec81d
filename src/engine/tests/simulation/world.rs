//! The log, the group, the storage and the clock, and what may happen to them.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use object_store::memory::InMemory;
use tokio::runtime::Runtime;

use super::instance::Instance;
use crate::area::{AreaTree, Boundaries};
use crate::board::{Board, Boards, FigureKey};
use crate::clock::{Clock, ManualClock};
use crate::decode::{Key, Offset, PseudonymScheme, RecordBatch, TopicPartition};
use crate::engine::follower::{FollowedPipeline, Follower};
use crate::engine::schedule::EpochKind;
use crate::engine::tests::world::{as_json, return_to_work, time};
use crate::engine::{AsOf, Engine, Life, Publication, board_as_of};
use crate::error::ErrorKind;
use crate::lake::tests::faulty::{Fate, FaultyStore};
use crate::lake::{Lake, LakeError, Patience, PipelineLake, Share, Watcher};
use crate::telemetry::EngineMetrics;
use crate::time::EventTime;

const PARTITIONS: i32 = 3;
const INSTANCES_MOST: usize = 3;
const WORKERS: u64 = 30;
/// How many publish one lake, side by side.
const SERVES: usize = 2;

/// Everything there is.
pub struct World {
    seed: u64,
    dice: Dice,
    publication: Publication,
    runtime: Runtime,
    objects: Arc<InMemory>,
    clock: Arc<ManualClock>,
    /// The records of each partition.
    log: Vec<Vec<String>>,
    instances: Vec<Instance>,
    born: usize,
    failing: Arc<Mutex<Failing>>,
    /// What each `serve` follows.
    followed: [BTreeMap<String, FollowedPipeline>; SERVES],
    /// How many had departed by the last board.
    departed: i64,
    crashes: usize,
}

/// Whether the storage fails now and then.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Failing {
    NowAndThen,
    Never,
}

/// Dice that fall the same way for the same seed.
#[derive(Clone)]
struct Dice(Arc<AtomicU64>);

impl Dice {
    fn below(&self, sides: u64) -> u64 {
        let state = self.0.fetch_add(0x9e37_79b9_7f4a_7c15, Ordering::Relaxed);
        let mut mixed = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % sides
    }

    fn index(&self, of: usize) -> usize {
        self.below(of as u64) as usize
    }
}

/// Tries again for a moment.
struct Patient;

impl Watcher for Patient {
    fn failing(&self, _error: &LakeError, _pause: Duration) {}
    fn recovered(&self) {}
    fn budget(&self) -> Duration {
        Duration::from_millis(1)
    }
}

fn key() -> Arc<Key> {
    Arc::new(Key::new(&[7; 32], PseudonymScheme::Blake3))
}

fn partition(number: usize) -> TopicPartition {
    TopicPartition { topic: "hr.workers".into(), partition: number as i32 }
}

impl World {
    pub fn new(seed: u64, publication: Publication) -> Self {
        let runtime = tokio::runtime::Builder::new_multi_thread()
            .worker_threads(1)
            .enable_all()
            .build()
            .expect("a runtime");
        Self {
            seed,
            dice: Dice(Arc::new(AtomicU64::new(seed.wrapping_mul(0x2545_f491_4f6c_dd1d)))),
            publication,
            runtime,
            objects: Arc::new(InMemory::new()),
            clock: Arc::new(ManualClock::at(time("2022-03-01T00:00:00Z"))),
            log: vec![Vec::new(); PARTITIONS as usize],
            instances: Vec::new(),
            born: 0,
            failing: Arc::new(Mutex::new(Failing::NowAndThen)),
            followed: Default::default(),
            departed: 0,
            crashes: 0,
        }
    }

    /// Something happens.
    pub fn step(&mut self) {
        match self.dice.below(40) {
            0..4 => self.produce(),
            4 => self.start(),
            5 => _ = self.rebalance(),
            6 if self.dice.below(3) == 0 => self.crash(),
            7 => self.fall_asleep_or_wake(),
            8 if self.dice.below(4) == 0 => self.stop(),
            9..11 => self.end_epoch(),
            11 => self.clock_jumps(),
            12 | 13 => self.follow(),
            14..20 => self.deliver(),
            _ => self.go_on(),
        }
    }

    fn tell(&self, what: impl FnOnce() -> String) {
        if std::env::var_os("CHUNFENG_SIMULATION_SEED").is_some() {
            eprintln!("{}", what());
        }
    }

    fn lake(&self) -> Lake {
        let (dice, failing) = (self.dice.clone(), self.failing.clone());
        let fates = Box::new(move |path: &object_store::path::Path| {
            if *failing.lock().expect("nobody panics with it") == Failing::Never {
                return Fate::Works;
            }
            // Between the ledger's commit and that of its panes most can go wrong.
            let of_panes = path.as_ref().contains("/panes/");
            match dice.below(if of_panes { 50 } else { 300 }) {
                0 => Fate::FailsBefore,
                1 => Fate::FailsAfter,
                _ => Fate::Works,
            }
        });
        let lake = Lake::in_store(Arc::new(FaultyStore::new(self.objects.clone(), fates)));
        // Some try again, some die of the first failure.
        match self.dice.below(2) {
            0 => lake,
            _ => {
                lake.with_patience(Patience::hurried(Arc::new(Patient), Duration::from_micros(10)))
            }
        }
    }

    fn engine(&self) -> Engine {
        Engine {
            pipelines: vec![return_to_work()],
            lake: self.lake(),
            key: key(),
            shards: 1 + self.dice.index(2),
            commit_interval: Duration::from_secs(3_600),
            replay_at_most: Duration::from_secs(20),
            life: Life::Live,
            as_of: AsOf::Clock,
            publication: self.publication,
            clock: self.clock.clone(),
            boards: Arc::new(Boards::default()),
            metrics: Arc::new(EngineMetrics::new().expect("metrics of its own")),
        }
    }

    /// Records of workers, each in the partition of its own; now and then one comes again.
    fn produce(&mut self) {
        for _ in 0..=self.dice.below(8) {
            let worker = self.dice.below(WORKERS);
            let of = (worker % PARTITIONS as u64) as usize;
            let again = self.dice.below(6) == 0 && !self.log[of].is_empty();
            let value = match again {
                true => self.log[of][self.dice.index(self.log[of].len())].clone(),
                false => self.event(worker),
            };
            self.log[of].push(value);
        }
    }

    fn event(&self, worker: u64) -> String {
        let kind = ["departed", "returned", "left", "return-cancelled"][self.dice.index(4)];
        let area = ["350206", "350203", "330782"][self.dice.index(3)];
        let (day, hour) = (1 + self.dice.below(20), self.dice.below(24));
        if self.dice.below(20) == 0 {
            return "garbage".to_owned();
        }
        format!(
            r#"{{"type":"cn.hr.worker.{kind}.v1","subject":"w{worker}","time":"2022-02-{day:02}T{hour:02}:00:00Z","data":{{"area":"{area}","mode":"rail"}}}}"#
        )
    }

    fn batch(&self, of: usize, from: Offset, most: usize) -> RecordBatch {
        let mut batch = RecordBatch::new(partition(of));
        let records = self.log[of].iter().enumerate().skip(from.0 as usize).take(most);
        for (offset, value) in records {
            let written = time("2022-02-27T00:00:00Z");
            batch.push(Offset(offset as i64), written, Some(value.as_bytes()), Vec::new());
        }
        batch
    }

    fn start(&mut self) {
        if self.instances.len() >= INSTANCES_MOST {
            return;
        }
        self.born += 1;
        match Instance::start(self.born, &self.engine(), self.runtime.handle()) {
            Ok(instance) => {
                self.tell(|| format!("{} starts", instance.name));
                self.instances.push(instance);
                self.rebalance();
            }
            Err(error) => self.tell(|| format!("one does not start: {error}")),
        }
    }

    /// The group hands its partitions out to whoever is awake. A sleeper keeps what it believes to have. Returns how many
    /// died of it.
    fn rebalance(&mut self) -> usize {
        let awake: Vec<usize> =
            (0..self.instances.len()).filter(|at| !self.instances[*at].asleep).collect();
        if awake.is_empty() {
            return 0;
        }
        let turn = self.dice.index(awake.len());
        let mut wanted: BTreeMap<usize, BTreeSet<TopicPartition>> = BTreeMap::new();
        for number in 0..PARTITIONS as usize {
            let at = awake[(number + turn) % awake.len()];
            wanted.entry(at).or_default().insert(partition(number));
        }
        self.tell(|| {
            let of = |(at, some): (&usize, &BTreeSet<TopicPartition>)| {
                let numbers: Vec<i32> = some.iter().map(|one| one.partition).collect();
                format!("{}: {numbers:?}", self.instances[*at].name)
            };
            format!("rebalanced: {}", wanted.iter().map(of).collect::<Vec<_>>().join(", "))
        });
        self.instances.iter_mut().filter(|one| one.asleep).for_each(|one| one.missed = true);
        let mut dead = Vec::new();
        for at in &awake {
            if self.give_up_unwanted(*at, wanted.get(at)).is_err() {
                dead.push(*at);
            }
        }
        for at in awake.iter().filter(|at| !dead.contains(at)).copied().collect::<Vec<_>>() {
            let Some(wanted) = wanted.get(&at) else { continue };
            let share = share_of(wanted);
            let instance = &mut self.instances[at];
            let new: Vec<_> = wanted.difference(&instance.partitions()).cloned().collect();
            if !new.is_empty() && instance.assign(&new, share).is_err() {
                dead.push(at);
            }
        }
        let died = dead.len();
        self.bury(dead);
        died
    }

    fn give_up_unwanted(
        &mut self,
        at: usize,
        wanted: Option<&BTreeSet<TopicPartition>>,
    ) -> crate::error::Result<()> {
        let wanted = wanted.cloned().unwrap_or_default();
        let instance = &mut self.instances[at];
        let gone: Vec<_> = instance.partitions().difference(&wanted).cloned().collect();
        if gone.is_empty() {
            return Ok(());
        }
        // Who slept has lost them already; now and then a drain does not come to its end in time.
        if !instance.missed && self.dice.below(4) > 0 {
            instance.drain()?;
        }
        gone.iter().for_each(|partition| _ = instance.reading.remove(partition));
        instance.sink.revoked(gone, share_of(&wanted))
    }

    fn bury(&mut self, mut dead: Vec<usize>) {
        dead.sort_unstable();
        for at in dead.into_iter().rev() {
            let instance = self.instances.remove(at);
            self.tell(|| format!("{} dies", instance.name));
            self.crashes += 1;
        }
    }

    fn any(&mut self) -> Option<usize> {
        (!self.instances.is_empty()).then(|| self.dice.index(self.instances.len()))
    }

    fn crash(&mut self) {
        let any = self.any();
        self.bury(any.into_iter().collect());
    }

    fn fall_asleep_or_wake(&mut self) {
        let Some(at) = self.any() else { return };
        let instance = &mut self.instances[at];
        instance.asleep = !instance.asleep;
        let (name, asleep) = (instance.name, instance.asleep);
        self.tell(|| format!("{name} {}", if asleep { "sleeps" } else { "wakes" }));
        if asleep {
            self.rebalance();
            return;
        }
        // It goes on with what it has in hand before it hears of the group.
        for _ in 0..self.dice.below(20) {
            let die = self.dice.index(1_000);
            if self.instances[at].go_on(die).is_err() {
                self.bury(vec![at]);
                return;
            }
        }
        self.rebalance();
        if let Some(woken) = self.instances.iter_mut().find(|one| one.name == name) {
            woken.missed = false;
        }
    }

    /// A clean stop: everything is committed, the roster written. A sleeper may wake up to nothing else, and not have heard
    /// that others have its partitions.
    fn stop(&mut self) {
        let Some(at) = self.any() else { return };
        let instance = &mut self.instances[at];
        let ended = instance.end_epoch(EpochKind::Last).and_then(|()| instance.settle());
        let name = instance.name;
        self.tell(|| format!("{name} stops: {ended:?}"));
        self.instances.remove(at);
        self.rebalance();
    }

    fn end_epoch(&mut self) {
        let Some(at) = self.any() else { return };
        if self.instances[at].asleep {
            return;
        }
        let kind = if self.dice.below(4) == 0 { EpochKind::Last } else { EpochKind::Ordinary };
        if self.instances[at].end_epoch(kind).is_err() {
            self.bury(vec![at]);
        }
    }

    fn clock_jumps(&mut self) {
        let hours = self.dice.below(30) as i64 - 5;
        self.clock.set(self.clock.now().plus(hours * 3_600));
    }

    fn deliver(&mut self) {
        let Some(at) = self.any() else { return };
        let of = self.dice.index(PARTITIONS as usize);
        let most = 1 + self.dice.index(10);
        let partition = partition(of);
        let Some(reading) = self.instances[at].reading.get(&partition) else { return };
        if reading.awaited && !self.instances[at].asleep {
            let batch = self.batch(of, reading.next, most);
            self.instances[at].deliver(&partition, batch);
        }
    }

    fn go_on(&mut self) {
        let Some(at) = self.any() else { return };
        if self.instances[at].asleep {
            return;
        }
        let share = share_of(&self.instances[at].partitions());
        for _ in 0..4 {
            let die = self.dice.index(1_000);
            let instance = &mut self.instances[at];
            if let Err(error) = instance.go_on(die).and_then(|_| instance.keep_house(share)) {
                self.tell(|| format!("an error: {error}"));
                self.bury(vec![at]);
                return;
            }
        }
    }

    /// Somebody publishes what is told. Nobody departs less: what has been counted is not uncounted. What hangs is what
    /// the lake has been told, or whoever begins from the lake would take it back.
    fn follow(&mut self) {
        if self.publication == Publication::Boards {
            return;
        }
        if let Some(board) = self.followed_board() {
            let departed = departed(&board);
            assert!(
                departed >= self.departed,
                "seed {}: {} had departed, and now {departed}",
                self.seed,
                self.departed
            );
            self.departed = departed;
            assert_eq!(self.told_to_the_lake(), counts(&board), "seed {}", self.seed);
        }
    }

    fn told_to_the_lake(&self) -> Vec<(FigureKey, i64, i64)> {
        let lake = Lake::in_store(self.objects.clone());
        self.runtime.block_on(async {
            let lake = PipelineLake::open_existing(&lake, "return-to-work").await.expect("a lake");
            let published = lake.published().await.expect("what is published");
            published.last_board(lake.pipeline()).as_ref().map(counts).unwrap_or_default()
        })
    }

    /// The board that is published now, by one who follows since long or since just now.
    fn followed_board(&mut self) -> Option<Arc<Board>> {
        let serve = self.dice.index(SERVES);
        if self.dice.below(4) == 0 {
            self.followed[serve].clear();
        }
        let follower = Follower {
            lake: self.lake(),
            interval: Duration::from_secs(1),
            as_of: AsOf::Clock,
            clock: self.clock.clone(),
            boards: Arc::new(Boards::default()),
            metrics: Arc::new(EngineMetrics::new().expect("metrics of its own")),
        };
        let looked = self.runtime.block_on(follower.look(&mut self.followed[serve]));
        let is_published = looked.is_ok() && follower.metrics.why_withheld().is_none();
        is_published.then(|| follower.boards.all().pop()).flatten()
    }

    /// Nothing fails any more, everybody is awake, and everything is read.
    pub fn come_to_the_end(mut self) {
        *self.failing.lock().expect("nobody panics with it") = Failing::Never;
        self.tell(|| "coming to the end".to_owned());
        self.instances.iter_mut().for_each(|instance| instance.asleep = false);
        if self.publication == Publication::Boards {
            self.instances.truncate(1);
        }
        for _ in 0..=INSTANCES_MOST {
            self.rebalance_among_some();
        }
        // Whoever dies now, of a failure of before, leaves its partitions to the others.
        while self.rebalance_among_some() > 0 {}
        for _ in 0..12 {
            for at in 0..self.instances.len() {
                self.read_on(at);
            }
        }
        self.check();
    }

    fn rebalance_among_some(&mut self) -> usize {
        if self.instances.is_empty() {
            self.start();
        }
        self.rebalance()
    }

    fn read_on(&mut self, at: usize) {
        let share = share_of(&self.instances[at].partitions());
        let seed = self.seed;
        let lives = |done: crate::error::Result<()>| match done {
            Ok(()) => true,
            Err(error) => {
                // A failure of before may be told of only now.
                let kinds = [ErrorKind::TakenOver, ErrorKind::Lake];
                assert!(kinds.contains(&error.kind()), "seed {seed}: {error:?}");
                false
            }
        };
        let instance = &mut self.instances[at];
        let settled = instance.settle().and_then(|()| instance.keep_house(share));
        if !lives(settled.and_then(|()| self.instances[at].settle())) {
            return self.begin_anew(at);
        }
        for of in 0..PARTITIONS as usize {
            let partition = partition(of);
            if let Some(reading) = self.instances[at].reading.get(&partition)
                && reading.awaited
            {
                let batch = self.batch(of, reading.next, usize::MAX);
                self.instances[at].deliver(&partition, batch);
            }
        }
        let instance = &mut self.instances[at];
        let ended = instance.settle().and_then(|()| instance.end_epoch(EpochKind::Ordinary));
        if !lives(ended.and_then(|()| self.instances[at].settle())) {
            self.begin_anew(at);
        }
    }

    /// As `chunfeng run` does when it was taken over.
    fn begin_anew(&mut self, at: usize) {
        let partitions: Vec<_> = self.instances[at].partitions().into_iter().collect();
        self.born += 1;
        let anew = Instance::start(self.born, &self.engine(), self.runtime.handle());
        self.instances[at] = anew.expect("nothing fails any more");
        let share = share_of(&partitions.iter().cloned().collect());
        self.instances[at].assign(&partitions, share).expect("nothing fails any more");
    }

    /// LAW and WHOLE.
    fn check(mut self) {
        let seed = self.seed;
        let lake = Lake::in_store(self.objects.clone());
        let offsets = self.runtime.block_on(async {
            let lake = PipelineLake::open_existing(&lake, "return-to-work").await.expect("a lake");
            lake.all_offsets().await.expect("offsets")
        });
        for (number, records) in self.log.iter().enumerate() {
            let wanted: Vec<i64> = (0..records.len() as i64).collect();
            let found = offsets.get(&partition(number)).cloned().unwrap_or_default();
            assert_eq!(found, wanted, "seed {seed}: the ledger's offsets of partition {number}");
        }
        let as_of = self.clock.now().max(time("2022-03-20T00:00:00Z"));
        self.clock.set(as_of);
        let wanted = self.replayed(as_of);
        let remembered = self.runtime.block_on(async {
            let lake = PipelineLake::open_existing(&lake, "return-to-work").await.expect("a lake");
            board_as_of(&lake, Some(as_of), Boundaries::Now).await.expect("a board")
        });
        assert_eq!(as_json(&remembered), as_json(&wanted), "seed {seed}: what the lake remembers");
        if self.publication == Publication::Panes {
            let followed = self.followed_board().expect("a board is published");
            let followed = Board { as_of, ..copy(&followed) };
            assert_eq!(as_json(&followed), as_json(&wanted), "seed {seed}: what is published");
        }
        self.tell(|| format!("{} crashes, {} instances", self.crashes, self.born));
    }

    /// Every record once, in a lake of its own, by one process.
    fn replayed(&self, as_of: EventTime) -> Board {
        let mut shards = crate::engine::tests::world::Shards::new(&return_to_work(), 1);
        for of in 0..PARTITIONS as usize {
            shards.feed_records(&self.batch(of, Offset(0), usize::MAX), key());
        }
        shards.close(as_of)
    }
}

fn copy(board: &Board) -> Board {
    Board {
        pipeline: board.pipeline.clone(),
        as_of: board.as_of,
        ledger_version: board.ledger_version,
        figures: board.figures.clone(),
        gone: board.gone.clone(),
    }
}

fn share_of(partitions: &BTreeSet<TopicPartition>) -> Share {
    match partitions.len() == PARTITIONS as usize {
        true => Share::Whole,
        false => Share::Part,
    }
}

/// How many have departed in the whole country, by any account of theirs.
fn departed(board: &Board) -> i64 {
    let country = AreaTree::gbt2260().resolve("100000");
    let of_country = board.figures.iter().filter(|figure| Some(figure.key.area) == country);
    let total = of_country.filter(|figure| figure.key.slice.is_none() && figure.key.rate == 0);
    total.map(|figure| figure.denominator).sum()
}

/// What a board says of whom there are any.
fn counts(board: &Board) -> Vec<(FigureKey, i64, i64)> {
    let counts = board.figures.iter().map(|one| (one.key, one.numerator, one.denominator));
    counts.filter(|(_, numerator, denominator)| (*numerator, *denominator) != (0, 0)).collect()
}

//! A happening in sixteen bytes: millions are planned, sorted and shuffled as these, and written
//! as JSON one by one. Knows no text but the names of kinds and labels.

use super::identity::{EntityId, enterprise_id, worker_id};
use super::random::scatter;

/// How a worker travelled back.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Mode {
    /// By train.
    Rail,
    /// By coach.
    Bus,
    /// On their own.
    Own,
    /// By air.
    Air,
}

impl Mode {
    /// The label in `/data/mode`.
    pub fn label(self) -> &'static str {
        match self {
            Self::Rail => "rail",
            Self::Bus => "bus",
            Self::Own => "own",
            Self::Air => "air",
        }
    }
}

/// The five sectors of the return-to-work campaign.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Sector {
    /// 规上工业.
    AboveScaleIndustry,
    /// 住建.
    Construction,
    /// 商贸.
    Commerce,
    /// 交通运输.
    Transport,
    /// 食药医疗.
    FoodMedicine,
}

impl Sector {
    /// The label in `/data/sector`.
    pub fn label(self) -> &'static str {
        match self {
            Self::AboveScaleIndustry => "above-scale-industry",
            Self::Construction => "construction",
            Self::Commerce => "commerce",
            Self::Transport => "transport",
            Self::FoodMedicine => "food-medicine",
        }
    }
}

/// What happened, with what only that kind of event carries. Workers' kinds come first.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Kind {
    /// Went home for the festival.
    WorkerDeparted,
    /// Is back at the post.
    WorkerReturned(Option<Mode>),
    /// The return never happened.
    WorkerReturnCancelled,
    /// Left the post again.
    WorkerLeft,
    /// Stayed over the festival.
    WorkerStayed,
    /// Was registered.
    WorkerRegistered,
    /// Was registered.
    EnterpriseRegistered(Sector),
    /// Was put on the list of key enterprises.
    EnterpriseListedKey,
    /// Was put on the list of above-scale enterprises.
    EnterpriseListedAboveScale,
    /// Is at work again.
    EnterpriseRestarted,
    /// The restart never happened.
    EnterpriseRestartCancelled,
    /// Stopped work.
    EnterpriseSuspended,
    /// Reported its headcount.
    EnterpriseHeadcountReported,
}

impl Kind {
    /// The CloudEvents type.
    pub fn event_type(self) -> &'static str {
        match self {
            Self::WorkerDeparted => "cn.hr.worker.departed.v1",
            Self::WorkerReturned(_) => "cn.hr.worker.returned.v1",
            Self::WorkerReturnCancelled => "cn.hr.worker.return-cancelled.v1",
            Self::WorkerLeft => "cn.hr.worker.left.v1",
            Self::WorkerStayed => "cn.hr.worker.stayed.v1",
            Self::WorkerRegistered => "cn.hr.worker.registered.v1",
            Self::EnterpriseRegistered(_) => "cn.hr.enterprise.registered.v1",
            Self::EnterpriseListedKey => "cn.hr.enterprise.listed-key.v1",
            Self::EnterpriseListedAboveScale => "cn.hr.enterprise.listed-above-scale.v1",
            Self::EnterpriseRestarted => "cn.hr.enterprise.restarted.v1",
            Self::EnterpriseRestartCancelled => "cn.hr.enterprise.restart-cancelled.v1",
            Self::EnterpriseSuspended => "cn.hr.enterprise.suspended.v1",
            Self::EnterpriseHeadcountReported => "cn.hr.enterprise.headcount-reported.v1",
        }
    }

    /// Whether it happened to a worker; if not, to an enterprise.
    pub fn is_of_a_worker(self) -> bool {
        self <= Self::WorkerRegistered
    }

    /// Depends on the type's name alone, so that a new kind leaves the others as they are.
    fn fingerprint(self) -> u64 {
        let name = self.event_type().bytes();
        scatter(name.fold(0, |sum, byte| sum.wrapping_mul(31).wrapping_add(u64::from(byte))))
    }

    /// The bureau that reports it: the last part of a CloudEvents source.
    pub fn bureau(self) -> &'static str {
        match self {
            Self::EnterpriseRegistered(_) => "market",
            Self::EnterpriseListedKey | Self::EnterpriseListedAboveScale => "industry",
            _ => "hr",
        }
    }
}

/// Something that happened to one worker or enterprise.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Event {
    /// When it happened, in Unix seconds.
    pub at_seconds: u32,
    /// The number of the worker or of the enterprise; the two are numbered apart.
    pub entity: u32,
    /// The code of the county or township it happened in.
    pub area: u32,
    /// What happened.
    pub kind: Kind,
}

impl Event {
    /// The topic it belongs on.
    pub fn topic(&self) -> &'static str {
        if self.kind.is_of_a_worker() { "hr.workers" } else { "hr.enterprises" }
    }

    /// Whom it happened to: the subject of the event and the key of the record.
    pub fn subject(&self) -> EntityId {
        if self.kind.is_of_a_worker() {
            worker_id(self.entity)
        } else {
            enterprise_id(self.area, self.entity)
        }
    }

    /// A number of its own for every event, as long as no entity has two events of one kind in the
    /// same second.
    pub fn fingerprint(&self) -> u64 {
        let when_and_who = u64::from(self.at_seconds) << 32 | u64::from(self.entity);
        scatter(when_and_who ^ self.kind.fingerprint())
    }
}

/// Writes down what happens to one entity.
pub struct Diary<'a> {
    /// Where the events go.
    pub events: &'a mut Vec<Event>,
    /// Whose diary it is.
    pub entity: u32,
    /// The county the entity is in from now on.
    pub area: u32,
}

impl Diary<'_> {
    /// Notes that this happened then.
    pub fn note(&mut self, at_seconds: u32, kind: Kind) {
        self.events.push(Event { at_seconds, entity: self.entity, area: self.area, kind });
    }
}

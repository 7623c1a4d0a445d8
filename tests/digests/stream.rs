//! Our own scenarios, and the shared ones, as streams of notifications: in true order with the clock running, shuffled
//! and doubled, and with some of them lost. What `verify` finds in the whole bucket is what the
//! watcher must have told at the end: each fault exactly once, and nothing else.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;

use trailwarden::alert::Alert;
use trailwarden::inspect::{Outcome, Report};
use trailwarden::integrity::DigestName;
use trailwarden::local::MemoryState;
use trailwarden::ports::ObjectRef;

use crate::scenario::{HOUR, LAG, Scenario, scenarios};
use crate::world::Session;

/// A stream of numbers that is the same on every run.
struct Random(u64);

impl Random {
    fn below(&mut self, most: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1);
        usize::try_from(self.0 >> 33).unwrap() % most
    }

    fn shuffle<T>(&mut self, items: &mut [T]) {
        for at in (1..items.len()).rev() {
            items.swap(at, self.below(at + 1));
        }
    }
}

/// What was told and evaluated over one run.
#[derive(Default)]
struct Ran {
    told: Vec<String>,
    overdue: BTreeSet<(String, String)>,
    gaps: usize,
    without: usize,
    evaluated: BTreeMap<String, usize>,
}

fn run(scenario: &Scenario, stream: &[(ObjectRef, i64)]) -> Ran {
    let session = scenario.world.session();
    let mut ran = Ran::default();
    let mut clock = stream.first().map_or(0, |(_, at)| *at);
    let mut failed = Vec::new();
    for (object, at) in stream {
        while clock + HOUR / 2 < *at {
            clock += HOUR / 2;
            ran.sweep(&session, clock);
        }
        clock = clock.max(*at);
        if !ran.deliver(&session, object, *at + LAG) {
            failed.push(object);
        }
    }
    for object in failed {
        ran.deliver(&session, object, clock + 60);
    }
    ran.end(&session, clock.max(scenario.as_of));
    ran
}

/// Four instances of the function share the stream, whoever is free takes the next one.
fn run_by_four(scenario: &Scenario, stream: &[(ObjectRef, i64)]) -> Ran {
    let session = scenario.world.session();
    let left = Mutex::new(stream.iter());
    let next = || left.lock().unwrap().next();
    let work = || {
        let mut ran = Ran::default();
        while let Some((object, at)) = next() {
            // What fails is tried once more, as Lambda would.
            if !ran.deliver(&session, object, *at) {
                ran.deliver(&session, object, *at);
            }
        }
        ran.evaluated
    };
    let mut ran = Ran::default();
    std::thread::scope(|scope| {
        let workers: Vec<_> = (0..4).map(|_| scope.spawn(work)).collect();
        for worker in workers {
            ran.evaluated.extend(worker.join().unwrap());
        }
    });
    ran.end(&session, scenario.as_of);
    // Two may evaluate one file at the same time: what counts is what people are told.
    ran.evaluated.values_mut().for_each(|times| *times = 1);
    ran
}

impl Ran {
    /// A day of sweeps, and what was told.
    fn end(&mut self, session: &Session<'_, MemoryState>, at: i64) {
        for later in [3, 6, 9, 12, 19, 26] {
            self.sweep(session, at + later * HOUR);
        }
        let alerts = session.alerts().into_iter();
        alerts.for_each(|alert| self.read(alert));
    }

    fn deliver(
        &mut self,
        session: &Session<'_, MemoryState>,
        object: &ObjectRef,
        now: i64,
    ) -> bool {
        let report = session.run(vec![object.clone()], now);
        self.count(&report);
        report.is_success()
    }

    fn sweep(&mut self, session: &Session<'_, MemoryState>, now: i64) {
        let report = session.sweep(now);
        assert!(report.is_success(), "{report:?}");
        self.count(&report);
    }

    fn count(&mut self, report: &Report) {
        for object in &report.objects {
            if matches!(object.outcome, Outcome::Evaluated(_)) {
                *self.evaluated.entry(object.object.to_string()).or_default() += 1;
            }
        }
    }

    fn read(&mut self, alert: Alert) {
        match alert.rule.as_str() {
            "digest-overdue" => {
                let account = alert.accounts.into_iter().next().unwrap();
                let region = alert.regions.into_iter().next().unwrap();
                self.overdue.insert((account, region));
            }
            "digest-gap" => self.gaps += alert.count,
            "trail-without-digests" => self.without += alert.count,
            _ => {
                assert_eq!(alert.event_ids.len(), alert.count);
                self.told.extend(alert.event_ids);
            }
        }
    }
}

/// `breach object` of what was told; each told once.
fn told(scenario: &Scenario, ran: &Ran) -> BTreeSet<String> {
    let distinct: BTreeSet<&String> = ran.told.iter().collect();
    assert_eq!(
        distinct.len(),
        ran.told.len(),
        "{}: {:?}",
        scenario.name,
        ran.told
    );
    let short = |told: &&String| {
        let mut parts = told.splitn(3, ' ');
        format!("{} {}", parts.next().unwrap(), parts.next().unwrap())
    };
    distinct.iter().map(short).collect()
}

const IN_TRUE_ORDER: &str = "in true order";

/// What was told, but for what may be told in one order and not in another.
fn settled(
    scenario: &Scenario,
    ran: &Ran,
    lost: &BTreeSet<ObjectRef>,
    true_order: bool,
) -> BTreeSet<String> {
    let mut told = told(scenario, ran);
    // Shuffled, a digest may come before what it lists.
    let lost: BTreeSet<String> = lost.iter().map(ObjectRef::to_string).collect();
    told.retain(|told| match told.strip_prefix("log-file-late ") {
        Some(object) => lost.contains(object) || true_order,
        None => true,
    });
    for (object, (verdict, _)) in &scenario.verdicts {
        let undigested = format!("log-file-undigested {object}");
        // What came after the last digest (shuffled: everything) may be listed by the next one.
        let after = !true_order || scenario.came_last(object);
        if verdict == "unreferenced" && after && told.remove(&undigested) {
            told.insert(format!("log-file-injected {object}"));
        }
        // Before the first digest came there was none.
        if verdict == "unverifiable" && scenario.name == "digest_deleted_oldest" {
            told.remove(&undigested);
        }
        // Its own signature is lost, and the digest after it may come later: until then it is not
        // proven, and afterwards that is taken back.
        if verdict == "recovered" {
            told.remove(&format!("digest-not-genuine {object}"));
        }
    }
    take_back(&mut told, &scenario.name);
    told
}

/// Takes out what was said too early and taken back.
fn take_back(told: &mut BTreeSet<String>, name: &str) {
    let back: Vec<String> = told
        .iter()
        .filter_map(|told| told.strip_prefix("log-file-listed-late "))
        .map(str::to_owned)
        .collect();
    for object in back {
        let early = ["injected", "undigested", "unlisted"];
        let taken = early.map(|early| told.remove(&format!("log-file-{early} {object}")));
        assert!(taken.contains(&true), "{name}: {object}");
        told.remove(&format!("log-file-listed-late {object}"));
    }
}

fn check(scenario: &Scenario, ran: &Ran, lost: &BTreeSet<ObjectRef>, how: &str) {
    let name = format!("{} {how}", scenario.name);
    let told = settled(scenario, ran, lost, how == IN_TRUE_ORDER);
    assert_eq!(told, scenario.expected(lost), "{name}");
    assert_eq!(ran.gaps, scenario.gaps, "{name}: gaps");
    match scenario.has_chain() {
        true => assert!(
            scenario.silent.is_subset(&ran.overdue),
            "{name}: {:?}",
            ran.overdue
        ),
        false => assert!(
            ran.overdue.is_empty() && ran.without == 1,
            "{name}: {}",
            ran.without
        ),
    }
    for (object, (verdict, _)) in &scenario.verdicts {
        let times = ran.evaluated.get(object).copied().unwrap_or_default();
        let is_log = DigestName::parse(object).is_none();
        if is_log && verdict == "valid" {
            assert_eq!(times, 1, "{name}: {object} was evaluated {times} times");
        }
    }
}

#[test]
fn scenarios_in_true_order() {
    let (_own, folders) = scenarios();
    let (mut kinds, mut gaps) = (BTreeSet::new(), 0);
    for folder in folders {
        let scenario = Scenario::load(&folder);
        let ran = run(&scenario, &scenario.objects);
        check(&scenario, &ran, &BTreeSet::new(), IN_TRUE_ORDER);
        gaps += ran.gaps;
        kinds.extend(
            ran.told
                .iter()
                .map(|told| told.split(' ').next().unwrap().to_owned()),
        );
    }
    assert!(gaps > 0);
    let kinds: Vec<&str> = kinds.iter().map(String::as_str).collect();
    for kind in [
        "digest-altered",
        "digest-missing",
        "digest-not-genuine",
        "log-file-injected",
        "log-file-missing",
        "log-file-tampered",
        "log-file-undigested",
    ] {
        assert!(kinds.contains(&kind), "{kind} is in no scenario: {kinds:?}");
    }
}

#[test]
fn scenarios_shuffled_and_doubled() {
    let (_own, folders) = scenarios();
    for folder in folders {
        let scenario = Scenario::load(&folder);
        for seed in 0..4 {
            let mut stream: Vec<(ObjectRef, i64)> = scenario
                .objects
                .iter()
                .flat_map(|(object, _)| [object.clone(), object.clone()])
                .map(|object| (object, scenario.as_of))
                .collect();
            Random(seed).shuffle(&mut stream);
            let ran = run(&scenario, &stream);
            check(
                &scenario,
                &ran,
                &BTreeSet::new(),
                &format!("shuffled, seed {seed}"),
            );
            let overdue = ran.overdue == scenario.silent || !scenario.has_chain();
            assert!(overdue, "{}: {:?}", scenario.name, ran.overdue);
        }
    }
}

#[test]
fn scenarios_by_four_workers() {
    let (_own, folders) = scenarios();
    for folder in folders {
        let scenario = Scenario::load(&folder);
        for seed in 0..3 {
            let objects = scenario.objects.iter();
            let mut stream: Vec<(ObjectRef, i64)> = objects
                .flat_map(|(object, _)| [object.clone(), object.clone()])
                .map(|object| (object, scenario.as_of))
                .collect();
            Random(seed + 50).shuffle(&mut stream);
            let ran = run_by_four(&scenario, &stream);
            check(&scenario, &ran, &BTreeSet::new(), "by four workers");
        }
    }
}

#[test]
fn scenarios_with_lost_notifications() {
    let (_own, folders) = scenarios();
    for folder in folders {
        let scenario = Scenario::load(&folder);
        for seed in 0..4 {
            let mut random = Random(seed + 100);
            let mut stream = Vec::new();
            let mut lost = BTreeSet::new();
            for (object, _) in &scenario.objects {
                if scenario.has_chain() && scenario.leaves_a_trace(object) && random.below(2) == 0 {
                    lost.insert(object.clone());
                } else {
                    stream.push((object.clone(), scenario.as_of));
                }
            }
            if seed % 2 == 1 {
                random.shuffle(&mut stream);
            }
            let ran = run(&scenario, &stream);
            check(
                &scenario,
                &ran,
                &lost,
                &format!("with losses, seed {seed}: {lost:?}"),
            );
        }
    }
}

//! A trail's bucket in AWS.

use std::sync::{Arc, Mutex, mpsc};

use anyhow::{Context as _, Result};
use tokio::runtime::Runtime;
use tokio::sync::Semaphore;
use trailwarden::aws::{Clients, CloudTrailKeys, Fetched, TrailBuckets};
use trailwarden::integrity::{KeyRing, Unfetched};
use trailwarden::ports::{FetchError, KeySource as _};
use trailwarden::record::EventTime;

use super::source::{Done, Listed, Objects, Source, Stored, Want};
use super::target::RemoteKeys;

/// Objects that are on their way at a time. S3 answers thousands a second for each prefix.
const REQUESTS: usize = 64;

/// MiB that objects on their way may hold.
const ROOM: u16 = 256;

/// No object of a trail is as long as this.
const OBJECT_BYTES: u64 = 1 << 30;

/// S3, and CloudTrail for the keys.
pub struct Buckets {
    runtime: Runtime,
    buckets: Arc<TrailBuckets>,
    requests: Arc<Semaphore>,
    remote: CloudTrailKeys,
}

fn clients() -> Result<(Runtime, Clients)> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .worker_threads(2)
        .enable_all()
        .build()
        .context("cannot start the runtime")?;
    let clients = runtime.block_on(Clients::from_env(std::env::vars()));
    Ok((runtime, clients))
}

impl Buckets {
    /// With credentials, region and endpoint as the environment says.
    pub fn open() -> Result<Self> {
        let (runtime, clients) = clients()?;
        Ok(Self {
            runtime,
            remote: CloudTrailKeys::new(clients.clone()),
            buckets: Arc::new(TrailBuckets::new(clients, ROOM)),
            requests: Arc::new(Semaphore::new(REQUESTS)),
        })
    }
}

/// Asks CloudTrail for keys.
pub fn remote_keys() -> Result<Box<RemoteKeys>> {
    let (runtime, clients) = clients()?;
    let keys = CloudTrailKeys::new(clients);
    Ok(Box::new(move |region, from, to| {
        let answer = runtime.block_on(keys.keys(region, from, to));
        answer.map_err(|error| format!("{}; `--public-keys FILE` takes them from a file", error.0))
    }))
}

impl Source for Buckets {
    fn folders(&self, bucket: &str, prefix: &str) -> Result<Vec<String>, String> {
        self.runtime.block_on(self.buckets.folders(bucket, prefix))
    }

    fn list(
        &self,
        bucket: &str,
        prefix: &str,
        after: Option<&str>,
        until: Option<&str>,
    ) -> Result<Objects, String> {
        let listed = self.buckets.list(bucket, prefix, after, until);
        let listed = self.runtime.block_on(listed)?;
        let found = |found: trailwarden::aws::Listed| Listed { key: found.key };
        Ok(Objects {
            found: listed.into_iter().map(found).collect(),
            closed: Vec::new(),
        })
    }

    /// Requests run on the runtime, and what is done with their answers on as many threads as
    /// there are cores: hashing must not keep answers waiting.
    fn fetch(&self, wants: &[Want], done: &Done<'_>) {
        let threads = std::thread::available_parallelism().map_or(1, usize::from);
        let (send, receive) = mpsc::channel();
        let receive = Mutex::new(receive);
        std::thread::scope(|scope| {
            for _ in 0..threads.min(wants.len()) {
                scope.spawn(|| take(&receive, done));
            }
            self.runtime.block_on(async {
                for (index, want) in wants.iter().enumerate() {
                    let Ok(permit) = Arc::clone(&self.requests).acquire_owned().await else {
                        break;
                    };
                    let (buckets, send) = (Arc::clone(&self.buckets), send.clone());
                    let place = want.place.clone();
                    tokio::spawn(async move {
                        let fetched = buckets.get(&place, OBJECT_BYTES).await;
                        // Nobody receives only when the process is ending.
                        let _ended = send.send((index, fetched, permit));
                    });
                }
            });
            drop(send);
        });
    }

    fn keys(&self, region: &str, from: EventTime, to: EventTime) -> Result<KeyRing, String> {
        let answer = self.runtime.block_on(self.remote.keys(region, from, to));
        answer.map_err(|error| error.0.to_string())
    }

    fn at_a_time(&self) -> usize {
        8
    }
}

type Answer = (
    usize,
    Result<Fetched, FetchError>,
    tokio::sync::OwnedSemaphorePermit,
);

/// Takes answers until there are no more.
fn take(receive: &Mutex<mpsc::Receiver<Answer>>, done: &Done<'_>) {
    loop {
        let next = match receive.lock() {
            Ok(receive) => receive.recv(),
            Err(_) => return,
        };
        let Ok((index, fetched, _permit)) = next else {
            return;
        };
        match fetched {
            Ok(fetched) => done(
                index,
                Ok(Stored {
                    metadata: Some(fetched.metadata.clone()),
                    bytes: &fetched.bytes,
                }),
            ),
            Err(FetchError::NotFound) => done(index, Err(Unfetched::Missing)),
            Err(error) => done(index, Err(Unfetched::Unreadable(error.to_string()))),
        }
    }
}

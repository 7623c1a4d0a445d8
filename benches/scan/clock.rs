//! CPU time and memory as the operating system counts them.

use std::time::Duration;

use anyhow::Result;
use nix::sys::resource::{UsageWho, getrusage};
use nix::sys::time::TimeVal;
use nix::time::{ClockId, clock_gettime};

/// CPU time that this thread and every child process that has ended have used.
pub fn cpu_time() -> Result<Duration> {
    let thread = Duration::from(clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID)?);
    let children = getrusage(UsageWho::RUSAGE_CHILDREN)?;
    Ok(thread + duration(children.user_time())? + duration(children.system_time())?)
}

/// Bytes of memory that the largest child process held at its peak.
pub fn peak_memory_of_children() -> Result<f64> {
    let unit = if cfg!(target_vendor = "apple") {
        1
    } else {
        1024
    };
    let peak = getrusage(UsageWho::RUSAGE_CHILDREN)?.max_rss() * unit;
    Ok(peak as f64)
}

fn duration(time: TimeVal) -> Result<Duration> {
    let seconds = u64::try_from(time.tv_sec())?;
    let micros = u64::try_from(time.tv_usec())?;
    Ok(Duration::from_secs(seconds) + Duration::from_micros(micros))
}

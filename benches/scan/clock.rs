//! CPU time and memory as the operating system counts them.

use std::process::{Command, ExitStatus};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use anyhow::{Context as _, Result};
use cpu_time::ThreadTime;
use wait4::Wait4 as _;

/// CPU time of child processes that have ended, in nanoseconds.
static CHILDREN: AtomicU64 = AtomicU64::new(0);

/// CPU time that this thread and every child process run by [`run`] have used.
pub fn cpu_time() -> Result<Duration> {
    let thread = ThreadTime::try_now()?.as_duration();
    Ok(thread + Duration::from_nanos(CHILDREN.load(Ordering::Relaxed)))
}

/// Runs a process to its end; how it ended, and the bytes of memory that it held at its peak.
pub fn run(command: &mut Command) -> Result<(ExitStatus, u64)> {
    let child = command.spawn().context("cannot start the process")?;
    let end = child.wait4().context("cannot wait for the process")?;
    let nanos = u64::try_from((end.rusage.utime + end.rusage.stime).as_nanos())?;
    CHILDREN.fetch_add(nanos, Ordering::Relaxed);
    Ok((end.status, end.rusage.maxrss))
}

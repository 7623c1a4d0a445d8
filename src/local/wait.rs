//! Running the use cases without a runtime: nothing local ever waits for a wake-up.

use std::future::Future;
use std::task::{Context, Poll, Waker};

/// Runs a future over local ports to its end, on this thread.
pub fn wait<T>(future: impl Future<Output = T>) -> T {
    let mut future = std::pin::pin!(future);
    let mut context = Context::from_waker(Waker::noop());
    loop {
        if let Poll::Ready(value) = future.as_mut().poll(&mut context) {
            return value;
        }
        std::thread::yield_now();
    }
}

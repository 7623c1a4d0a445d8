//! Memory that reading log files takes, kept from one file to the next: fresh memory costs more
//! than splitting what is put into it.

use super::whole::Decompressor;
use crate::pattern::Places;

/// What one log file after the other is read with; see [`LogFile::open`](super::LogFile::open).
#[derive(Default)]
pub struct Scratch {
    /// Inflated bytes; as long as it ever had to be.
    pub(super) buffer: Vec<u8>,
    pub(super) places: Places,
    pub(super) decompressor: Option<Decompressor>,
}

impl Scratch {
    /// Gives back what is over so many bytes.
    pub fn keep(&mut self, bytes: usize) {
        self.buffer.truncate(bytes);
        self.buffer.shrink_to(bytes);
    }

    /// The part of `buffer` from `at` on, at least `room` bytes.
    pub(super) fn room(buffer: &mut Vec<u8>, at: usize, room: usize) -> &mut [u8] {
        if buffer.len() < at + room {
            buffer.resize(at + room, 0);
        }
        buffer.get_mut(at..at + room).unwrap_or_default()
    }
}

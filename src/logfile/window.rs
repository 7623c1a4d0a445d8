//! A window over the inflated bytes: grows while a record is incomplete, forgets what was read.

use super::gzip::{Inflater, Sha256};
use super::{Fault, Limits};

/// How many bytes are inflated at a time: large enough to amortise a call, small enough that a
/// chunk is still in the L2 cache when it is hashed and split.
const CHUNK: usize = 256 << 10;

pub(super) struct Window<'a> {
    source: Inflater<'a>,
    buffer: Vec<u8>,
    /// Inflated offset of `buffer[0]`.
    base: u64,
    /// Index in `buffer` of the first byte that is still needed.
    at: usize,
    more: bool,
    fault: Option<Fault>,
}

impl<'a> Window<'a> {
    pub(super) fn new(stored: &'a [u8], limits: Limits) -> Result<Self, Fault> {
        let source = Inflater::new(stored, limits)?;
        Ok(Self {
            source,
            buffer: Vec::new(),
            base: 0,
            at: 0,
            more: true,
            fault: None,
        })
    }

    /// What is there and not yet consumed.
    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..).unwrap_or_default()
    }

    /// Inflated offset of the first byte of [`rest`](Self::rest).
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Marks `bytes` of the rest as read.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.buffer.len());
    }

    /// Makes the rest longer; false when there is nothing more to come.
    pub(super) fn grow(&mut self) -> bool {
        if !self.more {
            return false;
        }
        // Moving the rest down costs at most one copy for each chunk: records are small.
        self.buffer.drain(..self.at);
        self.base += self.at as u64;
        self.at = 0;
        let before = self.buffer.len();
        while self.more && self.buffer.len() == before {
            match self.source.fill(&mut self.buffer, CHUNK) {
                Ok(more) => self.more = more,
                Err(fault) => {
                    self.more = false;
                    self.fault = Some(fault);
                }
            }
        }
        self.buffer.len() > before
    }

    /// Skips white space; the byte behind it, unless the end is reached.
    pub(super) fn next_byte(&mut self) -> Option<u8> {
        loop {
            let blank = |byte: &&u8| matches!(byte, b' ' | b'\t' | b'\n' | b'\r');
            let blanks = self.rest().iter().take_while(blank).count();
            self.consume(blanks);
            let first = self.rest().first().copied();
            if first.is_some() || !self.grow() {
                return first;
            }
        }
    }

    /// Reads to the end of the source, so that the hash covers all of it.
    pub(super) fn drain(&mut self) {
        loop {
            let all = self.rest().len();
            self.consume(all);
            if !self.grow() {
                return;
            }
        }
    }

    pub(super) fn fault(&self) -> Option<&Fault> {
        self.fault.as_ref()
    }

    pub(super) fn inflated(&self) -> u64 {
        self.source.inflated()
    }

    pub(super) fn sha256(&self) -> Sha256 {
        self.source.sha256()
    }
}

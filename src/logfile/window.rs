//! A window over the inflated bytes: all of them where their length is known and bounded, else a
//! part that grows while a record is incomplete and forgets what was read.

use super::gzip::{Inflater, MAGIC};
use super::scratch::Scratch;
use super::whole::{Decompressor, promised_length};
use super::{Fault, Limits, Sha256};

/// How many bytes are inflated at a time: large enough to amortise a call, small enough that a
/// chunk is still in the L2 cache when it is hashed and split.
const CHUNK: usize = 256 << 10;

pub(super) struct Window<'a> {
    source: Source<'a>,
    buffer: &'a mut Vec<u8>,
    /// Inflated offset of `buffer[0]`.
    base: u64,
    /// Index in `buffer` of the first byte that is still needed.
    at: usize,
    /// Index in `buffer` behind the last inflated byte.
    end: usize,
    /// How often the text was moved or became longer.
    edition: u64,
    fault: Option<Fault>,
}

#[expect(
    clippy::large_enum_variant,
    reason = "there is one for each file, on the stack"
)]
enum Source<'a> {
    /// Inflated whole; the hash, when it is asked for.
    Whole(Option<Sha256>),
    Pieces(Inflater<'a>),
}

impl<'a> Window<'a> {
    pub(super) fn new(
        stored: &'a [u8],
        limits: Limits,
        hash: bool,
        buffer: &'a mut Vec<u8>,
        decompressor: &mut Option<Decompressor>,
    ) -> Result<Self, Fault> {
        let (source, end) = match inflate_whole(stored, &limits, buffer, decompressor) {
            Some(end) => {
                let inflated = buffer.get(..end).unwrap_or_default();
                let sha256 = if hash { Sha256::of(inflated) } else { None };
                (Source::Whole(sha256), end)
            }
            None => (Source::Pieces(Inflater::new(stored, limits, hash)?), 0),
        };
        Ok(Self {
            source,
            buffer,
            base: 0,
            at: 0,
            end,
            edition: 0,
            fault: None,
        })
    }

    /// What is there and not yet consumed.
    pub(super) fn rest(&self) -> &[u8] {
        self.buffer.get(self.at..self.end).unwrap_or_default()
    }

    /// Everything that is there; [`rest`](Self::rest) starts at [`at`](Self::at).
    pub(super) fn text(&self) -> &[u8] {
        self.buffer.get(..self.end).unwrap_or_default()
    }

    /// How much of [`text`](Self::text) is consumed.
    pub(super) fn at(&self) -> usize {
        self.at
    }

    /// Another number whenever [`text`](Self::text) is another.
    pub(super) fn edition(&self) -> u64 {
        self.edition
    }

    /// Inflated offset of the first byte of [`rest`](Self::rest).
    pub(super) fn offset(&self) -> u64 {
        self.base + self.at as u64
    }

    /// Marks `bytes` of the rest as read.
    pub(super) fn consume(&mut self, bytes: usize) {
        self.at = (self.at + bytes).min(self.end);
    }

    /// Makes the rest longer; false when there is nothing more to come.
    pub(super) fn grow(&mut self) -> bool {
        let Source::Pieces(source) = &mut self.source else {
            return false;
        };
        if source.has_ended() {
            return false;
        }
        self.edition += 1;
        // Moving the rest down costs at most one copy for each chunk: records are small.
        self.buffer.copy_within(self.at..self.end, 0);
        self.base += self.at as u64;
        self.end -= self.at;
        self.at = 0;
        let before = self.end;
        while !source.has_ended() && self.end == before {
            let (fresh, checked) = source.fill(Scratch::room(self.buffer, self.end, CHUNK));
            self.end += fresh;
            if let Err(fault) = checked {
                self.fault = Some(fault);
            }
        }
        self.end > before
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

    /// Skips the mark that some exports begin with, although JSON knows no such thing.
    pub(super) fn pass_byte_order_mark(&mut self) {
        const MARK: &[u8] = b"\xef\xbb\xbf";
        while self.rest().len() < MARK.len() && self.grow() {}
        if self.rest().starts_with(MARK) {
            self.consume(MARK.len());
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
        match &self.source {
            Source::Whole(_) => self.end as u64,
            Source::Pieces(source) => source.inflated(),
        }
    }

    pub(super) fn sha256(&self) -> Option<Sha256> {
        match &self.source {
            Source::Whole(sha256) => *sha256,
            Source::Pieces(source) => source.sha256(),
        }
    }
}

/// Inflates a gzip member into `buffer`, if that keeps every limit and nothing is wrong with it;
/// its length.
fn inflate_whole(
    stored: &[u8],
    limits: &Limits,
    buffer: &mut Vec<u8>,
    decompressor: &mut Option<Decompressor>,
) -> Option<usize> {
    let length = promised_length(stored).filter(|_| stored.starts_with(&MAGIC))?;
    let (inflated, from) = (length as u64, stored.len() as u64);
    let is_bomb = inflated > limits.ratio_from && inflated / limits.ratio > from;
    if length > limits.whole_bytes
        || inflated > limits.inflated_bytes
        || from > limits.object_bytes
        || is_bomb
    {
        return None;
    }
    if decompressor.is_none() {
        *decompressor = Decompressor::new();
    }
    let out = Scratch::room(buffer, 0, length);
    decompressor.as_mut()?.member(stored, out).then_some(length)
}

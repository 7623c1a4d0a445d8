//! Stored bytes → inflated bytes, one chunk at a time: SHA-256 and CRC-32 of each chunk are taken
//! while it is in the cache, and every bound of [`Limits`] is checked before more is inflated.
//!
//! Exactly one gzip member (RFC 1952) is read, because that is what CloudTrail writes and what
//! its digest files sign.

use crc32fast::Hasher as Crc32;
use flate2::{Decompress, FlushDecompress, Status};
use ring::digest::{Context, SHA256};

use super::{Fault, Limits, Sha256};

/// The bytes of a log file as they come out of storage, inflated on demand.
pub(super) struct Inflater<'a> {
    stored: &'a [u8],
    /// Offset of the next stored byte to inflate.
    at: usize,
    format: Format,
    /// Unless nobody asks for it.
    sha256: Option<Context>,
    inflated: u64,
    limits: Limits,
    ended: bool,
}

enum Format {
    Plain,
    Gzip {
        inflate: Box<Decompress>,
        crc: Crc32,
    },
}

impl<'a> Inflater<'a> {
    /// Starts on `stored`, which is gzip when it begins like gzip and plain text otherwise.
    pub(super) fn new(stored: &'a [u8], limits: Limits, hash: bool) -> Result<Self, Fault> {
        if stored.is_empty() {
            return Err(Fault::Empty);
        }
        if length(stored) > limits.object_bytes {
            return Err(Fault::OverLimit {
                what: "stored bytes",
                limit: limits.object_bytes,
                inflated: 0,
            });
        }
        let (format, at) = if stored.starts_with(&MAGIC) {
            let inflate = Box::new(Decompress::new(false));
            (
                Format::Gzip {
                    inflate,
                    crc: Crc32::new(),
                },
                member_start(stored)?,
            )
        } else {
            (Format::Plain, 0)
        };
        let sha256 = hash.then(|| Context::new(&SHA256));
        Ok(Self {
            stored,
            at,
            format,
            sha256,
            inflated: 0,
            limits,
            ended: false,
        })
    }

    /// Inflates into the first bytes of `out`; how many, and what stops it. After a fault there is
    /// nothing more to come.
    pub(super) fn fill(&mut self, out: &mut [u8]) -> (usize, Result<(), Fault>) {
        if self.ended {
            return (0, Ok(()));
        }
        let (fresh, step) = match &mut self.format {
            Format::Plain => {
                let rest = self.stored.get(self.at..).unwrap_or_default();
                let fresh = rest.len().min(out.len());
                if let (Some(to), Some(from)) = (out.get_mut(..fresh), rest.get(..fresh)) {
                    to.copy_from_slice(from);
                }
                self.at += fresh;
                self.ended = self.at == self.stored.len();
                (fresh, Ok(()))
            }
            Format::Gzip { inflate, .. } => {
                let (fresh, step) = inflate_some(inflate, self.stored, &mut self.at, out);
                (fresh, step.map(|ended| self.ended = ended))
            }
        };
        let new = out.get(..fresh).unwrap_or_default();
        if let Some(sha256) = &mut self.sha256 {
            sha256.update(new);
        }
        if let Format::Gzip { crc, .. } = &mut self.format {
            crc.update(new);
        }
        self.inflated += length(new);
        let checked = self.check(step);
        self.ended |= checked.is_err();
        (fresh, checked)
    }

    /// Whether the end is reached.
    pub(super) fn has_ended(&self) -> bool {
        self.ended
    }

    /// Inflated bytes so far.
    pub(super) fn inflated(&self) -> u64 {
        self.inflated
    }

    /// Hash of everything inflated so far.
    pub(super) fn sha256(&self) -> Option<Sha256> {
        let hash = self.sha256.clone()?.finish();
        Sha256::from_digest(&hash)
    }

    fn check(&self, step: Result<(), Stop>) -> Result<(), Fault> {
        let (offset, inflated) = (self.at as u64, self.inflated);
        match step {
            Err(Stop::EndsEarly) => return Err(Fault::Truncated { offset, inflated }),
            Err(Stop::Damaged) => return Err(Fault::Damaged { offset, inflated }),
            Ok(()) => {}
        }
        let Limits {
            inflated_bytes,
            ratio,
            ratio_from,
            ..
        } = self.limits;
        if inflated > inflated_bytes {
            return Err(Fault::OverLimit {
                what: "inflated bytes",
                limit: inflated_bytes,
                inflated,
            });
        }
        if inflated > ratio_from && inflated / ratio > length(self.stored) {
            return Err(Fault::OverLimit {
                what: "inflated bytes for each stored byte",
                limit: ratio,
                inflated,
            });
        }
        match &self.format {
            Format::Gzip { crc, .. } if self.ended => self.check_trailer(crc.clone().finalize()),
            _ => Ok(()),
        }
    }

    /// RFC 1952 section 2.3.1: CRC-32 and length modulo 2^32, both little-endian.
    fn check_trailer(&self, crc: u32) -> Result<(), Fault> {
        let trailer = self.stored.get(self.at..).unwrap_or_default();
        let Some(([c0, c1, c2, c3, l0, l1, l2, l3], rest)) = trailer.split_first_chunk::<8>()
        else {
            return Err(Fault::Truncated {
                offset: length(self.stored),
                inflated: self.inflated,
            });
        };
        let stored = u32::from_le_bytes([*c0, *c1, *c2, *c3]);
        if stored != crc {
            return Err(Fault::Checksum {
                field: "CRC-32",
                stored,
                computed: crc,
            });
        }
        let stored = u32::from_le_bytes([*l0, *l1, *l2, *l3]);
        if let Ok(computed) = u32::try_from(self.inflated & u64::from(u32::MAX))
            && stored != computed
        {
            return Err(Fault::Checksum {
                field: "length",
                stored,
                computed,
            });
        }
        if rest.is_empty() {
            return Ok(());
        }
        Err(Fault::TrailingBytes {
            offset: length(self.stored) - length(rest),
            bytes: length(rest),
        })
    }
}

/// Why inflating stopped before the last block.
enum Stop {
    EndsEarly,
    Damaged,
}

/// Inflates into `out`; how many bytes came out, and whether the last block is done.
fn inflate_some(
    inflate: &mut Decompress,
    stored: &[u8],
    at: &mut usize,
    out: &mut [u8],
) -> (usize, Result<bool, Stop>) {
    let (in_before, out_before) = (inflate.total_in(), inflate.total_out());
    let input = stored.get(*at..).unwrap_or_default();
    let status = inflate.decompress(input, out, FlushDecompress::None);
    let taken = inflate.total_in() - in_before;
    *at += usize::try_from(taken).unwrap_or(input.len());
    let fresh = usize::try_from(inflate.total_out() - out_before).unwrap_or(out.len());
    let step = match status {
        Ok(Status::StreamEnd) => Ok(true),
        Ok(_) if taken == 0 && fresh == 0 => Err(Stop::EndsEarly),
        Ok(_) => Ok(false),
        Err(_) => Err(Stop::Damaged),
    };
    (fresh, step)
}

pub(super) const MAGIC: [u8; 2] = [0x1f, 0x8b];

/// Offset of the deflate data behind the member header (RFC 1952 section 2.3).
fn member_start(stored: &[u8]) -> Result<usize, Fault> {
    const CRC: u8 = 2;
    const EXTRA: u8 = 4;
    const NAME: u8 = 8;
    const COMMENT: u8 = 16;
    let cut = || Fault::Truncated {
        offset: length(stored),
        inflated: 0,
    };
    let Some(([_, _, method, flags, ..], _)) = stored.split_first_chunk::<10>() else {
        return Err(cut());
    };
    if *method != 8 {
        return Err(Fault::NotGzip {
            offset: 2,
            reason: "the compression method is not deflate",
        });
    }
    if flags & !0x1f != 0 {
        return Err(Fault::NotGzip {
            offset: 3,
            reason: "reserved flags are set",
        });
    }
    let mut at = 10;
    if flags & EXTRA != 0 {
        let size = stored
            .get(at..)
            .and_then(|rest| rest.first_chunk::<2>())
            .ok_or_else(cut)?;
        at += 2 + usize::from(u16::from_le_bytes(*size));
    }
    for flag in [NAME, COMMENT] {
        if flags & flag != 0 {
            let rest = stored.get(at..).ok_or_else(cut)?;
            at += memchr::memchr(0, rest).ok_or_else(cut)? + 1;
        }
    }
    if flags & CRC != 0 {
        at += 2;
    }
    if at > stored.len() {
        Err(cut())
    } else {
        Ok(at)
    }
}

fn length(bytes: &[u8]) -> u64 {
    bytes.len() as u64
}

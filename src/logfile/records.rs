//! Inflated bytes → records, one at a time, in whatever shape they are stored:
//!
//! - CloudTrail's own: `{"Records":[…]}`, whatever other members stand around the array;
//! - a bare array, JSON lines, one pretty-printed record: what people export and keep.
//!
//! Separators are read leniently (a missing or doubled comma costs nobody a record); what stands
//! between them is strict JSON.

use super::attempt::{self, Unreadable, too_long};
use super::item::{Item, Summary};
use super::object::{Object, member_step, object_step};
use super::resync;
use super::step::{Place, Step, damaged};
use super::window::Window;
use super::{Fault, Limits, Scratch};
use crate::pattern::json::{self, JsonError};
use crate::pattern::{Extractor, Places};

/// One log file being read. Call [`next`](Self::next) until it returns `None`, then
/// [`finish`](Self::finish).
pub struct LogFile<'a> {
    pub(super) window: Window<'a>,
    places: &'a mut Places,
    pub(super) limits: Limits,
    pub(super) place: Place,
    /// Number of the next record in the file.
    number: u64,
    /// Bytes of the window that the last item covers; they are dropped on the next call.
    pending: usize,
    structure: Option<Fault>,
    pub(super) budget: resync::Budget,
    /// Of the window, when objects were last read from it.
    edition: u64,
}

impl<'a> LogFile<'a> {
    /// Opens the stored bytes of a log file, gzip or plain; they are hashed only if `hash` asks
    /// for it.
    ///
    /// # Errors
    /// When nothing can be read at all: empty, too large, not a gzip member.
    pub fn open(
        stored: &'a [u8],
        limits: Limits,
        hash: bool,
        scratch: &'a mut Scratch,
    ) -> Result<Self, Fault> {
        let Scratch {
            buffer,
            places,
            decompressor,
        } = scratch;
        let window = Window::new(stored, limits, hash, buffer, decompressor)?;
        let budget = resync::Budget::default();
        places.start_text();
        let edition = window.edition();
        Ok(Self {
            window,
            places,
            limits,
            place: Place::Start,
            number: 0,
            pending: 0,
            structure: None,
            budget,
            edition,
        })
    }

    /// The next record with the fields that `extractor` finds, or what stands in its place; `None`
    /// at the end.
    pub fn next<'f>(&'f mut self, extractor: &'f Extractor) -> Option<Item<'f>> {
        self.window.consume(std::mem::take(&mut self.pending));
        loop {
            let alone = matches!(self.place, Place::Start | Place::Top);
            let step = match self.place {
                Place::Start | Place::Top => self.top()?,
                Place::Members => self.member()?,
                Place::Array { in_object } => self.element(in_object, extractor)?,
                Place::Done => return None,
            };
            match step {
                Step::Next => {}
                Step::Record { bytes, .. } if bytes > self.limits.record_bytes => {
                    let reason = too_long(self.limits.record_bytes);
                    return Some(self.malformed(Unreadable::OverLimit(reason), alone));
                }
                Step::Record { bytes, read } => {
                    let read = read || self.is_read(bytes, extractor);
                    return Some(self.record(bytes, alone, read.then_some(extractor)));
                }
                Step::Bad(reason) => return Some(self.malformed(reason, alone)),
                Step::Stray(reason) => {
                    let (offset, number) = self.count(0);
                    return Some(Item::Malformed {
                        offset,
                        number,
                        reason: reason.to_owned(),
                    });
                }
            }
        }
    }

    /// Reads what is left, and sums up.
    pub fn finish(mut self) -> Summary {
        self.window.drain();
        let fault = self.window.fault().cloned().or(self.structure);
        Summary {
            inflated: self.window.inflated(),
            sha256: self.window.sha256(),
            fault,
        }
    }

    fn top(&mut self) -> Option<Step> {
        let started = self.place == Place::Top;
        if !started {
            self.window.pass_byte_order_mark();
        }
        match self.window.next_byte() {
            None if started => self.end(None),
            None => self.end(Some("nothing but white space")),
            Some(b'{') => {
                self.place = Place::Top;
                Some(self.object())
            }
            Some(b'[') => {
                self.window.consume(1);
                self.place = Place::Array { in_object: false };
                Some(Step::Next)
            }
            Some(_) if started => Some(damaged("not a JSON object")),
            Some(_) => self.end(Some("not JSON")),
        }
    }

    /// Walks the members of a top-level object until it ends (then it is itself a record) or a
    /// `Records` array begins.
    fn object(&mut self) -> Step {
        match self.grown(object_step) {
            Ok(Object::Alone(bytes)) => Step::Record { bytes, read: false },
            Ok(Object::Records(bytes)) => {
                self.window.consume(bytes);
                self.place = Place::Array { in_object: true };
                Step::Next
            }
            Err(reason) => Step::Bad(reason),
        }
    }

    fn member(&mut self) -> Option<Step> {
        match self.window.next_byte() {
            None => self.end(Some("the object around `Records` is not closed")),
            Some(byte @ (b'}' | b',')) => {
                self.window.consume(1);
                if byte == b'}' {
                    self.place = Place::Top;
                }
                Some(Step::Next)
            }
            Some(b'"') => Some(match self.grown(member_step) {
                Ok(Object::Alone(bytes)) => {
                    self.window.consume(bytes);
                    Step::Next
                }
                Ok(Object::Records(bytes)) => {
                    self.window.consume(bytes);
                    self.place = Place::Array { in_object: true };
                    Step::Next
                }
                Err(reason) => self.back_to_array(reason),
            }),
            // The array was closed too early, and a record follows.
            Some(b'{') => {
                self.place = Place::Array { in_object: true };
                Some(Step::Stray("the `Records` array ends before its records"))
            }
            Some(_) => {
                let reason = "expected `,` or `}` behind the `Records` array";
                Some(self.back_to_array(Unreadable::Damaged(reason.to_owned())))
            }
        }
    }

    fn back_to_array(&mut self, reason: Unreadable) -> Step {
        self.place = Place::Array { in_object: true };
        Step::Bad(reason)
    }

    fn element(&mut self, in_object: bool, extractor: &Extractor) -> Option<Step> {
        match self.window.next_byte() {
            None => self.end(Some("the array of records is not closed")),
            Some(b',') => {
                self.window.consume(1);
                Some(Step::Next)
            }
            Some(b']') => {
                self.window.consume(1);
                self.place = if in_object {
                    Place::Members
                } else {
                    Place::Top
                };
                Some(Step::Next)
            }
            Some(first) => Some(self.value(first, extractor)),
        }
    }

    /// One element: at once if it is a record as CloudTrail writes it, with care if not.
    fn value(&mut self, first: u8, extractor: &Extractor) -> Step {
        let (window, depth) = (&mut self.window, self.limits.depth);
        if self.edition != window.edition() {
            self.edition = window.edition();
            self.places.start_text();
        }
        let from = window.at();
        if let Some(end) = extractor.read_compact(window.text(), from, depth, self.places) {
            let bytes = end - from;
            return Step::Record { bytes, read: true };
        }
        match self.grown(|rest, depth| json::skip_value(rest, 0, depth)) {
            Ok(bytes) if first == b'{' => Step::Record { bytes, read: false },
            Ok(_) => damaged("a record must be a JSON object"),
            Err(reason) => Step::Bad(reason),
        }
    }

    /// Finds the fields of a record that was only proved; false if it is not UTF-8.
    fn is_read(&mut self, bytes: usize, extractor: &Extractor) -> bool {
        // It is read as a text of its own.
        self.edition = u64::MAX;
        let json = self.window.rest().get(..bytes).unwrap_or_default();
        std::str::from_utf8(json).is_ok_and(|text| extractor.read(text, self.places).is_ok())
    }

    fn grown<T>(
        &mut self,
        read: impl Fn(&[u8], usize) -> Result<T, JsonError>,
    ) -> Result<T, Unreadable> {
        attempt::attempt(&mut self.window, &self.limits, read)
    }

    /// A record, if an extractor found its fields.
    fn record<'f>(
        &'f mut self,
        bytes: usize,
        alone: bool,
        read: Option<&'f Extractor>,
    ) -> Item<'f> {
        let (offset, number) = self.count(bytes);
        let json = self.window.rest().get(..bytes).unwrap_or_default();
        if let Some(extractor) = read {
            return Item::Record {
                json,
                fields: extractor.fields(json, self.places),
                offset,
                number,
                alone,
            };
        }
        let valid = std::str::from_utf8(json).map_or_else(|error| error.valid_up_to(), str::len);
        let reason = format!("not UTF-8, at byte {}", offset + valid as u64);
        Item::Malformed {
            offset,
            number,
            reason,
        }
    }

    /// Where the next record is, and its number. So many bytes belong to it.
    pub(super) fn count(&mut self, bytes: usize) -> (u64, u64) {
        let number = self.number;
        self.number += 1;
        self.pending = bytes;
        (self.window.offset(), number)
    }

    /// Ends the file, with a fault when it should not end here.
    pub(super) fn end(&mut self, fault: Option<&str>) -> Option<Step> {
        self.place = Place::Done;
        let offset = self.window.offset();
        self.structure = fault.map(|reason| Fault::Structure {
            offset,
            reason: reason.to_owned(),
        });
        None
    }
}

//! The part of reading a log file that leaves out what cannot be read.

use super::attempt::Unreadable;
use super::item::Item;
use super::records::LogFile;
use super::resync;
use super::step::{Place, Step};

impl LogFile<'_> {
    /// Leaves out what cannot be read and goes to where the next record starts.
    pub(super) fn malformed(&mut self, unreadable: Unreadable, alone: bool) -> Item<'_> {
        let (offset, number) = self.count(0);
        let (Unreadable::Damaged(reason) | Unreadable::OverLimit(reason)) = &unreadable;
        let reason = reason.clone();
        match unreadable {
            Unreadable::OverLimit(_) => resync::past_value(&mut self.window),
            Unreadable::Damaged(_) if alone => {
                if number == 0 && resync::to_records_array(&mut self.window, &self.limits) {
                    self.place = Place::Array { in_object: true };
                } else {
                    resync::past_line(&mut self.window);
                }
            }
            Unreadable::Damaged(_) => {
                if !resync::to_next_record(&mut self.window, &self.limits, &mut self.budget) {
                    let _: Option<Step> =
                        self.end(Some("too damaged to find where the next record starts"));
                }
            }
        }
        Item::Malformed {
            offset,
            number,
            reason,
        }
    }
}

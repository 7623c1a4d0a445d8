//! What a log file may cost at most. Log files are untrusted input: whoever can write to the
//! bucket chooses their bytes.

/// Bounds on one log file. Over a bound is a [`Fault`](super::Fault) that says which, never a
/// silent cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Stored (compressed) bytes of the object. Default 64 MiB; CloudTrail writes at most about
    /// 50 MB.
    pub object_bytes: u64,
    /// Bytes after inflating. Default 2 GiB: memory does not depend on it, CPU time does.
    pub inflated_bytes: u64,
    /// Inflated bytes for each stored byte. Default 250; real trails reach 6 to 12, a file of one
    /// repeated record about 100.
    pub ratio: u64,
    /// Inflated bytes below which [`ratio`](Self::ratio) is not looked at. Default 32 MiB.
    pub ratio_from: u64,
    /// Inflated bytes up to which a file is inflated at once, which is faster and takes as much
    /// memory; longer ones are read piece by piece. Default 64 MiB.
    pub whole_bytes: usize,
    /// Bytes of one record. Default 4 MiB; CloudTrail documents 256 KB, 1 MB for events with
    /// more detail.
    pub record_bytes: usize,
    /// Nesting levels of one record. Default 128; the deepest real record seen has 12.
    pub depth: usize,
}

impl Default for Limits {
    fn default() -> Self {
        const MIB: u64 = 1 << 20;
        Self {
            object_bytes: 64 * MIB,
            inflated_bytes: 2048 * MIB,
            ratio: 250,
            ratio_from: 32 * MIB,
            whole_bytes: 64 << 20,
            record_bytes: 4 << 20,
            depth: 128,
        }
    }
}

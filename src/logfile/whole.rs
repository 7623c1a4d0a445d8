//! A whole gzip member at once, with libdeflate: half as fast again as inflating piece by piece,
//! for files whose length is known and bounded.
//!
//! Only a member that fills the stored bytes exactly and keeps what its trailer promises is taken.
//! Everything else is left to [`gzip`](super::gzip), which says what is wrong and where, and reads
//! what can be read.

use std::ptr::{NonNull, null_mut};

use libdeflate_sys::{
    libdeflate_alloc_decompressor, libdeflate_decompressor, libdeflate_free_decompressor,
    libdeflate_gzip_decompress_ex, libdeflate_result_LIBDEFLATE_SUCCESS as SUCCESS,
};

/// Inflates whole gzip members; to be used again for the next one.
pub(super) struct Decompressor(NonNull<libdeflate_decompressor>);

// The crate `libdeflater` wraps the same library safely. Its functions do not say where the member
// ends, so bytes behind it would go unnoticed.
#[expect(unsafe_code, reason = "the library is written in C")]
impl Decompressor {
    /// None when there is no memory for it.
    pub fn new() -> Option<Decompressor> {
        // SAFETY: takes nothing, and returns null when it fails.
        NonNull::new(unsafe { libdeflate_alloc_decompressor() }).map(Decompressor)
    }

    /// Inflates the one member that `stored` holds into `out`; whether both were filled exactly
    /// and CRC-32 and length are those of the trailer.
    pub fn member(&mut self, stored: &[u8], out: &mut [u8]) -> bool {
        let mut taken = 0;
        // SAFETY: the library reads and writes within the lengths that it is given, keeps no
        // pointer, and may be given no place for the length that comes out: then only an exact
        // fit is a success.
        let result = unsafe {
            libdeflate_gzip_decompress_ex(
                self.0.as_ptr(),
                stored.as_ptr().cast(),
                stored.len(),
                out.as_mut_ptr().cast(),
                out.len(),
                &raw mut taken,
                null_mut(),
            )
        };
        result == SUCCESS && taken == stored.len()
    }
}

#[expect(unsafe_code, reason = "the library is written in C")]
// SAFETY: memory that nobody else knows of, without ties to a thread.
unsafe impl Send for Decompressor {}

#[expect(unsafe_code, reason = "the library is written in C")]
impl Drop for Decompressor {
    fn drop(&mut self) {
        // SAFETY: it was allocated by the library and is freed once.
        unsafe { libdeflate_free_decompressor(self.0.as_ptr()) }
    }
}

/// What the trailer of a gzip member says of the length of the inflated bytes, modulo 2^32 (RFC
/// 1952 section 2.3.1).
pub fn promised_length(stored: &[u8]) -> Option<usize> {
    let length = stored.last_chunk::<4>()?;
    usize::try_from(u32::from_le_bytes(*length)).ok()
}

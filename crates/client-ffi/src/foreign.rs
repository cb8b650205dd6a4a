//! Reads what an app's pointers point to. Everything is copied, so that nothing of the app's is kept beyond the call.

use std::mem::{MaybeUninit, size_of};

use crate::abi::types::{WigwagInvite, WigwagOptions, WigwagResult, WigwagText};
use crate::guard::Fault;

/// Longest text taken from an app, bytes: far more than a frame may be, which the server bounds.
const LONGEST_TEXT: usize = 16 << 20;
/// Most texts in one list: a hundred times the invitees of one invitation.
const MOST_TEXTS: usize = 100_000;

/// Structs of the header that begin with their own size, and that zero bytes are a value of.
pub(crate) trait Sized: Copy {}
impl Sized for WigwagOptions {}
impl Sized for WigwagInvite {}

/// A text of the app's.
///
/// # Safety
/// `text.bytes` points to `text.length` readable bytes, or is NULL.
pub(crate) unsafe fn text(name: &str, text: WigwagText) -> Result<String, Fault> {
    if text.length == 0 {
        return Ok(String::new());
    }
    if text.bytes.is_null() {
        let words = format!("{name} is NULL and has a length");
        return Err(Fault::new(WigwagResult::NullPointer, words));
    }
    if text.length > LONGEST_TEXT {
        return Err(Fault::argument(format!("{name} is longer than {LONGEST_TEXT} bytes")));
    }
    // SAFETY: as the caller says; the length is far below isize::MAX.
    let bytes = unsafe { std::slice::from_raw_parts(text.bytes.cast::<u8>(), text.length) };
    match std::str::from_utf8(bytes) {
        Ok(text) => Ok(text.to_owned()),
        Err(_) => Err(Fault::new(WigwagResult::NotUtf8, format!("{name} is not UTF-8"))),
    }
}

/// Several texts of the app's.
///
/// # Safety
/// `list` points to `count` texts which are as [`text`] says, or is NULL.
pub(crate) unsafe fn texts(name: &str, list: *const WigwagText, count: usize) -> Result<Vec<String>, Fault> {
    if count == 0 {
        return Ok(Vec::new());
    }
    check_pointer(name, list)?;
    if count > MOST_TEXTS {
        return Err(Fault::argument(format!("{name} has more than {MOST_TEXTS} texts")));
    }
    // SAFETY: as the caller says; the pointer is aligned, and the count is bounded.
    let list = unsafe { std::slice::from_raw_parts(list, count) };
    // SAFETY: as the caller says of each.
    list.iter().map(|one| unsafe { text(name, *one) }).collect()
}

/// A struct of the app's that says how large it is: an app that was compiled with an older header has a shorter one, and gets the
/// defaults for what it lacks.
///
/// # Safety
/// `given` points to as many readable bytes as its first field says, or is NULL.
pub(crate) unsafe fn sized<T: Sized>(name: &str, given: *const T) -> Result<T, Fault> {
    check_pointer(name, given)?;
    // SAFETY: as the caller says; the field comes first in each of them, and the pointer is aligned for more than it.
    let size = unsafe { given.cast::<usize>().read() };
    if size < size_of::<usize>() || size > size_of::<T>() {
        let words = format!(
            "{name}.size is {size}: set it to the size of the struct, {} in this version",
            size_of::<T>()
        );
        return Err(Fault::argument(words));
    }
    let mut copy = MaybeUninit::<T>::zeroed();
    // SAFETY: both have room for `size` bytes, as the caller and the check say, and do not overlap.
    unsafe { std::ptr::copy_nonoverlapping(given.cast::<u8>(), copy.as_mut_ptr().cast::<u8>(), size) };
    // SAFETY: of these structs every pattern of bytes is a value: they are of numbers, pointers and optional function pointers.
    Ok(unsafe { copy.assume_init() })
}

/// Writes what a function gives besides its result.
///
/// # Safety
/// `place` points to room for a `T`, or is NULL.
pub(crate) unsafe fn write<T>(name: &str, place: *mut T, value: T) -> Result<(), Fault> {
    check_pointer(name, place)?;
    // SAFETY: as the caller says; the pointer is aligned.
    unsafe { place.write(value) };
    Ok(())
}

/// That a pointer can be used at all.
pub(crate) fn check_pointer<T>(name: &str, pointer: *const T) -> Result<(), Fault> {
    if pointer.is_null() {
        return Err(Fault::new(WigwagResult::NullPointer, format!("{name} is NULL")));
    }
    if !pointer.is_aligned() {
        return Err(Fault::argument(format!("{name} is not aligned")));
    }
    Ok(())
}

//! Texts: UTF-8 in byte arrays of Java's, pointer and length in the C ABI.

use std::ffi::c_void;

use jni::Env;
use jni::errors::Result;
use jni::objects::{JByteArray, JObjectArray};
use wigwag::abi::types::WigwagText;

/// What Java calls a `byte[][]`.
pub(crate) type JTexts<'l> = JObjectArray<'l, JByteArray<'l>>;

/// A copy of a text of Java's; null is empty.
pub(crate) fn given(env: &Env<'_>, text: &JByteArray<'_>) -> Result<Vec<u8>> {
    if text.is_null() { Ok(Vec::new()) } else { env.convert_byte_array(text) }
}

/// Copies of several texts of Java's; null is none.
pub(crate) fn all_given(env: &mut Env<'_>, texts: &JTexts<'_>) -> Result<Vec<Vec<u8>>> {
    if texts.is_null() {
        return Ok(Vec::new());
    }
    (0..texts.len(env)?)
        .map(|place| {
            let text = texts.get_element(env, place)?;
            let copy = given(env, &text);
            env.delete_local_ref(text);
            copy
        })
        .collect()
}

/// A text for the C ABI, which points into `text`.
pub(crate) fn shown(text: &[u8]) -> WigwagText {
    WigwagText { bytes: text.as_ptr().cast(), length: text.len() }
}

/// What a text of the library's holds.
///
/// # Safety
/// It points to something that lives as long as the callback runs that it was given to.
pub(crate) unsafe fn read<'t>(text: WigwagText) -> &'t [u8] {
    if text.length == 0 {
        return &[];
    }
    // SAFETY: as the caller says; the library counts its texts.
    unsafe { std::slice::from_raw_parts(text.bytes.cast(), text.length) }
}

/// Several texts as a `byte[][]`.
pub(crate) fn array<'l, 't>(
    env: &mut Env<'l>,
    texts: impl ExactSizeIterator<Item = &'t [u8]>,
) -> Result<JTexts<'l>> {
    let array = JTexts::new(env, texts.len(), JByteArray::null())?;
    for (place, text) in texts.enumerate() {
        let text = env.byte_array_from_slice(text)?;
        array.set_element(env, place, &text)?;
        env.delete_local_ref(text);
    }
    Ok(array)
}

/// A `WigwagOnText` that copies the text to the `Vec<u8>` that `to` points to.
pub(crate) unsafe extern "C-unwind" fn copy(to: *mut c_void, text: WigwagText) {
    // SAFETY: whoever passes this function passes a `Vec<u8>` with it, and waits for the call; the text lives as long.
    unsafe { (*to.cast::<Vec<u8>>()).extend_from_slice(read(text)) };
}

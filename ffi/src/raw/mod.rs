//! The one place where pointers become references.
//!
//! What the caller promises (the header's conventions chapter): a non-NULL pointer is valid for its
//! stated length for the whole call, objects are not used by two threads at once unless `const`.
//! What is checked here: NULL, alignment, lengths that wrap (`buffers.rs`), overlap (`spans.rs`),
//! and whether an object is what its type says (`objects.rs`).

mod call;
mod buffers;
mod spans;
mod objects;

#[cfg(feature = "hazmat")]
pub use buffers::in_place;
pub use buffers::{
    array, fill, input, optional, optional_output, output, outputs, store, store_array, string,
    structure,
};
pub use call::{status, status_of_keys, status_of_pieces};
pub(crate) use objects::opaque;
pub use objects::{Opaque, create, create_in_place, get, get_mut, get_optional, wipe};
pub use spans::{Lent, Spans};

//! Every length has a maximum; this is the one place (FORMAT.md 9).

/// Plaintext of a block.
pub const PLAIN: u64 = 64 << 20;
/// Plaintext of a chunk (C2SP chunked-encryption).
pub const CHUNK: usize = 16 << 10;
/// Window of a block written with profile `small`, as a logarithm.
pub const SMALL_WINDOW_LOG: u32 = 11;
/// Stanzas in a record.
pub const STANZAS: u16 = 64;
/// Body of a stanza.
pub const STANZA_BODY: u32 = 16 << 10;
/// Entries in a record.
pub const RECORD_ENTRIES: u32 = 1 << 20;
/// Entries in a manifest.
pub const MANIFEST_ENTRIES: u64 = 1 << 32;
/// Entries in a manifest's segment.
pub const SEGMENT_ENTRIES: u64 = 1024;

const _: () = assert!(PLAIN <= u32::MAX as u64, "lengths of blocks fit usize on 32-bit machines");

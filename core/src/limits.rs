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
/// Hint of a password.
pub const HINT: usize = 64;
/// Name of an external key.
pub const EXTERNAL_NAME: usize = 128;
/// What a key service makes of a stanza KEK.
pub const EXTERNAL_SEALED: usize = 4096;
/// Text of a recovery kit that is read, whatever blanks and comments stand in it.
pub const KIT_TEXT: usize = 16 << 10;
/// Fewest iterations of PBKDF2. SP 800-132 5.2.
pub const PBKDF2_ITERATIONS: u32 = 1000;
/// Memory of Argon2id in KiB; the least is 8 a lane (RFC 9106 3.1).
pub const ARGON2_MEMORY_KIB: u32 = 4 << 20;
/// Lanes of Argon2id.
pub const ARGON2_LANES: u32 = 16;
/// Entries in a manifest.
pub const MANIFEST_ENTRIES: u64 = 1 << 32;
/// Entries in a manifest's segment.
pub const SEGMENT_ENTRIES: u64 = 1024;

const _: () = assert!(PLAIN <= u32::MAX as u64, "lengths of blocks fit usize on 32-bit machines");

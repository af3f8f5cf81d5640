//! How to compress.

/// How to compress.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// zstd's level; 1 is the format's default, negative ones are faster. Up to 3, what looks
    /// incompressible in samples is not tried.
    pub level: i32,
    /// Limit the window to what a microcontroller can hold.
    pub small: bool,
}

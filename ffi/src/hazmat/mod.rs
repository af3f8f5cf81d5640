//! The validation interface: `include/coffre_hazmat.h` is made from these files, in this order.
//!
//! It lets outside test suites reach the primitives that the product is made of. Where the
//! arguments are the product's (a 32-byte key, a 16-byte salt), the product's own function runs;
//! else what that function calls. No released library holds any of it: `capi`, which makes that
//! library, excludes feature `hazmat` (lib.rs), and tests/symbols.sh looks for the names.

pub mod hazmat_engines;
pub mod hazmat_gcm;
pub mod hazmat_key_wrap;
pub mod hazmat_kdf;
pub mod hazmat_password;
pub mod hazmat_p256;
pub mod hazmat_hpke;
pub mod hazmat_chunked;
pub mod hazmat_zstd;

//! Every failure: its stable number, its name, its message, and whose fault it is.
//!
//! The numbers are the C ABI's; they never change meaning. Groups: -1 the caller's, -20 the
//! policy's, -40 the data's, -60 the keys', -80 the environment's.

use core::ffi::CStr;

/// What every fallible function returns.
pub type Result<T> = core::result::Result<T, Error>;

macro_rules! errors {
    ($($(#[$doc:meta])* $variant:ident = $code:literal, $name:literal, $message:literal;)*) => {
        /// A failure. `code` is the number of the C ABI.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(i32)]
        pub enum Error { $($(#[$doc])* $variant = $code,)* }

        impl Error {
            /// All errors, in the order of the table.
            pub const ALL: &'static [Error] = &[$(Error::$variant,)*];

            /// The name of the C constant.
            pub fn name(self) -> &'static CStr {
                self.text(concat!($($name, "\0"),*))
            }

            /// What went wrong, as a sentence fragment in English.
            pub fn message(self) -> &'static CStr {
                self.text(concat!($($message, "\0"),*))
            }
        }
    };
}

impl Error {
    /// The text of this error in a table of them. One text, not many: a program that asks for none
    /// should not have to keep them all, as linkers do with single strings.
    fn text(self, table: &'static str) -> &'static CStr {
        let index = Error::ALL.iter().take_while(|error| **error != self).count();
        texts(table).nth(index).unwrap_or_default()
    }
}

/// The texts of a table, each ended by a NUL.
pub(crate) fn texts(table: &'static str) -> impl Iterator<Item = &'static CStr> {
    let mut rest = table.as_bytes();
    core::iter::from_fn(move || {
        let text = CStr::from_bytes_until_nul(rest).ok()?;
        rest = rest.get(text.count_bytes() + 1..).unwrap_or_default();
        Some(text)
    })
}

errors! {
    /// A NULL pointer, an unknown flag, a wrong structure size, or a value outside its range.
    InvalidArgument = -1, "COFFRE_ERR_INVALID_ARGUMENT",
        "an argument is NULL, unknown or out of range";
    /// Two buffers overlap where that is not allowed.
    Overlap = -2, "COFFRE_ERR_OVERLAP",
        "buffers overlap where that is not allowed";
    /// The output does not fit; the size needed is reported and nothing was written.
    BufferTooSmall = -3, "COFFRE_ERR_BUFFER_TOO_SMALL",
        "the output buffer is too small";
    /// The lent workspace is smaller than the size function says.
    WorkspaceTooSmall = -4, "COFFRE_ERR_WORKSPACE_TOO_SMALL",
        "the workspace is too small";
    /// A length that the caller gives is above the format's maximum (FORMAT.md 9).
    TooLarge = -5, "COFFRE_ERR_TOO_LARGE",
        "a length is above the format's maximum";
    /// A symmetric key that is not 32 bytes long.
    KeyLength = -6, "COFFRE_ERR_KEY_LENGTH",
        "a symmetric key is not 32 bytes long";
    /// An object that was not initialised, was wiped or moved, or a call out of order.
    BadState = -7, "COFFRE_ERR_BAD_STATE",
        "the object is not in a state for this call";
    /// The recipient or key is in the record already.
    Duplicate = -8, "COFFRE_ERR_DUPLICATE",
        "the recipient or key is in the record already";
    /// No recipient, entry or key of that index or id.
    NotFound = -9, "COFFRE_ERR_NOT_FOUND",
        "no entry of that index or id";
    /// The block's version is below the lowest that the policy accepts.
    PolicyVersion = -20, "COFFRE_ERR_POLICY_VERSION",
        "the block version is below the lowest that the policy accepts";
    /// A length or window found in data is above the policy's or the format's limit.
    OverLimit = -21, "COFFRE_ERR_OVER_LIMIT",
        "a length or window is above the policy's or the format's limit";
    /// The kind of recipient is not allowed by the policy.
    PolicyRecipient = -22, "COFFRE_ERR_POLICY_RECIPIENT",
        "the policy does not allow this kind of recipient";
    /// The password is shorter than the options allow, or hardly varies.
    WeakPassword = -23, "COFFRE_ERR_WEAK_PASSWORD",
        "the password is too short, or hardly varies";
    /// Deriving a key from a password would cost more than the policy allows.
    OverCost = -24, "COFFRE_ERR_OVER_COST",
        "the password's key derivation costs more than the policy allows";
    /// Not such an object, or cut short, or bytes that the format forbids.
    Malformed = -40, "COFFRE_ERR_MALFORMED",
        "not such an object, or cut short";
    /// The object's version is not supported.
    UnsupportedVersion = -41, "COFFRE_ERR_UNSUPPORTED_VERSION",
        "the object's version is not supported";
    /// The object's suite is not supported.
    UnsupportedSuite = -42, "COFFRE_ERR_UNSUPPORTED_SUITE",
        "the object's cipher suite is not supported";
    /// The checksum does not fit: damage.
    Damaged = -43, "COFFRE_ERR_DAMAGED",
        "damaged: the checksum does not fit";
    /// The key is right, the bytes are not: forged, altered or exchanged.
    NotAuthentic = -44, "COFFRE_ERR_NOT_AUTHENTIC",
        "not authentic: altered although the key fits";
    /// The compressed frame breaks a rule of the format.
    BadFrame = -45, "COFFRE_ERR_BAD_FRAME",
        "the compressed frame is not exactly one valid frame of the stated length";
    /// A genuine block, but not the one that was asked for.
    UnexpectedBlock = -46, "COFFRE_ERR_UNEXPECTED_BLOCK",
        "a genuine block, but not the one that was asked for";
    /// Another instance's, or another restore point's.
    Foreign = -47, "COFFRE_ERR_FOREIGN",
        "belongs to another instance or restore point";
    /// The generation is below the one demanded.
    Stale = -48, "COFFRE_ERR_STALE",
        "stale: the generation is below the one demanded";
    /// The recipient's stanza, or the keys at hand, lead to another storage key than the record's.
    OtherStorageKey = -49, "COFFRE_ERR_OTHER_STORAGE_KEY",
        "another storage key than the record's: a forged record, or keys from before a rotation";
    /// Two copies of the same generation differ.
    Conflict = -50, "COFFRE_ERR_CONFLICT",
        "conflict: two valid copies of one generation differ";
    /// The newest valid copy is older than the generation demanded.
    Rollback = -51, "COFFRE_ERR_ROLLBACK",
        "rolled back: the newest valid copy is older than the generation demanded";
    /// No signature of the expected origin key.
    OriginUnverified = -52, "COFFRE_ERR_ORIGIN_UNVERIFIED",
        "origin unverified: no signature of the expected origin key";
    /// A signature that claims to be the origin key's does not fit.
    OriginForged = -53, "COFFRE_ERR_ORIGIN_FORGED",
        "origin forged: the signature does not fit this restore point";
    /// A line of a recovery kit's text is mistyped, missing or there twice.
    BadKitLine = -54, "COFFRE_ERR_BAD_KIT_LINE",
        "a line of the recovery kit is mistyped, missing or there twice";
    /// The key at hand is another than the one needed.
    WrongKey = -60, "COFFRE_ERR_WRONG_KEY",
        "wrong key";
    /// The record holds no session key of that id.
    MissingKey = -61, "COFFRE_ERR_MISSING_KEY",
        "the record holds no key of that id";
    /// Not a key file, or cut short.
    BadKeyFile = -62, "COFFRE_ERR_BAD_KEY_FILE",
        "not one unencrypted key in PEM or DER (PKCS#8 or SEC 1, SPKI)";
    /// A key file of another algorithm or curve than P-256.
    UnsupportedKey = -63, "COFFRE_ERR_UNSUPPORTED_KEY",
        "the key is of another algorithm or curve than P-256";
    /// A point that is not on the curve, a scalar out of range, or a pair that does not match.
    InvalidKey = -64, "COFFRE_ERR_INVALID_KEY",
        "not a valid key: point off the curve, scalar out of range, or no pair";
    /// The password is not the one that the record was wrapped for.
    WrongPassword = -65, "COFFRE_ERR_WRONG_PASSWORD",
        "wrong password";
    /// The origin key is one of the record's recipients.
    OriginIsRecipient = -66, "COFFRE_ERR_ORIGIN_IS_RECIPIENT",
        "the origin key is one of the recipients, and so proves nothing";
    /// The random source failed, is missing, or gave constant bytes.
    Random = -80, "COFFRE_ERR_RANDOM",
        "the random source failed, is missing, or gave constant bytes";
    /// The random source gave the same 32 bytes twice.
    RandomRepeated = -81, "COFFRE_ERR_RANDOM_REPEATED",
        "the random source repeated itself";
    /// A known-answer self-test failed; the context refuses everything.
    SelfTest = -82, "COFFRE_ERR_SELF_TEST",
        "a known-answer self-test failed";
    /// The caller's callback reported a failure.
    Callback = -83, "COFFRE_ERR_CALLBACK",
        "the caller's callback reported a failure";
    /// This build of the library leaves out what the call or the data needs.
    NotBuilt = -84, "COFFRE_ERR_NOT_BUILT",
        "this build of the library leaves out what is needed";
}

/// Asked first by what a build may leave out.
///
/// # Errors
/// [`Error::NotBuilt`].
pub(crate) const fn built(is_there: bool) -> Result<()> {
    if is_there { Ok(()) } else { Err(Error::NotBuilt) }
}

impl Error {
    /// The number of the C ABI; always negative.
    pub const fn code(self) -> i32 {
        self as i32
    }

    /// The error of that number.
    pub fn from_code(code: i32) -> Option<Error> {
        Error::ALL.iter().copied().find(|e| e.code() == code)
    }
}

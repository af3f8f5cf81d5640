//! Every failure: its stable number, its name, its message, and whose fault it is.
//!
//! The numbers are the C ABI's; they never change meaning. Groups: -1 the caller's, -20 the
//! policy's, -40 the data's, -60 the keys', -80 the environment's.

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

            /// The name of the C constant, without its prefix `COFFRE_ERR_`.
            pub const fn name(self) -> &'static core::ffi::CStr {
                match self { $(Error::$variant => $name,)* }
            }

            /// What went wrong, as a sentence fragment in English.
            pub const fn message(self) -> &'static core::ffi::CStr {
                match self { $(Error::$variant => $message,)* }
            }
        }
    };
}

errors! {
    /// A NULL pointer, an unknown flag, a wrong structure size, or a value outside its range.
    InvalidArgument = -1, c"COFFRE_ERR_INVALID_ARGUMENT",
        c"an argument is NULL, unknown or out of range";
    /// Two buffers overlap where that is not allowed.
    Overlap = -2, c"COFFRE_ERR_OVERLAP",
        c"buffers overlap where that is not allowed";
    /// The output does not fit; the size needed is reported and nothing was written.
    BufferTooSmall = -3, c"COFFRE_ERR_BUFFER_TOO_SMALL",
        c"the output buffer is too small";
    /// The lent workspace is smaller than the size function says.
    WorkspaceTooSmall = -4, c"COFFRE_ERR_WORKSPACE_TOO_SMALL",
        c"the workspace is too small";
    /// A length that the caller gives is above the format's maximum (FORMAT.md 9).
    TooLarge = -5, c"COFFRE_ERR_TOO_LARGE",
        c"a length is above the format's maximum";
    /// A symmetric key that is not 32 bytes long.
    KeyLength = -6, c"COFFRE_ERR_KEY_LENGTH",
        c"a symmetric key is not 32 bytes long";
    /// An object that was not initialised, was wiped or moved, or a call out of order.
    BadState = -7, c"COFFRE_ERR_BAD_STATE",
        c"the object is not in a state for this call";
    /// The recipient or key is in the record already.
    Duplicate = -8, c"COFFRE_ERR_DUPLICATE",
        c"the recipient or key is in the record already";
    /// No recipient, entry or key of that index or id.
    NotFound = -9, c"COFFRE_ERR_NOT_FOUND",
        c"no entry of that index or id";
    /// The block's version is below the lowest that the policy accepts.
    PolicyVersion = -20, c"COFFRE_ERR_POLICY_VERSION",
        c"the block version is below the lowest that the policy accepts";
    /// A length or window found in data is above the policy's or the format's limit.
    OverLimit = -21, c"COFFRE_ERR_OVER_LIMIT",
        c"a length or window is above the policy's or the format's limit";
    /// The kind of recipient is not allowed by the policy.
    PolicyRecipient = -22, c"COFFRE_ERR_POLICY_RECIPIENT",
        c"the policy does not allow this kind of recipient";
    /// The password is shorter than the options allow, or hardly varies.
    WeakPassword = -23, c"COFFRE_ERR_WEAK_PASSWORD",
        c"the password is too short, or hardly varies";
    /// Deriving a key from a password would cost more than the policy allows.
    OverCost = -24, c"COFFRE_ERR_OVER_COST",
        c"the password's key derivation costs more than the policy allows";
    /// Not such an object, or cut short, or bytes that the format forbids.
    Malformed = -40, c"COFFRE_ERR_MALFORMED",
        c"not such an object, or cut short";
    /// The object's version is not supported.
    UnsupportedVersion = -41, c"COFFRE_ERR_UNSUPPORTED_VERSION",
        c"the object's version is not supported";
    /// The object's suite is not supported.
    UnsupportedSuite = -42, c"COFFRE_ERR_UNSUPPORTED_SUITE",
        c"the object's cipher suite is not supported";
    /// The checksum does not fit: damage.
    Damaged = -43, c"COFFRE_ERR_DAMAGED",
        c"damaged: the checksum does not fit";
    /// The key is right, the bytes are not: forged, altered or exchanged.
    NotAuthentic = -44, c"COFFRE_ERR_NOT_AUTHENTIC",
        c"not authentic: altered although the key fits";
    /// The compressed frame breaks a rule of the format.
    BadFrame = -45, c"COFFRE_ERR_BAD_FRAME",
        c"the compressed frame is not exactly one valid frame of the stated length";
    /// A genuine block, but not the one that was asked for.
    UnexpectedBlock = -46, c"COFFRE_ERR_UNEXPECTED_BLOCK",
        c"a genuine block, but not the one that was asked for";
    /// Another instance's, or another restore point's.
    Foreign = -47, c"COFFRE_ERR_FOREIGN",
        c"belongs to another instance or restore point";
    /// The generation is below the one demanded.
    Stale = -48, c"COFFRE_ERR_STALE",
        c"stale: the generation is below the one demanded";
    /// The recipient's stanza, or the keys at hand, lead to another storage key than the record's.
    OtherStorageKey = -49, c"COFFRE_ERR_OTHER_STORAGE_KEY",
        c"another storage key than the record's: a forged record, or keys from before a rotation";
    /// Two copies of the same generation differ.
    Conflict = -50, c"COFFRE_ERR_CONFLICT",
        c"conflict: two valid copies of one generation differ";
    /// The newest valid copy is older than the generation demanded.
    Rollback = -51, c"COFFRE_ERR_ROLLBACK",
        c"rolled back: the newest valid copy is older than the generation demanded";
    /// No signature of the expected origin key.
    OriginUnverified = -52, c"COFFRE_ERR_ORIGIN_UNVERIFIED",
        c"origin unverified: no signature of the expected origin key";
    /// A signature that claims to be the origin key's does not fit.
    OriginForged = -53, c"COFFRE_ERR_ORIGIN_FORGED",
        c"origin forged: the signature does not fit this restore point";
    /// A line of a recovery kit's text is mistyped, missing or there twice.
    BadKitLine = -54, c"COFFRE_ERR_BAD_KIT_LINE",
        c"a line of the recovery kit is mistyped, missing or there twice";
    /// The key at hand is another than the one needed.
    WrongKey = -60, c"COFFRE_ERR_WRONG_KEY",
        c"wrong key";
    /// The record holds no session key of that id.
    MissingKey = -61, c"COFFRE_ERR_MISSING_KEY",
        c"the record holds no key of that id";
    /// Not a key file, or cut short.
    BadKeyFile = -62, c"COFFRE_ERR_BAD_KEY_FILE",
        c"not one unencrypted key in PEM or DER (PKCS#8 or SEC 1, SPKI)";
    /// A key file of another algorithm or curve than P-256.
    UnsupportedKey = -63, c"COFFRE_ERR_UNSUPPORTED_KEY",
        c"the key is of another algorithm or curve than P-256";
    /// A point that is not on the curve, a scalar out of range, or a pair that does not match.
    InvalidKey = -64, c"COFFRE_ERR_INVALID_KEY",
        c"not a valid key: point off the curve, scalar out of range, or no pair";
    /// The password is not the one that the record was wrapped for.
    WrongPassword = -65, c"COFFRE_ERR_WRONG_PASSWORD",
        c"wrong password";
    /// The origin key is one of the record's recipients.
    OriginIsRecipient = -66, c"COFFRE_ERR_ORIGIN_IS_RECIPIENT",
        c"the origin key is one of the recipients, and so proves nothing";
    /// The random source failed, is missing, or gave constant bytes.
    Random = -80, c"COFFRE_ERR_RANDOM",
        c"the random source failed, is missing, or gave constant bytes";
    /// The random source gave the same 32 bytes twice.
    RandomRepeated = -81, c"COFFRE_ERR_RANDOM_REPEATED",
        c"the random source repeated itself";
    /// A known-answer self-test failed; the context refuses everything.
    SelfTest = -82, c"COFFRE_ERR_SELF_TEST",
        c"a known-answer self-test failed";
    /// The caller's callback reported a failure.
    Callback = -83, c"COFFRE_ERR_CALLBACK",
        c"the caller's callback reported a failure";
    /// This build of the library leaves out what the call or the data needs.
    NotBuilt = -84, c"COFFRE_ERR_NOT_BUILT",
        c"this build of the library leaves out what is needed";
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

//! Registers for `barrel_aes.rs`: 32 and 64 bits. x86-64 has wider ones in `x86/sse2_row.rs`.

use super::barrel_aes::Row;

macro_rules! rows {
    ($($row:ty),*) => {$(
        impl Row for $row {
            const BLOCKS: usize = <$row>::BITS as usize / 4;
            #[inline(always)]
            fn zero() -> Self {
                0
            }
            #[inline(always)]
            fn columns(bytes: [u8; 4]) -> Self {
                let column = ((1 << Self::BLOCKS) - 1) / 0xff;
                bytes.iter().rev().fold(0, |all, byte| {
                    all << Self::BLOCKS | <$row>::from(*byte) * column
                })
            }
            #[inline(always)]
            fn last_column(bits: u32) -> Self {
                <$row>::from(bits) << (3 * Self::BLOCKS)
            }
            #[inline(always)]
            fn bytes(self) -> [u8; 16] {
                u128::from(self).to_le_bytes()
            }
            #[inline(always)]
            fn rotate(self, count: usize) -> Self {
                self.rotate_right((count * Self::BLOCKS) as u32)
            }
            #[inline(always)]
            fn up(self, distance: usize) -> Self {
                self << distance
            }
            #[inline(always)]
            fn down(self, distance: usize) -> Self {
                self >> distance
            }
        }
    )*};
}
rows!(u32, u64);

//! SHA-512's compression (FIPS 180-4 6.4.2), in constant time.
//!
//! Crate sha2's has bounds checks that stay in the program, and keeps an answer about the processor
//! in writable memory. Rounds are here; the message schedule is in `schedule.rs`, or in
//! `schedule_sse2.rs`, where it works beside the rounds on units that they leave idle.

#[cfg(not(all(target_arch = "x86_64", target_feature = "sse2")))]
mod schedule;
#[cfg(all(target_arch = "x86_64", target_feature = "sse2"))]
#[path = "schedule_sse2.rs"]
mod schedule;

use schedule::Schedule;

/// Size of a block.
pub const BLOCK: usize = 128;

/// What was hashed so far.
pub type State = [u64; 8];

/// Words of a block; rounds between two steps of the schedule.
const WORDS: usize = BLOCK / 8;

/// Takes a block in. It is long, so it stands once.
#[inline(never)]
pub fn compress(state: &mut State, block: &[u8; BLOCK]) {
    let mut schedule = Schedule::of(block);
    let mut working = *state;
    if let [first, others @ ..] = K.as_chunks().0 {
        rounds(&mut working, &schedule.with(first));
        for keys in others {
            schedule.step();
            rounds(&mut working, &schedule.with(keys));
        }
    }
    for (word, working) in state.iter_mut().zip(working) {
        *word = word.wrapping_add(working);
    }
    schedule.wipe();
}

/// Sixteen rounds, with the sums of their words and constants.
#[cfg(not(feature = "fast-software"))]
#[inline(never)]
fn rounds(state: &mut State, words: &[u64; WORDS]) {
    for word in words {
        let [a, b, c, mut d, e, f, g, mut h] = *state;
        round([a, b, c, e, f, g], &mut d, &mut h, *word);
        *state = [h, a, b, c, d, e, f, g];
    }
}

/// As above, without moving the words of the state.
#[cfg(feature = "fast-software")]
#[inline(always)]
fn rounds(state: &mut State, words: &[u64; WORDS]) {
    if let [first, second] = words.as_chunks().0 {
        eight_rounds(state, first);
        eight_rounds(state, second);
    }
}

#[cfg(feature = "fast-software")]
#[inline(always)]
fn eight_rounds(state: &mut State, w: &[u64; 8]) {
    let [mut a, mut b, mut c, mut d, mut e, mut f, mut g, mut h] = *state;
    round([a, b, c, e, f, g], &mut d, &mut h, w[0]);
    round([h, a, b, d, e, f], &mut c, &mut g, w[1]);
    round([g, h, a, c, d, e], &mut b, &mut f, w[2]);
    round([f, g, h, b, c, d], &mut a, &mut e, w[3]);
    round([e, f, g, a, b, c], &mut h, &mut d, w[4]);
    round([d, e, f, h, a, b], &mut g, &mut c, w[5]);
    round([c, d, e, g, h, a], &mut f, &mut b, w[6]);
    round([b, c, d, f, g, h], &mut e, &mut a, w[7]);
    *state = [a, b, c, d, e, f, g, h];
}

/// FIPS 180-4 6.4.2 step 3: what it makes of d is the next e, what it makes of h the next a.
#[inline(always)]
fn round([a, b, c, e, f, g]: [u64; 6], d: &mut u64, h: &mut u64, word: u64) {
    let sum_1 = e.rotate_right(14) ^ e.rotate_right(18) ^ e.rotate_right(41);
    let choice = g ^ e & (f ^ g);
    let t1 = h.wrapping_add(word).wrapping_add(choice).wrapping_add(sum_1);
    let sum_0 = a.rotate_right(28) ^ a.rotate_right(34) ^ a.rotate_right(39);
    let majority = a & b | c & (a | b);
    *d = d.wrapping_add(t1);
    *h = t1.wrapping_add(sum_0).wrapping_add(majority);
}

/// FIPS 180-4 4.2.3: the fractions of the cube roots of the first eighty primes.
#[rustfmt::skip]
const K: [u64; 80] = [
    0x428a_2f98_d728_ae22, 0x7137_4491_23ef_65cd, 0xb5c0_fbcf_ec4d_3b2f, 0xe9b5_dba5_8189_dbbc,
    0x3956_c25b_f348_b538, 0x59f1_11f1_b605_d019, 0x923f_82a4_af19_4f9b, 0xab1c_5ed5_da6d_8118,
    0xd807_aa98_a303_0242, 0x1283_5b01_4570_6fbe, 0x2431_85be_4ee4_b28c, 0x550c_7dc3_d5ff_b4e2,
    0x72be_5d74_f27b_896f, 0x80de_b1fe_3b16_96b1, 0x9bdc_06a7_25c7_1235, 0xc19b_f174_cf69_2694,
    0xe49b_69c1_9ef1_4ad2, 0xefbe_4786_384f_25e3, 0x0fc1_9dc6_8b8c_d5b5, 0x240c_a1cc_77ac_9c65,
    0x2de9_2c6f_592b_0275, 0x4a74_84aa_6ea6_e483, 0x5cb0_a9dc_bd41_fbd4, 0x76f9_88da_8311_53b5,
    0x983e_5152_ee66_dfab, 0xa831_c66d_2db4_3210, 0xb003_27c8_98fb_213f, 0xbf59_7fc7_beef_0ee4,
    0xc6e0_0bf3_3da8_8fc2, 0xd5a7_9147_930a_a725, 0x06ca_6351_e003_826f, 0x1429_2967_0a0e_6e70,
    0x27b7_0a85_46d2_2ffc, 0x2e1b_2138_5c26_c926, 0x4d2c_6dfc_5ac4_2aed, 0x5338_0d13_9d95_b3df,
    0x650a_7354_8baf_63de, 0x766a_0abb_3c77_b2a8, 0x81c2_c92e_47ed_aee6, 0x9272_2c85_1482_353b,
    0xa2bf_e8a1_4cf1_0364, 0xa81a_664b_bc42_3001, 0xc24b_8b70_d0f8_9791, 0xc76c_51a3_0654_be30,
    0xd192_e819_d6ef_5218, 0xd699_0624_5565_a910, 0xf40e_3585_5771_202a, 0x106a_a070_32bb_d1b8,
    0x19a4_c116_b8d2_d0c8, 0x1e37_6c08_5141_ab53, 0x2748_774c_df8e_eb99, 0x34b0_bcb5_e19b_48a8,
    0x391c_0cb3_c5c9_5a63, 0x4ed8_aa4a_e341_8acb, 0x5b9c_ca4f_7763_e373, 0x682e_6ff3_d6b2_b8a3,
    0x748f_82ee_5def_b2fc, 0x78a5_636f_4317_2f60, 0x84c8_7814_a1f0_ab72, 0x8cc7_0208_1a64_39ec,
    0x90be_fffa_2363_1e28, 0xa450_6ceb_de82_bde9, 0xbef9_a3f7_b2c6_7915, 0xc671_78f2_e372_532b,
    0xca27_3ece_ea26_619c, 0xd186_b8c7_21c0_c207, 0xeada_7dd6_cde0_eb1e, 0xf57d_4f7f_ee6e_d178,
    0x06f0_67aa_7217_6fba, 0x0a63_7dc5_a2c8_98a6, 0x113f_9804_bef9_0dae, 0x1b71_0b35_131c_471b,
    0x28db_77f5_2304_7d84, 0x32ca_ab7b_40c7_2493, 0x3c9e_be0a_15c9_bebc, 0x431d_67c4_9c10_0d4c,
    0x4cc5_d4be_cb3e_42b6, 0x597f_299c_fc65_7e2a, 0x5fcb_6fab_3ad6_faec, 0x6c44_198c_4a47_5817,
];

#[cfg(test)]
mod tests {
    use super::*;

    /// The peer's compression, for blocks of all kinds.
    #[test]
    fn same_as_the_peer() {
        let (mut ours, mut peers) = ([7; 8], [7; 8]);
        for seed in 0..100_u8 {
            let block = core::array::from_fn(|i| (i as u8).wrapping_mul(seed) ^ seed);
            compress(&mut ours, &block);
            sha2::block_api::compress512(&mut peers, &[block]);
            assert_eq!(ours, peers);
        }
    }
}

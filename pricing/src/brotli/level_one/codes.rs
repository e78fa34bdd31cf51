//! Bits of prefix codes and of what they encode.
//!
//! The lengths of a code's words are written too, so not only their weighted sum counts but which symbol got which length: ties are
//! broken as the encoder breaks them.

use super::commands::{COMMANDS, DISTANCES};

/// Most leaves of a tree.
const LEAVES: usize = 256;

/// A leaf before sorting: its weight and its symbol.
type Leaf = (u32, u16);

/// Lengths of the words of a Huffman code over `weights`, none longer than `limit`; zero for symbols that are not used. At least two
/// symbols are used. `sort` orders leaves by weight.
fn code_lengths<const N: usize>(weights: &[u32; N], limit: u8, sort: fn(&mut [Leaf])) -> [u8; N] {
    let mut lengths = [0; N];
    // Weights below the least are raised until no word is too long.
    let mut least = 1;
    while !try_lengths(weights, least, limit, sort, &mut lengths) {
        least *= 2;
    }
    lengths
}

/// One round of [`code_lengths`]; false if a word would be too long.
#[expect(clippy::cast_possible_truncation, reason = "at most 512 nodes")]
fn try_lengths<const N: usize>(
    weights: &[u32; N],
    least: u32,
    limit: u8,
    sort: fn(&mut [Leaf]),
    lengths: &mut [u8; N],
) -> bool {
    let mut leaves = [(0, 0); LEAVES];
    let mut count = 0;
    for (symbol, weight) in weights.iter().enumerate().rev().filter(|(_, weight)| **weight > 0) {
        leaves[count] = ((*weight).max(least), symbol as u16);
        count += 1;
    }
    sort(&mut leaves[..count]);
    // Inner nodes come into being in the order of their weight, the root last.
    let mut inner = [(u32::MAX, 0u16, 0u16); LEAVES];
    let (mut next_leaf, mut next_inner) = (0, 0);
    for node in 0..count.saturating_sub(1) {
        let mut take = || {
            let leaf = if next_leaf < count { leaves[next_leaf].0 } else { u32::MAX };
            let waiting = if next_inner < node { inner[next_inner].0 } else { u32::MAX };
            if leaf <= waiting {
                next_leaf += 1;
                (leaf, next_leaf as u16 - 1)
            } else {
                next_inner += 1;
                (waiting, (LEAVES + next_inner) as u16 - 1)
            }
        };
        let ((left_weight, left), (right_weight, right)) = (take(), take());
        inner[node] = (left_weight + right_weight, left, right);
    }
    let mut depths = [0u8; LEAVES];
    for node in (0..count.saturating_sub(1)).rev() {
        let (_, left, right) = inner[node];
        let depth = depths[node] + 1;
        for child in [left, right].map(usize::from) {
            match child.checked_sub(LEAVES) {
                Some(inner) => depths[inner] = depth,
                None if depth > limit => return false,
                None => lengths[usize::from(leaves[child].1)] = depth,
            }
        }
    }
    true
}

/// Orders by weight, equal ones with the higher symbol first.
fn by_weight_and_symbol(leaves: &mut [Leaf]) {
    leaves.sort_unstable_by_key(|(weight, symbol)| (*weight, u16::MAX - *symbol));
}

/// Orders by weight alone. Where equal ones end up is part of what the encoder writes, so this is its sort.
fn by_weight(leaves: &mut [Leaf]) {
    const GAPS: [usize; 6] = [132, 57, 23, 10, 4, 1];
    let gaps = match leaves.len() {
        0..13 => &GAPS[5..],
        13..57 => &GAPS[2..],
        _ => &GAPS[..],
    };
    for gap in gaps {
        for from in *gap..leaves.len() {
            let leaf = leaves[from];
            let mut at = from;
            while at >= *gap && leaf.0 < leaves[at - gap].0 {
                leaves[at] = leaves[at - gap];
                at -= gap;
            }
            leaves[at] = leaf;
        }
    }
}

/// Bits of words, each used so many times.
fn words_bits<const N: usize>(weights: &[u32; N], lengths: &[u8; N]) -> usize {
    weights.iter().zip(lengths).map(|(weight, length)| *weight as usize * usize::from(*length)).sum()
}

/// Bits of the literals and their code.
pub(super) fn literal_bits(weights: &[u32; 256]) -> usize {
    let used = weights.iter().filter(|weight| **weight > 0).count();
    if used <= 1 {
        return 4 + 8;
    }
    let lengths = code_lengths(weights, 14, by_weight);
    let code = match used {
        2..=4 => 4 + 8 * used + usize::from(used == 4),
        _ => static_code_bits(&lengths),
    };
    code + words_bits(weights, &lengths)
}

/// Bits of a literal code that is written with the encoder's fixed code of lengths.
fn static_code_bits(lengths: &[u8; 256]) -> usize {
    const LENGTH_OF_LENGTH: [usize; 15] = [4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 4, 5, 5];
    let mut bits = 40;
    let mut previous = 8;
    for (length, mut count) in runs(lengths) {
        if length == 0 {
            let (zeros, repeats) = zero_run(count);
            bits += LENGTH_OF_LENGTH[0] * zeros + 7 * repeats;
            continue;
        }
        let word = LENGTH_OF_LENGTH[usize::from(length)];
        if previous != length {
            bits += word;
            count -= 1;
        }
        bits += if count < 3 { word * count } else { 6 * digits(count - 3, 2) };
        previous = length;
    }
    bits
}

/// Runs of equal lengths, up to the last that is not zero.
fn runs(lengths: &[u8]) -> impl Iterator<Item = (u8, usize)> + '_ {
    let end = lengths.iter().rposition(|length| *length > 0).map_or(0, |last| last + 1);
    lengths[..end].chunk_by(|one, next| one == next).map(|run| (run[0], run.len()))
}

/// How many digits a repeat of a repeat takes: `bits` a digit, each further one counting from one.
const fn digits(mut count: usize, bits: u32) -> usize {
    let mut digits = 1;
    loop {
        count >>= bits;
        if count == 0 {
            return digits;
        }
        count -= 1;
        digits += 1;
    }
}

/// A run of zeros: those written one by one, and repeats.
const fn zero_run(mut count: usize) -> (usize, usize) {
    let mut single = 0;
    if count == 11 {
        single = 1;
        count -= 1;
    }
    if count < 3 { (single + count, 0) } else { (single, digits(count - 3, 3)) }
}

/// Bits of the commands and their two codes.
pub(super) fn command_bits(uses: &[u32; COMMANDS]) -> usize {
    let (mut copies, mut distances) = ([0; DISTANCES], [0; COMMANDS - DISTANCES]);
    copies.copy_from_slice(&uses[..DISTANCES]);
    distances.copy_from_slice(&uses[DISTANCES..]);
    // Each code has two symbols at least: in its making these count once more.
    let with_two = |uses: &[u32; 64], first: usize, second: usize| {
        let mut weights = *uses;
        weights[first] += 1;
        weights[second] += 1;
        weights
    };
    let copy_lengths = code_lengths(&with_two(&copies, 1, 2), 15, by_weight_and_symbol);
    let distance_lengths = code_lengths(&with_two(&distances, 0, 20), 14, by_weight_and_symbol);
    code_bits(&in_full_alphabet(&copy_lengths))
        + code_bits(&distance_lengths)
        + words_bits(&copies, &copy_lengths)
        + words_bits(&distances, &distance_lengths)
}

/// Lengths of the 64 insert and copy symbols at their places among the 704 of the format.
fn in_full_alphabet(lengths: &[u8; 64]) -> [u8; 704] {
    let mut all = [0; 704];
    for (place, symbols) in [(0, 24..32), (64, 32..40), (128, 40..48), (192, 48..56), (384, 56..64)] {
        all[place..place + 8].copy_from_slice(&lengths[symbols]);
    }
    for i in 0..8 {
        all[128 + 8 * i] = lengths[i];
        all[256 + 8 * i] = lengths[8 + i];
        all[448 + 8 * i] = lengths[16 + i];
    }
    all
}

/// Bits of a code, written as a code over lengths and repeats.
fn code_bits(lengths: &[u8]) -> usize {
    let (repeats_lengths, repeats_zeros) = worth_repeats(lengths);
    let mut uses = [0u32; 18];
    let mut previous = 8;
    let mut put = |symbol: usize, count: usize| {
        #[expect(clippy::cast_possible_truncation, reason = "at most 704")]
        let count = count as u32;
        uses[symbol] += count;
    };
    for (length, count) in runs(lengths) {
        match length {
            0 if !repeats_zeros => put(0, count),
            0 => {
                let (single, repeats) = zero_run(count);
                put(0, single);
                put(17, repeats);
            }
            _ if !repeats_lengths => put(usize::from(length), count),
            _ => {
                let (single, repeats) = length_run(count, previous == length);
                put(usize::from(length), single);
                put(16, repeats);
            }
        }
        if length > 0 {
            previous = length;
        }
    }
    code_of_code_bits(&uses)
}

/// A run of a length that is not zero: those written one by one, and repeats.
const fn length_run(mut count: usize, continues: bool) -> (usize, usize) {
    let mut single = 0;
    if !continues {
        single += 1;
        count -= 1;
    }
    if count == 7 {
        single += 1;
        count -= 1;
    }
    if count < 3 { (single + count, 0) } else { (single, digits(count - 3, 2)) }
}

/// Whether repeats pay: of lengths, of zeros.
fn worth_repeats(lengths: &[u8]) -> (bool, bool) {
    let (mut of_lengths, mut of_zeros) = ((0, 1), (0, 1));
    for (length, count) in runs(lengths) {
        let (total, number) = match length {
            0 if count >= 3 => &mut of_zeros,
            1.. if count >= 4 => &mut of_lengths,
            _ => continue,
        };
        *total += count;
        *number += 1;
    }
    (of_lengths.0 > 2 * of_lengths.1, of_zeros.0 > 2 * of_zeros.1)
}

/// Bits of the code over lengths and repeats, and of what is written with it.
fn code_of_code_bits(uses: &[u32; 18]) -> usize {
    /// The order in which its own lengths are written.
    const ORDER: [usize; 18] = [1, 2, 3, 4, 0, 5, 17, 6, 16, 7, 8, 9, 10, 11, 12, 13, 14, 15];
    /// Bits of each of its own lengths.
    const BITS: [usize; 6] = [2, 4, 3, 2, 2, 4];
    let repeats = 2 * uses[16] as usize + 3 * uses[17] as usize;
    let mut used = uses.iter().enumerate().filter(|(_, uses)| **uses > 0);
    let (first, more) = (used.next(), used.next());
    let only = first.filter(|_| more.is_none()).map(|(symbol, _)| symbol);
    let mut lengths = [0; 18];
    match only {
        Some(symbol) => lengths[symbol] = 1,
        None => lengths = code_lengths(uses, 5, by_weight_and_symbol),
    }
    let stored = |place: &usize| lengths[ORDER[*place]] > 0;
    let end = if only.is_some() { 18 } else { (0..18).rfind(stored).map_or(0, |last| last + 1) };
    let skipped = match (0..3).find(stored) {
        Some(0 | 1) => 0,
        Some(_) => 2,
        None => 3,
    };
    let header: usize = ORDER[skipped..end].iter().map(|symbol| BITS[usize::from(lengths[*symbol])]).sum();
    // A code of one symbol takes no bits.
    let words = if only.is_some() { 0 } else { words_bits(uses, &lengths) };
    2 + header + words + repeats
}

//! What the encoder would say of an input: literals to insert, earlier bytes to copy and from how far.

/// Alphabet of the encoder's commands: 24 lengths of inserts, 16 of copies from the last distance, 24 of other copies, then 64
/// distances, the first of which is the last distance.
pub(super) const COMMANDS: usize = 128;

/// The first symbol of a distance.
pub(super) const DISTANCES: usize = 64;

/// The symbol of the last distance.
const LAST_DISTANCE: u32 = 64;

/// How often each byte and each symbol is used, and how many bits follow the symbols.
#[derive(Debug)]
pub(super) struct Commands {
    /// Uses of each literal.
    pub(super) literals: [u32; 256],
    /// Uses of each symbol.
    pub(super) symbols: [u32; COMMANDS],
    /// Bits after the symbols.
    pub(super) extra_bits: u32,
}

impl Default for Commands {
    fn default() -> Self {
        Self { literals: [0; 256], symbols: [0; COMMANDS], extra_bits: 0 }
    }
}

impl Commands {
    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }

    const fn put(&mut self, symbol: u32, extra_bits: u32) {
        self.symbols[symbol as usize] += 1;
        self.extra_bits += extra_bits;
    }

    fn insert(&mut self, literals: &[u8]) {
        #[expect(clippy::cast_possible_truncation, reason = "inputs are short")]
        let length = literals.len() as u32;
        for byte in literals {
            self.literals[usize::from(*byte)] += 1;
        }
        match length {
            0..6 => self.put(length, 0),
            6..130 => {
                let bits = (length - 2).ilog2() - 1;
                self.put(2 * bits + ((length - 2) >> bits) + 2, bits);
            }
            130..2_114 => {
                let bits = (length - 66).ilog2();
                self.put(bits + 10, bits);
            }
            2_114..6_210 => self.put(21, 12),
            _ => self.put(22, 14),
        }
    }

    /// A copy whose distance follows.
    const fn copy(&mut self, length: u32) {
        match length {
            0..10 => self.put(length + 38, 0),
            10..134 => {
                let bits = (length - 6).ilog2() - 1;
                self.put(2 * bits + ((length - 6) >> bits) + 44, bits);
            }
            134..2_118 => {
                let bits = (length - 70).ilog2();
                self.put(bits + 52, bits);
            }
            _ => self.put(63, 24),
        }
    }

    /// A copy after an insert, whose distance was said with it.
    const fn copy_after_insert(&mut self, length: u32) {
        match length {
            0..12 => self.put(length + 20, 0),
            12..72 => {
                let bits = (length - 8).ilog2() - 1;
                self.put(2 * bits + ((length - 8) >> bits) + 28, bits);
            }
            72..136 => {
                self.put(((length - 8) >> 5) + 54, 5);
                self.put(LAST_DISTANCE, 0);
            }
            136..2_120 => {
                let bits = (length - 72).ilog2();
                self.put(bits + 52, bits);
                self.put(LAST_DISTANCE, 0);
            }
            _ => {
                self.put(63, 24);
                self.put(LAST_DISTANCE, 0);
            }
        }
    }

    const fn distance(&mut self, distance: u32) {
        let bits = (distance + 3).ilog2() - 1;
        let prefix = ((distance + 3) >> bits) & 1;
        self.put(2 * (bits - 1) + prefix + 80, bits);
    }
}

/// Bytes at the end where no match begins.
const MARGIN: usize = 16;

/// Finds earlier occurrences of four bytes by their hash.
#[derive(Debug, Default)]
pub(super) struct Matcher {
    table: alloc::vec::Vec<u16>,
}

/// The search over one input.
struct Search<'a> {
    data: &'a [u8],
    table: &'a mut [u16],
    shift: u32,
}

impl Search<'_> {
    fn four(&self, at: usize) -> u32 {
        self.data.get(at..).and_then(<[u8]>::first_chunk).map_or(0, |four| u32::from_le_bytes(*four))
    }

    /// Index into the table, from four bytes.
    const fn hash(&self, four: u32) -> usize {
        (four.wrapping_mul(0x1e35_a7bd) >> self.shift) as usize
    }

    /// Puts a position under a hash and returns the one that was there.
    #[expect(clippy::cast_possible_truncation, reason = "inputs are short")]
    const fn swap(&mut self, hash: usize, at: usize) -> usize {
        core::mem::replace(&mut self.table[hash], at as u16) as usize
    }

    /// Bytes that are equal from both positions on.
    fn match_length(&self, earlier: usize, at: usize) -> usize {
        let (behind, ahead) = (&self.data[earlier..], &self.data[at..]);
        ahead.iter().zip(behind).take_while(|(one, other)| one == other).count()
    }

    /// Remembers the end of a copy and returns the position that was known for what follows.
    // Kept: right after an insert the third position goes under the hash of the first.
    fn remember(&mut self, at: usize, after_insert: bool) -> usize {
        let hashes = [3, 2, 1].map(|back| self.hash(self.four(at - back)));
        self.swap(hashes[0], at - 3);
        self.swap(hashes[1], at - 2);
        self.swap(if after_insert { hashes[0] } else { hashes[2] }, at - 1);
        self.swap(self.hash(self.four(at)), at)
    }

    /// The next match that starts at `at` or later, as its start and where the same bytes stand earlier.
    ///
    /// The longer nothing is found, the larger the steps.
    fn next_match(&mut self, mut at: usize, limit: usize, last_distance: usize) -> Option<(usize, usize)> {
        let mut tried = 32;
        loop {
            let next = at + (tried >> 5);
            tried += 1;
            if next > limit {
                return None;
            }
            let four = self.four(at);
            let known = self.swap(self.hash(four), at);
            if last_distance > 0 && self.four(at - last_distance) == four {
                return Some((at, at - last_distance));
            }
            if self.four(known) == four {
                return Some((at, known));
            }
            at = next;
        }
    }
}

impl Matcher {
    /// Describes the input by commands.
    pub(super) fn find(&mut self, data: &[u8], commands: &mut Commands) {
        let rest = if data.len() < MARGIN { 0 } else { self.find_matches(data, commands) };
        if rest < data.len() {
            commands.insert(&data[rest..]);
        }
    }

    /// Describes the input up to the position that is returned.
    #[expect(clippy::cast_possible_truncation, reason = "inputs are short")]
    fn find_matches(&mut self, data: &[u8], commands: &mut Commands) -> usize {
        let size = data.len().next_power_of_two().max(256);
        self.table.clear();
        self.table.resize(size, 0);
        let mut search = Search { data, table: &mut self.table, shift: 32 - size.ilog2() };
        let limit = data.len() - MARGIN;
        let (mut done, mut from, mut last_distance) = (0, 1, 0);
        while let Some((at, earlier)) = search.next_match(from, limit, last_distance) {
            let length = search.match_length(earlier, at);
            commands.insert(&data[done..at]);
            if at - earlier == last_distance {
                commands.put(LAST_DISTANCE, 0);
            } else {
                last_distance = at - earlier;
                commands.distance(last_distance as u32);
            }
            commands.copy_after_insert(length as u32);
            done = at + length;
            if done >= limit {
                break;
            }
            let mut known = search.remember(done, true);
            while search.four(known) == search.four(done) {
                let length = search.match_length(known, done);
                last_distance = done - known;
                commands.copy(length as u32);
                commands.distance(last_distance as u32);
                done += length;
                if done >= limit {
                    return done;
                }
                known = search.remember(done, false);
            }
            from = done + 1;
        }
        done
    }
}

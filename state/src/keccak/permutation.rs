//! The permutation Keccak-f[1600], over words of one state or of several (FIPS 202, section 3).

/// What the permutation does with words. A word may hold one state's 64 bits, or those of several states.
pub(super) trait Words: Copy {
    /// The words.
    type Word: Copy;

    fn xor(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// `!a & b`.
    fn and_not(self, a: Self::Word, b: Self::Word) -> Self::Word;
    /// Rotates by `LEFT` bits; `RIGHT` is what is missing to 64.
    fn rotate<const LEFT: i32, const RIGHT: i32>(self, a: Self::Word) -> Self::Word;
    /// The same 64 bits in each state.
    fn splat(self, bits: u64) -> Self::Word;
}

/// Word `x + 5 * y` is lane (x, y) of the state.
pub(super) type State<W> = [<W as Words>::Word; 25];

const ROUND_CONSTANTS: [u64; 24] = [
    0x0000_0000_0000_0001,
    0x0000_0000_0000_8082,
    0x8000_0000_0000_808a,
    0x8000_0000_8000_8000,
    0x0000_0000_0000_808b,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8009,
    0x0000_0000_0000_008a,
    0x0000_0000_0000_0088,
    0x0000_0000_8000_8009,
    0x0000_0000_8000_000a,
    0x0000_0000_8000_808b,
    0x8000_0000_0000_008b,
    0x8000_0000_0000_8089,
    0x8000_0000_0000_8003,
    0x8000_0000_0000_8002,
    0x8000_0000_0000_0080,
    0x0000_0000_0000_800a,
    0x8000_0000_8000_000a,
    0x8000_0000_8000_8081,
    0x8000_0000_0000_8080,
    0x0000_0000_8000_0001,
    0x8000_0000_8000_8008,
];

/// All 24 rounds. Inlined, so that it is compiled for the processor its caller was.
#[inline(always)]
pub(super) fn permute<W: Words>(words: W, mut state: State<W>) -> State<W> {
    for constant in ROUND_CONSTANTS {
        state = round(words, &state, constant);
    }
    state
}

/// One round: theta, rho, pi, chi, iota.
#[inline(always)]
fn round<W: Words>(words: W, a: &State<W>, constant: u64) -> State<W> {
    let d = theta(words, a);
    /// A row of the new state, from its five words: number of the old lane, rotation to the left, the same to the right.
    macro_rules! row {
        ($(($lane:literal $(, $left:literal, $right:literal)?)),*) => { chi(words, [$(moved!($lane $(, $left, $right)?)),*]) };
    }
    /// A word with what theta adds to it, rotated.
    macro_rules! moved {
        ($lane:literal) => {
            words.xor(a[$lane], d[$lane % 5])
        };
        ($lane:literal, $left:literal, $right:literal) => {
            words.rotate::<$left, $right>(moved!($lane))
        };
    }
    let mut rows = [
        row!((0), (6, 44, 20), (12, 43, 21), (18, 21, 43), (24, 14, 50)),
        row!((3, 28, 36), (9, 20, 44), (10, 3, 61), (16, 45, 19), (22, 61, 3)),
        row!((1, 1, 63), (7, 6, 58), (13, 25, 39), (19, 8, 56), (20, 18, 46)),
        row!((4, 27, 37), (5, 36, 28), (11, 10, 54), (17, 15, 49), (23, 56, 8)),
        row!((2, 62, 2), (8, 55, 9), (14, 39, 25), (15, 41, 23), (21, 2, 62)),
    ];
    rows[0][0] = words.xor(rows[0][0], words.splat(constant));
    core::array::from_fn(|lane| rows[lane / 5][lane % 5])
}

/// What theta adds to each column.
#[inline(always)]
fn theta<W: Words>(words: W, a: &State<W>) -> [W::Word; 5] {
    let parity: [_; 5] = core::array::from_fn(|x| {
        let (upper, lower) = (words.xor(a[x], a[x + 5]), words.xor(a[x + 10], a[x + 15]));
        words.xor(words.xor(upper, lower), a[x + 20])
    });
    core::array::from_fn(|x| words.xor(parity[(x + 4) % 5], words.rotate::<1, 63>(parity[(x + 1) % 5])))
}

#[inline(always)]
fn chi<W: Words>(words: W, row: [W::Word; 5]) -> [W::Word; 5] {
    core::array::from_fn(|x| words.xor(row[x], words.and_not(row[(x + 1) % 5], row[(x + 2) % 5])))
}

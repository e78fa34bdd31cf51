//! Memory of programs: what pages cost, over all programs of a transaction (`spec/stylus.md` 6.1).

/// Pages of a transaction's programs.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Pages {
    /// Held by the programs that run.
    pub open: u16,
    /// Most that were held at once.
    pub ever: u16,
}

/// Prices of pages.
#[derive(Debug, Clone, Copy)]
pub struct PagePrices {
    /// Pages that cost nothing.
    pub free: u16,
    /// Gas of a page beyond.
    pub gas: u16,
}

/// Gas of holding so many pages at all: it grows by e every seven or eight pages. More cost everything.
const HELD: [u32; 129] = [
    1, 1, 1, 1, 1, 1, 2, 2, 2, 3, 3, 4, 5, 5, 6, 7, 8, 9, 11, 12, 14, 17, 19, 22, 25, 29, 33, 38, 43, 50, 57, 65, 75,
    85, 98, 112, 128, 147, 168, 193, 221, 253, 289, 331, 379, 434, 497, 569, 651, 745, 853, 976, 1117, 1279, 1463,
    1675, 1917, 2194, 2511, 2874, 3290, 3765, 4309, 4932, 5645, 6461, 7395, 8464, 9687, 11087, 12689, 14523, 16621,
    19024, 21773, 24919, 28521, 32642, 37359, 42758, 48938, 56010, 64104, 73368, 83971, 96106, 109_994, 125_890,
    144_082, 164_904, 188_735, 216_010, 247_226, 282_953, 323_844, 370_643, 424_206, 485_509, 555_672, 635_973,
    727_880, 833_067, 953_456, 1_091_243, 1_248_941, 1_429_429, 1_636_000, 1_872_423, 2_143_012, 2_452_704, 2_807_151,
    3_212_820, 3_677_113, 4_208_502, 4_816_684, 5_512_756, 6_309_419, 7_221_210, 8_264_766, 9_459_129, 10_826_093,
    12_390_601, 14_181_199, 16_230_562, 18_576_084, 21_260_563, 24_332_984, 27_849_408, 31_873_999,
];

fn held(pages: u16) -> u64 {
    HELD.get(usize::from(pages)).map_or(u64::MAX, |gas| u64::from(*gas))
}

impl Pages {
    /// Gas of opening more pages.
    #[must_use]
    pub fn gas(&self, new: u16, prices: PagePrices) -> u64 {
        let after = self.opened(new);
        if after.ever <= prices.free {
            return 0;
        }
        let paid = |open: u16| open.saturating_sub(prices.free);
        let adding = u64::from(paid(after.open).saturating_sub(paid(self.open)));
        let growth = held(after.ever).saturating_sub(held(self.ever));
        (adding * u64::from(prices.gas)).saturating_add(growth)
    }

    /// The pages with more open.
    #[must_use]
    pub const fn opened(&self, new: u16) -> Self {
        let open = self.open.saturating_add(new);
        Self { open, ever: if open > self.ever { open } else { self.ever } }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PRICES: PagePrices = PagePrices { free: 2, gas: 1_000 };

    #[test]
    fn the_table_is_exponential() {
        for (pages, gas) in HELD.iter().enumerate().take(128) {
            let exact = 31_874_000f64.powf(pages as f64 / 128.0).floor();
            assert!((exact - f64::from(*gas)).abs() <= 1.0, "{pages} pages");
        }
    }

    #[test]
    fn free_pages_cost_nothing_and_too_many_everything() {
        assert_eq!(Pages::default().gas(2, PRICES), 0);
        assert_eq!(Pages::default().gas(3, PRICES), 1_000);
        assert_eq!(Pages { open: 2, ever: 20 }.gas(1, PRICES), 1_000);
        assert_eq!(Pages::default().gas(129, PRICES), u64::MAX);
    }
}

//! Gas by the resource it pays for (`spec/state.md` 11).

use core::fmt;

/// What an amount of gas paid for. The numbers are the protocol's.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[repr(u8)]
pub enum ResourceKind {
    /// Not attributed.
    Unknown = 0,
    /// Work of the processor.
    Computation = 1,
    /// Growth of the history (logs).
    HistoryGrowth = 2,
    /// Reads of state.
    StorageAccessRead = 3,
    /// Writes of state that do not grow it.
    StorageAccessWrite = 4,
    /// Growth of state.
    StorageGrowth = 5,
    /// Gas priced by the single base fee (poster data, donated gas).
    SingleDim = 6,
    /// Calldata of the transaction.
    L2Calldata = 7,
    /// Work of Stylus programs.
    WasmComputation = 8,
}

impl ResourceKind {
    /// How many kinds there are.
    pub const COUNT: usize = 9;

    /// All kinds in the order of their numbers.
    pub const ALL: [Self; Self::COUNT] = [
        Self::Unknown,
        Self::Computation,
        Self::HistoryGrowth,
        Self::StorageAccessRead,
        Self::StorageAccessWrite,
        Self::StorageGrowth,
        Self::SingleDim,
        Self::L2Calldata,
        Self::WasmComputation,
    ];

    /// The kind with this number, if a user may name it (1 to 8).
    #[must_use]
    pub const fn from_user(number: u8) -> Option<Self> {
        if number == 0 || number as usize >= Self::COUNT { None } else { Some(Self::ALL[number as usize]) }
    }

    /// Its name in JSON.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Unknown => "unknown",
            Self::Computation => "computation",
            Self::HistoryGrowth => "historyGrowth",
            Self::StorageAccessRead => "storageAccessRead",
            Self::StorageAccessWrite => "storageAccessWrite",
            Self::StorageGrowth => "storageGrowth",
            Self::SingleDim => "singleDim",
            Self::L2Calldata => "l2Calldata",
            Self::WasmComputation => "wasmComputation",
        }
    }
}

impl fmt::Display for ResourceKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// Amounts of gas by kind, with their sum and the refund counter. All sums saturate, each on its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MultiGas {
    amounts: [u64; ResourceKind::COUNT],
    total: u64,
    refund: u64,
}

impl MultiGas {
    /// No gas at all.
    pub const ZERO: Self = Self { amounts: [0; ResourceKind::COUNT], total: 0, refund: 0 };

    /// `amount` of one kind.
    #[must_use]
    pub const fn of(kind: ResourceKind, amount: u64) -> Self {
        let mut gas = Self::ZERO;
        gas.amounts[kind as usize] = amount;
        gas.total = amount;
        gas
    }

    /// From raw parts, as a receipt stores them.
    #[must_use]
    pub const fn from_parts(amounts: [u64; ResourceKind::COUNT], total: u64, refund: u64) -> Self {
        Self { amounts, total, refund }
    }

    /// Amounts in the order of the kinds' numbers.
    #[must_use]
    pub const fn amounts(&self) -> &[u64; ResourceKind::COUNT] {
        &self.amounts
    }

    /// The amount of one kind.
    #[must_use]
    pub const fn get(&self, kind: ResourceKind) -> u64 {
        self.amounts[kind as usize]
    }

    /// Sum over kinds, before the refund.
    #[must_use]
    pub const fn total(&self) -> u64 {
        self.total
    }

    /// Gas given back at the end of the transaction.
    #[must_use]
    pub const fn refund(&self) -> u64 {
        self.refund
    }

    /// Sets the refund.
    pub const fn set_refund(&mut self, refund: u64) {
        self.refund = refund;
    }

    /// Total without refund, wrapping as the protocol does.
    #[must_use]
    pub const fn single_gas(&self) -> u64 {
        self.total.wrapping_sub(self.refund)
    }

    /// Adds `amount` of one kind.
    pub const fn add(&mut self, kind: ResourceKind, amount: u64) {
        self.amounts[kind as usize] = self.amounts[kind as usize].saturating_add(amount);
        self.total = self.total.saturating_add(amount);
    }

    /// Adds all of `other`, its refund included.
    pub fn add_all(&mut self, other: &Self) {
        for (mine, theirs) in self.amounts.iter_mut().zip(other.amounts) {
            *mine = mine.saturating_add(theirs);
        }
        self.total = self.total.saturating_add(other.total);
        self.refund = self.refund.saturating_add(other.refund);
    }

    /// Takes up to `amount` of one kind away, from the total what was really there.
    pub const fn remove(&mut self, kind: ResourceKind, amount: u64) {
        let had = self.amounts[kind as usize];
        let taken = if had < amount { had } else { amount };
        self.amounts[kind as usize] = had - taken;
        self.total = self.total.saturating_sub(taken);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sums_saturate_each_on_its_own() {
        let mut gas = MultiGas::of(ResourceKind::Computation, u64::MAX);
        gas.add(ResourceKind::L2Calldata, 5);
        assert_eq!(gas.get(ResourceKind::L2Calldata), 5);
        assert_eq!(gas.total(), u64::MAX);
    }

    #[test]
    fn removing_more_than_there_is_takes_what_is_there() {
        let mut gas = MultiGas::of(ResourceKind::SingleDim, 7);
        gas.add(ResourceKind::Computation, 1);
        gas.remove(ResourceKind::SingleDim, 100);
        assert_eq!((gas.get(ResourceKind::SingleDim), gas.total()), (0, 1));
    }
}

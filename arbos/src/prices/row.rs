//! What a simulation tells, interval by interval.

use ::state::{MultiGas, ResourceKind};
use alloy_primitives::{I256, U256};
use serde_json::{Map, Value, json};

/// What was seen at a second; gas and wei are sums since the row before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Row {
    /// Seconds since the start.
    pub time: u64,
    /// Base fee of the last block, in wei.
    pub base_fee: U256,
    /// Sum of the backlogs, or what the large pool lacks, in gas.
    pub backlog: u64,
    /// Gas in the large pool, where there is one.
    pub large_pool: i64,
    /// Gas in the small pool, where there is one.
    pub small_pool: i64,
    /// Compute gas used, by kind.
    pub gas: MultiGas,
    /// What users paid for data, in wei.
    pub data_paid: U256,
    /// What posters spent, in wei.
    pub data_spent: U256,
    /// Fees held for posters less debts, in wei.
    pub surplus: I256,
}

/// Kinds that users' gas has.
fn kinds() -> impl Iterator<Item = ResourceKind> {
    ResourceKind::ALL.into_iter().filter(|kind| *kind != ResourceKind::Unknown)
}

impl Row {
    /// Names of the columns of a CSV file.
    #[must_use]
    pub fn columns() -> String {
        let names: Vec<_> = kinds().map(ResourceKind::name).collect();
        format!("time,base_fee,backlog,large_pool,small_pool,gas,{},data_paid,data_spent,surplus", names.join(","))
    }

    /// A line of a CSV file.
    #[must_use]
    pub fn csv(&self) -> String {
        let Self { time, base_fee, backlog, large_pool, small_pool, gas, data_paid, data_spent, surplus } = self;
        let amounts: Vec<_> = kinds().map(|kind| gas.get(kind).to_string()).collect();
        let (total, amounts) = (gas.total(), amounts.join(","));
        format!(
            "{time},{base_fee},{backlog},{large_pool},{small_pool},{total},{amounts},{data_paid},{data_spent},{surplus}"
        )
    }

    /// An object of JSON; wei as text.
    #[must_use]
    pub fn json(&self) -> Value {
        let by_kind: Map<String, Value> = kinds()
            .filter(|kind| self.gas.get(*kind) != 0)
            .map(|kind| (kind.name().into(), self.gas.get(kind).into()))
            .collect();
        json!({
            "time": self.time, "baseFee": self.base_fee.to_string(), "backlog": self.backlog,
            "largePool": self.large_pool, "smallPool": self.small_pool, "gas": self.gas.total(), "gasByKind": by_kind,
            "dataPaid": self.data_paid.to_string(), "dataSpent": self.data_spent.to_string(),
            "surplus": self.surplus.to_string(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_has_a_cell_for_each_column() {
        let row = Row { gas: MultiGas::of(ResourceKind::StorageGrowth, 7), ..Row::default() };
        let (columns, line) = (Row::columns(), row.csv());
        let cell = columns.split(',').zip(line.split(',')).find(|(name, _)| *name == "storageGrowth");
        assert_eq!(cell, Some(("storageGrowth", "7")));
        assert_eq!(columns.split(',').count(), line.split(',').count());
        assert_eq!(row.json()["gasByKind"]["storageGrowth"], 7);
    }
}

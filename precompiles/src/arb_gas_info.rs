//! `ArbGasInfo` (0x6c): prices and the state of pricing (`spec/precompiles.md` 7).

pub mod pools;

use crate::{Precompile, Reply, ViewCtx, context::require, precompile};
use alloc::vec::Vec;
use alloy_primitives::{Address, I256, U256, U512};
use state::{
    ArbosVersion, ResourceKind, View,
    arbos::{GasConstraint, MultiGasConstraint},
};

precompile! {
    /// Prices of gas and data.
    #[at(0x6c)]
    interface ArbGasInfo {
        /// Kinds of gas with their weights, a window, a target and the backlog.
        struct MultiGasConstraintRow { WeightedResource[] resources; uint32 adjustmentWindowSecs; uint64 targetPerSec; uint64 backlog; }
        /// A kind of gas and its weight.
        struct WeightedResource { uint8 resource; uint64 weight; }
        /// Prices in wei: a transaction, a byte of calldata, a storage slot, and gas as base, congestion and sum.
        /// Gas: `2R`; `R` below version 4.
        function getPricesInWeiWithAggregator(address aggregator) external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        /// The same. Gas: `2R`; `R` below version 4.
        function getPricesInWei() external view returns (uint256, uint256, uint256, uint256, uint256, uint256);
        /// Prices in gas: a transaction, a byte of calldata, a storage slot. Gas: `R`.
        function getPricesInArbGasWithAggregator(address aggregator) external view returns (uint256, uint256, uint256);
        /// The same. Gas: `R`.
        function getPricesInArbGas() external view returns (uint256, uint256, uint256);
        /// Speed limit, and the limit of a block twice. Gas: `2R`.
        function getGasAccountingParams() external view returns (uint256, uint256, uint256);
        /// Compute gas of a transaction. Gas: `R`.
        #[since(TX_GAS_LIMIT)]
        function getMaxTxGasLimit() external view returns (uint256);
        /// Lowest base fee in wei. Gas: `R`.
        function getMinimumGasPrice() external view returns (uint256);
        /// Price of a unit of data in wei. Gas: `R`.
        function getL1BaseFeeEstimate() external view returns (uint256);
        /// Inertia of the price of data. Gas: `R`.
        function getL1BaseFeeEstimateInertia() external view returns (uint64);
        /// Reward for a unit of data in wei. Gas: `R`.
        #[since(PRECOMPILE_KEEPS_GAS)]
        function getL1RewardRate() external view returns (uint64);
        /// Receives the rewards. Gas: `R`.
        #[since(PRECOMPILE_KEEPS_GAS)]
        function getL1RewardRecipient() external view returns (address);
        /// Price of a unit of data in wei. Gas: `R`.
        function getL1GasPriceEstimate() external view returns (uint256);
        /// What the transaction pays for posting its data, in wei. Gas: none.
        function getCurrentTxL1GasFees() external view returns (uint256);
        /// Gas above the speed limit. Gas: `R`.
        function getGasBacklog() external view returns (uint64);
        /// Seconds of speed limit that multiply the fee by e. Gas: `R`.
        function getPricingInertia() external view returns (uint64);
        /// Seconds of speed limit that cost nothing. Gas: `R`.
        function getGasBacklogTolerance() external view returns (uint64);
        /// Funds for posters less debts, in wei. Gas: `3R`; `2R` below version 10.
        function getL1PricingSurplus() external view returns (int256);
        /// L1 gas of a batch beside its data. Gas: `R`.
        function getPerBatchGasCharge() external view returns (int64);
        /// Cap of amortised costs in bips. Gas: `R`.
        function getAmortizedCostCapBips() external view returns (uint64);
        /// Fees held for posters, in wei. Gas: `R`.
        #[since(L1_FEES_AVAILABLE)]
        function getL1FeesAvailable() external view returns (uint256);
        /// Units over which a surplus is given back. Gas: `R`.
        #[since(BROTLI_LEVEL)]
        function getL1PricingEquilibrationUnits() external view returns (uint256);
        /// Time of the last batch report. Gas: `R`.
        #[since(BROTLI_LEVEL)]
        function getLastL1PricingUpdateTime() external view returns (uint64);
        /// Rewards not paid yet, in wei. Gas: `R`.
        #[since(BROTLI_LEVEL)]
        function getL1PricingFundsDueForRewards() external view returns (uint256);
        /// Units since the last report. Gas: `R`.
        #[since(BROTLI_LEVEL)]
        function getL1PricingUnitsSinceUpdate() external view returns (uint64);
        /// Surplus at the last report, in wei. Gas: `R`.
        #[since(BROTLI_LEVEL)]
        function getLastL1PricingSurplus() external view returns (int256);
        /// Compute gas of a block. Gas: `R`.
        #[since(GAS_CONSTRAINTS)]
        function getMaxBlockGasLimit() external view returns (uint64);
        /// Target, window and backlog of each constraint. Gas: `R + 3nR`.
        #[since(GAS_CONSTRAINTS)]
        function getGasPricingConstraints() external view returns (uint64[3][]);
        /// Constraints over kinds of gas. Gas: `R + 12nR`.
        #[since(MULTI_GAS_CONSTRAINTS)]
        function getMultiGasPricingConstraints() external view returns (MultiGasConstraintRow[]);
        /// Base fee of each kind of gas, in wei. Gas: `10R`.
        #[since(MULTI_GAS_CONSTRAINTS)]
        function getMultiGasBaseFee() external view returns (uint256[]);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum GasInfo {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<GasInfo>();

/// Gas of writing a storage slot, as prices quote it.
const STORAGE_GAS: u64 = 20_000;
/// Units of a byte of calldata.
const UNITS_PER_BYTE: u64 = 16;
/// Bytes a transaction is taken to have.
const ASSUMED_BYTES: u64 = 140;

fn prices_in_wei(cx: &mut ViewCtx<'_, '_>) -> Reply<ArbGasInfo::getPricesInWeiReturn> {
    let unit = cx.state().l1_pricing().price_per_unit().get()?;
    let gas = cx.block().base_fee;
    let base = if cx.version() >= ArbosVersion::PRICES_SPLIT_CONGESTION {
        cx.state().min_base_fee_wei().get()?.min(gas)
    } else {
        gas
    };
    let byte = unit.wrapping_mul(U256::from(UNITS_PER_BYTE));
    Ok(ArbGasInfo::getPricesInWeiReturn::from((
        byte.wrapping_mul(U256::from(ASSUMED_BYTES)),
        byte,
        gas.wrapping_mul(U256::from(STORAGE_GAS)),
        base,
        gas - base,
        gas,
    )))
}

fn prices_in_gas(cx: &mut ViewCtx<'_, '_>) -> Reply<ArbGasInfo::getPricesInArbGasReturn> {
    let unit = cx.state().l1_pricing().price_per_unit().get()?;
    let gas = cx.block().base_fee;
    let in_gas = |wei_units: u64| {
        let wei: U512 = unit.widening_mul::<256, 4, 512, 8>(U256::from(wei_units));
        let quotient = wei.checked_div(U512::from_limbs_slice(gas.as_limbs())).unwrap_or_default();
        U256::from_limbs_slice(&quotient.as_limbs()[..4])
    };
    let transaction = if cx.version() >= ArbosVersion::PRICES_SPLIT_CONGESTION {
        in_gas(UNITS_PER_BYTE * ASSUMED_BYTES)
    } else {
        U256::from(ASSUMED_BYTES)
    };
    Ok(ArbGasInfo::getPricesInArbGasReturn::from((transaction, in_gas(UNITS_PER_BYTE), U256::from(STORAGE_GAS))))
}

/// Refuses what a chain with the pair of pools does not have.
fn require_backlogs(cx: &mut ViewCtx<'_, '_>) -> Reply<()> {
    require(!cx.has_pools(), "the chain prices gas by a pair of pools")
}

/// A getter of one field: `method(Call) -> Type = path of accessors`.
macro_rules! getters {
    ($($method:ident($call:ident) -> $type:ty = $($view:ident).+;)*) => {$(
        fn $method(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::$call) -> Reply<$type> {
            Ok(cx.state().$($view()).+.get()?)
        }
    )*};
}

impl ArbGasInfoMethods for GasInfo {
    getters! {
        getMinimumGasPrice(getMinimumGasPriceCall) -> U256 = min_base_fee_wei;
        getL1BaseFeeEstimate(getL1BaseFeeEstimateCall) -> U256 = l1_pricing.price_per_unit;
        getL1BaseFeeEstimateInertia(getL1BaseFeeEstimateInertiaCall) -> u64 = l1_pricing.inertia;
        getL1RewardRate(getL1RewardRateCall) -> u64 = l1_pricing.per_unit_reward;
        getL1RewardRecipient(getL1RewardRecipientCall) -> Address = l1_pricing.pay_rewards_to;
        getL1GasPriceEstimate(getL1GasPriceEstimateCall) -> U256 = l1_pricing.price_per_unit;
        getPerBatchGasCharge(getPerBatchGasChargeCall) -> i64 = l1_pricing.per_batch_gas_cost;
        getAmortizedCostCapBips(getAmortizedCostCapBipsCall) -> u64 = l1_pricing.amortized_cost_cap_bips;
        getL1FeesAvailable(getL1FeesAvailableCall) -> U256 = l1_pricing.l1_fees_available;
        getL1PricingEquilibrationUnits(getL1PricingEquilibrationUnitsCall) -> U256 = l1_pricing.equilibration_units;
        getLastL1PricingUpdateTime(getLastL1PricingUpdateTimeCall) -> u64 = l1_pricing.last_update_time;
        getL1PricingUnitsSinceUpdate(getL1PricingUnitsSinceUpdateCall) -> u64 = l1_pricing.units_since_update;
        getLastL1PricingSurplus(getLastL1PricingSurplusCall) -> I256 = l1_pricing.last_surplus;
        getMaxBlockGasLimit(getMaxBlockGasLimitCall) -> u64 = per_block_gas_limit;
    }

    fn getPricesInWeiWithAggregator(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getPricesInWeiWithAggregatorCall,
    ) -> Reply<ArbGasInfo::getPricesInWeiWithAggregatorReturn> {
        let prices = prices_in_wei(cx)?;
        let prices: (U256, U256, U256, U256, U256, U256) = prices.into();
        Ok(prices.into())
    }

    fn getPricesInWei(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getPricesInWeiCall,
    ) -> Reply<ArbGasInfo::getPricesInWeiReturn> {
        prices_in_wei(cx)
    }

    fn getPricesInArbGasWithAggregator(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getPricesInArbGasWithAggregatorCall,
    ) -> Reply<ArbGasInfo::getPricesInArbGasWithAggregatorReturn> {
        let prices: (U256, U256, U256) = prices_in_gas(cx)?.into();
        Ok(prices.into())
    }

    fn getPricesInArbGas(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getPricesInArbGasCall,
    ) -> Reply<ArbGasInfo::getPricesInArbGasReturn> {
        prices_in_gas(cx)
    }

    fn getGasAccountingParams(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getGasAccountingParamsCall,
    ) -> Reply<ArbGasInfo::getGasAccountingParamsReturn> {
        if cx.has_pools() {
            return pools::accounting_parameters(cx);
        }
        let speed = cx.state().speed_limit_per_second().get()?;
        let limit = U256::from(cx.state().per_block_gas_limit().get()?);
        Ok(ArbGasInfo::getGasAccountingParamsReturn::from((U256::from(speed), limit, limit)))
    }

    fn getGasBacklog(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getGasBacklogCall) -> Reply<u64> {
        if cx.has_pools() {
            return pools::missing_gas(cx);
        }
        Ok(cx.state().l2_pricing().gas_backlog().get()?)
    }

    fn getPricingInertia(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getPricingInertiaCall) -> Reply<u64> {
        require_backlogs(cx)?;
        Ok(cx.state().l2_pricing().pricing_inertia().get()?)
    }

    fn getGasBacklogTolerance(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getGasBacklogToleranceCall) -> Reply<u64> {
        require_backlogs(cx)?;
        Ok(cx.state().l2_pricing().backlog_tolerance().get()?)
    }

    fn getMaxTxGasLimit(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getMaxTxGasLimitCall) -> Reply<U256> {
        Ok(U256::from(cx.state().per_tx_gas_limit().get()?))
    }

    fn getCurrentTxL1GasFees(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getCurrentTxL1GasFeesCall) -> Reply<U256> {
        Ok(cx.tx().poster_fee)
    }

    fn getL1PricingSurplus(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getL1PricingSurplusCall) -> Reply<I256> {
        let due = cx.state().l1_pricing().batch_posters().total_funds_due()?;
        let rewards = cx.state().l1_pricing().funds_due_for_rewards().get()?;
        let held = if cx.version() >= ArbosVersion::L1_FEES_AVAILABLE {
            cx.state().l1_pricing().l1_fees_available().get()?
        } else {
            cx.host().balance(state::address::L1_PRICER_FUNDS_POOL)?
        };
        Ok(I256::from_raw(held).wrapping_sub(due.wrapping_add(rewards)))
    }

    fn getL1PricingFundsDueForRewards(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getL1PricingFundsDueForRewardsCall,
    ) -> Reply<U256> {
        Ok(cx.state().l1_pricing().funds_due_for_rewards().get()?.into_raw())
    }

    fn getGasPricingConstraints(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getGasPricingConstraintsCall,
    ) -> Reply<Vec<[u64; 3]>> {
        require_backlogs(cx)?;
        let mut state = cx.state();
        let mut l2_pricing = state.l2_pricing();
        let mut list = l2_pricing.gas_constraints();
        let mut rows = Vec::new();
        for index in 0..list.len()? {
            let mut row = GasConstraint::open(list.at(index));
            rows.push([row.target().get()?, row.adjustment_window().get()?, row.backlog().get()?]);
        }
        Ok(rows)
    }

    fn getMultiGasPricingConstraints(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbGasInfo::getMultiGasPricingConstraintsCall,
    ) -> Reply<Vec<ArbGasInfo::MultiGasConstraintRow>> {
        require_backlogs(cx)?;
        let mut state = cx.state();
        let mut l2_pricing = state.l2_pricing();
        let mut list = l2_pricing.multi_gas_constraints();
        let mut rows = Vec::new();
        for index in 0..list.len()? {
            let mut row = MultiGasConstraint::open(list.at(index));
            let target = row.target().get()?;
            let window = row.adjustment_window().get()?;
            let backlog = row.backlog().get()?;
            let weights = row.weights()?;
            let weighted = ResourceKind::ALL.into_iter().map(|kind| (kind as u8, weights[kind as usize]));
            let resources = weighted
                .filter(|(_, weight)| *weight != 0)
                .map(|(resource, weight)| ArbGasInfo::WeightedResource { resource, weight })
                .collect();
            rows.push(ArbGasInfo::MultiGasConstraintRow {
                resources,
                adjustmentWindowSecs: window,
                targetPerSec: target,
                backlog,
            });
        }
        Ok(rows)
    }

    fn getMultiGasBaseFee(cx: &mut ViewCtx<'_, '_>, _: ArbGasInfo::getMultiGasBaseFeeCall) -> Reply<Vec<U256>> {
        let fallback = if cx.version() >= ArbosVersion::MULTI_GAS_REFUND_FIX {
            cx.block().base_fee
        } else {
            cx.state().base_fee_wei().get()?
        };
        let mut state = cx.state();
        let mut l2_pricing = state.l2_pricing();
        let mut fees = Vec::new();
        for kind in ResourceKind::ALL {
            let fee = l2_pricing.multi_gas_fees().current(kind).get()?;
            let unset = kind == ResourceKind::SingleDim || fee.is_zero();
            fees.push(if unset { fallback } else { fee });
        }
        Ok(fees)
    }
}

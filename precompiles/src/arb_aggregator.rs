//! `ArbAggregator` (0x6d): batch posters and where they are paid (`spec/precompiles.md` 8).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, context::require, precompile};
use alloc::vec::Vec;
use alloy_primitives::{Address, U256};
use state::address;

precompile! {
    /// Batch posters.
    #[at(0x6d)]
    interface ArbAggregator {
        /// The sequencer, always.
        function getPreferredAggregator(address addr) external view returns (address, bool);
        /// The sequencer.
        function getDefaultAggregator() external view returns (address);
        /// All batch posters.
        function getBatchPosters() external view returns (address[]);
        /// Adds a batch poster; for chain owners.
        function addBatchPoster(address newBatchPoster) external;
        /// Where a poster is paid.
        function getFeeCollector(address batchPoster) external view returns (address);
        /// Sets where a poster is paid; for the poster, its collector and chain owners.
        function setFeeCollector(address batchPoster, address newFeeCollector) external;
        /// Zero.
        function getTxBaseFee(address aggregator) external view returns (uint256);
        /// Does nothing.
        function setTxBaseFee(address aggregator, uint256 feeInL1Gas) external;
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Aggregator {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Aggregator>();

impl ArbAggregatorMethods for Aggregator {
    fn getPreferredAggregator(
        _: &mut ViewCtx<'_, '_>,
        _: ArbAggregator::getPreferredAggregatorCall,
    ) -> Reply<ArbAggregator::getPreferredAggregatorReturn> {
        Ok(ArbAggregator::getPreferredAggregatorReturn { _0: address::SEQUENCER, _1: true })
    }

    fn getDefaultAggregator(_: &mut ViewCtx<'_, '_>, _: ArbAggregator::getDefaultAggregatorCall) -> Reply<Address> {
        Ok(address::SEQUENCER)
    }

    fn getBatchPosters(cx: &mut ViewCtx<'_, '_>, _: ArbAggregator::getBatchPostersCall) -> Reply<Vec<Address>> {
        Ok(cx.state().l1_pricing().batch_posters().all()?)
    }

    fn addBatchPoster(cx: &mut WriteCtx<'_, '_>, call: ArbAggregator::addBatchPosterCall) -> Reply<()> {
        let caller = cx.caller();
        let is_owner = cx.state().chain_owners().is_member(caller)?;
        require(is_owner, "must be called by chain owner")?;
        Ok(cx.state().l1_pricing().batch_posters().ensure(call.newBatchPoster)?)
    }

    fn getFeeCollector(cx: &mut ViewCtx<'_, '_>, call: ArbAggregator::getFeeCollectorCall) -> Reply<Address> {
        let mut state = cx.state();
        let mut l1_pricing = state.l1_pricing();
        let mut posters = l1_pricing.batch_posters();
        Ok(posters.get(call.batchPoster)?.pay_to().get()?)
    }

    fn setFeeCollector(cx: &mut WriteCtx<'_, '_>, call: ArbAggregator::setFeeCollectorCall) -> Reply<()> {
        let caller = cx.caller();
        let collector = cx.state().l1_pricing().batch_posters().get(call.batchPoster)?.pay_to().get()?;
        if caller != call.batchPoster && caller != collector {
            let is_owner = cx.state().chain_owners().is_member(caller)?;
            require(is_owner, "only a batch poster, its fee collector or a chain owner may change the fee collector")?;
        }
        let mut state = cx.state();
        let mut l1_pricing = state.l1_pricing();
        Ok(l1_pricing.batch_posters().entry(call.batchPoster).pay_to().set(call.newFeeCollector)?)
    }

    fn getTxBaseFee(_: &mut ViewCtx<'_, '_>, _: ArbAggregator::getTxBaseFeeCall) -> Reply<U256> {
        Ok(U256::ZERO)
    }

    fn setTxBaseFee(_: &mut WriteCtx<'_, '_>, _: ArbAggregator::setTxBaseFeeCall) -> Reply<()> {
        Ok(())
    }
}

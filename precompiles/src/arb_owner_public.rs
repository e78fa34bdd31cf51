//! `ArbOwnerPublic` (0x6b): who owns the chain and how it is set, for everybody (`spec/precompiles.md` 6).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, precompile};
use alloc::vec::Vec;
use alloy_primitives::Address;
use state::{Access, ArbosVersion, Result, shape::AddressSet};

precompile! {
    /// Facts about ownership and parameters.
    #[at(0x6b)]
    interface ArbOwnerPublic {
        /// Whether the address is a chain owner.
        function isChainOwner(address addr) external view returns (bool);
        /// All chain owners.
        function getAllChainOwners() external view returns (address[]);
        /// Receives compute fees.
        function getNetworkFeeAccount() external view returns (address);
        /// Receives the minimum part of compute fees.
        #[since(INFRA_FEE)]
        function getInfraFeeAccount() external view returns (address);
        /// Puts an owner back into the list that is only in the index.
        #[since(ADDRESS_SET_REPAIR)]
        function rectifyChainOwner(address ownerToRectify) external;
        /// Level at which data is compressed to price it.
        #[since(BROTLI_LEVEL)]
        function getBrotliCompressionLevel() external view returns (uint64);
        /// The scheduled version and its time, or zeros.
        #[since(BROTLI_LEVEL)]
        function getScheduledUpgrade() external view returns (uint64 arbosVersion, uint64 scheduledForTimestamp);
        /// Whether calldata has a floor price.
        #[since(CALLDATA_FLOOR)]
        function isCalldataPriceIncreaseEnabled() external view returns (bool);
        /// Whether the address owns the native token.
        #[since(NATIVE_TOKEN)]
        function isNativeTokenOwner(address addr) external view returns (bool);
        /// All owners of the native token.
        #[since(NATIVE_TOKEN)]
        function getAllNativeTokenOwners() external view returns (address[]);
        /// L1 floor of gas for a token of calldata.
        #[since(BATCH_REPORT_V2)]
        function getParentGasFloorPerToken() external view returns (uint64);
        /// From when native token owners may be added.
        #[since(BATCH_REPORT_V2)]
        function getNativeTokenManagementFrom() external view returns (uint64);
        /// Most fragments of a program.
        #[since(STYLUS_CONTRACT_LIMIT)]
        function getMaxStylusContractFragments() external view returns (uint8);
        /// From when filterers may be added.
        #[since(TRANSACTION_FILTERING)]
        function getTransactionFilteringFrom() external view returns (uint64);
        /// Whether the address may filter.
        #[since(TRANSACTION_FILTERING)]
        function isTransactionFilterer(address filterer) external view returns (bool);
        /// All who may filter.
        #[since(TRANSACTION_FILTERING)]
        function getAllTransactionFilterers() external view returns (address[]);
        /// Receives funds of filtered transactions; zero means the network account.
        #[since(TRANSACTION_FILTERING)]
        function getFilteredFundsRecipient() external view returns (address);
        /// Whether tips are collected.
        #[since(COLLECT_TIPS)]
        function getCollectTips() external view returns (bool);
        /// An owner was put back.
        event ChainOwnerRectified(address rectifiedOwner);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum OwnerPublic {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<OwnerPublic>();

/// Most members a list returns.
const MEMBER_LIMIT: u64 = 65_536;

/// All members of a set, as the getters of lists return them.
pub(crate) fn all<A: Access>(mut set: AddressSet<'_, A>) -> Result<Vec<Address>> {
    set.members(MEMBER_LIMIT)
}

impl ArbOwnerPublicMethods for OwnerPublic {
    fn isChainOwner(cx: &mut ViewCtx<'_, '_>, call: ArbOwnerPublic::isChainOwnerCall) -> Reply<bool> {
        Ok(cx.state().chain_owners().is_member(call.addr)?)
    }

    fn getAllChainOwners(cx: &mut ViewCtx<'_, '_>, _: ArbOwnerPublic::getAllChainOwnersCall) -> Reply<Vec<Address>> {
        Ok(all(cx.state().chain_owners())?)
    }

    fn getNetworkFeeAccount(cx: &mut ViewCtx<'_, '_>, _: ArbOwnerPublic::getNetworkFeeAccountCall) -> Reply<Address> {
        Ok(cx.state().network_fee_account().get()?)
    }

    fn getInfraFeeAccount(cx: &mut ViewCtx<'_, '_>, _: ArbOwnerPublic::getInfraFeeAccountCall) -> Reply<Address> {
        // Kept: version 5 answers with the network account. See ArbosVersion::PUBLIC_INFRA_ACCOUNT.
        if cx.version() < ArbosVersion::PUBLIC_INFRA_ACCOUNT {
            return Ok(cx.state().network_fee_account().get()?);
        }
        Ok(cx.state().infra_fee_account().get()?)
    }

    fn rectifyChainOwner(cx: &mut WriteCtx<'_, '_>, call: ArbOwnerPublic::rectifyChainOwnerCall) -> Reply<()> {
        cx.state().chain_owners().rectify(call.ownerToRectify)?;
        cx.emit(&ArbOwnerPublic::ChainOwnerRectified { rectifiedOwner: call.ownerToRectify })
    }

    fn getBrotliCompressionLevel(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getBrotliCompressionLevelCall,
    ) -> Reply<u64> {
        Ok(cx.state().brotli_compression_level().get()?)
    }

    fn getScheduledUpgrade(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getScheduledUpgradeCall,
    ) -> Reply<ArbOwnerPublic::getScheduledUpgradeReturn> {
        let version = cx.state().upgrade_version().get()?;
        let timestamp = cx.state().upgrade_timestamp().get()?;
        let ahead = version > cx.version();
        let (version, timestamp) = if ahead { (version.number(), timestamp) } else { (0, 0) };
        Ok(ArbOwnerPublic::getScheduledUpgradeReturn { arbosVersion: version, scheduledForTimestamp: timestamp })
    }

    fn isCalldataPriceIncreaseEnabled(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::isCalldataPriceIncreaseEnabledCall,
    ) -> Reply<bool> {
        Ok(cx.state().features().calldata_price_increase()?)
    }

    fn isNativeTokenOwner(cx: &mut ViewCtx<'_, '_>, call: ArbOwnerPublic::isNativeTokenOwnerCall) -> Reply<bool> {
        Ok(cx.state().native_token_owners().is_member(call.addr)?)
    }

    fn getAllNativeTokenOwners(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getAllNativeTokenOwnersCall,
    ) -> Reply<Vec<Address>> {
        Ok(all(cx.state().native_token_owners())?)
    }

    fn getParentGasFloorPerToken(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getParentGasFloorPerTokenCall,
    ) -> Reply<u64> {
        Ok(cx.state().l1_pricing().gas_floor_per_token().get()?)
    }

    fn getNativeTokenManagementFrom(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getNativeTokenManagementFromCall,
    ) -> Reply<u64> {
        Ok(cx.state().native_token_management_from().get()?)
    }

    fn getMaxStylusContractFragments(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getMaxStylusContractFragmentsCall,
    ) -> Reply<u8> {
        let version = cx.version();
        Ok(cx.state().programs().params(version)?.max_fragment_count)
    }

    fn getTransactionFilteringFrom(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getTransactionFilteringFromCall,
    ) -> Reply<u64> {
        Ok(cx.state().transaction_filtering_from().get()?)
    }

    fn isTransactionFilterer(cx: &mut ViewCtx<'_, '_>, call: ArbOwnerPublic::isTransactionFiltererCall) -> Reply<bool> {
        Ok(cx.state().transaction_filterers().is_member(call.filterer)?)
    }

    fn getAllTransactionFilterers(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getAllTransactionFilterersCall,
    ) -> Reply<Vec<Address>> {
        Ok(all(cx.state().transaction_filterers())?)
    }

    fn getFilteredFundsRecipient(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbOwnerPublic::getFilteredFundsRecipientCall,
    ) -> Reply<Address> {
        Ok(cx.state().filtered_funds_recipient().get()?)
    }

    fn getCollectTips(cx: &mut ViewCtx<'_, '_>, _: ArbOwnerPublic::getCollectTipsCall) -> Reply<bool> {
        Ok(cx.state().collect_tips().get()?)
    }
}

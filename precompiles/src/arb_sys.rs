//! `ArbSys` (0x64): the chain about itself, and messages to L1 (`spec/precompiles.md` 2).

use crate::{
    PayCtx, Precompile, PureCtx, Reply, ViewCtx,
    context::{Ctx, require},
    error::Failure,
    precompile,
};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, U256};
use state::{ArbosVersion, address};

precompile! {
    /// System facts and sends to L1.
    #[at(0x64)]
    interface ArbSys {
        /// Number of the L2 block.
        function arbBlockNumber() external view returns (uint256);
        /// Hash of one of the last 256 L2 blocks.
        function arbBlockHash(uint256 arbBlockNum) external view returns (bytes32);
        /// Chain id.
        function arbChainID() external view returns (uint256);
        /// Version of the operating system, counted from 55.
        function arbOSVersion() external view returns (uint256);
        /// Always zero.
        function getStorageGasAvailable() external view returns (uint256);
        /// Whether a transaction calls directly or through one contract.
        function isTopLevelCall() external view returns (bool);
        /// Alias of an L1 contract; the second argument is ignored.
        function mapL1SenderContractAddressToL2Alias(address sender, address unused) external pure returns (address);
        /// Whether the caller's caller is an alias.
        function wasMyCallersAddressAliased() external view returns (bool);
        /// The caller's caller with its alias undone.
        function myCallersAddressWithoutAliasing() external view returns (address);
        /// Sends value to an address on L1.
        function withdrawEth(address destination) external payable returns (uint256);
        /// Sends a message with value to L1.
        function sendTxToL1(address destination, bytes data) external payable returns (uint256);
        /// The tree of sends; for the zero address only.
        function sendMerkleTreeState() external view returns (uint256 size, bytes32 root, bytes32[] partials);
        /// A send.
        event L2ToL1Tx(address caller, address indexed destination, uint256 indexed hash, uint256 indexed position, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data);
        /// Not emitted any more.
        event L2ToL1Transaction(address caller, address indexed destination, uint256 indexed uniqueId, uint256 indexed batchNumber, uint256 indexInBatch, uint256 arbBlockNum, uint256 ethBlockNum, uint256 timestamp, uint256 callvalue, bytes data);
        /// A node of the tree of sends was completed.
        event SendMerkleUpdate(uint256 indexed reserved, bytes32 indexed hash, uint256 indexed position);
        /// A block hash that is not to be had.
        error InvalidBlockNumber(uint256 requested, uint256 current);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Sys {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Sys>();

/// What `arbOSVersion` adds to the version.
const VERSION_OFFSET: u64 = 55;

/// Types whose sender the bridge aliased: unsigned, contract, retry.
const ALIASED_TYPES: [u8; 3] = [0x65, 0x66, 0x68];

/// Caller of the frame that called the caller.
fn callers_caller<P>(cx: &mut Ctx<'_, '_, P>) -> Option<Address> {
    let depth = cx.host().depth();
    depth.checked_sub(2).and_then(|index| cx.host().frame_caller(index))
}

fn is_aliased<P>(cx: &mut Ctx<'_, '_, P>) -> bool {
    let tx = cx.tx();
    let depth = cx.host().depth();
    let top_level = if cx.version() >= ArbosVersion::TOP_LEVEL_BY_FRAMES {
        depth < 2 || callers_caller(cx) == Some(tx.origin)
    } else {
        depth == 2
    };
    top_level && ALIASED_TYPES.contains(&tx.tx_type)
}

impl ArbSysMethods for Sys {
    fn arbBlockNumber(cx: &mut ViewCtx<'_, '_>, _: ArbSys::arbBlockNumberCall) -> Reply<U256> {
        Ok(U256::from(cx.block().number))
    }

    fn arbBlockHash(cx: &mut ViewCtx<'_, '_>, call: ArbSys::arbBlockHashCall) -> Reply<B256> {
        let current = cx.block().number;
        let number = u64::try_from(call.arbBlockNum).ok();
        match number.filter(|number| *number < current && number.wrapping_add(256) >= current) {
            Some(number) => Ok(cx.host().l2_block_hash(number)?),
            None if cx.version() >= ArbosVersion::INVALID_BLOCK_NUMBER_ERROR => {
                let (requested, current) = (call.arbBlockNum, U256::from(current));
                Err(Failure::solidity(&ArbSys::InvalidBlockNumber { requested, current }))
            }
            None => Err(Failure::plain("invalid block number for arbBlockHash")),
        }
    }

    fn arbChainID(cx: &mut ViewCtx<'_, '_>, _: ArbSys::arbChainIDCall) -> Reply<U256> {
        Ok(U256::from(cx.block().chain_id))
    }

    fn arbOSVersion(cx: &mut ViewCtx<'_, '_>, _: ArbSys::arbOSVersionCall) -> Reply<U256> {
        Ok(U256::from(VERSION_OFFSET + cx.version().number()))
    }

    fn getStorageGasAvailable(_: &mut ViewCtx<'_, '_>, _: ArbSys::getStorageGasAvailableCall) -> Reply<U256> {
        Ok(U256::ZERO)
    }

    fn isTopLevelCall(cx: &mut ViewCtx<'_, '_>, _: ArbSys::isTopLevelCallCall) -> Reply<bool> {
        Ok(cx.host().depth() <= 2)
    }

    fn mapL1SenderContractAddressToL2Alias(
        _: &mut PureCtx<'_, '_>,
        call: ArbSys::mapL1SenderContractAddressToL2AliasCall,
    ) -> Reply<Address> {
        Ok(address::apply_l1_alias(call.sender))
    }

    fn wasMyCallersAddressAliased(cx: &mut ViewCtx<'_, '_>, _: ArbSys::wasMyCallersAddressAliasedCall) -> Reply<bool> {
        Ok(is_aliased(cx))
    }

    fn myCallersAddressWithoutAliasing(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbSys::myCallersAddressWithoutAliasingCall,
    ) -> Reply<Address> {
        let caller = callers_caller(cx).unwrap_or_default();
        Ok(if is_aliased(cx) { address::undo_l1_alias(caller) } else { caller })
    }

    fn withdrawEth(cx: &mut PayCtx<'_, '_>, call: ArbSys::withdrawEthCall) -> Reply<U256> {
        send(cx, call.destination, &[])
    }

    fn sendTxToL1(cx: &mut PayCtx<'_, '_>, call: ArbSys::sendTxToL1Call) -> Reply<U256> {
        send(cx, call.destination, &call.data)
    }

    fn sendMerkleTreeState(
        cx: &mut ViewCtx<'_, '_>,
        _: ArbSys::sendMerkleTreeStateCall,
    ) -> Reply<ArbSys::sendMerkleTreeStateReturn> {
        require(cx.caller().is_zero(), "sendMerkleTreeState is for the zero address only")?;
        let mut state = cx.state();
        // Kept: a read that cannot be paid for counts as zero; the empty meter fails the call when its result is charged.
        let (size, root) = state.sends().size_and_root().unwrap_or_default();
        let partials = state.sends().partials().unwrap_or_default();
        Ok(ArbSys::sendMerkleTreeStateReturn { size: U256::from(size), root, partials })
    }
}

fn send(cx: &mut PayCtx<'_, '_>, destination: Address, data: &[u8]) -> Reply<U256> {
    let (block, caller, value) = (cx.block(), cx.caller(), cx.value());
    if cx.version() >= ArbosVersion::NATIVE_TOKEN && !value.is_zero() {
        let owners = cx.state().native_token_owners().size()?;
        require(owners == 0, "not allowed to send value when native token owners exist")?;
    }
    let words = [block.number, block.l1_block_number, block.timestamp].map(U256::from);
    let preimage = [
        caller.as_slice(),
        destination.as_slice(),
        &words[0].to_be_bytes::<32>(),
        &words[1].to_be_bytes::<32>(),
        &words[2].to_be_bytes::<32>(),
        &value.to_be_bytes::<32>(),
        data,
    ]
    .concat();
    cx.burn(state::ResourceKind::Computation, state::burn::keccak_gas(preimage.len() as u64))?;
    let hash = alloy_primitives::keccak256(&preimage);
    let merges = cx.state().sends().append(hash)?;
    let size = cx.state().sends().size()?;
    cx.host().burn_balance(address::ARB_SYS, value)?;
    for merge in merges {
        let position = position(merge.level, merge.leaf);
        cx.emit(&ArbSys::SendMerkleUpdate { reserved: U256::ZERO, hash: merge.hash, position })?;
    }
    let leaf = size - 1;
    let event = ArbSys::L2ToL1Tx {
        caller,
        destination,
        hash: hash.into(),
        position: U256::from(leaf),
        arbBlockNum: words[0],
        ethBlockNum: words[1],
        timestamp: words[2],
        callvalue: value,
        data: Vec::from(data).into(),
    };
    let emitted = cx.emit(&event);
    // Kept: below version 4 the hash is returned; from then on an event that cannot be paid for is no error of its own.
    if cx.version() >= ArbosVersion::SEND_RETURNS_LEAF {
        return Ok(U256::from(leaf));
    }
    emitted.map(|()| hash.into())
}

/// Position of a node: its level and the leaf that completed it.
fn position(level: u64, leaf: u64) -> U256 {
    (U256::from(level) << 192) + U256::from(leaf)
}

//! `NodeInterface` (0xc8) and `NodeInterfaceDebug` (0xc9): contracts that exist in calls and estimates alone
//! (`precompiles/spec/precompiles.md` 20).
//!
//! On chain both addresses are empty accounts. What a state cannot tell comes from the node through [`NodeFacts`].

mod outbox;

use crate::{
    simulate::{CallRequest, Estimate, SimulationError, Simulator},
    tx::SubmitRetryableTx,
};
use ::state::address::apply_l1_alias;
use alloy_primitives::{Address, B256, Bytes, U256, address};
use alloy_sol_types::{SolCall, SolInterface, sol};
use pricing::retryable::submission_fee;
use thiserror::Error as ThisError;

/// Address of [`NodeInterface`].
pub const NODE_INTERFACE: Address = address!("00000000000000000000000000000000000000c8");
/// Address of [`NodeInterfaceDebug`].
pub const NODE_INTERFACE_DEBUG: Address = address!("00000000000000000000000000000000000000c9");

sol! {
    /// Facts and estimates for users.
    #[allow(missing_docs, reason = "generated from Solidity")]
    interface NodeInterface {
        function nitroGenesisBlock() external pure returns (uint256);
        function findBatchContainingBlock(uint64 blockNum) external view returns (uint64 batch);
        function getL1Confirmations(bytes32 blockHash) external view returns (uint64 confirmations);
        function estimateRetryableTicket(address sender, uint256 deposit, address to, uint256 l2CallValue, address excessFeeRefundAddress, address callValueRefundAddress, bytes data) external;
        function constructOutboxProof(uint64 size, uint64 leaf) external view returns (bytes32 send, bytes32 root, bytes32[] proof);
        function gasEstimateL1Component(address to, bool contractCreation, bytes data) external payable returns (uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function gasEstimateComponents(address to, bool contractCreation, bytes data) external payable returns (uint64 gasEstimate, uint64 gasEstimateForL1, uint256 baseFee, uint256 l1BaseFeeEstimate);
        function legacyLookupMessageBatchProof(uint256 batchNum, uint64 index) external view returns (bytes32[] proof, uint256 path, address l2Sender, address l1Dest, uint256 l2Block, uint256 l1Block, uint256 timestamp, uint256 amount, bytes calldataForL1);
        function blockL1Num(uint64 l2BlockNum) external view returns (uint64 l1BlockNum);
        function l2BlockRangeForL1(uint64 blockNum) external view returns (uint64 firstBlock, uint64 lastBlock);
    }

    /// Facts for whoever debugs a node.
    #[allow(missing_docs, reason = "generated from Solidity")]
    interface NodeInterfaceDebug {
        struct RetryableInfo { uint64 timeout; address from; address to; uint256 value; address beneficiary; uint64 tries; bytes data; }
        function getRetryable(bytes32 ticket) external view returns (RetryableInfo retryable);
    }
}

/// Why there is no answer.
#[derive(Debug, Clone, PartialEq, Eq, ThisError)]
#[non_exhaustive]
pub enum NodeInterfaceError {
    /// The node, or this kind of chain, does not have it.
    #[error("{0} is not available")]
    NotAvailable(&'static str),
    /// No method has the selector, or its arguments are malformed.
    #[error("no method of the interface takes this calldata")]
    Malformed,
    /// The block, leaf or ticket does not exist.
    #[error("{0} does not exist")]
    Unknown(&'static str),
    /// The method answers only as an estimate.
    #[error("{0} can only be estimated")]
    EstimateOnly(&'static str),
}

/// What a node knows and a state does not. Everything a node does not have is an error that says so.
pub trait NodeFacts {
    /// The batch that contains a block.
    ///
    /// # Errors
    /// [`NodeInterfaceError::NotAvailable`] or [`NodeInterfaceError::Unknown`].
    fn batch_containing_block(&self, _number: u64) -> Result<u64, NodeInterfaceError> {
        Err(NodeInterfaceError::NotAvailable("the batch of a block"))
    }

    /// L1 blocks since the batch of a block was posted.
    ///
    /// # Errors
    /// As [`Self::batch_containing_block`].
    fn l1_confirmations(&self, _block: B256) -> Result<u64, NodeInterfaceError> {
        Err(NodeInterfaceError::NotAvailable("the number of L1 confirmations"))
    }

    /// The L1 block number in the header of a block.
    ///
    /// # Errors
    /// As [`Self::batch_containing_block`].
    fn l1_block_number(&self, _number: u64) -> Result<u64, NodeInterfaceError> {
        Err(NodeInterfaceError::NotAvailable("the header of an earlier block"))
    }

    /// The hash of a send, from the event `L2ToL1Tx` with this position.
    ///
    /// # Errors
    /// As [`Self::batch_containing_block`].
    fn send_hash(&self, _leaf: u64) -> Result<B256, NodeInterfaceError> {
        Err(NodeInterfaceError::NotAvailable("the hash of a send"))
    }

    /// The hash of a node of the send tree, from the event `SendMerkleUpdate` with this level and last leaf.
    ///
    /// # Errors
    /// As [`Self::batch_containing_block`].
    fn send_node(&self, _level: u8, _last_leaf: u64) -> Result<B256, NodeInterfaceError> {
        Err(NodeInterfaceError::NotAvailable("a node of the send tree"))
    }
}

/// A node that knows nothing but its last state.
#[derive(Debug, Clone, Copy, Default)]
pub struct StateAlone;

impl NodeFacts for StateAlone {}

/// The answer to a call of one of the interfaces; none if the call has another target.
///
/// # Errors
/// Why there is no answer, or a failing world.
pub fn call(
    simulator: &mut Simulator<'_>,
    facts: &dyn NodeFacts,
    request: &CallRequest,
) -> Result<Option<Bytes>, SimulationError> {
    match request.to {
        Some(NODE_INTERFACE) => answer(simulator, facts, request).map(Some),
        Some(NODE_INTERFACE_DEBUG) => {
            let call = NodeInterfaceDebug::getRetryableCall::abi_decode(&request.data)
                .map_err(|_| NodeInterfaceError::Malformed)?;
            let info = retryable(simulator, call.ticket)?;
            Ok(Some(NodeInterfaceDebug::getRetryableCall::abi_encode_returns(&info).into()))
        }
        _ => Ok(None),
    }
}

fn answer(
    simulator: &mut Simulator<'_>,
    facts: &dyn NodeFacts,
    request: &CallRequest,
) -> Result<Bytes, SimulationError> {
    use NodeInterface::{NodeInterfaceCalls as Calls, *};
    let call = Calls::abi_decode(&request.data).map_err(|_| NodeInterfaceError::Malformed)?;
    let output = match call {
        Calls::nitroGenesisBlock(_) => {
            nitroGenesisBlockCall::abi_encode_returns(&U256::from(simulator.config().genesis_block_number))
        }
        Calls::findBatchContainingBlock(call) => {
            let batch = facts.batch_containing_block(call.blockNum)?;
            findBatchContainingBlockCall::abi_encode_returns(&batch)
        }
        Calls::getL1Confirmations(call) => {
            getL1ConfirmationsCall::abi_encode_returns(&facts.l1_confirmations(call.blockHash)?)
        }
        Calls::blockL1Num(call) => blockL1NumCall::abi_encode_returns(&facts.l1_block_number(call.l2BlockNum)?),
        Calls::l2BlockRangeForL1(call) => {
            let (first, last) = (simulator.config().genesis_block_number, simulator.header().inner.number);
            let range = block_range(facts, call.blockNum, first, last)?;
            l2BlockRangeForL1Call::abi_encode_returns(&range.into())
        }
        Calls::constructOutboxProof(call) => {
            let proof = outbox::prove(facts, call.size, call.leaf)?;
            constructOutboxProofCall::abi_encode_returns(&proof)
        }
        Calls::gasEstimateL1Component(call) => {
            let target = target(call.to, call.contractCreation);
            let estimate = simulator.estimate_l1_component(&inner(request, target, call.data))?;
            gasEstimateL1ComponentCall::abi_encode_returns(&gasEstimateL1ComponentReturn {
                gasEstimateForL1: estimate.gas_for_l1,
                baseFee: estimate.base_fee,
                l1BaseFeeEstimate: estimate.l1_base_fee,
            })
        }
        Calls::gasEstimateComponents(call) => {
            let target = target(call.to, call.contractCreation);
            let estimate = simulator.estimate(&inner(request, target, call.data))?;
            gasEstimateComponentsCall::abi_encode_returns(&gasEstimateComponentsReturn {
                gasEstimate: estimate.gas,
                gasEstimateForL1: estimate.gas_for_l1,
                baseFee: estimate.base_fee,
                l1BaseFeeEstimate: estimate.l1_base_fee,
            })
        }
        Calls::estimateRetryableTicket(_) => {
            return Err(NodeInterfaceError::EstimateOnly("estimateRetryableTicket").into());
        }
        Calls::legacyLookupMessageBatchProof(_) => {
            return Err(NodeInterfaceError::NotAvailable("legacyLookupMessageBatchProof").into());
        }
    };
    Ok(output.into())
}

fn target(to: Address, creates: bool) -> Option<Address> {
    (!creates).then_some(to)
}

/// The call that is estimated in place of the one that asks.
fn inner(request: &CallRequest, to: Option<Address>, data: Bytes) -> CallRequest {
    CallRequest { to, data, ..request.clone() }
}

/// An estimate that replaces that of a call of `estimateRetryableTicket`; none for other calls.
///
/// # Errors
/// See [`Simulator::estimate_submission`].
pub fn estimate(simulator: &mut Simulator<'_>, request: &CallRequest) -> Result<Option<Estimate>, SimulationError> {
    if request.to != Some(NODE_INTERFACE) {
        return Ok(None);
    }
    let Ok(call) = NodeInterface::estimateRetryableTicketCall::abi_decode(&request.data) else { return Ok(None) };
    let (base_fee, l1_base_fee) = (simulator.base_fee(), simulator.l1_base_fee()?);
    let submission = SubmitRetryableTx {
        chain_id: U256::from(simulator.config().chain_id),
        request_id: B256::ZERO,
        from: apply_l1_alias(call.sender),
        l1_base_fee,
        deposit_value: call.deposit,
        gas_fee_cap: request.gas_price.unwrap_or(base_fee),
        gas: request.gas.unwrap_or_default(),
        retry_to: Some(call.to).filter(|to| !to.is_zero()),
        retry_value: call.l2CallValue,
        beneficiary: call.callValueRefundAddress,
        max_submission_fee: submission_fee(l1_base_fee, call.data.len()),
        fee_refund_address: call.excessFeeRefundAddress,
        retry_data: call.data,
    };
    let gas = simulator.estimate_submission(&submission)?;
    Ok(Some(Estimate { gas, gas_for_l1: 0, base_fee, l1_base_fee }))
}

/// A ticket, whether or not it has expired.
///
/// # Errors
/// [`NodeInterfaceError::Unknown`], or a failing world.
pub fn retryable(
    simulator: &mut Simulator<'_>,
    ticket: B256,
) -> Result<NodeInterfaceDebug::RetryableInfo, SimulationError> {
    let info = simulator.read(|state| {
        let mut tickets = state.retryables();
        let mut found = tickets.at(ticket);
        let fields = found.fields()?;
        Ok(NodeInterfaceDebug::RetryableInfo {
            timeout: found.timeout().get()?,
            from: fields.from,
            to: fields.to.unwrap_or_default(),
            value: fields.callvalue,
            beneficiary: found.beneficiary().get()?,
            tries: found.num_tries().get()?,
            data: fields.calldata.into(),
        })
    })?;
    if info.timeout == 0 { Err(NodeInterfaceError::Unknown("the ticket").into()) } else { Ok(info) }
}

/// First and last block between `first` and `last` whose header has an L1 block number; the numbers never fall.
fn block_range(facts: &dyn NodeFacts, l1_block: u64, first: u64, last: u64) -> Result<(u64, u64), NodeInterfaceError> {
    let first_at_least = |wanted: u64| -> Result<u64, NodeInterfaceError> {
        let (mut low, mut high) = (first, last.saturating_add(1));
        while low < high {
            let middle = low + (high - low) / 2;
            if facts.l1_block_number(middle)? < wanted { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    };
    let (start, end) = (first_at_least(l1_block)?, first_at_least(l1_block.saturating_add(1))?);
    if start == end {
        Err(NodeInterfaceError::Unknown("a block with this L1 block number"))
    } else {
        Ok((start, end - 1))
    }
}

impl From<NodeInterfaceError> for SimulationError {
    fn from(error: NodeInterfaceError) -> Self {
        Self::NodeInterface(error)
    }
}

/// Nothing else of the module is needed to name the result of a proof.
type OutboxProof = NodeInterface::constructOutboxProofReturn;

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::vec::Vec;

    struct Numbers(Vec<u64>);

    impl NodeFacts for Numbers {
        fn l1_block_number(&self, number: u64) -> Result<u64, NodeInterfaceError> {
            usize::try_from(number)
                .ok()
                .and_then(|number| self.0.get(number).copied())
                .ok_or(NodeInterfaceError::Unknown("x"))
        }
    }

    #[test]
    fn a_range_holds_all_blocks_of_an_l1_block() {
        let facts = Numbers([1, 1, 3, 3, 3, 7].into());
        assert_eq!(block_range(&facts, 3, 0, 5), Ok((2, 4)));
        assert_eq!(block_range(&facts, 7, 0, 5), Ok((5, 5)));
        assert_eq!(block_range(&facts, 1, 0, 5), Ok((0, 1)));
        assert!(block_range(&facts, 2, 0, 5).is_err());
        assert!(block_range(&facts, 9, 0, 5).is_err());
    }

    #[test]
    fn selectors_are_those_of_the_protocol() {
        use alloy_primitives::hex;
        assert_eq!(NodeInterface::gasEstimateComponentsCall::SELECTOR, hex!("c94e6eeb"));
        assert_eq!(NodeInterface::estimateRetryableTicketCall::SELECTOR, hex!("c3dc5879"));
        assert_eq!(NodeInterface::legacyLookupMessageBatchProofCall::SELECTOR, hex!("89496270"));
        assert_eq!(NodeInterfaceDebug::getRetryableCall::SELECTOR, hex!("4d7953ad"));
    }
}

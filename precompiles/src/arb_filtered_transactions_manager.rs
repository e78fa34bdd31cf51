//! `ArbFilteredTransactionsManager` (0x74): which transactions the chain filters (`spec/precompiles.md` 14).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, precompile};

precompile! {
    /// The list of filtered transactions, for filterers.
    #[at(0x74)] #[since(TRANSACTION_FILTERING)] #[guard(filterer)]
    interface ArbFilteredTransactionsManager {
        /// Filters a transaction. Gas: `R + W` and the event.
        function addFilteredTransaction(bytes32 txHash) external;
        /// Filters it no longer. Gas: `R + Z` and the event.
        function deleteFilteredTransaction(bytes32 txHash) external;
        /// Whether it is filtered. Gas: `R`.
        function isTransactionFiltered(bytes32 txHash) external view returns (bool);
        /// A transaction is filtered.
        event FilteredTransactionAdded(bytes32 indexed txHash);
        /// A transaction is filtered no longer.
        event FilteredTransactionDeleted(bytes32 indexed txHash);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum FilteredTransactionsManager {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<FilteredTransactionsManager>();

/// Lets filterers pass and takes everything from others.
fn admit(cx: &mut WriteCtx<'_, '_>) -> Reply<()> {
    let caller = cx.caller();
    if cx.state().transaction_filterers().is_member(caller)? { Ok(()) } else { cx.burn_out() }
}

impl ArbFilteredTransactionsManagerMethods for FilteredTransactionsManager {
    fn addFilteredTransaction(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbFilteredTransactionsManager::addFilteredTransactionCall,
    ) -> Reply<()> {
        admit(cx)?;
        cx.filtered().add(call.txHash)?;
        cx.emit(&ArbFilteredTransactionsManager::FilteredTransactionAdded { txHash: call.txHash })
    }

    fn deleteFilteredTransaction(
        cx: &mut WriteCtx<'_, '_>,
        call: ArbFilteredTransactionsManager::deleteFilteredTransactionCall,
    ) -> Reply<()> {
        admit(cx)?;
        cx.filtered().remove(call.txHash)?;
        cx.emit(&ArbFilteredTransactionsManager::FilteredTransactionDeleted { txHash: call.txHash })
    }

    fn isTransactionFiltered(
        cx: &mut ViewCtx<'_, '_>,
        call: ArbFilteredTransactionsManager::isTransactionFilteredCall,
    ) -> Reply<bool> {
        Ok(cx.filtered().contains(call.txHash)?)
    }
}

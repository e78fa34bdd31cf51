//! What happens before execution, and transactions that end there (`spec/execution.md` 8 and 17).

use super::{Executed, Incoming};
use crate::{error::Error, evm::ArbEvm, tx::DepositTx};
use ::state::{ArbosVersion, Io, Read, SystemBurner, arbos::FilteredTransactions};
use alloy_primitives::{Address, B256, b256};

/// A transaction of Arbitrum Sepolia that the chain does not execute, and the gas it uses beside the base (`spec/versions.md` 7.5).
const REVERTED: (B256, u64) =
    (b256!("58df300a7f04fe31d41d24672786cbe1c58b4f3d8329d0d74392d814dd9f7e40"), 45_174 - 21_000);

/// Whether a transaction is filtered on the chain; never below version 60.
///
/// # Errors
/// A failing store.
pub fn is_filtered(evm: &mut ArbEvm<'_>, hash: B256) -> Result<bool, Error> {
    if evm.context().chain.facts.header_version < ArbosVersion::TRANSACTION_FILTERING {
        return Ok(false);
    }
    evm.system(|ledger| {
        let mut burner = SystemBurner::default();
        FilteredTransactions::<Read>::open(Io::new(ledger, &mut burner)).contains_free(hash)
    })
}

/// Who gets the funds of filtered transactions.
///
/// # Errors
/// A failing store.
pub fn filtered_funds_recipient(evm: &mut ArbEvm<'_>) -> Result<Address, Error> {
    evm.arbos(|state| match state.filtered_funds_recipient().get()? {
        Address::ZERO => state.network_fee_account().get(),
        recipient => Ok(recipient),
    })
}

/// Mints value and hands it over.
///
/// # Errors
/// A failing store.
pub fn deposit(evm: &mut ArbEvm<'_>, tx: &DepositTx, hash: B256) -> Result<Executed, Error> {
    let filtered = is_filtered(evm, hash)?;
    let to = if filtered { filtered_funds_recipient(evm)? } else { tx.to };
    evm.mint_deposit(tx.from, tx.value)?;
    evm.system(|ledger| ledger.hand_over(tx.from, to, tx.value))?;
    Ok(Executed::ended(!filtered))
}

/// Gas a transaction loses instead of being executed, if it is one of those.
///
/// # Errors
/// A failing store.
pub(super) fn skipped(evm: &mut ArbEvm<'_>, incoming: &Incoming<'_>) -> Result<Option<u64>, Error> {
    if incoming.hash == REVERTED.0 {
        return Ok(Some(REVERTED.1));
    }
    Ok(is_filtered(evm, incoming.hash)?.then_some(u64::MAX))
}

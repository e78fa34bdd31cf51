//! The chain as precompiles see it, over the EVM's context.

use crate::{
    evm::{ArbContext, Ledger, activation::activate},
    process::redeem_transaction,
};
use ::precompiles::host::{Activation, ActivationError, ActivationRequest, BlockFacts, Host, Redeem, TxFacts};
use alloy_primitives::{Address, B256, Bytes, Log, U256, bytes::BytesMut};
use state::{Backend, Burner, KeyCache, Result, arbos::L2Layout};

/// Borrows the context for one call of a precompile.
pub struct EvmHost<'a, 'w> {
    context: &'a mut ArbContext<'w>,
}

impl<'a, 'w> EvmHost<'a, 'w> {
    /// A host over a context.
    pub const fn new(context: &'a mut ArbContext<'w>) -> Self {
        Self { context }
    }

    const fn ledger(&mut self) -> Ledger<'_, 'w> {
        Ledger::new(&mut self.context.journaled_state, &mut self.context.chain)
    }
}

impl Backend for EvmHost<'_, '_> {
    fn load(&mut self, account: Address, slot: B256) -> Result<U256> {
        self.ledger().load(account, slot)
    }

    fn store(&mut self, account: Address, slot: B256, value: U256) -> Result<()> {
        self.ledger().store(account, slot, value)
    }

    fn keys(&mut self) -> &mut KeyCache {
        &mut self.context.chain.keys
    }

    fn l2_layout(&self) -> L2Layout {
        self.context.chain.layout
    }
}

impl Host for EvmHost<'_, '_> {
    fn backend(&mut self) -> &mut dyn Backend {
        self
    }

    fn block(&self) -> &BlockFacts {
        &self.context.chain.facts
    }

    fn tx(&self) -> TxFacts {
        let tx = &self.context.chain.tx;
        TxFacts {
            tx_type: tx.tx_type,
            origin: tx.origin,
            poster_fee: tx.poster_fee,
            running_ticket: tx.running_ticket,
            refund_to: tx.refund_to,
        }
    }

    fn depth(&self) -> usize {
        self.context.chain.tx.frames.len() + 1
    }

    fn frame_caller(&self, index: usize) -> Option<Address> {
        self.context.chain.tx.frames.get(index).map(|frame| frame.caller)
    }

    fn l2_block_hash(&mut self, number: u64) -> Result<B256> {
        self.ledger().block_hash(number)
    }

    fn balance(&mut self, account: Address) -> Result<U256> {
        self.ledger().balance(account)
    }

    fn mint(&mut self, account: Address, amount: U256) -> Result<()> {
        self.ledger().mint_by_act(account, amount)
    }

    fn burn_balance(&mut self, account: Address, amount: U256) -> Result<()> {
        self.ledger().burn_by_act(account, amount)
    }

    fn transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<()> {
        self.ledger().transfer(from, to, amount)
    }

    fn code(&mut self, account: Address) -> Result<Bytes> {
        self.ledger().code(account)
    }

    fn code_hash(&mut self, account: Address) -> Result<B256> {
        self.ledger().code_hash(account)
    }

    fn set_code(&mut self, account: Address, code: Bytes) -> Result<()> {
        self.ledger().set_code(account, code)
    }

    fn committed_code_exists(&mut self, code_hash: B256) -> Result<bool> {
        self.ledger().committed_code_exists(code_hash)
    }

    fn is_destroyed(&self, account: Address) -> bool {
        Ledger::is_destroyed(&self.context.journaled_state, account)
    }

    fn log(&mut self, log: Log) {
        self.ledger().log(log);
    }

    fn redeem_hash(&self, redeem: &Redeem) -> B256 {
        redeem_transaction(&self.context.chain.facts, redeem).hash()
    }

    fn room(&mut self) -> &mut BytesMut {
        &mut self.context.chain.room
    }

    fn pages_open(&self) -> u16 {
        self.context.chain.tx.pages.open
    }

    fn activate(
        &mut self,
        request: &ActivationRequest,
        burner: &mut dyn Burner,
    ) -> Result<Activation, ActivationError> {
        let code = self.ledger().code(request.program).map_err(|_| ActivationError::Host)?;
        let code_hash = self.ledger().code_hash(request.program).map_err(|_| ActivationError::Host)?;
        activate(self.context, &code, code_hash, request, burner)
    }
}

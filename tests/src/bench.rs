//! What benches share: senders and what they send, states to begin with, the fastest of some rounds.

use crate::{
    ETHER,
    account::{Account, Draft},
    chain::{CHAIN_ID, Chain, batch},
};
use alloy_primitives::{Address, B256, Bytes, U256, address, keccak256};
use arbos::{GenesisAccount, Message};
use precompiles::host::BlockFacts;
use state::{
    ArbosVersion, Io, SystemBurner,
    address::SEQUENCER,
    backend::memory::MemoryBackend,
    genesis::{GenesisParameters, initialize},
};
use std::{
    ops::Range,
    time::{Duration, Instant},
};

/// Where transfers of a bench go.
pub const TARGET: Address = address!("7a00000000000000000000000000000000000001");
/// The token of a bench.
pub const TOKEN: Address = address!("70ce000000000000000000000000000000000001");
/// Gas limit of what a bench sends.
const GAS: u64 = 100_000;

/// Accounts that send in turns.
#[derive(Debug, Clone)]
pub struct Senders(Vec<Account>);

impl Senders {
    /// So many accounts.
    #[must_use]
    pub fn new(count: u64) -> Self {
        Self((0..count).map(|number| Account::numbered(1_000 + number)).collect())
    }

    /// Their addresses.
    pub fn addresses(&self) -> impl Iterator<Item = Address> {
        self.0.iter().map(Account::address)
    }

    /// Their funds, and a token of which each has a lot.
    #[must_use]
    pub fn alloc(&self) -> Vec<(Address, GenesisAccount)> {
        let funds = GenesisAccount { balance: U256::from(100 * ETHER), ..GenesisAccount::default() };
        let mut alloc: Vec<_> = self.addresses().map(|sender| (sender, funds.clone())).collect();
        let storage = self.addresses().map(|sender| (token_slot(sender), U256::from(ETHER))).collect();
        alloc.push((TOKEN, GenesisAccount { code: token(), storage, ..GenesisAccount::default() }));
        alloc
    }

    /// Signed transactions, one a turn. Turns begin at zero and go on from block to block, so that nonces fit.
    #[must_use]
    pub fn sign(&self, turns: Range<u64>, draft: impl Fn(u64) -> Draft) -> Vec<Bytes> {
        let count = self.0.len() as u64;
        let signed = |turn: u64| {
            let sender = &self.0[usize::try_from(turn % count).unwrap_or_default()];
            sender.sign(&draft(turn).gas(GAS), CHAIN_ID, turn / count)
        };
        turns.map(signed).collect()
    }
}

/// Moves some of the token to an account.
#[must_use]
pub fn token_transfer(to: Address) -> Draft {
    const SELECTOR: [u8; 4] = [0xa9, 0x05, 0x9c, 0xbb];
    let words = [to.into_word(), B256::with_last_byte(1)];
    Draft::call(TOKEN, [&SELECTOR[..], &words.concat()].concat())
}

/// Where the token keeps a balance: as Solidity does for the first mapping of a contract.
fn token_slot(holder: Address) -> U256 {
    keccak256([holder.into_word(), B256::ZERO].concat()).into()
}

/// A contract with the `transfer` of a token, and nothing else: two balances move, an event is logged, the answer is true.
fn token() -> Bytes {
    const FAIL: u8 = 0x5a;
    let mut code = vec![0x33, 0x5f, 0x52, 0x60, 64, 0x5f, 0x20]; // slot of the caller's balance
    code.extend([0x80, 0x54, 0x60, 36, 0x35, 0x80, 0x82, 0x10, 0x60, FAIL, 0x57]); // balance, amount; fails if less
    code.extend([0x80, 0x91, 0x03, 0x90, 0x91, 0x55]); // amount stays; the balance less the amount is stored
    code.extend([0x60, 4, 0x35, 0x5f, 0x52, 0x60, 64, 0x5f, 0x20]); // slot of the receiver's balance
    code.extend([0x80, 0x54, 0x82, 0x01, 0x90, 0x55, 0x5f, 0x52]); // the sum is stored, the amount goes to memory
    code.extend([0x60, 4, 0x35, 0x33, 0x7f]); // topics: receiver, caller, name of the event
    code.extend(keccak256("Transfer(address,address,uint256)"));
    code.extend([0x60, 32, 0x5f, 0xa3, 0x60, 1, 0x5f, 0x52, 0x60, 32, 0x5f, 0xf3]); // log, return true
    code.extend([0x5b, 0x5f, 0x5f, 0xfd]);
    code.into()
}

/// The address with a number, as far from its neighbours as a hash.
#[must_use]
pub fn numbered(number: u64) -> Address {
    Address::from_word(keccak256(number.to_be_bytes()))
}

/// The sequencer's message with signed transactions.
#[must_use]
pub fn message(chain: &Chain, transactions: &[Bytes]) -> Message {
    let (header, l2_msg) = (chain.sequencer_header(), batch(transactions));
    Message { header, l2_msg, legacy_batch_gas_cost: None, batch_data_stats: None }
}

/// The facts of a chain's next block.
pub fn facts(chain: &mut Chain) -> BlockFacts {
    let (base_fee, header_version) = chain.read(|state| Ok((state.base_fee_wei().get()?, state.version())));
    let (number, timestamp) = (chain.inner().head().inner.number + 1, chain.now);
    BlockFacts {
        number,
        timestamp,
        l1_block_number: chain.l1_block,
        base_fee,
        coinbase: SEQUENCER,
        chain_id: CHAIN_ID,
        header_version,
        allow_debug: true,
        max_code_size: 24_576,
        on_chain: true,
    }
}

/// The operating state of a new chain of the last version, without a chain.
///
/// # Panics
/// Never: the parameters are those of a chain.
#[must_use]
pub fn operating_state() -> MemoryBackend {
    let (mut backend, mut burner) = (MemoryBackend::new(), SystemBurner::default());
    let parameters = GenesisParameters {
        version: ArbosVersion::LATEST,
        owner: Address::with_last_byte(1),
        chain_id: U256::from(CHAIN_ID),
        chain_config: b"{}",
        genesis_block_number: 0,
        initial_l1_base_fee: U256::from(1_000_000),
        native_token_management: false,
        transaction_filtering: false,
    };
    initialize(Io::new(&mut backend, &mut burner), &parameters).expect("a state of the last version");
    backend
}

/// The fastest of some rounds. What is prepared for a round, and what it leaves behind, is not timed.
#[expect(clippy::disallowed_methods, reason = "a bench measures time")]
pub fn fastest<T, R>(rounds: usize, mut prepare: impl FnMut() -> T, mut run: impl FnMut(T) -> R) -> Duration {
    let round = |_| {
        let input = prepare();
        let start = Instant::now();
        let _left = std::hint::black_box(run(input));
        start.elapsed()
    };
    (0..rounds).map(round).min().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chain, Setup};

    #[test]
    fn tokens_move_and_say_so() {
        let senders = Senders::new(2);
        let mut chain = Setup { alloc: senders.alloc(), ..Setup::devnet(51) }.build();
        let block = chain.send_all(&senders.sign(0..4, |_| token_transfer(TARGET)));
        assert!(block.receipts.iter().skip(1).all(|receipt| receipt.success && receipt.logs.len() == 1));
        let mut balance = |holder| chain.inner().storage(TOKEN, token_slot(holder)).expect("a world in memory");
        assert_eq!(balance(TARGET), U256::from(4));
        assert!(senders.addresses().all(|sender| balance(sender) == U256::from(ETHER - 2)));
    }

    #[test]
    fn nobody_moves_tokens_they_lack() {
        let mut chain = Setup { alloc: Senders::new(1).alloc(), ..Setup::devnet(51) }.build();
        assert!(!chain.send(&Chain::owner(), &token_transfer(TARGET)).receipt.success);
    }
}

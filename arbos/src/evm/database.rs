//! revm's database over a [`World`].

use crate::evm::KnownCodes;
use alloy_primitives::{Address, B256, U256, b256};
use revm::{Database, bytecode::Bytecode, database_interface::DBErrorMarker, state::AccountInfo};
use state::{
    upgrade::PRECOMPILE_CODE,
    world::{World, WorldError},
};
use thiserror::Error;

/// Hash of the code that every precompile's account has.
const PRECOMPILE_CODE_HASH: B256 = b256!("bcc90f2d6dada5b18e155c17a1c0a55920aae94f39857d39d0d8ed07ae8f228b");

/// A failure of the world below the EVM.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[error(transparent)]
pub struct DatabaseError(#[from] pub WorldError);

impl DBErrorMarker for DatabaseError {}

/// Accounts, slots and code of a world, as the EVM asks for them.
pub struct WorldDatabase<'w> {
    /// The world.
    pub world: &'w mut dyn World,
    /// Code that was asked for before.
    pub codes: KnownCodes,
}

impl core::fmt::Debug for WorldDatabase<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("WorldDatabase").finish_non_exhaustive()
    }
}

impl Database for WorldDatabase<'_> {
    type Error = DatabaseError;

    fn basic(&mut self, address: Address) -> Result<Option<AccountInfo>, DatabaseError> {
        let account = self.world.account(address)?;
        Ok(account.map(|account| AccountInfo {
            balance: account.balance,
            nonce: account.nonce,
            code_hash: account.code_hash,
            code: None,
            ..AccountInfo::default()
        }))
    }

    fn code_by_hash(&mut self, code_hash: B256) -> Result<Bytecode, DatabaseError> {
        // A call of a precompile loads its code, which nothing runs; a witness does not hold it.
        if code_hash == PRECOMPILE_CODE_HASH {
            return Ok(Bytecode::new_legacy(PRECOMPILE_CODE));
        }
        if let Some(known) = self.codes.get(&code_hash) {
            return Ok(known);
        }
        let raw = self.world.code(code_hash)?;
        let code = Bytecode::new_raw_checked(raw.clone()).unwrap_or_else(|_| Bytecode::new_legacy(raw));
        self.codes.insert(code_hash, &code);
        Ok(code)
    }

    fn storage(&mut self, address: Address, index: U256) -> Result<U256, DatabaseError> {
        Ok(self.world.storage(address, index)?)
    }

    fn block_hash(&mut self, number: u64) -> Result<B256, DatabaseError> {
        Ok(self.world.block_hash(number)?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hash_is_that_of_the_code() {
        assert_eq!(alloy_primitives::keccak256(&PRECOMPILE_CODE), PRECOMPILE_CODE_HASH);
    }
}

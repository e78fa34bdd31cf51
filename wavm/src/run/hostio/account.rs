//! Balances and code of accounts.

use super::{Answer, Begun, Escape, Finished, Request, Run, Slice, Step, Waiting, since};
use crate::run::price;
use alloy_primitives::{Address, Bytes};

/// Gas of the first access to an account.
const COLD_ACCOUNT: u64 = 2_600;

impl Run {
    pub(super) fn account_balance(&mut self, address: u32, dest: u32) -> Begun {
        self.require_gas(COLD_ACCOUNT)?;
        let address = self.read_address(address)?;
        Ok(Step::Ask(Waiting::Word { dest }, Request::AccountBalance(address)))
    }

    pub(super) fn account_codehash(&mut self, address: u32, dest: u32) -> Begun {
        self.require_gas(COLD_ACCOUNT)?;
        let address = self.read_address(address)?;
        Ok(Step::Ask(Waiting::Word { dest }, Request::AccountCodeHash(address)))
    }

    pub(super) fn account_code(&mut self, address: u32, offset: u32, size: u32, dest: u32) -> Begun {
        self.ask_code(address, Some(Slice { offset, size, dest }))
    }

    pub(super) fn account_code_size(&mut self, address: u32) -> Begun {
        self.ask_code(address, None)
    }

    /// Asks for code, unless it is what was asked for last.
    fn ask_code(&mut self, address: u32, slice: Option<Slice>) -> Begun {
        self.require_gas(COLD_ACCOUNT)?;
        let address = self.read_address(address)?;
        match &self.code {
            Some((known, code)) if *known == address => {
                let code = code.clone();
                self.give_code(&code, slice).map(Step::Return)
            }
            _ => {
                let gas = self.gas_left();
                Ok(Step::Ask(Waiting::Code { address, slice }, Request::AccountCode { address, gas }))
            }
        }
    }

    pub(super) fn learned_code(&mut self, address: Address, slice: Option<Slice>, answer: Answer) -> Finished {
        let code = answer.data;
        // Kept: below version 40 empty code is remembered too, even if only gas was lacking.
        if !code.is_empty() || self.environment.arbos_version < since::EMPTY_CODE_AGAIN {
            self.code = Some((address, code.clone()));
        }
        self.buy_gas(answer.gas)?;
        self.give_code(&code, slice)
    }

    fn give_code(&mut self, code: &Bytes, slice: Option<Slice>) -> Result<Option<u64>, Escape> {
        let length = u32::try_from(code.len()).unwrap_or(u32::MAX);
        let Some(Slice { offset, size, dest }) = slice else { return Ok(Some(u64::from(length))) };
        self.buy(price::write(length))?;
        let start = offset.min(length) as usize;
        let end = offset.saturating_add(size).min(length) as usize;
        let part = code.slice(start..end.max(start));
        self.write(dest, &part)?;
        Ok(Some(part.len() as u64))
    }
}

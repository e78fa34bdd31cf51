//! Calldata, results, the facts of the call, ink, memory.

use super::{Begun, DONE, Escape, Run, Step, Waiting, since, value};
use crate::run::{Request, price};
use alloy_primitives::keccak256;

/// Ink of growing a memory by nothing.
const GROW_BY_NOTHING: u64 = 8_400;

impl Run {
    pub(super) fn read_args(&mut self, dest: u32) -> Begun {
        let calldata = self.calldata.clone();
        self.buy(price::write(u32::try_from(calldata.len()).unwrap_or(u32::MAX)))?;
        self.write(dest, &calldata)?;
        DONE
    }

    pub(super) fn write_result(&mut self, data: u32, len: u32) -> Begun {
        self.buy(price::read(len))?;
        self.buy(price::read(len))?;
        self.result = self.read(data, len)?.to_vec();
        DONE
    }

    pub(super) const fn exit_early(&mut self, status: u32) -> Begun {
        Err(Escape::Exit(status))
    }

    pub(super) fn evm_gas_left(&mut self) -> Begun {
        value(self.gas_left())
    }

    pub(super) fn evm_ink_left(&mut self) -> Begun {
        value(self.ink_left())
    }

    pub(super) fn block_basefee(&mut self, dest: u32) -> Begun {
        self.write_number(dest, self.environment.block_basefee)
    }

    pub(super) const fn chainid(&mut self) -> Begun {
        value(self.environment.chain_id)
    }

    pub(super) fn block_coinbase(&mut self, dest: u32) -> Begun {
        self.write_address(dest, self.environment.block_coinbase)
    }

    pub(super) const fn block_gas_limit(&mut self) -> Begun {
        value(self.environment.block_gas_limit)
    }

    pub(super) const fn block_number(&mut self) -> Begun {
        value(self.environment.block_number)
    }

    pub(super) const fn block_timestamp(&mut self) -> Begun {
        value(self.environment.block_timestamp)
    }

    pub(super) fn contract_address(&mut self, dest: u32) -> Begun {
        self.write_address(dest, self.environment.contract_address)
    }

    pub(super) fn msg_reentrant(&mut self) -> Begun {
        value(u64::from(self.environment.reentrant))
    }

    pub(super) fn msg_sender(&mut self, dest: u32) -> Begun {
        self.write_address(dest, self.environment.msg_sender)
    }

    pub(super) fn msg_value(&mut self, dest: u32) -> Begun {
        self.write_number(dest, self.environment.msg_value)
    }

    pub(super) fn tx_gas_price(&mut self, dest: u32) -> Begun {
        self.write_number(dest, self.environment.tx_gas_price)
    }

    pub(super) fn tx_ink_price(&mut self) -> Begun {
        value(u64::from(self.ink_price))
    }

    pub(super) fn tx_origin(&mut self, dest: u32) -> Begun {
        self.write_address(dest, self.environment.tx_origin)
    }

    pub(super) fn native_keccak256(&mut self, data: u32, len: u32, dest: u32) -> Begun {
        self.buy(price::keccak(len))?;
        let hash = keccak256(self.read(data, len)?);
        self.write(dest, hash.as_slice())?;
        DONE
    }

    pub(super) fn pay_for_memory_grow(&mut self, pages: u32) -> Begun {
        if pages > u32::from(u16::MAX) && self.environment.arbos_version >= since::WIDE_PAGES {
            self.buy_gas(u64::MAX)?;
        }
        // Kept: below version 59 only the low half counts.
        #[expect(clippy::cast_possible_truncation, reason = "the rule")]
        let pages = pages as u16;
        if pages == 0 {
            self.buy(GROW_BY_NOTHING)?;
            return DONE;
        }
        Ok(Step::Ask(Waiting::Pages, Request::AddPages(pages)))
    }
}

//! Calls, creations, what they return, and logs.

use super::{Answer, Begun, Escape, Finished, Request, Run, Step, Waiting, value};
use crate::run::{CallKind, price};
use alloc::vec::Vec;
use alloy_primitives::{Address, B256, Bytes, U256};

/// Most topics of a log.
const TOPICS: u32 = 4;
/// Gas of a log and of each of its topics.
const LOG_GAS: u64 = 375;
/// Gas of a byte of a log.
const LOG_BYTE_GAS: u64 = 8;

/// A call as the program describes it.
struct Described {
    kind: CallKind,
    address: u32,
    data: u32,
    len: u32,
    value: Option<u32>,
    gas: u64,
    return_len: u32,
}

impl Run {
    pub(super) fn call_contract(
        &mut self,
        address: u32,
        data: u32,
        len: u32,
        value: u32,
        gas: u64,
        return_len: u32,
    ) -> Begun {
        self.call(&Described { kind: CallKind::Call, address, data, len, value: Some(value), gas, return_len })
    }

    pub(super) fn delegate_call_contract(
        &mut self,
        address: u32,
        data: u32,
        len: u32,
        gas: u64,
        return_len: u32,
    ) -> Begun {
        self.call(&Described { kind: CallKind::Delegate, address, data, len, value: None, gas, return_len })
    }

    pub(super) fn static_call_contract(
        &mut self,
        address: u32,
        data: u32,
        len: u32,
        gas: u64,
        return_len: u32,
    ) -> Begun {
        self.call(&Described { kind: CallKind::Static, address, data, len, value: None, gas, return_len })
    }

    fn call(&mut self, call: &Described) -> Begun {
        self.buy(price::read(call.len))?;
        self.buy(price::read(call.len))?;
        let gas_left = self.gas_left();
        let address = self.read_address(call.address)?;
        let data = Bytes::copy_from_slice(self.read(call.data, call.len)?);
        let value = call.value.map_or(Ok(U256::ZERO), |value| self.read_number(value))?;
        let (kind, gas) = (call.kind, call.gas.min(gas_left));
        let request = Request::Call { kind, address, value, gas_left, gas, data };
        Ok(Step::Ask(Waiting::Call { return_len: call.return_len }, request))
    }

    pub(super) fn called(&mut self, return_len: u32, answer: Answer) -> Finished {
        self.buy_gas(answer.gas)?;
        self.keep_return_data(answer.data, return_len)?;
        Ok(answer.result.first().map(|status| u64::from(*status)))
    }

    /// Keeps return data and tells its length.
    fn keep_return_data(&mut self, data: Bytes, length: u32) -> Result<(), Escape> {
        self.return_data = data;
        let bytes = self.return_data_len().to_le_bytes();
        self.write(length, &bytes)
    }

    fn return_data_len(&self) -> u32 {
        u32::try_from(self.return_data.len()).unwrap_or(u32::MAX)
    }

    pub(super) fn create1(&mut self, code: u32, len: u32, endowment: u32, contract: u32, revert_len: u32) -> Begun {
        self.create(code, len, endowment, None, Waiting::Create { contract, revert_len })
    }

    pub(super) fn create2(
        &mut self,
        code: u32,
        len: u32,
        endowment: u32,
        salt: u32,
        contract: u32,
        revert_len: u32,
    ) -> Begun {
        self.create(code, len, endowment, Some(salt), Waiting::Create { contract, revert_len })
    }

    fn create(&mut self, code: u32, len: u32, endowment: u32, salt: Option<u32>, waiting: Waiting) -> Begun {
        self.buy(price::read(len))?;
        self.buy(price::read(len))?;
        let code = Bytes::copy_from_slice(self.read(code, len)?);
        let endowment = self.read_number(endowment)?;
        let salt = salt.map(|salt| self.read_word(salt)).transpose()?;
        let gas = self.gas_left();
        Ok(Step::Ask(waiting, Request::Create { gas, endowment, salt, code }))
    }

    pub(super) fn created(&mut self, contract: u32, revert_len: u32, answer: Answer) -> Finished {
        let Some((1, address)) = answer.result.split_first() else { return Err(Escape::Failure) };
        let address = Address::try_from(address).map_err(|_| Escape::Failure)?;
        self.buy_gas(answer.gas)?;
        self.keep_return_data(answer.data, revert_len)?;
        self.write(contract, address.as_slice())?;
        Ok(None)
    }

    pub(super) fn read_return_data(&mut self, dest: u32, offset: u32, size: u32) -> Begun {
        let most = self.return_data_len().saturating_sub(offset);
        self.buy(price::write(size.min(most)))?;
        if most == 0 {
            return value(0);
        }
        let start = offset as usize;
        let slice = self.return_data.slice(start..start + size.min(most) as usize);
        self.write(dest, &slice)?;
        value(slice.len() as u64)
    }

    pub(super) fn return_data_size(&mut self) -> Begun {
        value(u64::from(self.return_data_len()))
    }

    pub(super) fn emit_log(&mut self, data: u32, len: u32, topics: u32) -> Begun {
        let heads = topics.saturating_mul(32);
        if topics > TOPICS || len < heads {
            return Err(Escape::Failure);
        }
        self.buy(price::read(len))?;
        self.buy_gas(LOG_GAS * (1 + u64::from(topics)) + LOG_BYTE_GAS * u64::from(len - heads))?;
        let (heads, rest) = self.read(data, len)?.split_at(heads as usize);
        let topics = heads.chunks_exact(32).map(B256::from_slice).collect::<Vec<_>>();
        let data = Bytes::copy_from_slice(rest);
        Ok(Step::Ask(Waiting::Log, Request::EmitLog { topics, data }))
    }
}

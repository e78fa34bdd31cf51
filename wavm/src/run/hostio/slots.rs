//! Storage, transient storage.

use super::{Answer, Begun, DONE, Escape, Finished, Request, Run, Step, Waiting, since, status, word};
use alloy_primitives::B256;

/// Gas of the first access to a slot.
const COLD_SLOT: u64 = 2_100;
/// Most gas of the cache.
const CACHE: u64 = 10;
/// Gas that must be left for a slot to be written.
const WRITE_SENTRY: u64 = 2_300;
/// Ink of asking the chain; gas below version 32.
const ASKING: u64 = 59_673;
/// Gas of an access to transient storage.
const TRANSIENT: u64 = 100;

impl Run {
    /// Gas of asking the chain for a slot.
    fn asking(&self) -> u64 {
        if self.environment.arbos_version < since::FLUSH_COSTS {
            return ASKING;
        }
        ASKING.checked_div(u64::from(self.ink_price)).unwrap_or_default()
    }

    pub(super) fn storage_load_bytes32(&mut self, key: u32, dest: u32) -> Begun {
        self.require_gas(COLD_SLOT + CACHE + self.asking())?;
        let slot = self.read_word(key)?;
        let cache_gas = self.storage.read_gas();
        let Some(value) = self.storage.get(&slot) else {
            return Ok(Step::Ask(Waiting::Load { slot, dest, cache_gas }, Request::GetBytes32(slot)));
        };
        self.buy_gas(cache_gas)?;
        self.write(dest, value.as_slice())?;
        DONE
    }

    pub(super) fn loaded(&mut self, slot: B256, dest: u32, cache_gas: u64, answer: &Answer) -> Finished {
        let value = word(answer)?;
        self.storage.learn(slot, value);
        self.buy_gas(cache_gas.saturating_add(answer.gas).saturating_add(self.asking()))?;
        self.write(dest, value.as_slice())?;
        Ok(None)
    }

    pub(super) fn storage_cache_bytes32(&mut self, key: u32, value: u32) -> Begun {
        self.require_gas(WRITE_SENTRY + CACHE)?;
        let (slot, value) = (self.read_word(key)?, self.read_word(value)?);
        let gas = self.storage.write_gas();
        self.storage.set(slot, value);
        self.buy_gas(gas)?;
        DONE
    }

    pub(super) fn storage_flush_cache(&mut self, clear: u32) -> Begun {
        self.require_gas(WRITE_SENTRY)?;
        let gas_left = self.gas_left().saturating_add(1);
        let slots = self.storage.flush(clear != 0);
        if slots.is_empty() {
            return DONE;
        }
        Ok(Step::Ask(Waiting::Flush, Request::SetTrieSlots { gas_left, slots }))
    }

    /// A flush that ran out of gas costs more than there is, so it ends here as out of ink where it is charged.
    pub(super) fn flushed(&mut self, answer: &Answer) -> Finished {
        if answer.result == [1] {
            return Err(Escape::Failure);
        }
        // Kept: what a flush costs is not charged below version 32.
        if self.environment.arbos_version >= since::FLUSH_COSTS {
            self.buy_gas(answer.gas)?;
        }
        status(answer).map(|()| None)
    }

    pub(super) fn transient_load_bytes32(&mut self, key: u32, dest: u32) -> Begun {
        self.buy_gas(TRANSIENT)?;
        let slot = self.read_word(key)?;
        Ok(Step::Ask(Waiting::TransientLoad { dest }, Request::GetTransientBytes32(slot)))
    }

    pub(super) fn transient_store_bytes32(&mut self, key: u32, value: u32) -> Begun {
        self.buy_gas(TRANSIENT)?;
        let (slot, value) = (self.read_word(key)?, self.read_word(value)?);
        Ok(Step::Ask(Waiting::TransientStore, Request::SetTransientBytes32(slot, value)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_done_is_done() {
        assert_eq!(status(&Answer::status(0, 0)), Ok(()));
        assert_eq!(status(&Answer::status(3, 0)), Err(Escape::Failure));
        assert_eq!(word(&Answer::status(0, 0)), Err(Escape::Failure));
    }
}

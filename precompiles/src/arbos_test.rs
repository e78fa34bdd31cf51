//! `ArbosTest` (0x69): burns gas (`spec/precompiles.md` 5).

use crate::{Precompile, PureCtx, Reply, error::Failure, precompile};
use state::ResourceKind;

precompile! {
    /// For tests of the operating system.
    #[at(0x69)]
    interface ArbosTest {
        /// Burns an amount of gas, or all there is. Gas: what it is told, at most what is left.
        function burnArbGas(uint256 gasAmount) external pure;
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Test {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Test>();

impl ArbosTestMethods for Test {
    fn burnArbGas(cx: &mut PureCtx<'_, '_>, call: ArbosTest::burnArbGasCall) -> Reply<()> {
        let amount = u64::try_from(call.gasAmount).map_err(|_| Failure::plain("not a uint64"))?;
        let left = cx.gas_left();
        Ok(cx.burn(ResourceKind::Computation, amount.min(left))?)
    }
}

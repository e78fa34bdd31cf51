//! Second and third instrumentation: every basic block and every byte of a bulk operator is paid for in ink (`spec/stylus.md` 5.1, 5.2).
//!
//! A block is paid before it runs. Ink that does not suffice sets the status global and stops the program.

mod prices;

use super::{Version, add_global, get, number, set};
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    module::build::Feed,
    value::Value,
};
use wasmparser::{BlockType, Operator};

/// The global with the ink that is left.
pub const INK_LEFT: &str = "stylus_ink_left";

/// The global that is 1 once ink has run out.
pub const INK_STATUS: &str = "stylus_ink_status";

/// The global that keeps an operand for a moment.
pub const SCRATCH: &str = "stylus_scratch_global";

/// Ink of the operators that charge for a block.
const HEADER_INK: u64 = 2450;

/// Ink of a byte that is filled or copied.
const BULK_INK: i64 = 100;

/// Charges for operators.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Meter {
    /// Index of the global with the ink that is left.
    pub ink_left: u32,
    /// Index of the global that is 1 once ink has run out.
    pub ink_status: u32,
    /// Index of the global that keeps an operand for a moment.
    pub scratch: u32,
    priced: bool,
}

impl Meter {
    /// Adds the globals.
    ///
    /// # Errors
    /// A name is taken.
    pub fn install(binary: &mut WasmBinary<'_>, version: Version) -> Result<Self, WasmError> {
        Ok(Self {
            ink_left: add_global(binary, INK_LEFT, Value::I64(0))?,
            ink_status: add_global(binary, INK_STATUS, Value::I32(0))?,
            scratch: add_global(binary, SCRATCH, Value::I32(0))?,
            priced: version.priced,
        })
    }

    /// Feeds the operators of a function with those that charge for them.
    pub(super) fn feed(&self, binary: &WasmBinary<'_>, code: usize, mut sink: impl Feed) -> Result<(), WasmError> {
        for block in binary.codes[code].operators.split_inclusive(ends_block) {
            self.header(self.cost(block, binary)).iter().try_for_each(&mut sink)?;
            for operator in block {
                match operator {
                    Operator::MemoryFill { .. } | Operator::MemoryCopy { .. } => {
                        self.bulk().iter().try_for_each(&mut sink)?;
                    }
                    refused if is_refused(refused) => return Err(unsupported(binary, code)),
                    _ => {}
                }
                sink(operator)?;
            }
        }
        Ok(())
    }

    fn cost(&self, block: &[Operator<'_>], binary: &WasmBinary<'_>) -> u64 {
        if !self.priced {
            return 0;
        }
        let prices = block.iter().map(|operator| prices::ink(operator, binary));
        prices.fold(HEADER_INK, u64::saturating_add)
    }

    /// Takes the ink of a block.
    const fn header(&self, cost: u64) -> [Operator<'static>; 12] {
        let cost = cost.cast_signed();
        [
            get(self.ink_left),
            Operator::I64Const { value: cost },
            Operator::I64LtU,
            Operator::If { blockty: BlockType::Empty },
            number(1),
            set(self.ink_status),
            Operator::Unreachable,
            Operator::End,
            get(self.ink_left),
            Operator::I64Const { value: cost },
            Operator::I64Sub,
            set(self.ink_left),
        ]
    }

    /// Takes the ink of as many bytes as the number on top of the stack says. What is taken wraps: more left than before is too little.
    const fn bulk(&self) -> [Operator<'static>; 17] {
        [
            set(self.scratch),
            get(self.ink_left),
            get(self.ink_left),
            get(self.scratch),
            Operator::I64ExtendI32U,
            Operator::I64Const { value: if self.priced { BULK_INK } else { 0 } },
            Operator::I64Mul,
            Operator::I64Sub,
            set(self.ink_left),
            get(self.ink_left),
            Operator::I64LtU,
            Operator::If { blockty: BlockType::Empty },
            number(1),
            set(self.ink_status),
            Operator::Unreachable,
            Operator::End,
            get(self.scratch),
        ]
    }
}

/// Whether an operator is the last one of its block.
const fn ends_block(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::End
            | Operator::Else
            | Operator::Return
            | Operator::Loop { .. }
            | Operator::Br { .. }
            | Operator::BrTable { .. }
            | Operator::BrIf { .. }
            | Operator::If { .. }
            | Operator::Call { .. }
            | Operator::CallIndirect { .. }
    )
}

/// Bulk operators whose cost nobody can know beforehand.
const fn is_refused(operator: &Operator<'_>) -> bool {
    matches!(
        operator,
        Operator::MemoryInit { .. }
            | Operator::DataDrop { .. }
            | Operator::ElemDrop { .. }
            | Operator::TableInit { .. }
            | Operator::TableCopy { .. }
            | Operator::TableFill { .. }
            | Operator::TableGet { .. }
            | Operator::TableSet { .. }
            | Operator::TableGrow { .. }
            | Operator::TableSize { .. }
    )
}

#[cold]
fn unsupported(binary: &WasmBinary<'_>, code: usize) -> WasmError {
    let refused =
        WasmError::new(Rule::BulkOpcode, "of the bulk operators only memory.fill and memory.copy are supported");
    WasmError { offset: binary.codes[code].locate(is_refused), ..refused }
}

#[cfg(test)]
mod tests;

//! What control instructions touch: an element of a table, or another module.

use super::Proof;
use crate::{
    machine::{Code, Machine, MachineError, Stop},
    merkle::{MerkleProof, MerkleTree, MerkleType},
    module::{ModuleKind, Table},
    op::{Instruction, Op},
    value::{FunctionType, Value},
};
use alloc::{sync::Arc, vec::Vec};
use alloy_primitives::B256;

/// Type number of tables, the only one there is.
const FUNCTION_TABLE: u8 = 5;

/// Writes what a control instruction touches.
pub(super) fn prove(
    machine: &mut Machine,
    proof: &mut Proof,
    instruction: Instruction,
) -> Result<Result<(), Stop>, MachineError> {
    match instruction.op {
        Op::CallIndirect if is_program(machine) => Err(MachineError::Unprovable(machine.pc())),
        Op::CallIndirect => Ok(prove_table(machine, proof, instruction)),
        Op::CrossModuleInternalCall => Ok(prove_called_module(machine, proof)),
        _ => Ok(Ok(())),
    }
}

/// Kept: the hash of a program's table leaves out its elements, so there is no way from a table to them.
fn is_program(machine: &Machine) -> bool {
    machine.running_module().is_ok_and(|module| module.code().module().kind == ModuleKind::Program)
}

fn prove_called_module(machine: &mut Machine, proof: &mut Proof) -> Result<(), Stop> {
    let index = u32::try_from(machine.peek(1)?).map_err(|_| Stop::Malformed)?;
    machine.prove_module(proof, index).ok_or(Stop::Malformed)?;
    proof.siblings(machine.modules_tree().proof(index as usize).ok_or(Stop::Malformed)?);
    Ok(())
}

fn prove_table(machine: &Machine, proof: &mut Proof, instruction: Instruction) -> Result<(), Stop> {
    let code: Arc<Code> = machine.running_module()?.code().clone();
    let module = code.module();
    let ty = module.types.get(instruction.high() as usize).ok_or(Stop::Malformed)?;
    let table = module.tables.get(instruction.low() as usize).ok_or(Stop::Malformed)?;
    proof.number(u64::from(instruction.low()));
    proof.hash(ty.hash());
    proof.0.push(FUNCTION_TABLE);
    proof.number(u64::from(table.length));
    proof.hash(module.elements_root(table));
    let mut tables = MerkleTree::new(MerkleType::Table, module.table_hashes());
    proof.siblings(tables.proof(instruction.low() as usize).ok_or(Stop::Malformed)?);
    let index = u32::try_from(machine.peek(1)?).map_err(|_| Stop::Malformed)?;
    let Some(element) = table.get(index) else { return Ok(()) };
    let function = element.and_then(|function| module.functions.get(function as usize));
    proof.hash(function.map_or_else(|| FunctionType::default().hash(), |function| function.ty.hash()));
    proof.value(element.map_or(Value::RefNull, Value::FuncRef));
    proof.siblings(element_proof(&code, table, index as usize));
    Ok(())
}

/// Siblings of a table's element.
fn element_proof(code: &Code, table: &Table, mut index: usize) -> MerkleProof {
    let empty = code.module().element_hash(None);
    let listed = table.elements.iter().map(|element| code.module().element_hash(*element)).collect();
    let mut layer = Layer { level: 0, length: table.length as usize, listed, empty, last: empty };
    let mut siblings = Vec::new();
    while layer.length > 1 {
        siblings.push(layer.at(index ^ 1));
        layer = layer.above();
        index >>= 1;
    }
    MerkleProof(siblings)
}

/// A layer of a tree most of whose leaves may be equal: those after the listed ones.
struct Layer {
    level: usize,
    length: usize,
    listed: Vec<B256>,
    /// Every node after the listed ones, but the last.
    empty: B256,
    /// The last node, unless it is listed.
    last: B256,
}

impl Layer {
    const TYPE: MerkleType = MerkleType::TableElement;

    fn at(&self, index: usize) -> B256 {
        match self.listed.get(index) {
            _ if index >= self.length => Self::TYPE.empty(self.level),
            Some(hash) => *hash,
            None if index == self.length - 1 => self.last,
            None => self.empty,
        }
    }

    fn above(&self) -> Self {
        let node = |index: usize| Self::TYPE.node(&self.at(2 * index), &self.at(2 * index + 1));
        let length = self.length.div_ceil(2);
        Self {
            level: self.level + 1,
            length,
            listed: (0..self.listed.len().div_ceil(2).min(length)).map(node).collect(),
            empty: Self::TYPE.node(&self.empty, &self.empty),
            last: node(length - 1),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_that_are_not_listed_are_proved_like_listed_ones() {
        let leaf = |index: usize| B256::repeat_byte(if index < 3 { 1 + u8::try_from(index).unwrap() } else { 9 });
        for length in 1..20 {
            let listed: Vec<_> = (0..length.min(3)).map(leaf).collect();
            let mut tree = MerkleTree::new(MerkleType::TableElement, (0..length).map(leaf).collect());
            for index in 0..length {
                let mut layer =
                    Layer { level: 0, length, listed: listed.clone(), empty: leaf(9), last: leaf(length - 1) };
                let mut siblings = Vec::new();
                for level in 0..tree.depth() {
                    siblings.push(layer.at((index >> level) ^ 1));
                    layer = layer.above();
                }
                assert_eq!(tree.proof(index), Some(MerkleProof(siblings)), "{index} of {length}");
            }
        }
    }
}

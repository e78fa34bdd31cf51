//! Wasm operators to instructions (`spec/wavm.md` 5.2).
//!
//! Blocks become jumps to absolute places. A branch leaves exactly the values its target takes, so the height of the stack is
//! followed all the way; after an operator that never goes on it is unknown and counts as equal to any other.

use super::float::FloatLibrary;
use crate::{
    binary::WasmBinary,
    error::{Rule, WasmError},
    for_each_op,
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use alloc::{format, vec, vec::Vec};
use wasmparser::{BlockType, BrTable, Ieee32, Ieee64, MemArg, Operator};

/// Instructions a module may have, of our own: a table of branches over a high stack has no limit otherwise.
pub(super) const MAX_INSTRUCTIONS: usize = 1 << 26;

/// What the code of a binary is lowered with.
#[derive(Clone, Copy)]
pub(super) struct Context<'a> {
    pub(super) binary: &'a WasmBinary<'a>,
    pub(super) floats: &'a FloatLibrary,
    pub(super) internals_offset: u32,
}

/// Values above the frame's start, unless no execution gets here.
type Height = Option<i64>;

/// A block that is not at its end yet.
struct Scope {
    kind: Kind,
    params: i64,
    results: i64,
    /// Height before it, without its condition.
    before: Height,
    /// Height after its end.
    after: Height,
    /// Jumps to its end, whose place is not known yet.
    jumps: Vec<usize>,
}

enum Kind {
    Block,
    /// Where it begins.
    Loop(usize),
    /// The jump to `else`, until that is reached.
    If(Option<usize>),
}

/// Code of a function in the making.
pub(super) struct Lowering<'a> {
    context: Context<'a>,
    code: Vec<Instruction>,
    scopes: Vec<Scope>,
    height: Height,
    limit: usize,
}

impl<'a> Lowering<'a> {
    /// A function of this type, which may have at most `limit` instructions.
    pub(super) fn new(context: Context<'a>, ty: &FunctionType, limit: usize) -> Self {
        let results = length(&ty.outputs);
        let body =
            Scope { kind: Kind::Block, params: 0, results, before: Some(0), after: Some(results), jumps: vec![] };
        Self { context, code: prologue(ty), scopes: vec![body], height: Some(0), limit }
    }

    /// Adds an operator.
    pub(super) fn operator(&mut self, operator: &Operator<'_>) -> Result<(), WasmError> {
        match operator {
            Operator::Unreachable => {
                self.emit(Op::Unreachable, 0);
                self.height = None;
            }
            Operator::Nop => {}
            Operator::Block { blockty } => self.open(Kind::Block, *blockty)?,
            Operator::Loop { blockty } => self.open(Kind::Loop(self.code.len()), *blockty)?,
            Operator::If { blockty } => {
                self.emit(Op::I32Eqz, 0);
                self.grow(-1);
                self.open(Kind::If(Some(self.code.len())), *blockty)?;
                self.emit(Op::ArbitraryJumpIf, 0);
            }
            Operator::Else => self.otherwise()?,
            Operator::End => self.close()?,
            Operator::Br { relative_depth } => self.branch(*relative_depth)?,
            Operator::BrIf { relative_depth } => self.branch_if(*relative_depth)?,
            Operator::BrTable { targets } => self.branch_table(targets)?,
            Operator::Return => self.branch(u32::try_from(self.scopes.len() - 1).unwrap_or(u32::MAX))?,
            Operator::Call { function_index } => self.call(*function_index)?,
            Operator::CallIndirect { type_index, table_index } => {
                self.emit(Op::CallIndirect, Instruction::pack(*type_index, *table_index));
                self.grow(self.change(*type_index)? - 1);
            }
            Operator::LocalTee { local_index } => {
                self.emit(Op::Dup, 0);
                self.emit(Op::LocalSet, u64::from(*local_index));
            }
            Operator::MemoryFill { .. } => self.call_internal(4),
            Operator::MemoryCopy { .. } => self.call_internal(5),
            other => match single(other) {
                Some((instruction, change)) => {
                    self.code.push(instruction);
                    self.grow(change);
                }
                None => self.float(other)?,
            },
        }
        self.room(0)
    }

    /// The code, its last instruction a `Return`.
    pub(super) fn finish(mut self) -> Vec<Instruction> {
        self.emit(Op::Return, 0);
        self.code
    }

    fn emit(&mut self, op: Op, argument: u64) {
        self.code.push(Instruction::new(op, argument));
    }

    /// Lets a jump that was emitted before go to the next instruction.
    fn land(&mut self, jump: usize) {
        self.code[jump].argument = self.code.len() as u64;
    }

    fn grow(&mut self, change: i64) {
        self.height = self.height.map(|height| height.saturating_add(change));
    }

    /// Checks that so many more instructions may be added.
    fn room(&self, instructions: usize) -> Result<(), WasmError> {
        if self.code.len().saturating_add(instructions) > self.limit {
            return Err(WasmError::new(Rule::Build, format!("a module has at most {MAX_INSTRUCTIONS} instructions")));
        }
        Ok(())
    }

    fn ty(&self, index: u32) -> Result<&'a FunctionType, WasmError> {
        let types: &'a [FunctionType] = &self.context.binary.types;
        types.get(index as usize).ok_or_else(|| malformed("type"))
    }

    /// How a call of a type changes the height.
    fn change(&self, type_index: u32) -> Result<i64, WasmError> {
        let ty = self.ty(type_index)?;
        Ok(length(&ty.outputs) - length(&ty.inputs))
    }

    fn call(&mut self, function: u32) -> Result<(), WasmError> {
        let ty = self.context.binary.function_type_index(function).ok_or_else(|| malformed("function"))?;
        self.emit(Op::Call, u64::from(function));
        self.grow(self.change(ty)?);
        Ok(())
    }

    /// Calls `memory.fill` or `memory.copy`, each of which takes three values.
    fn call_internal(&mut self, index: u32) {
        self.emit(Op::Call, u64::from(self.context.internals_offset) + u64::from(index));
        self.grow(-3);
    }

    fn float(&mut self, operator: &Operator<'_>) -> Result<(), WasmError> {
        let Some(call) = self.context.floats.call(operator)? else {
            return Err(WasmError::new(Rule::Build, format!("operator {operator:?} is not supported")));
        };
        for input in call.ty.inputs.iter().rev() {
            self.reinterpret(*input, Op::I32ReinterpretF32, Op::I64ReinterpretF64);
            self.emit(Op::MoveFromStackToInternal, 0);
        }
        call.ty.inputs.iter().for_each(|_| self.emit(Op::MoveFromInternalToStack, 0));
        self.emit(Op::CrossModuleCall, Instruction::pack(call.module, call.func));
        for output in &call.ty.outputs {
            self.reinterpret(*output, Op::F32ReinterpretI32, Op::F64ReinterpretI64);
        }
        self.grow(1 - length(&call.ty.inputs));
        Ok(())
    }

    fn reinterpret(&mut self, ty: ValueType, f32: Op, f64: Op) {
        match ty {
            ValueType::F32 => self.emit(f32, 0),
            ValueType::F64 => self.emit(f64, 0),
            _ => {}
        }
    }

    fn open(&mut self, kind: Kind, ty: BlockType) -> Result<(), WasmError> {
        let (params, results) = match ty {
            BlockType::Empty => (0, 0),
            BlockType::Type(_) => (0, 1),
            BlockType::FuncType(index) => self.ty(index).map(|ty| (length(&ty.inputs), length(&ty.outputs)))?,
        };
        let after = self.height.map(|height| height + results - params);
        self.scopes.push(Scope { kind, params, results, before: self.height, after, jumps: vec![] });
        Ok(())
    }

    fn otherwise(&mut self) -> Result<(), WasmError> {
        self.branch(0)?;
        let scope = self.scopes.last_mut().ok_or_else(|| malformed("block"))?;
        let Kind::If(condition) = &mut scope.kind else { return Err(malformed("block")) };
        let condition = condition.take().ok_or_else(|| malformed("block"))?;
        self.height = scope.before;
        self.land(condition);
        Ok(())
    }

    fn close(&mut self) -> Result<(), WasmError> {
        let scope = self.scopes.pop().ok_or_else(|| malformed("block"))?;
        scope.jumps.iter().for_each(|jump| self.land(*jump));
        if let Kind::If(Some(condition)) = scope.kind {
            self.land(condition);
        }
        self.height = scope.after;
        Ok(())
    }

    /// Index of the scope a branch goes to, how many values it takes there, and the height below which it drops nothing.
    fn target(&self, depth: u32) -> Result<(usize, i64, Height), WasmError> {
        let index = self.scopes.len().checked_sub(1 + depth as usize).ok_or_else(|| malformed("branch"))?;
        let scope = &self.scopes[index];
        Ok(match scope.kind {
            Kind::Loop(_) => (index, scope.params, scope.before),
            Kind::Block | Kind::If(_) => (index, scope.results, scope.after),
        })
    }

    /// Values to drop before a branch to a scope of this height: none if there is nothing to rearrange.
    fn excess(&self, target: Height) -> Option<i64> {
        let excess = self.height? - target?;
        (excess != 0).then_some(excess)
    }

    fn branch(&mut self, depth: u32) -> Result<(), WasmError> {
        let (scope, taken, target) = self.target(depth)?;
        if let Some(excess) = self.excess(target) {
            self.rearrange(taken, excess)?;
        }
        self.jump(Op::ArbitraryJump, scope);
        self.height = None;
        Ok(())
    }

    fn branch_if(&mut self, depth: u32) -> Result<(), WasmError> {
        let (scope, taken, target) = self.target(depth)?;
        self.grow(-1);
        let Some(excess) = self.excess(target) else {
            self.jump(Op::ArbitraryJumpIf, scope);
            return Ok(());
        };
        self.emit(Op::I32Eqz, 0);
        let not_taken = self.code.len();
        self.emit(Op::ArbitraryJumpIf, 0);
        self.rearrange(taken, excess)?;
        self.jump(Op::ArbitraryJump, scope);
        self.land(not_taken);
        Ok(())
    }

    fn branch_table(&mut self, table: &BrTable<'_>) -> Result<(), WasmError> {
        let mut jumps = Vec::new();
        for (index, target) in table.targets().enumerate() {
            self.emit(Op::Dup, 0);
            self.emit(Op::I32Const, index as u64);
            self.emit(Op::I32Eq, 0);
            jumps.push((self.code.len(), target.map_err(crate::binary::other)?));
            self.emit(Op::ArbitraryJumpIf, 0);
        }
        self.grow(-1);
        let height = self.height;
        self.emit(Op::Drop, 0);
        self.branch(table.default())?;
        for (jump, target) in jumps {
            self.land(jump);
            self.height = height;
            self.emit(Op::Drop, 0);
            self.branch(target)?;
        }
        Ok(())
    }

    /// Takes the upper values off, drops those below them, and puts the upper ones back.
    fn rearrange(&mut self, taken: i64, excess: i64) -> Result<(), WasmError> {
        let (taken, excess) = (usize::try_from(taken), usize::try_from(excess));
        let (Ok(taken), Ok(excess)) = (taken, excess) else { return Err(malformed("stack")) };
        self.room(taken.saturating_mul(2).saturating_add(excess))?;
        (0..taken).for_each(|_| self.emit(Op::MoveFromStackToInternal, 0));
        (0..excess).for_each(|_| self.emit(Op::Drop, 0));
        (0..taken).for_each(|_| self.emit(Op::MoveFromInternalToStack, 0));
        Ok(())
    }

    /// Jumps to the start of a loop, or to the end of another block once that is known.
    fn jump(&mut self, op: Op, scope: usize) {
        match self.scopes[scope].kind {
            Kind::Loop(start) => self.emit(op, start as u64),
            Kind::Block | Kind::If(_) => {
                self.scopes[scope].jumps.push(self.code.len());
                self.emit(op, 0);
            }
        }
    }
}

/// What every function begins with: its frame, and its parameters from the stack.
pub(super) fn prologue(ty: &FunctionType) -> Vec<Instruction> {
    let params = (0..ty.inputs.len() as u64).rev().map(|index| Instruction::new(Op::LocalSet, index));
    core::iter::once(Op::InitFrame.into()).chain(params).collect()
}

fn length(types: &[ValueType]) -> i64 {
    i64::try_from(types.len()).unwrap_or(i64::MAX)
}

/// How an operator that is no branch, call or bulk operator changes the height of the stack; none for features that are off.
pub(crate) fn height_change(operator: &Operator<'_>) -> Option<i64> {
    single(operator).map(|(_, change)| change).or_else(|| super::float::height_change(operator))
}

/// For what validation has excluded.
fn malformed(what: &str) -> WasmError {
    WasmError::new(Rule::Build, format!("code names a {what} that is not there"))
}

/// How a field of an operator becomes an instruction's argument.
trait Argument {
    fn argument(&self) -> u64;
}

impl Argument for u32 {
    fn argument(&self) -> u64 {
        u64::from(*self)
    }
}

impl Argument for i32 {
    fn argument(&self) -> u64 {
        u64::from(self.cast_unsigned())
    }
}

impl Argument for i64 {
    fn argument(&self) -> u64 {
        self.cast_unsigned()
    }
}

impl Argument for Ieee32 {
    fn argument(&self) -> u64 {
        u64::from(self.bits())
    }
}

impl Argument for Ieee64 {
    fn argument(&self) -> u64 {
        self.bits()
    }
}

impl Argument for MemArg {
    fn argument(&self) -> u64 {
        self.offset
    }
}

macro_rules! define_single {
    ($($code:literal $name:ident $family:ident [$($origin:ident $($field:ident)?; $change:literal)?];)*) => {
        /// The one instruction that an operator becomes and how it changes the height; none for operators that become several.
        fn single(operator: &Operator<'_>) -> Option<(Instruction, i64)> {
            Some(match operator {
                $($(Operator::$origin { $($field,)? .. } => {
                    (Instruction::new(Op::$name, 0 $(| $field.argument())?), $change)
                })?)*
                _ => return None,
            })
        }
    };
}

for_each_op!(define_single);

#[cfg(test)]
mod tests;

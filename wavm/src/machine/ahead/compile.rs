//! Translates a function to blocks.
//!
//! The stack is followed symbolically: a value that is pushed is at first only the name of the register that holds it (a local, a
//! constant, a result), and it is moved to its own register no earlier than it must be: when the register it is in is about to be
//! written, or at the end of the block. Each value of the stack has a register of its own, given by its place.
//!
//! All that is assumed (types of locals and of the stack, what a called function leaves) is compared with the machine when a block is
//! entered, so a wrong assumption costs time, never exactness.

use super::{
    super::slots::Tag,
    code::{Action, Block, Blocks, End, Exit, NONE, REGISTERS, Symbol},
    shape::{Shape, shape},
};
use crate::{
    module::{Function, Module},
    op::{Instruction, Op},
    value::{FunctionType, ValueType},
};
use alloc::{boxed::Box, collections::BTreeMap, vec, vec::Vec};

/// Fewest steps of a block that is worth being entered, unless it is a loop.
const WORTH: u64 = 6;
/// Values that may be listed for exits and blocks, for each instruction.
const LISTED: usize = 8;

/// The blocks of a function; none if it needs too many registers or there is nothing to gain.
pub(super) fn compile(module: &Module, func: u32) -> Option<Blocks> {
    let function = module.functions.get(func as usize)?;
    let mut compiler = Compiler::new(module, function)?;
    let parameters = tags(&function.ty.inputs)?;
    // The instruction before makes the frame.
    compiler.block_at(1, &parameters)?;
    while let Some(id) = compiler.pending.pop() {
        compiler.translate(id)?;
    }
    compiler.finish()
}

fn tags(types: &[ValueType]) -> Option<Vec<Tag>> {
    types.iter().map(|ty| Tag::of_number(*ty)).collect()
}

struct Compiler<'m> {
    module: &'m Module,
    function: &'m Function,
    blocks: Blocks,
    /// The block that begins at an instruction.
    at: BTreeMap<u32, u32>,
    /// Blocks that are not translated yet.
    pending: Vec<u32>,
    /// Whether some jump goes to an instruction, and whether one goes back to it.
    targets: Vec<Target>,
    constants: BTreeMap<u64, u8>,
    /// Highest stack so far.
    highest: usize,
    /// Values that may still be listed.
    listed: usize,
    current: Current,
}

/// The block that is being translated.
#[derive(Default)]
struct Current {
    start: u32,
    steps: u32,
    stack: Vec<Symbol>,
    /// Values on the internal stack that were moved there in this block.
    internal: Vec<Symbol>,
    actions: Vec<Action>,
    exits: Vec<Exit>,
}

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Target {
    No,
    Forward,
    Backward,
}

/// How translation goes on after an instruction.
enum Next {
    Straight,
    Jump(u32),
    JumpIf(u8, u32),
}

impl<'m> Compiler<'m> {
    fn new(module: &'m Module, function: &'m Function) -> Option<Self> {
        let length = u32::try_from(function.code.len()).ok()?;
        if function.locals.len() >= REGISTERS as u64 {
            return None;
        }
        let mut targets = vec![Target::No; function.code.len()];
        for (index, instruction) in (0..length).zip(&function.code) {
            if let (Op::ArbitraryJump | Op::ArbitraryJumpIf, Some(target)) =
                (instruction.op, targets.get_mut(instruction.low() as usize))
            {
                *target = (*target).max(if instruction.low() <= index { Target::Backward } else { Target::Forward });
            }
        }
        let locals = function.locals.iter().map(Tag::of_number).collect::<Option<_>>()?;
        let blocks = Blocks { locals, entries: vec![NONE; function.code.len()], ..Blocks::default() };
        let listed = function.code.len() * LISTED + REGISTERS;
        Some(Self {
            module,
            function,
            blocks,
            at: BTreeMap::new(),
            pending: Vec::new(),
            targets,
            constants: BTreeMap::new(),
            highest: 0,
            listed,
            current: Current::default(),
        })
    }

    /// Enters what is known into the result.
    fn finish(mut self) -> Option<Blocks> {
        let mut constants: Vec<_> = self.constants.iter().map(|(value, register)| (*register, *value)).collect();
        constants.sort_unstable();
        self.blocks.constants = constants.into_iter().map(|(_, value)| value).collect();
        for (inst, id) in self.at {
            let block = &self.blocks.blocks[id as usize];
            let is_loop = self.targets.get(inst as usize) == Some(&Target::Backward);
            if block.steps != Block::NO_STEPS && (is_loop || block.steps >= WORTH) {
                self.blocks.entries[inst as usize] = id;
            }
        }
        self.blocks.entries.iter().any(|entry| *entry != NONE).then_some(self.blocks)
    }

    /// The block at an instruction for these types; one that only leaves if there is another for other types.
    fn block_at(&mut self, inst: u32, stack: &[Tag]) -> Option<u32> {
        if let Some(id) = self.at.get(&inst)
            && *self.blocks.blocks[*id as usize].stack == *stack
        {
            return Some(*id);
        }
        let id = self.add_block(inst, stack)?;
        if (inst as usize) < self.function.code.len() && !self.at.contains_key(&inst) {
            self.at.insert(inst, id);
            self.pending.push(id);
        }
        Some(id)
    }

    /// A block that only leaves, until it is translated.
    fn add_block(&mut self, start: u32, stack: &[Tag]) -> Option<u32> {
        self.listed = self.listed.checked_sub(stack.len())?;
        self.reach(stack.len(), 0)?;
        let id = u32::try_from(self.blocks.blocks.len()).ok()?;
        self.blocks.blocks.push(Block { start, steps: Block::NO_STEPS, stack: stack.into(), ..Block::default() });
        Some(id)
    }

    /// Makes sure that there are registers for so many values on the stack, and so many more constants.
    fn reach(&mut self, height: usize, constants: usize) -> Option<()> {
        let highest = self.highest.max(height);
        let taken = self.blocks.locals.len() + highest + self.constants.len() + constants;
        (taken <= REGISTERS).then(|| self.highest = highest)
    }

    /// The register of the stack's value at a place.
    fn own(&self, place: usize) -> u8 {
        // `reach` keeps it below the number of registers.
        u8::try_from(self.blocks.locals.len() + place).unwrap_or(u8::MAX)
    }

    fn translate(&mut self, id: u32) -> Option<()> {
        let (start, tags) = {
            let block = &self.blocks.blocks[id as usize];
            (block.start, block.stack.clone())
        };
        let stack = (0..).zip(&tags).map(|(place, tag)| Symbol { register: self.own(place), tag: *tag }).collect();
        self.current = Current { start, stack, ..Current::default() };
        let end = self.straight_on()?;
        let current = core::mem::take(&mut self.current);
        let block = &mut self.blocks.blocks[id as usize];
        if current.steps > 0 {
            block.steps = u64::from(current.steps);
        }
        (block.actions, block.exits, block.end) = (current.actions, current.exits, end);
        Some(())
    }

    /// Translates up to a jump, a target of jumps, or an instruction that is not translated.
    fn straight_on(&mut self) -> Option<End> {
        let code: &'m [Instruction] = &self.function.code;
        loop {
            let inst = self.current.start + self.current.steps;
            let is_target = self.targets.get(inst as usize).is_none_or(|target| *target != Target::No);
            let instruction = code.get(inst as usize).copied();
            let next = match instruction {
                Some(instruction) if !is_target || self.current.steps == 0 => self.instruction(instruction)?,
                _ => None,
            };
            self.current.steps += u32::from(next.is_some());
            match next {
                Some(Next::Straight) => {}
                Some(Next::Jump(target)) => {
                    let stack = self.settle()?;
                    return Some(End::Go(self.block_at(target, &stack)?));
                }
                Some(Next::JumpIf(condition, target)) => {
                    let condition = self.settle_beside(condition)?;
                    let stack = self.tags();
                    let (taken, next) = (self.block_at(target, &stack)?, self.block_at(inst + 1, &stack)?);
                    return Some(End::If { condition, taken, next });
                }
                None if is_target && self.current.steps > 0 => {
                    let stack = self.settle()?;
                    return Some(End::Go(self.block_at(inst, &stack)?));
                }
                None => return self.leave(inst, instruction),
            }
        }
    }

    /// Ends the block before an instruction that the one-step machine executes, and looks what comes after it.
    fn leave(&mut self, inst: u32, instruction: Option<Instruction>) -> Option<End> {
        let stack = self.settle()?;
        if let Some(after) = instruction.and_then(|instruction| self.after(instruction, stack.clone())) {
            self.block_at(inst + 1, &after)?;
        }
        if self.current.steps == 0 { Some(End::Leave) } else { Some(End::Go(self.add_block(inst, &stack)?)) }
    }

    /// The stack after an instruction that is not translated, if that is known.
    fn after(&self, instruction: Instruction, mut stack: Vec<Tag>) -> Option<Vec<Tag>> {
        let ty: &FunctionType = match instruction.op {
            Op::Call => &self.module.functions.get(instruction.low() as usize)?.ty,
            Op::CallIndirect => {
                stack.pop()?;
                self.module.types.get(instruction.high() as usize)?
            }
            Op::MemoryGrow => return Some(stack),
            _ => return None,
        };
        let rest = stack.len().checked_sub(ty.inputs.len())?;
        stack.truncate(rest);
        stack.extend(tags(&ty.outputs)?);
        Some(stack)
    }

    fn tags(&self) -> Vec<Tag> {
        self.current.stack.iter().map(|symbol| symbol.tag).collect()
    }

    /// Moves every value to its own register, and gives the types.
    fn settle(&mut self) -> Option<Vec<Tag>> {
        self.settle_below(self.current.stack.len())?;
        Some(self.tags())
    }

    /// As [`Self::settle`], with a condition that was taken off the stack. Says where it is then.
    fn settle_beside(&mut self, condition: u8) -> Option<u8> {
        let height = self.current.stack.len();
        // It stays where it is, unless that register is wanted.
        self.current.stack.push(Symbol { register: condition, tag: Tag::I32 });
        self.settle_below(height)?;
        self.current.stack.pop().map(|symbol| symbol.register)
    }

    /// Moves the lowest values to their own registers.
    fn settle_below(&mut self, height: usize) -> Option<()> {
        for place in 0..height {
            let own = self.own(place);
            if self.current.stack[place].register != own {
                self.free(own)?;
                self.move_to(place);
            }
        }
        self.current.internal.is_empty().then_some(())
    }

    /// Moves a value to its own register.
    fn move_to(&mut self, place: usize) {
        let (own, from) = (self.own(place), self.current.stack[place].register);
        self.current.stack[place].register = own;
        self.act(Op::LocalGet, own, [from, 0]);
    }

    /// Moves the values that are in a register elsewhere, since it is about to be written. None if that cannot be done.
    fn free(&mut self, register: u8) -> Option<()> {
        if self.current.internal.iter().any(|symbol| symbol.register == register) {
            return None;
        }
        for place in 0..self.current.stack.len() {
            let own = self.own(place);
            if self.current.stack[place].register == register && own != register {
                let taken = |(other, symbol): (usize, &Symbol)| other != place && symbol.register == own;
                let stack = &self.current.stack;
                if stack.iter().enumerate().any(taken)
                    || self.current.internal.iter().any(|symbol| symbol.register == own)
                {
                    return None;
                }
                self.move_to(place);
            }
        }
        Some(())
    }

    fn act(&mut self, op: Op, to: u8, [a, b]: [u8; 2]) {
        self.current.actions.push(Action { op, to, a, b, aux: 0, argument: 0 });
    }

    /// An exit before the current instruction.
    fn exit(&mut self) -> Option<u32> {
        let stack: Box<[Symbol]> = self.current.stack.as_slice().into();
        if !self.current.internal.is_empty() {
            return None;
        }
        self.listed = self.listed.checked_sub(stack.len())?;
        self.current.exits.push(Exit { done: self.current.steps, stack });
        u32::try_from(self.current.exits.len() - 1).ok()
    }

    /// Translates an instruction. The inner none is one that is not translated; nothing is done then. The outer one gives up.
    fn instruction(&mut self, instruction: Instruction) -> Option<Option<Next>> {
        let straight = |done: Option<()>| done.map(|()| Next::Straight);
        Some(match instruction.op {
            Op::Nop => Some(Next::Straight),
            Op::Drop => straight(self.current.stack.pop().map(|_| ())),
            Op::Dup => straight(self.current.stack.last().copied().and_then(|symbol| self.push(symbol))),
            Op::I32Const => straight(self.constant(u64::from(instruction.low()), Tag::I32)),
            Op::I64Const => straight(self.constant(instruction.argument, Tag::I64)),
            Op::F32Const => straight(self.constant(u64::from(instruction.low()), Tag::F32)),
            Op::F64Const => straight(self.constant(instruction.argument, Tag::F64)),
            Op::LocalGet => straight(self.local_get(instruction.argument)),
            Op::LocalSet => return self.local_set(instruction.argument).map(straight),
            Op::Select => return self.select().map(straight),
            Op::MoveFromStackToInternal => {
                straight(self.current.stack.pop().map(|symbol| self.current.internal.push(symbol)))
            }
            Op::MoveFromInternalToStack => {
                let Some(symbol) = self.current.internal.pop() else { return Some(None) };
                self.push(symbol)?;
                Some(Next::Straight)
            }
            Op::ArbitraryJump => Some(Next::Jump(instruction.low())),
            Op::ArbitraryJumpIf => match self.current.stack.last() {
                Some(Symbol { register, tag: Tag::I32 }) => {
                    let condition = *register;
                    self.current.stack.pop();
                    Some(Next::JumpIf(condition, instruction.low()))
                }
                _ => None,
            },
            _ => return self.compute(instruction).map(straight),
        })
    }

    fn push(&mut self, symbol: Symbol) -> Option<()> {
        self.reach(self.current.stack.len() + 1, 0)?;
        self.current.stack.push(symbol);
        Some(())
    }

    fn constant(&mut self, value: u64, tag: Tag) -> Option<()> {
        let register = match self.constants.get(&value) {
            Some(register) => *register,
            None => {
                self.reach(self.current.stack.len() + 1, 1)?;
                let register = u8::try_from(REGISTERS - 1 - self.constants.len()).ok()?;
                self.constants.insert(value, register);
                register
            }
        };
        self.push(Symbol { register, tag })
    }

    fn local(&self, index: u64) -> Option<Symbol> {
        let tag = *self.blocks.locals.get(usize::try_from(index).ok()?)?;
        Some(Symbol { register: u8::try_from(index).ok()?, tag })
    }

    fn local_get(&mut self, index: u64) -> Option<()> {
        self.local(index).and_then(|local| self.push(local))
    }

    fn local_set(&mut self, index: u64) -> Option<Option<()>> {
        let (Some(local), Some(value)) = (self.local(index), self.current.stack.last().copied()) else {
            return Some(None);
        };
        if local.tag != value.tag {
            return Some(None);
        }
        self.current.stack.pop();
        if self.redirect(value.register, local.register) {
            return Some(Some(()));
        }
        if local.register != value.register {
            self.free(local.register)?;
            self.act(Op::LocalGet, local.register, [value.register, 0]);
        }
        Some(Some(()))
    }

    /// Lets the last action write to a local instead of the register it wrote to, if nothing else needs the local's old value.
    fn redirect(&mut self, from: u8, to: u8) -> bool {
        let Current { stack, internal, actions, .. } = &mut self.current;
        let is_own = usize::from(from) >= self.blocks.locals.len();
        let is_read = stack.iter().chain(&*internal).any(|symbol| symbol.register == to);
        match actions.last_mut() {
            Some(action) if is_own && !is_read && action.to == from && writes(action.op) => {
                action.to = to;
                let symbols = stack.iter_mut().chain(internal);
                symbols.filter(|symbol| symbol.register == from).for_each(|symbol| symbol.register = to);
                true
            }
            _ => false,
        }
    }

    fn select(&mut self) -> Option<Option<()>> {
        let [.., lower, upper, condition] = *self.current.stack.as_slice() else { return Some(None) };
        if condition.tag != Tag::I32 || lower.tag != upper.tag {
            return Some(None);
        }
        self.current.stack.truncate(self.current.stack.len() - 3);
        let to = self.result(lower.tag)?;
        let [a, b, aux] = [lower.register, upper.register, condition.register];
        self.current.actions.push(Action { op: Op::Select, to, a, b, aux: u32::from(aux), argument: 0 });
        Some(Some(()))
    }

    /// Pushes a value that the next action makes; gives its register.
    fn result(&mut self, tag: Tag) -> Option<u8> {
        let register = self.own(self.current.stack.len());
        self.free(register)?;
        self.push(Symbol { register, tag })?;
        Some(register)
    }

    /// Translates an instruction that computes with numbers, memory or globals.
    fn compute(&mut self, instruction: Instruction) -> Option<Option<()>> {
        let shape = shape(instruction);
        let (taken, given) = match (shape, self.global(instruction.argument)) {
            (Shape::Pure(taken, given) | Shape::Checked(taken, given), _) => (taken, given),
            (Shape::GlobalGet, Some(tag)) => ([None, None], Some(tag)),
            (Shape::GlobalSet, Some(tag)) => ([Some(tag), None], None),
            _ => return Some(None),
        };
        let count = taken.iter().flatten().count();
        let Some(rest) = self.current.stack.len().checked_sub(count) else { return Some(None) };
        let operands = &self.current.stack[rest..];
        if operands.iter().map(|symbol| Some(symbol.tag)).ne(taken.into_iter().filter(Option::is_some)) {
            return Some(None);
        }
        let register = |place: usize| operands.get(place).map_or(0, |symbol| symbol.register);
        let (a, mut b) = (register(0), register(1));
        if let Shape::GlobalGet | Shape::GlobalSet = shape {
            b = self.global(instruction.argument).map_or(0, Tag::number);
        }
        let aux = if matches!(shape, Shape::Pure(..)) { 0 } else { self.exit()? };
        self.current.stack.truncate(rest);
        let to = match given {
            Some(tag) => self.result(tag)?,
            None => 0,
        };
        self.current.actions.push(Action { op: instruction.op, to, a, b, aux, argument: instruction.argument });
        Some(Some(()))
    }

    /// Type of a global.
    fn global(&self, index: u64) -> Option<Tag> {
        Tag::of_number(self.module.globals.get(usize::try_from(index).ok()?)?.ty())
    }
}

/// Whether an action writes to its register.
fn writes(op: Op) -> bool {
    match op {
        Op::LocalGet | Op::Select => true,
        _ => match shape(Instruction::simple(op)) {
            Shape::Pure(_, given) | Shape::Checked(_, given) => given.is_some(),
            shape => shape == Shape::GlobalGet,
        },
    }
}

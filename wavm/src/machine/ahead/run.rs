//! Executes blocks, and single instructions where there is no block.

use super::{
    super::{
        Stop,
        cpu::{Cpu, Operand, Operands, Step},
        memory, numeric,
        slots::{Slot, Slots, Tag},
        step::dispatch,
        thread::{MOST_PUSHED, THREAD_LIMIT},
    },
    Ahead,
    code::{Action, Block, Blocks, End, Exit, NONE, REGISTERS},
};
use crate::{
    for_each_op,
    memory::Memory,
    op::{Family, Instruction},
    value::ProgramCounter,
};

type Registers = [u64; REGISTERS];

/// As `execute` of the one-step machine, with `beyond` more instructions that may be executed if they are in blocks.
pub(super) fn execute(cpu: Cpu<'_>, ahead: &mut Ahead, beyond: u64) -> (u64, ProgramCounter, usize, Step) {
    let (mut cpu, mut beyond) = (cpu, beyond);
    let mut registers = [0; REGISTERS];
    let result = loop {
        enter(&mut cpu, ahead, &mut registers, &mut beyond);
        if let Some(ended) = until_control(&mut cpu) {
            break ended;
        }
    };
    (cpu.fetch.remaining() + beyond, cpu.pc(), cpu.height, result)
}

/// Executes single instructions up to the next one after which a block may begin. Says how the burst ends, if it does.
#[inline(always)]
fn until_control(cpu: &mut Cpu<'_>) -> Option<Step> {
    loop {
        let Some(instruction) = cpu.fetch.next() else {
            return Some(if cpu.fetch.remaining() == 0 { Ok(()) } else { Err(Stop::Malformed) });
        };
        if let Err(stop) = dispatch(cpu, instruction) {
            return Some(Err(stop));
        }
        if instruction.op.family() == Family::Control {
            return None;
        }
    }
}

/// Executes blocks from here on, if one begins here.
fn enter(cpu: &mut Cpu<'_>, ahead: &mut Ahead, registers: &mut Registers, beyond: &mut u64) -> Option<()> {
    let blocks = ahead.blocks(cpu.module, cpu.func)?;
    let first = *blocks.entries.get(cpu.fetch.inst()).filter(|block| **block != NONE)?;
    let block = &blocks.blocks[first as usize];
    let left = cpu.fetch.remaining() + *beyond;
    // Frames on the internal stack and the room above the stack are at most as many as there are registers.
    let room = cpu.bits.len() - cpu.height >= REGISTERS && cpu.internal.len() + REGISTERS < THREAD_LIMIT;
    if left < block.steps || !room {
        return None;
    }
    let bottom = load(cpu, blocks, block, registers)?;
    let (inst, stack, left) = run((blocks, first), registers, (cpu.globals, cpu.memory), left);
    save(cpu, blocks, registers, (bottom, stack));
    let room = (cpu.bits.len() - cpu.height) / MOST_PUSHED;
    let now = left.min(room as u64);
    *beyond = left - now;
    cpu.fetch.resume(inst, now);
    Some(())
}

/// Fills the registers; none if the types are not those that the block was made for. Says where the function's stack begins.
#[inline(always)]
fn load(cpu: &mut Cpu<'_>, blocks: &Blocks, block: &Block, registers: &mut Registers) -> Option<usize> {
    let (bits, tags) = cpu.locals.split_from(cpu.base)?;
    if *tags != *blocks.locals {
        return None;
    }
    let bottom = cpu.height.checked_sub(block.stack.len())?;
    if cpu.tags[bottom..cpu.height] != *block.stack {
        return None;
    }
    let (locals, rest) = registers.split_at_mut(bits.len());
    locals.copy_from_slice(bits);
    rest[..block.stack.len()].copy_from_slice(&cpu.bits[bottom..cpu.height]);
    let start = rest.len() - blocks.constants.len();
    rest[start..].copy_from_slice(&blocks.constants);
    Some(bottom)
}

/// Writes the registers back.
#[inline(always)]
fn save(cpu: &mut Cpu<'_>, blocks: &Blocks, registers: &Registers, (bottom, stack): (usize, Stack<'_>)) {
    let locals = blocks.locals.len();
    if let Some((bits, _)) = cpu.locals.split_from(cpu.base) {
        bits.copy_from_slice(&registers[..locals]);
    }
    match stack {
        Stack::Plain(tags) => {
            cpu.height = bottom + tags.len();
            cpu.bits[bottom..cpu.height].copy_from_slice(&registers[locals..locals + tags.len()]);
            cpu.tags[bottom..cpu.height].copy_from_slice(tags);
        }
        Stack::Exit(exit) => {
            cpu.height = bottom + exit.stack.len();
            for (place, symbol) in (bottom..).zip(&exit.stack) {
                cpu.bits[place] = registers[usize::from(symbol.register)];
                cpu.tags[place] = symbol.tag;
            }
        }
    }
}

/// Where the values of the stack are.
enum Stack<'b> {
    /// Each in its own register, of these types.
    Plain(&'b [Tag]),
    /// Where the exit says.
    Exit(&'b Exit),
}

/// Executes blocks until one cannot be executed to its end. Says where the next instruction is, the stack, and how many are left.
fn run<'b>(
    (blocks, first): (&'b Blocks, u32),
    registers: &mut Registers,
    (globals, memory): (&mut Slots, &mut Memory),
    mut left: u64,
) -> (usize, Stack<'b>, u64) {
    let mut block = &blocks.blocks[first as usize];
    loop {
        let Some(after) = left.checked_sub(block.steps) else {
            return (block.start as usize, Stack::Plain(&block.stack), left);
        };
        for &action in &block.actions {
            if act(&mut Unit { action, registers, globals, memory }).is_err() {
                let exit = &block.exits[action.aux as usize];
                return ((block.start + exit.done) as usize, Stack::Exit(exit), left - u64::from(exit.done));
            }
        }
        left = after;
        let next = match block.end {
            End::Go(next) => next,
            End::If { condition, taken, next } => {
                if u32::from_bits(registers[usize::from(condition)]) == 0 {
                    next
                } else {
                    taken
                }
            }
            End::Leave => return (block.start as usize, Stack::Plain(&block.stack), left),
        };
        block = &blocks.blocks[next as usize];
    }
}

/// What an action works on.
struct Unit<'u> {
    action: Action,
    registers: &'u mut Registers,
    globals: &'u mut Slots,
    memory: &'u mut Memory,
}

impl Unit<'_> {
    #[inline(always)]
    fn get<T: Operand>(&self, register: u8) -> T {
        T::from_bits(self.registers[usize::from(register)])
    }

    #[inline(always)]
    fn set<T: Operand>(&mut self, value: T) -> Step {
        self.registers[usize::from(self.action.to)] = value.bits();
        Ok(())
    }
}

impl Operands for Unit<'_> {
    #[inline(always)]
    fn unary<T: Operand, R: Operand>(&mut self, f: impl Fn(T) -> R) -> Step {
        self.set(f(self.get(self.action.a)))
    }

    #[inline(always)]
    fn binary<T: Operand, R: Operand>(&mut self, f: impl Fn(T, T) -> R) -> Step {
        self.set(f(self.get(self.action.a), self.get(self.action.b)))
    }

    #[inline(always)]
    fn divide<T: Operand>(&mut self, f: impl Fn(T, T) -> Option<T>) -> Step {
        self.set(f(self.get(self.action.a), self.get(self.action.b)).ok_or(Stop::Leave)?)
    }

    #[inline(always)]
    fn load<const N: usize, T: Operand>(&mut self, offset: u64, decode: impl Fn([u8; N]) -> T) -> Step {
        let address = offset.wrapping_add(u64::from(self.get::<u32>(self.action.a)));
        self.set(decode(self.memory.load(address).ok_or(Stop::Leave)?))
    }

    #[inline(always)]
    fn store<const N: usize, T: Operand>(&mut self, offset: u64, encode: impl Fn(T) -> [u8; N]) -> Step {
        let address = offset.wrapping_add(u64::from(self.get::<u32>(self.action.a)));
        self.memory.store(address, encode(self.get(self.action.b))).ok_or(Stop::Leave)
    }

    /// `b` is the number of the type that the global must have.
    #[inline(always)]
    fn global_get(&mut self, index: u64) -> Step {
        let slot = usize::try_from(index).ok().and_then(|index| self.globals.slot(index)).ok_or(Stop::Leave)?;
        if slot.tag != Tag::numbered(self.action.b) {
            return Err(Stop::Leave);
        }
        self.set(slot.bits)
    }

    /// `b` is the number of the value's type.
    #[inline(always)]
    fn global_set(&mut self, index: u64) -> Step {
        let index = usize::try_from(index).map_err(|_| Stop::Leave)?;
        let slot = Slot { bits: self.get(self.action.a), tag: Tag::numbered(self.action.b) };
        self.globals.set(index, slot).ok_or(Stop::Leave)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "at most 2^16 pages")]
    fn memory_size(&mut self) -> Step {
        self.set(self.memory.pages() as u32)
    }

    /// Growth is left to the one-step machine.
    #[inline(always)]
    fn memory_grow(&mut self) -> Step {
        Err(Stop::Leave)
    }
}

#[expect(non_snake_case, reason = "named as the instruction")]
mod stack {
    use super::{Instruction, Step, Unit};

    #[inline(always)]
    pub(super) fn LocalGet(unit: &mut Unit<'_>, _: Instruction) -> Step {
        unit.set(unit.get::<u64>(unit.action.a))
    }

    #[inline(always)]
    pub(super) fn I64Const(unit: &mut Unit<'_>, instruction: Instruction) -> Step {
        unit.set(instruction.argument)
    }

    #[inline(always)]
    #[expect(clippy::cast_possible_truncation, reason = "a register")]
    pub(super) fn Select(unit: &mut Unit<'_>, _: Instruction) -> Step {
        let condition: u32 = unit.get(unit.action.aux as u8);
        unit.set(unit.get::<u64>(if condition == 0 { unit.action.b } else { unit.action.a }))
    }
}

/// Makes one flat table of all actions, as `step.rs` does of all instructions.
macro_rules! define_act {
    ($($code:literal $name:ident $family:ident [$($origin:tt)*];)*) => {
        #[inline(always)]
        fn act(unit: &mut Unit<'_>) -> Step {
            let instruction = Instruction::new(unit.action.op, unit.action.argument);
            match unit.action.op {
                $(crate::op::Op::$name => action!($family $name)(unit, instruction),)*
            }
        }
    };
}

/// The function of an action; what is never translated leaves the block.
macro_rules! action {
    (Numeric $name:ident) => {
        numeric::$name
    };
    (Memory $name:ident) => {
        memory::$name
    };
    (Stack LocalGet) => {
        stack::LocalGet
    };
    (Stack I64Const) => {
        stack::I64Const
    };
    (Stack Select) => {
        stack::Select
    };
    ($family:ident $name:ident) => {
        leave
    };
}

#[inline(always)]
const fn leave(_: &mut Unit<'_>, _: Instruction) -> Step {
    Err(Stop::Leave)
}

for_each_op!(define_act);

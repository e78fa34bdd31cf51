//! The instruction set, written once (`spec/wavm.md` 4).
//!
//! [`for_each_op!`](crate::for_each_op) hands the list to a macro. Made from it here: [`Op`] with its codes, names and families.
//! Made from it elsewhere: the lowering of those wasm operators that are one instruction (`module/lower.rs`).

/// Calls a macro with one row an instruction: `code Name Family [origin; change of the stack's height]`.
///
/// The origin is the wasm operator (as `wasmparser` names it) that becomes this instruction alone, then the field that becomes its
/// argument. Rows without origin are made by rules.
#[macro_export]
macro_rules! for_each_op {
    ($with:ident) => {
        $with! {
            0x00 Unreachable Control [Unreachable; 0];
            0x01 Nop Control [];
            0x0f Return Control [];
            0x10 Call Control [];
            0x11 CallIndirect Control [];
            0x1a Drop Stack [Drop; -1];
            0x1b Select Stack [Select; -2];
            0x20 LocalGet Stack [LocalGet local_index; 1];
            0x21 LocalSet Stack [LocalSet local_index; -1];
            0x23 GlobalGet Memory [GlobalGet global_index; 1];
            0x24 GlobalSet Memory [GlobalSet global_index; -1];
            0x28 I32Load Memory [I32Load memarg; 0];
            0x29 I64Load Memory [I64Load memarg; 0];
            0x2a F32Load Memory [F32Load memarg; 0];
            0x2b F64Load Memory [F64Load memarg; 0];
            0x2c I32Load8S Memory [I32Load8S memarg; 0];
            0x2d I32Load8U Memory [I32Load8U memarg; 0];
            0x2e I32Load16S Memory [I32Load16S memarg; 0];
            0x2f I32Load16U Memory [I32Load16U memarg; 0];
            0x30 I64Load8S Memory [I64Load8S memarg; 0];
            0x31 I64Load8U Memory [I64Load8U memarg; 0];
            0x32 I64Load16S Memory [I64Load16S memarg; 0];
            0x33 I64Load16U Memory [I64Load16U memarg; 0];
            0x34 I64Load32S Memory [I64Load32S memarg; 0];
            0x35 I64Load32U Memory [I64Load32U memarg; 0];
            0x36 I32Store Memory [I32Store memarg; -2];
            0x37 I64Store Memory [I64Store memarg; -2];
            0x38 F32Store Memory [F32Store memarg; -2];
            0x39 F64Store Memory [F64Store memarg; -2];
            0x3a I32Store8 Memory [I32Store8 memarg; -2];
            0x3b I32Store16 Memory [I32Store16 memarg; -2];
            0x3c I64Store8 Memory [I64Store8 memarg; -2];
            0x3d I64Store16 Memory [I64Store16 memarg; -2];
            0x3e I64Store32 Memory [I64Store32 memarg; -2];
            0x3f MemorySize Memory [MemorySize mem; 1];
            0x40 MemoryGrow Memory [MemoryGrow mem; 0];
            0x41 I32Const Stack [I32Const value; 1];
            0x42 I64Const Stack [I64Const value; 1];
            0x43 F32Const Stack [F32Const value; 1];
            0x44 F64Const Stack [F64Const value; 1];
            0x45 I32Eqz Numeric [I32Eqz; 0];
            0x46 I32Eq Numeric [I32Eq; -1];
            0x47 I32Ne Numeric [I32Ne; -1];
            0x48 I32LtS Numeric [I32LtS; -1];
            0x49 I32LtU Numeric [I32LtU; -1];
            0x4a I32GtS Numeric [I32GtS; -1];
            0x4b I32GtU Numeric [I32GtU; -1];
            0x4c I32LeS Numeric [I32LeS; -1];
            0x4d I32LeU Numeric [I32LeU; -1];
            0x4e I32GeS Numeric [I32GeS; -1];
            0x4f I32GeU Numeric [I32GeU; -1];
            0x50 I64Eqz Numeric [I64Eqz; 0];
            0x51 I64Eq Numeric [I64Eq; -1];
            0x52 I64Ne Numeric [I64Ne; -1];
            0x53 I64LtS Numeric [I64LtS; -1];
            0x54 I64LtU Numeric [I64LtU; -1];
            0x55 I64GtS Numeric [I64GtS; -1];
            0x56 I64GtU Numeric [I64GtU; -1];
            0x57 I64LeS Numeric [I64LeS; -1];
            0x58 I64LeU Numeric [I64LeU; -1];
            0x59 I64GeS Numeric [I64GeS; -1];
            0x5a I64GeU Numeric [I64GeU; -1];
            0x67 I32Clz Numeric [I32Clz; 0];
            0x68 I32Ctz Numeric [I32Ctz; 0];
            0x69 I32Popcnt Numeric [I32Popcnt; 0];
            0x6a I32Add Numeric [I32Add; -1];
            0x6b I32Sub Numeric [I32Sub; -1];
            0x6c I32Mul Numeric [I32Mul; -1];
            0x6d I32DivS Numeric [I32DivS; -1];
            0x6e I32DivU Numeric [I32DivU; -1];
            0x6f I32RemS Numeric [I32RemS; -1];
            0x70 I32RemU Numeric [I32RemU; -1];
            0x71 I32And Numeric [I32And; -1];
            0x72 I32Or Numeric [I32Or; -1];
            0x73 I32Xor Numeric [I32Xor; -1];
            0x74 I32Shl Numeric [I32Shl; -1];
            0x75 I32ShrS Numeric [I32ShrS; -1];
            0x76 I32ShrU Numeric [I32ShrU; -1];
            0x77 I32Rotl Numeric [I32Rotl; -1];
            0x78 I32Rotr Numeric [I32Rotr; -1];
            0x79 I64Clz Numeric [I64Clz; 0];
            0x7a I64Ctz Numeric [I64Ctz; 0];
            0x7b I64Popcnt Numeric [I64Popcnt; 0];
            0x7c I64Add Numeric [I64Add; -1];
            0x7d I64Sub Numeric [I64Sub; -1];
            0x7e I64Mul Numeric [I64Mul; -1];
            0x7f I64DivS Numeric [I64DivS; -1];
            0x80 I64DivU Numeric [I64DivU; -1];
            0x81 I64RemS Numeric [I64RemS; -1];
            0x82 I64RemU Numeric [I64RemU; -1];
            0x83 I64And Numeric [I64And; -1];
            0x84 I64Or Numeric [I64Or; -1];
            0x85 I64Xor Numeric [I64Xor; -1];
            0x86 I64Shl Numeric [I64Shl; -1];
            0x87 I64ShrS Numeric [I64ShrS; -1];
            0x88 I64ShrU Numeric [I64ShrU; -1];
            0x89 I64Rotl Numeric [I64Rotl; -1];
            0x8a I64Rotr Numeric [I64Rotr; -1];
            0xa7 I32WrapI64 Numeric [I32WrapI64; 0];
            0xac I64ExtendI32S Numeric [I64ExtendI32S; 0];
            0xad I64ExtendI32U Numeric [I64ExtendI32U; 0];
            0xbc I32ReinterpretF32 Numeric [I32ReinterpretF32; 0];
            0xbd I64ReinterpretF64 Numeric [I64ReinterpretF64; 0];
            0xbe F32ReinterpretI32 Numeric [F32ReinterpretI32; 0];
            0xbf F64ReinterpretI64 Numeric [F64ReinterpretI64; 0];
            0xc0 I32Extend8S Numeric [I32Extend8S; 0];
            0xc1 I32Extend16S Numeric [I32Extend16S; 0];
            0xc2 I64Extend8S Numeric [I64Extend8S; 0];
            0xc3 I64Extend16S Numeric [I64Extend16S; 0];
            0xc4 I64Extend32S Numeric [I64Extend32S; 0];
            0x8002 InitFrame Control [];
            0x8003 ArbitraryJump Control [];
            0x8004 ArbitraryJumpIf Control [];
            0x8005 MoveFromStackToInternal Stack [];
            0x8006 MoveFromInternalToStack Stack [];
            0x8008 Dup Stack [];
            0x8009 CrossModuleCall Control [];
            0x800a CallerModuleInternalCall Control [];
            0x800b CrossModuleForward Control [];
            0x800c CrossModuleInternalCall Control [];
            0x8010 GetGlobalStateBytes32 Host [];
            0x8011 SetGlobalStateBytes32 Host [];
            0x8012 GetGlobalStateU64 Host [];
            0x8013 SetGlobalStateU64 Host [];
            0x8019 ValidateCertificate Host [];
            0x8020 ReadPreImage Host [];
            0x8021 ReadInboxMessage Host [];
            0x8022 HaltAndSetFinished Host [];
            0x8023 LinkModule Host [];
            0x8024 UnlinkModule Host [];
            0x8030 NewCoThread Host [];
            0x8031 PopCoThread Host [];
            0x8032 SwitchThread Host [];
        }
    };
}

/// Instructions that are executed and proved together: one file in `machine/`, one of the same name in `proof/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Family {
    /// Arithmetic, comparisons, conversions.
    Numeric,
    /// Branches, calls, frames.
    Control,
    /// Loads, stores, globals, memory size.
    Memory,
    /// Stack and local movement, constants.
    Stack,
    /// Preimages, inbox, global state, programs and their threads.
    Host,
}

macro_rules! define_op {
    ($($code:literal $name:ident $family:ident [$($origin:tt)*];)*) => {
        /// An instruction without its argument.
        ///
        /// Its discriminant is its place in the list, so that a match over all of them is one table; [`Op::code`] is the protocol's number.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        #[repr(u8)]
        pub enum Op {
            $(#[doc = concat!("Code ", stringify!($code), ".")] $name,)*
        }

        impl Op {
            /// All instructions, in the order of their codes.
            pub const ALL: &'static [Self] = &[$(Self::$name),*];

            /// The instruction with this code.
            #[must_use]
            pub const fn from_code(code: u16) -> Option<Self> {
                Some(match code {
                    $($code => Self::$name,)*
                    _ => return None,
                })
            }

            /// Its code.
            #[must_use]
            pub const fn code(self) -> u16 {
                const CODES: &[u16] = &[$($code),*];
                CODES[self as usize]
            }

            /// Its name.
            #[must_use]
            pub const fn name(self) -> &'static str {
                match self {
                    $(Self::$name => stringify!($name),)*
                }
            }

            /// Its family.
            #[must_use]
            pub const fn family(self) -> Family {
                match self {
                    $(Self::$name => Family::$family,)*
                }
            }
        }
    };
}

for_each_op!(define_op);

impl core::fmt::Display for Op {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.name())
    }
}

/// An instruction with its argument.
///
/// What is hashed and proved is the argument as a 32-byte number, except where [`Module::proving_argument`] says otherwise.
///
/// [`Module::proving_argument`]: crate::Module::proving_argument
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Instruction {
    /// What to do.
    pub op: Op,
    /// With what, as the machine reads it: bits of a constant, an index, an offset, a target.
    ///
    /// A `CallIndirect` packs `table | type << 32`, a call to another module `function | module << 32`.
    pub argument: u64,
}

impl Instruction {
    /// An instruction with an argument.
    #[must_use]
    pub const fn new(op: Op, argument: u64) -> Self {
        Self { op, argument }
    }

    /// An instruction without argument.
    #[must_use]
    pub const fn simple(op: Op) -> Self {
        Self::new(op, 0)
    }

    /// Two indexes as one argument.
    #[must_use]
    pub const fn pack(high: u32, low: u32) -> u64 {
        (high as u64) << 32 | low as u64
    }

    /// The upper index of a packed argument.
    #[must_use]
    pub const fn high(self) -> u32 {
        (self.argument >> 32) as u32
    }

    /// The lower index of a packed argument.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "the lower half is asked for")]
    pub const fn low(self) -> u32 {
        self.argument as u32
    }
}

impl From<Op> for Instruction {
    fn from(op: Op) -> Self {
        Self::simple(op)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_round_trip_and_ascend() {
        for op in Op::ALL {
            assert_eq!(Op::from_code(op.code()), Some(*op), "{op}");
        }
        assert!(Op::ALL.windows(2).all(|pair| pair[0].code() < pair[1].code()));
        assert_eq!(Op::from_code(0x8007), None);
    }

    #[test]
    fn arguments_pack_two_indexes() {
        let call = Instruction::new(Op::CrossModuleCall, Instruction::pack(1, 514));
        assert_eq!((call.high(), call.low()), (1, 514));
        assert_eq!(call.argument, 0x1_0000_0202);
    }
}

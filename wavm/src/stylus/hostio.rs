//! Functions that a program may import (`spec/stylus.md` 7).
//!
//! [`for_each_hostio!`](crate::for_each_hostio) hands the list to a macro. Made from it here: [`HOSTIOS`], and what the modules of
//! programs import. Engines make their linkers from the same list.

use crate::{
    module::build::{Available, Imports},
    value::{FunctionType, ValueType},
};

/// The module that a program imports them from.
pub const MODULE: &str = "vm_hooks";

/// The library module that a program's imports call, and its first function for them.
const FORWARDER: u32 = 1;
const FIRST_FUNCTION: u32 = 514;

/// Calls a macro with one row a function: `index name(parameter: type, ..) -> type = ink;`.
///
/// The order is the protocol's. Pointers and lengths are `u32`. The ink is taken before anything else is done.
#[macro_export]
macro_rules! for_each_hostio {
    ($with:ident) => {
        $with! {
            0 read_args(dest: u32) = 8400;
            1 write_result(data: u32, len: u32) = 8400;
            2 exit_early(status: u32) = 0;
            3 storage_load_bytes32(key: u32, dest: u32) = 18_480;
            4 storage_cache_bytes32(key: u32, value: u32) = 18_480;
            5 storage_flush_cache(clear: u32) = 68_073;
            6 transient_load_bytes32(key: u32, dest: u32) = 78_153;
            7 transient_store_bytes32(key: u32, value: u32) = 78_153;
            8 call_contract(address: u32, data: u32, len: u32, value: u32, gas: u64, return_len: u32) -> u32 = 83_193;
            9 delegate_call_contract(address: u32, data: u32, len: u32, gas: u64, return_len: u32) -> u32 = 83_193;
            10 static_call_contract(address: u32, data: u32, len: u32, gas: u64, return_len: u32) -> u32 = 83_193;
            11 create1(code: u32, len: u32, endowment: u32, contract: u32, revert_len: u32) = 83_193;
            12 create2(code: u32, len: u32, endowment: u32, salt: u32, contract: u32, revert_len: u32) = 88_233;
            13 read_return_data(dest: u32, offset: u32, size: u32) -> u32 = 68_073;
            14 return_data_size() -> u32 = 8400;
            15 emit_log(data: u32, len: u32, topics: u32) = 68_073;
            16 account_balance(address: u32, dest: u32) = 78_153;
            17 account_code(address: u32, offset: u32, size: u32, dest: u32) -> u32 = 68_073;
            18 account_code_size(address: u32) -> u32 = 68_073;
            19 account_codehash(address: u32, dest: u32) = 78_153;
            20 evm_gas_left() -> u64 = 8400;
            21 evm_ink_left() -> u64 = 8400;
            22 block_basefee(dest: u32) = 13_440;
            23 chainid() -> u64 = 8400;
            24 block_coinbase(dest: u32) = 13_440;
            25 block_gas_limit() -> u64 = 8400;
            26 block_number() -> u64 = 8400;
            27 block_timestamp() -> u64 = 8400;
            28 contract_address(dest: u32) = 13_440;
            29 math_div(a: u32, b: u32) = 43_520;
            30 math_mod(a: u32, b: u32) = 43_520;
            31 math_pow(base: u32, exponent: u32) = 23_520;
            32 math_add_mod(a: u32, b: u32, m: u32) = 49_560;
            33 math_mul_mod(a: u32, b: u32, m: u32) = 52_660;
            34 msg_reentrant() -> u32 = 8400;
            35 msg_sender(dest: u32) = 13_440;
            36 msg_value(dest: u32) = 13_440;
            37 native_keccak256(data: u32, len: u32, dest: u32) = 0;
            38 tx_gas_price(dest: u32) = 13_440;
            39 tx_ink_price() -> u32 = 8400;
            40 tx_origin(dest: u32) = 13_440;
            41 pay_for_memory_grow(pages: u32) = 0;
        }
    };
}

/// A function that a program may import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Hostio {
    /// Its name in the module `vm_hooks`.
    pub name: &'static str,
    /// Types of its parameters.
    pub inputs: &'static [ValueType],
    /// Type of its result, if it has one.
    pub outputs: &'static [ValueType],
    /// Ink that is taken first.
    pub ink: u64,
}

impl Hostio {
    /// Its type.
    #[must_use]
    pub fn ty(&self) -> FunctionType {
        FunctionType::new(self.inputs, self.outputs)
    }
}

macro_rules! value_type {
    (u32) => {
        ValueType::I32
    };
    (u64) => {
        ValueType::I64
    };
}

macro_rules! define_hostios {
    ($($index:literal $name:ident($($arg:ident: $ty:ident),*) $(-> $result:ident)? = $ink:literal;)*) => {
        /// All functions that a program may import, in order.
        pub const HOSTIOS: [Hostio; 42] = [$(Hostio {
            name: stringify!($name),
            inputs: &[$(value_type!($ty)),*],
            outputs: &[$(value_type!($result))?],
            ink: $ink,
        }),*];
    };
}

for_each_hostio!(define_hostios);

/// Index of the function with this name.
#[must_use]
pub fn index_of(name: &str) -> Option<usize> {
    HOSTIOS.iter().position(|hostio| hostio.name == name)
}

/// What a program can import: the functions of the list, through the forwarding library.
pub(crate) struct ProgramImports;

impl Imports for ProgramImports {
    fn find(&self, qualified: &str) -> Option<Available> {
        let index = index_of(qualified.strip_prefix(MODULE)?.strip_prefix("__")?)?;
        let func = FIRST_FUNCTION + u32::try_from(index).ok()?;
        Some(Available { ty: HOSTIOS[index].ty(), module: FORWARDER, func })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_stand_at_their_index() {
        macro_rules! indexes {
            ($($index:literal $name:ident($($arg:ident: $ty:ident),*) $(-> $result:ident)? = $ink:literal;)*) => {
                [$(($index, stringify!($name))),*]
            };
        }
        for (place, (index, name)) in for_each_hostio!(indexes).into_iter().enumerate() {
            assert_eq!((index, index_of(name)), (place, Some(place)));
        }
    }

    #[test]
    fn imports_go_through_the_forwarder() {
        let found = ProgramImports.find("vm_hooks__call_contract").expect("it is in the list");
        assert_eq!((found.module, found.func), (1, 522));
        let inputs = [ValueType::I32, ValueType::I32, ValueType::I32, ValueType::I32, ValueType::I64, ValueType::I32];
        assert_eq!(found.ty, FunctionType::new(&inputs, &[ValueType::I32]));
        assert_eq!(ProgramImports.find("vm_hooks__pay_for_memory_grow").map(|found| found.func), Some(555));
        for unknown in ["vm_hooks__nothing", "env__read_args", "vm_hooks_read_args", "read_args"] {
            assert_eq!(ProgramImports.find(unknown), None, "{unknown}");
        }
    }
}

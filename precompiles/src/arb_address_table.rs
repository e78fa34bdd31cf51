//! `ArbAddressTable` (0x66): numbers in place of addresses (`spec/precompiles.md` 4).

use crate::{Precompile, Reply, ViewCtx, WriteCtx, error::Failure, precompile};
use alloy_primitives::{Address, Bytes, U256};

precompile! {
    /// A table of addresses.
    #[at(0x66)]
    interface ArbAddressTable {
        /// Whether the address is registered. Gas: `R`.
        function addressExists(address addr) external view returns (bool);
        /// Short form of an address: its number, or itself. Gas: `R`.
        function compress(address addr) external returns (bytes);
        /// Address behind a short form, and how many bytes that took.
        /// Gas: none for bytes of an address, else `R`, `2R` where the index is known.
        function decompress(bytes buf, uint256 offset) external view returns (address addr, uint256 bytesRead);
        /// Number of an address. Gas: `R`.
        function lookup(address addr) external view returns (uint256);
        /// Address with a number. Gas: `R`, `2R` where the index is known.
        function lookupIndex(uint256 index) external view returns (address);
        /// Registers an address and returns its number. Gas: `R` for a known address, else `2R + 3W`.
        function register(address addr) external returns (uint256);
        /// How many addresses are registered. Gas: `R`.
        function size() external view returns (uint256);
    }
}

/// The implementation.
#[derive(Debug)]
pub enum Table {}
/// The registry's row.
pub static PRECOMPILE: Precompile = row::<Table>();

impl ArbAddressTableMethods for Table {
    fn addressExists(cx: &mut ViewCtx<'_, '_>, call: ArbAddressTable::addressExistsCall) -> Reply<bool> {
        Ok(cx.state().address_table().lookup(call.addr)?.is_some())
    }

    fn compress(cx: &mut WriteCtx<'_, '_>, call: ArbAddressTable::compressCall) -> Reply<Bytes> {
        Ok(cx.state().address_table().compress(call.addr)?.into())
    }

    fn decompress(
        cx: &mut ViewCtx<'_, '_>,
        call: ArbAddressTable::decompressCall,
    ) -> Reply<ArbAddressTable::decompressReturn> {
        let offset = usize::try_from(call.offset).ok();
        let bytes = offset.and_then(|offset| call.buf.get(offset..));
        let bytes = bytes.ok_or(Failure::plain("invalid offset in ArbAddressTable.decompress"))?;
        let (addr, taken) = cx.state().address_table().decompress(bytes)?;
        Ok(ArbAddressTable::decompressReturn { addr, bytesRead: U256::from(taken) })
    }

    fn lookup(cx: &mut ViewCtx<'_, '_>, call: ArbAddressTable::lookupCall) -> Reply<U256> {
        let index = cx.state().address_table().lookup(call.addr)?;
        index.map(U256::from).ok_or(Failure::plain("address does not exist in AddressTable"))
    }

    fn lookupIndex(cx: &mut ViewCtx<'_, '_>, call: ArbAddressTable::lookupIndexCall) -> Reply<Address> {
        let index = u64::try_from(call.index).map_err(|_| Failure::plain("invalid index"))?;
        let address = cx.state().address_table().lookup_index(index)?;
        address.ok_or(Failure::plain("index does not exist in AddressTable"))
    }

    fn register(cx: &mut WriteCtx<'_, '_>, call: ArbAddressTable::registerCall) -> Reply<U256> {
        Ok(U256::from(cx.state().address_table().register(call.addr)?))
    }

    fn size(cx: &mut ViewCtx<'_, '_>, _: ArbAddressTable::sizeCall) -> Reply<U256> {
        Ok(U256::from(cx.state().address_table().size()?))
    }
}

//! Names in a binary: the name section, and which names may stand together.

use super::{WasmBinary, other};
use crate::error::{Rule, WasmError};
use alloc::{
    borrow::ToOwned,
    collections::{BTreeMap, BTreeSet},
    format,
};
use wasmparser::{BinaryReader, CustomSectionReader, Name, NameSectionReader, Naming};

/// What every reserved name begins with.
const RESERVED: &str = "stylus";

impl<'a> WasmBinary<'a> {
    /// Reads the names if this is the section of names. Any other custom section is ignored.
    pub(super) fn read_names(&mut self, section: &CustomSectionReader<'a>) -> Result<(), WasmError> {
        if section.name() != "name" {
            return Ok(());
        }
        for names in NameSectionReader::new(BinaryReader::new(section.data(), section.data_offset())) {
            match names.map_err(other)? {
                Name::Module { name, .. } => name.clone_into(&mut self.name),
                Name::Function(names) => {
                    for naming in names {
                        let Naming { index, name } = naming.map_err(other)?;
                        self.function_names.insert(index, name.to_owned());
                    }
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// Checks which names stand together. Of an exported name only the part after the last `__` counts.
    pub(super) fn check_names(&self) -> Result<(), WasmError> {
        let mut types = BTreeMap::new();
        for import in &self.imports {
            if types.insert((import.module, import.name), import.ty).is_some_and(|ty| ty != import.ty) {
                let text = format!("{} of {} is imported with two types", import.name, import.module);
                return Err(WasmError::new(Rule::InconsistentImports, text));
            }
        }
        let exports: BTreeSet<&str> = self.exports.keys().map(|name| last_part(name)).collect();
        let reserved = |text| Err(WasmError::new(Rule::ReservedName, text));
        if let Some(import) = self.imports.iter().find(|import| exports.contains(import.name)) {
            return reserved(format!("{} is both exported and imported", import.name));
        }
        if let Some(name) = exports.iter().find(|name| name.starts_with(RESERVED)) {
            return reserved(format!("the exported name {name} is reserved"));
        }
        match self.imports.iter().find(|import| import.name.starts_with(RESERVED)) {
            Some(import) => reserved(format!("the imported name {} is reserved", import.name)),
            None => Ok(()),
        }
    }
}

fn last_part(name: &str) -> &str {
    name.rsplit("__").next().unwrap_or(name)
}

//! A load in a CSV file: a header names the columns, in any order.
//!
//! `time` in seconds; `gas`, or columns named like the kinds of gas, for each second; `data_bytes`, compressed, for each second;
//! `l1_base_fee` in wei. A row lasts until the next one. Data and base fee may be left out.

use super::{Mix, Second, kind_named};
use crate::vectors::InputError;
use ::state::{MultiGas, ResourceKind};
use alloy_primitives::U256;
use std::{fs, path::Path};

/// Longest file in bytes.
const MAX_FILE: u64 = 1 << 30;

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Time,
    Gas,
    Kind(ResourceKind),
    DataBytes,
    L1BaseFee,
}

impl Column {
    fn named(name: &str) -> Option<Self> {
        match name {
            "time" => Some(Self::Time),
            "gas" => Some(Self::Gas),
            "data_bytes" => Some(Self::DataBytes),
            "l1_base_fee" => Some(Self::L1BaseFee),
            _ => kind_named(name).map(Self::Kind),
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Time => "time",
            Self::Gas => "gas",
            Self::Kind(kind) => kind.name(),
            Self::DataBytes => "data_bytes",
            Self::L1BaseFee => "l1_base_fee",
        }
    }
}

/// Names the place of an error.
struct Place<'a> {
    file: &'a str,
    line: usize,
}

impl Place<'_> {
    fn error(&self, field: Option<&str>, problem: impl core::fmt::Display) -> InputError {
        InputError {
            file: self.file.into(),
            line: Some(self.line),
            field: field.map(Into::into),
            problem: problem.to_string(),
        }
    }
}

/// Reads a file.
pub(super) fn read(path: &Path, mix: &Mix) -> Result<Vec<(u64, Second)>, InputError> {
    let of_file = |error: std::io::Error| InputError::of_file(path, error);
    if fs::metadata(path).map_err(of_file)?.len() > MAX_FILE {
        return Err(InputError::of_file(path, "the file is larger than 1 GiB"));
    }
    rows(&path.display().to_string(), &fs::read_to_string(path).map_err(of_file)?, mix)
}

/// Reads the text of a file.
pub(super) fn rows(file: &str, text: &str, mix: &Mix) -> Result<Vec<(u64, Second)>, InputError> {
    let mut lines = text.lines().enumerate().map(|(index, line)| (index + 1, line.trim()));
    let (line, header) = lines.next().unwrap_or((1, ""));
    if header.is_empty() {
        return Err(Place { file, line }.error(None, "the file has no header"));
    }
    let columns = columns(&Place { file, line }, header)?;
    let mut rows: Vec<(u64, Second)> = Vec::new();
    let mut last = line;
    for (line, text) in lines.filter(|(_, line)| !line.is_empty()) {
        let (place, before) = (Place { file, line }, rows.last().map(|(time, _)| *time));
        let row = row(&place, &columns, text, mix)?;
        if before.is_some_and(|before| before >= row.0) {
            return Err(place.error(Some("time"), "is not after the line before"));
        }
        rows.push(row);
        last = line;
    }
    if rows.is_empty() {
        Err(Place { file, line: last + 1 }.error(Some("time"), "the file has no rows"))
    } else {
        Ok(rows)
    }
}

fn columns(place: &Place<'_>, header: &str) -> Result<Vec<Column>, InputError> {
    let mut columns = Vec::new();
    for name in header.split(',').map(str::trim) {
        let column = Column::named(name).ok_or_else(|| place.error(Some(name), "there is no such column"))?;
        if columns.contains(&column) {
            return Err(place.error(Some(name), "stands twice"));
        }
        columns.push(column);
    }
    let has_kinds = columns.iter().any(|column| matches!(column, Column::Kind(_)));
    match (columns.contains(&Column::Gas), has_kinds) {
        _ if !columns.contains(&Column::Time) => Err(place.error(Some("time"), "the header lacks this column")),
        (false, false) => Err(place.error(Some("gas"), "the header lacks this column, and all kinds of gas")),
        (true, true) => Err(place.error(Some("gas"), "stands beside kinds of gas")),
        _ => Ok(columns),
    }
}

fn row(place: &Place<'_>, columns: &[Column], line: &str, mix: &Mix) -> Result<(u64, Second), InputError> {
    let mut cells = line.split(',').map(str::trim);
    let (mut time, mut second, mut data) = (0, Second::usual(MultiGas::ZERO), None);
    for column in columns {
        let field = Some(column.name());
        let cell = cells.next().ok_or_else(|| place.error(field, "is missing"))?;
        let number: u64 =
            cell.parse().map_err(|_| place.error(field, format_args!("{cell:?} is not a number from 0")))?;
        match column {
            Column::Time => time = number,
            Column::Gas => second.gas = mix.divide(number),
            Column::Kind(kind) => second.gas.add(*kind, number),
            Column::DataBytes => data = Some(number),
            Column::L1BaseFee => second.l1_base_fee = U256::from(number),
        }
    }
    if cells.next().is_some() {
        return Err(place.error(None, format_args!("has more than {} fields", columns.len())));
    }
    second.data_bytes = data.unwrap_or_else(|| Second::usual(second.gas).data_bytes);
    Ok((time, second))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str) -> Result<Vec<(u64, Second)>, String> {
        rows("load.csv", text, &Mix::default()).map_err(|error| error.to_string())
    }

    #[test]
    fn columns_come_in_any_order_and_some_may_be_left_out() {
        let rows = read("gas,time\n500,2\n1000,9\n").unwrap();
        assert_eq!(rows[1], (9, Second::usual(MultiGas::of(ResourceKind::Computation, 1_000))));
        let rows = read("time,computation,storageGrowth,data_bytes,l1_base_fee\n0, 5, 6, 7, 8").unwrap();
        assert_eq!((rows[0].1.gas.total(), rows[0].1.data_bytes, rows[0].1.l1_base_fee), (11, 7, U256::from(8)));
        assert_eq!(rows[0].1.gas.get(ResourceKind::StorageGrowth), 6);
    }

    #[test]
    fn errors_name_line_and_field() {
        let wrong = |text: &str| read(text).unwrap_err();
        assert_eq!(wrong("time,gas\n0,x"), "load.csv, line 2, field gas: \"x\" is not a number from 0");
        assert_eq!(wrong("time,gas\n-1,5"), "load.csv, line 2, field time: \"-1\" is not a number from 0");
        assert_eq!(wrong("time,gas\n5,1\n\n5,1"), "load.csv, line 4, field time: is not after the line before");
        assert_eq!(wrong("time,gas\n5"), "load.csv, line 2, field gas: is missing");
        assert_eq!(wrong("time,gas\n5,6,7"), "load.csv, line 2: has more than 2 fields");
        assert_eq!(wrong("time,gas\n"), "load.csv, line 2, field time: the file has no rows");
        assert_eq!(wrong(""), "load.csv, line 1: the file has no header");
        assert_eq!(wrong("time,fuel\n"), "load.csv, line 1, field fuel: there is no such column");
        assert_eq!(wrong("time\n"), "load.csv, line 1, field gas: the header lacks this column, and all kinds of gas");
        assert_eq!(wrong("gas\n"), "load.csv, line 1, field time: the header lacks this column");
        assert_eq!(wrong("time,time\n"), "load.csv, line 1, field time: stands twice");
        assert_eq!(wrong("time,gas,computation\n"), "load.csv, line 1, field gas: stands beside kinds of gas");
    }
}

//! How gas divides into kinds.

use ::state::{MultiGas, ResourceKind};

/// Parts of each kind; at least one is not zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Mix([u64; ResourceKind::COUNT]);

impl Default for Mix {
    fn default() -> Self {
        let mut parts = [0; ResourceKind::COUNT];
        parts[ResourceKind::Computation as usize] = 1;
        Self(parts)
    }
}

/// The kind a user names, by its name in JSON.
#[must_use]
pub fn kind_named(name: &str) -> Option<ResourceKind> {
    ResourceKind::ALL.into_iter().find(|kind| *kind != ResourceKind::Unknown && kind.name() == name)
}

impl Mix {
    /// Reads `KIND:PARTS,...`, as in `computation:70,storageAccessRead:30`.
    ///
    /// # Errors
    /// What is wrong with the text.
    pub fn parse(text: &str) -> Result<Self, String> {
        let mut mix = [0; ResourceKind::COUNT];
        for part in text.split(',') {
            let (name, parts) = part.split_once(':').ok_or_else(|| format!("{part:?} is not KIND:PARTS"))?;
            let kind = kind_named(name).ok_or_else(|| format!("there is no kind of gas {name:?}"))?;
            mix[kind as usize] =
                parts.parse::<u32>().map_err(|_| format!("{parts:?} is not a number of parts"))?.into();
        }
        if mix == [0; ResourceKind::COUNT] { Err("all parts are zero".into()) } else { Ok(Self(mix)) }
    }

    /// Divides gas; what rounding leaves goes to the first kind that has a part.
    #[must_use]
    pub fn divide(&self, gas: u64) -> MultiGas {
        scaled(&self.0, gas)
    }
}

/// Gas held to a limit, in the same proportions.
#[must_use]
pub fn held_to(limit: u64, gas: &MultiGas) -> MultiGas {
    if gas.total() <= limit { *gas } else { scaled(gas.amounts(), limit) }
}

/// `total` in the proportions of `parts`.
fn scaled(parts: &[u64; ResourceKind::COUNT], total: u64) -> MultiGas {
    let whole: u128 = parts.iter().map(|part| u128::from(*part)).sum();
    let mut gas = MultiGas::ZERO;
    let Some(first) = ResourceKind::ALL.into_iter().find(|kind| parts[*kind as usize] != 0) else { return gas };
    for kind in ResourceKind::ALL {
        let part = u128::from(total) * u128::from(parts[kind as usize]) / whole;
        gas.add(kind, u64::try_from(part).unwrap_or(u64::MAX));
    }
    gas.add(first, total.saturating_sub(gas.total()));
    gas
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_mix_is_read_by_the_names_of_kinds() {
        let gas = Mix::parse("computation:70,storageAccessRead:30").unwrap().divide(1_001);
        assert_eq!((gas.get(ResourceKind::Computation), gas.get(ResourceKind::StorageAccessRead)), (701, 300));
        assert!(Mix::parse("work:1").unwrap_err().contains("no kind"));
        assert!(Mix::parse("unknown:1").unwrap_err().contains("no kind"));
        assert!(Mix::parse("computation").unwrap_err().contains("KIND:PARTS"));
        assert!(Mix::parse("computation:-1").unwrap_err().contains("not a number"));
        assert!(Mix::parse("computation:0").unwrap_err().contains("zero"));
    }

    proptest! {
        #[test]
        fn nothing_is_lost(parts in proptest::array::uniform9(any::<u32>()), gas: u64, limit: u64) {
            let parts = parts.map(u64::from);
            prop_assume!(parts.iter().any(|part| *part != 0));
            let divided = Mix(parts).divide(gas);
            prop_assert_eq!(divided.total(), gas);
            prop_assert_eq!(held_to(limit, &divided).total(), gas.min(limit));
        }
    }
}

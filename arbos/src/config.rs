//! The configuration of a chain and its JSON form.

use alloc::{string::String, vec::Vec};
use alloy_primitives::Address;
use serde::Deserialize;
use state::{ArbosVersion, arbos::L2Layout};
use thiserror::Error;

/// Largest contract code unless the configuration says otherwise.
const DEFAULT_MAX_CODE_SIZE: u64 = 24_576;
/// Largest uncompressed batch unless the configuration says otherwise.
const DEFAULT_MAX_UNCOMPRESSED_BATCH_SIZE: u64 = 16_777_216;

/// What is wrong with a configuration.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// Not the JSON of a configuration.
    #[error("chain configuration: {0}")]
    Json(String),
    /// A field with a value that is not possible.
    #[error("chain configuration, field {field}: {problem}")]
    Field {
        /// Path of the field.
        field: &'static str,
        /// What is wrong.
        problem: String,
    },
}

/// A chain, as its configuration describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainConfig {
    /// Chain id.
    pub chain_id: u64,
    /// Version the chain is made at.
    pub initial_version: ArbosVersion,
    /// First owner.
    pub initial_owner: Address,
    /// Number of the first block.
    pub genesis_block_number: u64,
    /// Whether `ArbDebug` works.
    pub allow_debug_precompiles: bool,
    /// Whether batches may be kept by a committee.
    pub data_availability_committee: bool,
    /// Largest contract code in bytes.
    pub max_code_size: u64,
    /// Largest init code in bytes.
    pub max_init_code_size: u64,
    /// Largest uncompressed batch in bytes.
    pub max_uncompressed_batch_size: u64,
    /// Whether native token owners may be added from the start.
    pub native_token_management: bool,
    /// Whether filterers may be added from the start.
    pub transaction_filtering: bool,
    /// How L2 gas is priced, for the chain's life.
    pub l2_layout: L2Layout,
    /// The text, byte for byte, as it is kept in state.
    pub text: Vec<u8>,
}

#[derive(Deserialize)]
struct Json {
    #[serde(rename = "chainId")]
    chain_id: u64,
    #[serde(default)]
    arbitrum: ArbitrumJson,
    #[serde(rename = "arbOSInit")]
    init: Option<InitJson>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "PascalCase", default)]
struct ArbitrumJson {
    #[serde(rename = "EnableArbOS")]
    enable: bool,
    allow_debug_precompiles: bool,
    data_availability_committee: bool,
    #[serde(rename = "InitialArbOSVersion")]
    initial_version: u64,
    initial_chain_owner: Address,
    genesis_block_num: u64,
    max_code_size: Option<u64>,
    max_init_code_size: Option<u64>,
    max_uncompressed_batch_size: Option<u64>,
    #[serde(rename = "l2PricingModel")]
    pricing_model: Option<String>,
}

#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct InitJson {
    native_token_supply_management_enabled: bool,
    transaction_filtering_enabled: bool,
}

fn field(field: &'static str, problem: impl Into<String>) -> ConfigError {
    ConfigError::Field { field, problem: problem.into() }
}

impl ChainConfig {
    /// Reads a configuration.
    ///
    /// # Errors
    /// See [`ConfigError`].
    pub fn parse(text: &[u8]) -> Result<Self, ConfigError> {
        let json: Json = serde_json::from_slice(text).map_err(|error| ConfigError::Json(alloc::format!("{error}")))?;
        let arbitrum = json.arbitrum;
        if !arbitrum.enable {
            return Err(field("arbitrum.EnableArbOS", "must be true"));
        }
        let initial_version = ArbosVersion::new(arbitrum.initial_version);
        if !initial_version.is_known() {
            let problem = alloc::format!("{initial_version} is not a version from 1 to {}", ArbosVersion::LATEST);
            return Err(field("arbitrum.InitialArbOSVersion", problem));
        }
        let l2_layout = match arbitrum.pricing_model.as_deref() {
            None | Some("backlog") => L2Layout::Backlog,
            Some("dualPool") => L2Layout::DualPool,
            Some(other) => {
                return Err(field("arbitrum.l2PricingModel", alloc::format!("unknown model {other:?}")));
            }
        };
        let or_default = |size: Option<u64>, default: u64| size.filter(|size| *size != 0).unwrap_or(default);
        let max_code_size = or_default(arbitrum.max_code_size, DEFAULT_MAX_CODE_SIZE);
        let init = json.init.unwrap_or_default();
        Ok(Self {
            chain_id: json.chain_id,
            initial_version,
            initial_owner: arbitrum.initial_chain_owner,
            genesis_block_number: arbitrum.genesis_block_num,
            allow_debug_precompiles: arbitrum.allow_debug_precompiles,
            data_availability_committee: arbitrum.data_availability_committee,
            max_code_size,
            max_init_code_size: or_default(arbitrum.max_init_code_size, max_code_size.saturating_mul(2)),
            max_uncompressed_batch_size: or_default(
                arbitrum.max_uncompressed_batch_size,
                DEFAULT_MAX_UNCOMPRESSED_BATCH_SIZE,
            ),
            native_token_management: init.native_token_supply_management_enabled,
            transaction_filtering: init.transaction_filtering_enabled,
            l2_layout,
            text: text.to_vec(),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_field() {
        let with =
            |arbitrum: &str| ChainConfig::parse(alloc::format!(r#"{{"chainId":1,"arbitrum":{arbitrum}}}"#).as_bytes());
        assert!(matches!(with("{}"), Err(ConfigError::Field { field: "arbitrum.EnableArbOS", .. })));
        let version = with(r#"{"EnableArbOS":true,"InitialArbOSVersion":62}"#);
        assert!(matches!(version, Err(ConfigError::Field { field: "arbitrum.InitialArbOSVersion", .. })));
        let model = with(r#"{"EnableArbOS":true,"InitialArbOSVersion":6,"l2PricingModel":"x"}"#);
        assert!(matches!(model, Err(ConfigError::Field { field: "arbitrum.l2PricingModel", .. })));
        assert!(matches!(ChainConfig::parse(b"{"), Err(ConfigError::Json(_))));
    }

    #[test]
    fn the_pricing_model_is_chosen_by_name() {
        let layout = |model: &str| {
            let text =
                alloc::format!(r#"{{"chainId":1,"arbitrum":{{"EnableArbOS":true,"InitialArbOSVersion":6{model}}}}}"#);
            ChainConfig::parse(text.as_bytes()).map(|config| config.l2_layout)
        };
        assert_eq!(layout(""), Ok(L2Layout::Backlog));
        assert_eq!(layout(r#","l2PricingModel":"backlog""#), Ok(L2Layout::Backlog));
        assert_eq!(layout(r#","l2PricingModel":"dualPool""#), Ok(L2Layout::DualPool));
        assert!(layout(r#","l2PricingModel":"DualPool""#).is_err());
    }

    #[test]
    fn code_sizes_have_defaults() {
        let text = br#"{"chainId":5,"arbitrum":{"EnableArbOS":true,"InitialArbOSVersion":6,"MaxCodeSize":98304}}"#;
        let config = ChainConfig::parse(text).unwrap();
        assert_eq!((config.max_code_size, config.max_init_code_size), (98_304, 196_608));
    }
}

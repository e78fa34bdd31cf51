//! What prices promise, over random loads: data pays for itself, nobody is paid what is not there, fees keep to their bounds, and no
//! number of an owner stops a chain unless it stops the live one.

use alloy_primitives::{Address, I256, U256};
use arbos::prices::{Ledger, Load, Mix, Model, Row, Setting, Simulation};
use pricing::{
    l1::settlement::{self, Bank, Report},
    math::wide,
};
use proptest::prelude::*;
use state::{
    ArbosVersion, Fault,
    address::{L1_PRICER_FUNDS_POOL, SEQUENCER},
    arbos::L2Layout,
};

/// Units over which a surplus is given back.
const EQUILIBRATION_UNITS: u64 = 160_000_000;
/// Units of a compressed byte.
const UNITS_PER_BYTE: u64 = 16;
const GWEI: u64 = 1_000_000_000;

fn simulation(model: Model, load: Load, settings: &[String], seconds: u64) -> Simulation {
    let settings = settings.iter().map(|text| Setting::parse(text, model).expect("a setting")).collect();
    Simulation { model, load, settings, seconds, blocks_per_second: 1, sample: 1 }
}

fn data_load(bytes: u64, l1_base_fee_wei: u64) -> Load {
    let csv = format!("time,gas,data_bytes,l1_base_fee\n0,1000000,{bytes},{l1_base_fee_wei}\n");
    Load::of_csv("data", &csv, Mix::default()).expect("a load")
}

fn sum(rows: &[Row], of: fn(&Row) -> U256) -> U256 {
    rows.iter().map(of).fold(U256::ZERO, |sum, wei| sum + wei)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(12))]

    /// Whatever the price starts at: after some equilibration times users pay what posters spend, and the surplus is small against
    /// what is spent in one such time.
    #[test]
    fn data_pays_for_itself_within_the_equilibration_time(bytes in 20_000u64..80_000, l1_gwei in 1u64..400) {
        // Whole minutes, as batches have: between two of them the pool holds what the next one will cost.
        let minutes = EQUILIBRATION_UNITS / (bytes * UNITS_PER_BYTE) / 60 + 1;
        let load = data_load(bytes, l1_gwei * GWEI);
        let rows = simulation(Model::Backlog, load, &[], 12 * minutes * 60).rows().unwrap();
        let window = usize::try_from(minutes * 60).unwrap();
        let late = &rows[rows.len() - window..];
        let (paid, spent) = (sum(late, |row| row.data_paid), sum(late, |row| row.data_spent));
        prop_assert!(paid.abs_diff(spent) <= spent / U256::from(50), "{paid} paid, {spent} spent");
        let surplus = late[late.len() - 1].surplus.unsigned_abs();
        prop_assert!(surplus <= spent / U256::from(50), "{surplus} left of {spent}");
    }
}

/// A report: seconds since the last one, what arrived in the pool, units, gas spent.
type Step = (u64, u64, u64, u64);

fn steps() -> impl Strategy<Value = Vec<Step>> {
    prop::collection::vec((0u64..3, 0u64..1_000_000_000, 0u64..1_000_000, any::<u64>()), 1..40)
}

/// Settles reports and gives back all that was paid into the pool, and all that is in the accounts in the end.
fn settle(version: ArbosVersion, steps: &[Step]) -> Result<(U256, U256), TestCaseError> {
    let mut ledger = Ledger::genesis(version, L2Layout::Backlog, U256::from(GWEI)).unwrap();
    let (mut arrived, mut now) = (U256::ZERO, 100);
    for (seconds, wei, units, spent) in steps {
        now += seconds;
        ledger.deposit(L1_PRICER_FUNDS_POOL, U256::from(*wei));
        arrived += U256::from(*wei);
        ledger
            .arbos(|state| {
                let mut pricing = state.l1_pricing();
                pricing.units_since_update().update(|before| Ok(before.wrapping_add(*units)))?;
                pricing.l1_fees_available().update(|held| Ok(held + U256::from(*wei)))
            })
            .unwrap();
        let report = Report {
            update_time: now - seconds / 2,
            current_time: now,
            poster: SEQUENCER,
            wei_spent: wide(U256::from(*spent)),
            l1_base_fee: U256::from(GWEI),
        };
        let outcome = settlement::settle(&mut ledger, &report, version);
        prop_assert!(matches!(outcome, Ok(()) | Err(Fault::Rejected(_))), "{outcome:?}");
        let available = ledger.arbos(|state| state.l1_pricing().l1_fees_available().get()).unwrap();
        let pool = Bank::balance(&mut ledger, L1_PRICER_FUNDS_POOL).unwrap();
        if version >= ArbosVersion::L1_FEES_AVAILABLE {
            prop_assert_eq!(pool, available);
        }
    }
    let rewards_to = ledger.arbos(|state| state.l1_pricing().pay_rewards_to().get()).unwrap();
    let accounts: std::collections::BTreeSet<Address> = [L1_PRICER_FUNDS_POOL, SEQUENCER, rewards_to].into();
    let held = accounts.into_iter().map(|account| Bank::balance(&mut ledger, account).unwrap());
    Ok((arrived, held.fold(U256::ZERO, |sum, wei| sum + wei)))
}

proptest! {
    #[test]
    fn nobody_is_paid_more_than_the_pool_holds(
        version in prop::sample::select(vec![1u64, 2, 3, 7, 10, 11, 20, 51, 60]), steps in steps(),
    ) {
        let (arrived, held) = settle(ArbosVersion::new(version), &steps)?;
        prop_assert_eq!(arrived, held);
    }
}

/// Loads of all patterns.
fn loads() -> impl Strategy<Value = Load> {
    let gas = || 0u64..40_000_000;
    let text = prop_oneof![
        gas().prop_map(|gas| format!("steady:{gas}")),
        (gas(), gas(), 0u64..200).prop_map(|(before, after, at)| format!("step:{before}:{after}:{at}")),
        (gas(), gas(), 1u64..90, 0u64..90)
            .prop_map(|(low, peak, period, part)| format!("burst:{low}:{peak}:{period}:{part}")),
        (gas(), any::<u64>()).prop_map(|(mean, seed)| format!("random:{mean}:{seed}")),
    ];
    let mix = prop::sample::select(vec!["computation:1", "computation:5,storageGrowth:3,l2Calldata:2", "singleDim:1"]);
    (text, mix).prop_map(|(text, mix)| Load::parse(&text, Mix::parse(mix).unwrap()).unwrap())
}

fn chain_models() -> impl Strategy<Value = Model> {
    prop::sample::select(vec![Model::Backlog, Model::Constraints, Model::MultiGas, Model::DualPool])
}

/// Least base fee of a new chain.
fn minimum(model: Model) -> U256 {
    U256::from(if model == Model::DualPool { GWEI } else { GWEI / 10 })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(48))]

    #[test]
    fn fees_keep_to_the_minimum_and_pools_to_their_sizes(
        model in chain_models(), load in loads(), speed in 1u64..20_000_000, at in 0u64..240,
    ) {
        let rows = simulation(model, load, &[format!("speedLimit={speed}@{at}")], 240).rows().unwrap();
        for row in &rows {
            prop_assert!(row.base_fee >= minimum(model), "{row:?}");
        }
        for row in rows.iter().filter(|_| model == Model::DualPool) {
            let speed = if row.time >= at { speed } else { 1_000_000 };
            prop_assert!(row.large_pool <= (600 * speed).cast_signed(), "{row:?}");
            prop_assert!(row.small_pool <= (60 * speed).cast_signed(), "{row:?}");
        }
        // One block at most doubles the price of pools.
        for pair in rows.windows(2).filter(|_| model == Model::DualPool) {
            prop_assert!(pair[1].base_fee <= pair[0].base_fee * U256::from(2), "{pair:?}");
        }
    }

    /// More backlog at the start, or more load on the way, never makes gas cheaper.
    #[test]
    fn fees_grow_with_backlogs(load in loads(), backlog in 0u64..2_000_000_000, more in any::<u32>()) {
        let fees = |backlog: u64| {
            let settings = [format!("gasBacklog={backlog}")];
            let rows = simulation(Model::Backlog, load.clone(), &settings, 60).rows().unwrap();
            rows.into_iter().map(|row| row.base_fee).collect::<Vec<_>>()
        };
        let (less, more) = (fees(backlog), fees(backlog + u64::from(more)));
        prop_assert!(less.iter().zip(&more).all(|(less, more)| less <= more));
    }
}

/// Every setter of one number that moves prices.
const PARAMETERS: [&str; 21] = [
    "l1BaseFeeEstimateInertia",
    "l1PricingInertia",
    "l1PricingEquilibrationUnits",
    "l1PricingRewardRate",
    "l1PricePerUnit",
    "parentGasFloorPerToken",
    "perBatchGasCharge",
    "amortizedCostCapBips",
    "brotliCompressionLevel",
    "l2BaseFee",
    "minimumL2BaseFee",
    "speedLimit",
    "maxTxGasLimit",
    "maxBlockGasLimit",
    "l2GasPricingInertia",
    "l2GasBacklogTolerance",
    "gasBacklog",
    "gasPoolSeconds",
    "smallGasPoolSeconds",
    "gasPricingConstraints",
    "multiGasPricingConstraints",
];

/// Numbers of an owner after which the live chain divides by zero, too, when it hears of a batch.
const KNOWN_STOPS: [&str; 3] = ["l1BaseFeeEstimateInertia=0", "l1PricingInertia=0", "l1PricingEquilibrationUnits=0"];

/// The ends of a parameter's range, and some of its middle.
fn values(parameter: &str) -> Vec<String> {
    let numbers: &[&str] = &["0", "1", "2", "10800", "1000000007", "9223372036854775807", "18446744073709551615"];
    let rows = ["1:1:0", "1:1:18446744073709551615", "18446744073709551615:4294967295:18446744073709551615", "1:1:9"];
    match parameter {
        "gasPricingConstraints" | "multiGasPricingConstraints" => rows.map(String::from).to_vec(),
        "perBatchGasCharge" => ["-9223372036854775808", "-1", "0", "9223372036854775807"].map(String::from).to_vec(),
        "l2BaseFee" | "minimumL2BaseFee" | "l1PricePerUnit" | "l1PricingEquilibrationUnits" => {
            let widest = [U256::MAX.to_string(), I256::MAX.to_string()];
            numbers.iter().map(|number| (*number).into()).chain(widest).collect()
        }
        _ => numbers.iter().map(|number| (*number).into()).collect(),
    }
}

/// Why a chain stops after an owner set a number; none if it goes on, or if the owner contract refuses.
fn stop_after(model: Model, setting: &str) -> Option<String> {
    let load = data_load(1_000, 20 * GWEI);
    let outcome = simulation(model, load, &[format!("{setting}@30")], 200).rows();
    outcome.err().map(|error| error.to_string()).filter(|error| error.contains("the chain stops"))
}

#[test]
fn no_number_of_an_owner_stops_a_chain_unless_it_stops_the_live_one() {
    for model in [Model::Backlog, Model::Constraints, Model::MultiGas, Model::DualPool] {
        for parameter in PARAMETERS {
            for value in values(parameter) {
                let setting = format!("{parameter}={value}");
                let stop = stop_after(model, &setting);
                let known = KNOWN_STOPS.contains(&setting.as_str());
                assert_eq!(stop.is_some(), known, "{}: {setting}: {stop:?}", model.name());
            }
        }
    }
}

#[test]
fn debts_and_surplus_saturate() {
    let mut ledger = Ledger::genesis(ArbosVersion::new(51), L2Layout::Backlog, U256::from(GWEI)).unwrap();
    let report = Report {
        update_time: 10,
        current_time: 10,
        poster: SEQUENCER,
        wei_spent: wide(U256::MAX),
        l1_base_fee: U256::from(GWEI),
    };
    for _ in 0..3 {
        settlement::settle(&mut ledger, &report, ArbosVersion::new(51)).unwrap();
    }
    let due = ledger.arbos(|state| state.l1_pricing().batch_posters().total_funds_due()).unwrap();
    assert_eq!(due, I256::MAX);
}

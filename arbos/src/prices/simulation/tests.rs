//! What the models do to a load.

use super::*;
use crate::prices::Mix;
use ::state::ResourceKind;
use alloy_primitives::U256;

fn simulation(model: Model, load: &str, settings: &[&str], seconds: u64) -> Simulation {
    Simulation {
        model,
        load: Load::parse(load, Mix::default()).unwrap(),
        settings: settings.iter().map(|text| Setting::parse(text, model).unwrap()).collect(),
        seconds,
        blocks_per_second: 2,
        sample: 60,
    }
}

fn rows(simulation: &Simulation) -> Vec<Row> {
    simulation.rows().unwrap()
}

fn error(simulation: &Simulation) -> String {
    simulation.rows().unwrap_err().to_string()
}

#[test]
fn every_model_raises_its_price_under_load_and_lowers_it_afterwards() {
    for model in Model::ALL {
        let rows = rows(&simulation(model, "step:16000000:0:600", &[], 12_000));
        let highest = rows.iter().map(|row| row.base_fee).max().unwrap();
        let last = rows[rows.len() - 1].base_fee;
        assert!(highest > last, "{}", model.name());
        assert!(rows.iter().all(|row| row.base_fee >= last && last > U256::ZERO), "{}", model.name());
    }
}

#[test]
fn an_owner_changes_the_price_by_the_setters_themselves() {
    let idle = rows(&simulation(Model::Backlog, "steady:9000000", &[], 1_200));
    let tuned = rows(&simulation(Model::Backlog, "steady:9000000", &["speedLimit=10000000@600"], 1_200));
    assert_eq!(idle[..10], tuned[..10]);
    assert!(tuned[19].base_fee < idle[19].base_fee);
}

#[test]
fn laws_of_history_have_parameters_too() {
    for model in [Model::RateEstimate, Model::FirstExponential] {
        let idle = rows(&simulation(model, "steady:2000000", &[], 1_200));
        let tuned = rows(&simulation(model, "steady:2000000", &["speedLimit=4000000@600"], 1_200));
        assert_eq!(idle[..10], tuned[..10], "{}", model.name());
        assert!(tuned[19].base_fee < idle[19].base_fee, "{}", model.name());
    }
}

#[test]
fn gas_is_told_by_kind_and_held_to_the_block() {
    let mix = Mix::parse("computation:3,storageGrowth:1").unwrap();
    let load = Load::parse("steady:100000000", mix).unwrap();
    let row = Simulation { load, ..simulation(Model::Backlog, "steady:1", &[], 60) }.rows().unwrap()[0];
    assert_eq!(row.gas.total(), 60 * 2 * 32_000_000);
    assert_eq!(row.gas.get(ResourceKind::Computation), 3 * row.gas.get(ResourceKind::StorageGrowth));
}

#[test]
fn the_price_of_a_kind_follows_its_own_load() {
    let settings = ["multiGasPricingConstraints=1000000:60:0:storageGrowth*1"];
    let of = |mix: &str| {
        let load = Load::parse("steady:5000000", Mix::parse(mix).unwrap()).unwrap();
        let rows = Simulation { load, ..simulation(Model::MultiGas, "steady:1", &settings, 120) }.rows().unwrap();
        rows[1].base_fee
    };
    assert!(of("storageGrowth:1") > of("computation:1"));
}

#[test]
fn refusals_and_zeros_are_errors_with_a_field() {
    assert!(
        error(&simulation(Model::DualPool, "steady:1", &["gasPoolSeconds=1@0"], 60)).contains("field gasPoolSeconds")
    );
    assert!(error(&simulation(Model::Backlog, "steady:1", &["speedLimit=0"], 60)).contains("field speedLimit"));
    assert!(error(&simulation(Model::Backlog, "steady:1", &["speedLimit=1@60"], 60)).contains("after the last second"));
    assert!(error(&simulation(Model::Backlog, "steady:1", &[], 0)).contains("field seconds"));
    let zero = Simulation { blocks_per_second: 0, ..simulation(Model::Backlog, "steady:1", &[], 1) };
    assert!(error(&zero).contains("field blocks-per-second"));
    let zero = Simulation { sample: 0, ..simulation(Model::Backlog, "steady:1", &[], 1) };
    assert!(error(&zero).contains("field sample"));
    assert!(error(&simulation(Model::RateEstimate, "steady:1", &["speedLimit=0"], 60)).contains("the chain stops"));
}

#[test]
fn the_price_of_data_follows_what_posters_spend() {
    let rows = rows(&simulation(Model::Backlog, "steady:7000000", &[], 60_000));
    let late = &rows[rows.len() - 100..];
    let sum = |of: fn(&Row) -> U256| late.iter().map(of).fold(U256::ZERO, |sum, wei| sum + wei);
    let (paid, spent) = (sum(|row| row.data_paid), sum(|row| row.data_spent));
    assert!(paid.abs_diff(spent) < spent / U256::from(10), "{paid} {spent}");
}

#[test]
fn extreme_loads_saturate() {
    const MAX: u64 = u64::MAX;
    for model in Model::ALL {
        let csv = format!("time,gas,data_bytes,l1_base_fee\n0,{MAX},{MAX},{MAX}\n70,1,0,0\n90,{MAX},1,{MAX}\n");
        let load = Load::of_csv("extremes", &csv, Mix::default()).unwrap();
        let rows = Simulation { load, ..simulation(model, "steady:1", &[], 300) }.rows().unwrap();
        assert_eq!(rows.len(), 5, "{}", model.name());
        assert!(rows.iter().all(|row| row.data_paid > U256::ZERO || row.time > 60), "{}", model.name());
    }
}

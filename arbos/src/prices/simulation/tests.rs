//! What the models do to a load.

use super::*;

fn simulation(model: Model, load: &str, settings: &[&str], seconds: u64) -> Simulation {
    Simulation {
        model,
        load: Load::parse(load).unwrap(),
        settings: settings.iter().map(|text| Setting::parse(text).unwrap()).collect(),
        seconds,
        blocks_per_second: 2,
        sample: 60,
    }
}

fn rows(simulation: &Simulation) -> Vec<Row> {
    let mut rows = Vec::new();
    simulation.run(|row| rows.push(row), |_| {}).unwrap();
    rows
}

#[test]
fn every_model_raises_its_price_under_load_and_lowers_it_afterwards() {
    for model in Model::ALL {
        let rows = rows(&simulation(model, "step:16000000:0:600", &[], 6_000));
        let highest = rows.iter().map(|row| row.base_fee).max().unwrap();
        assert!(highest > rows[0].base_fee.min(rows[rows.len() - 1].base_fee), "{}", model.name());
        assert!(rows[rows.len() - 1].base_fee < highest, "{}", model.name());
        assert!(rows.iter().all(|row| row.base_fee > U256::ZERO), "{}", model.name());
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
fn refusals_and_zeros_are_errors_with_a_field() {
    let refused = simulation(Model::DualPool, "steady:1", &["gasPoolSeconds=1@0"], 60).run(|_| {}, |_| {});
    assert!(refused.unwrap_err().to_string().contains("field gasPoolSeconds"));
    let empty = simulation(Model::Backlog, "steady:1", &[], 0).run(|_| {}, |_| {});
    assert!(empty.unwrap_err().to_string().contains("field seconds"));
}

#[test]
fn the_price_of_data_follows_what_posters_spend() {
    let rows = rows(&simulation(Model::Backlog, "steady:7000000", &[], 60_000));
    let late = &rows[rows.len() - 100..];
    let sum = |of: fn(&Row) -> U256| late.iter().map(of).fold(U256::ZERO, |sum, wei| sum + wei);
    let (paid, spent) = (sum(|row| row.data_paid), sum(|row| row.data_spent));
    assert!(paid.abs_diff(spent) < spent / U256::from(10), "{paid} {spent}");
}

//! What the simulator predicts is what a chain does: the owner's calls between the same load give the same fees, to the wei.
//!
//! A dry run without the owner tells the load, second by second, as a CSV file. The simulator predicts what the changes do to it.
//! Then the chain runs again with the calls that the program would print.

use alloy_primitives::{Address, Bytes, U256, address};
use arbos::{
    Block, GenesisAccount,
    prices::{Change, Load, Mix, Model, Setting, Simulation},
};
use harness::{Account, Chain, Draft, Setup, at, chain::CHAIN_ID};
use precompiles::arb_owner::ArbOwner as Owner;
use state::{MultiGas, ResourceKind};

/// Fails with all its gas: INVALID.
const BURNER: Address = address!("b000000000000000000000000000000000000001");
const BURNER_CODE: &[u8] = &[0xfe];
/// Writes the slot that calldata names, reads the next one, logs 32 bytes.
const STORER: Address = address!("b000000000000000000000000000000000000002");
const STORER_CODE: &[u8] = &[
    0x60, 0x01, 0x60, 0x00, 0x35, 0x55, // SSTORE(CALLDATALOAD(0), 1)
    0x60, 0x00, 0x35, 0x60, 0x01, 0x01, 0x54, 0x50, // POP(SLOAD(CALLDATALOAD(0) + 1))
    0x60, 0x20, 0x60, 0x00, 0xa0, 0x00, // LOG0(0, 32)
];
/// Seconds of each run.
const SECONDS: u64 = 300;

/// A model on a chain: its load and what the owner does.
struct Case {
    model: Model,
    /// Most gas a block brings.
    most: u64,
    settings: &'static [&'static str],
}

const BACKLOG: Case = Case {
    model: Model::Backlog,
    most: 24_000_000,
    settings: &[
        "speedLimit=5000000@50",
        "l2GasPricingInertia=60@80",
        "l2GasBacklogTolerance=3@110",
        "minimumL2BaseFee=150000000@140",
        "gasBacklog=400000000@170",
        "l2BaseFee=777000000@200",
        "maxTxGasLimit=31000000@230",
        "speedLimit=9000000@260",
        "l2GasPricingInertia=90@260",
    ],
};
const CONSTRAINTS: Case = Case {
    model: Model::Constraints,
    most: 24_000_000,
    settings: &[
        "gasPricingConstraints=6000000:50:1000000,9000000:200:5@60",
        "minimumL2BaseFee=150000000@120",
        "gasPricingConstraints=@180",
        "gasPricingConstraints=8000000:70:200000000@240",
    ],
};
const MULTI_GAS: Case = Case {
    model: Model::MultiGas,
    most: 24_000_000,
    settings: &[
        "multiGasPricingConstraints=6000000:50:0:computation*1+storageGrowth*9,400000:80:7:historyGrowth*5+l2Calldata*3@60",
        "minimumL2BaseFee=150000000@120",
        "multiGasPricingConstraints=@180",
        "gasPricingConstraints=5000000:90:3000000@210",
        "multiGasPricingConstraints=9000000:300:100@240",
    ],
};
const DUAL_POOL: Case = Case {
    model: Model::DualPool,
    most: 3_000_000,
    settings: &[
        "gasPoolSeconds=500@50",
        "smallGasPoolSeconds=30@80",
        "speedLimit=1300000@110",
        "minimumL2BaseFee=1100000000@140",
        "l2BaseFee=1500000000@170",
        "maxBlockGasLimit=19000000@200",
        "speedLimit=900000@230",
        "smallGasPoolSeconds=90@260",
    ],
};

impl Case {
    fn settings(&self) -> Vec<Setting> {
        self.settings.iter().map(|text| Setting::parse(text, self.model).expect("a setting")).collect()
    }

    /// A chain at rest whose data costs nothing, so that all gas is for computing.
    fn chain(&self) -> Chain {
        let account = |code: &'static [u8]| GenesisAccount { code: code.into(), ..GenesisAccount::default() };
        let mut chain = Setup {
            pools: self.model == Model::DualPool,
            alloc: vec![(BURNER, account(BURNER_CODE)), (STORER, account(STORER_CODE))],
            ..Setup::devnet(self.model.version().number())
        }
        .build();
        chain.owner_calls(&Owner::setL1PricePerUnitCall { pricePerUnit: U256::ZERO });
        let first = match self.model {
            Model::Constraints => Some("gasPricingConstraints=7000000:102:0"),
            Model::MultiGas => Some("multiGasPricingConstraints=7000000:102:0"),
            _ => None,
        };
        for setting in first.iter().map(|text| Setting::parse(text, self.model).expect("a setting")) {
            let call = owner_transaction(chain_nonce(&mut chain), &setting.change);
            assert!(chain.send_all(&[call]).receipts[1].success);
        }
        chain.wait(1_000);
        // The first second of the load is the second of this block: no time passes between them.
        chain.empty_block();
        chain.now -= 1;
        chain
    }
}

fn chain_nonce(chain: &mut Chain) -> u64 {
    chain.nonce(Chain::owner().address())
}

/// The transaction that `prices calls` prints.
fn owner_transaction(nonce: u64, change: &Change) -> Bytes {
    let Change::Call { calldata, .. } = change else { panic!("chains have no laws of history") };
    Chain::owner().sign(&Draft::call(at::ARB_OWNER, calldata.clone()).gas(5_000_000), CHAIN_ID, nonce)
}

/// Numbers that are always the same.
const fn dice(seed: u64, sides: u64) -> u64 {
    let mixed = seed.wrapping_add(1).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ (mixed >> 29)).wrapping_mul(0xbf58_476d_1ce4_e5b9) % sides
}

/// The transactions of users in a second.
fn users(chain: &mut Chain, second: u64, most: u64) -> Vec<Bytes> {
    let (burner, storer) = (Account::numbered(1), Account::numbered(2));
    let mut transactions = Vec::new();
    let gas = dice(second, most);
    if gas > 50_000 {
        let nonce = chain.nonce(burner.address());
        transactions.push(burner.sign(&Draft::call(BURNER, []).gas(gas), CHAIN_ID, nonce));
    }
    let nonce = chain.nonce(storer.address());
    for index in 0..dice(second + 7_000, 4) {
        let slot = U256::from(second * 1_000 + index * 10).to_be_bytes::<32>();
        transactions.push(storer.sign(&Draft::call(STORER, slot).gas(100_000), CHAIN_ID, nonce + index));
    }
    transactions
}

/// Gas of the users in a block, by kind where the version tells.
fn used(block: &Block, model: Model) -> MultiGas {
    let mut sum = MultiGas::ZERO;
    for receipt in &block.receipts[1..] {
        assert_eq!(receipt.gas_used_for_l1, 0);
        match model {
            Model::MultiGas => sum.add_all(&receipt.multi_gas),
            _ => sum.add(ResourceKind::Computation, receipt.gas_used),
        }
    }
    sum
}

/// The load of a run without the owner, as a CSV file.
fn dry_run(case: &Case) -> String {
    let kinds = &ResourceKind::ALL[1..];
    let names: Vec<_> = kinds.iter().map(|kind| kind.name()).collect();
    let mut csv = format!("time,{},data_bytes,l1_base_fee\n", names.join(","));
    let mut chain = case.chain();
    for second in 0..SECONDS {
        let transactions = users(&mut chain, second, case.most);
        let gas = used(&chain.send_all(&transactions), case.model);
        let amounts: Vec<_> = kinds.iter().map(|kind| gas.get(*kind).to_string()).collect();
        csv.push_str(&format!("{second},{},0,0\n", amounts.join(",")));
    }
    csv
}

/// The base fees of a run with the owner's transactions at the end of their seconds.
fn fees(case: &Case) -> Vec<U256> {
    let settings = case.settings();
    let mut chain = case.chain();
    let fee = |second: u64| {
        let mut transactions = users(&mut chain, second, case.most);
        let first = chain_nonce(&mut chain);
        let changes = settings.iter().filter(|setting| setting.at == second);
        transactions.extend((first..).zip(changes).map(|(nonce, setting)| owner_transaction(nonce, &setting.change)));
        let block = chain.send_all(&transactions);
        assert_eq!(block.receipts.len(), transactions.len() + 1, "second {second}");
        let owners = Chain::owner().address();
        let mut acts = block.receipts.iter().filter(|receipt| receipt.from == owners);
        assert!(acts.all(|act| act.success), "second {second}");
        block.header.base_fee.expect("every block has a base fee")
    };
    (0..SECONDS).map(fee).collect()
}

fn check(case: &Case) {
    let simulation = Simulation {
        model: case.model,
        load: Load::of_csv("dry run", &dry_run(case), Mix::default()).expect("a load"),
        settings: case.settings(),
        seconds: SECONDS,
        blocks_per_second: 1,
        sample: 1,
    };
    let predicted: Vec<_> = simulation.rows().expect("a prediction").iter().map(|row| row.base_fee).collect();
    let found = fees(case);
    for (second, (predicted, found)) in predicted.iter().zip(&found).enumerate() {
        assert_eq!(predicted, found, "second {second}");
    }
    let distinct: std::collections::BTreeSet<_> = found.iter().collect();
    assert!(distinct.len() > 100, "the fee moves: {} fees", distinct.len());
}

#[test]
fn a_backlog_does_what_was_predicted() {
    check(&BACKLOG);
}

#[test]
fn targets_do_what_was_predicted() {
    check(&CONSTRAINTS);
}

#[test]
fn targets_over_kinds_do_what_was_predicted() {
    check(&MULTI_GAS);
}

#[test]
fn pools_do_what_was_predicted() {
    check(&DUAL_POOL);
}

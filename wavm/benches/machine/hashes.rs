//! Hashes and proofs of a machine of 1 MiB, against hashes of the same amount.

use crate::{Figure, least, loops};
use alloy_primitives::keccak256;
use std::{hint::black_box, time::Duration};
use wavm::{
    Answers,
    memory::{LEAF_SIZE, leaf_hash},
    merkle::{MerkleType, root_of},
};

pub(crate) fn figures() -> Vec<Figure> {
    let keccak = ("keccak of 64 bytes", keccak());
    let machine = loops::after_a_million_steps();
    let tree = least(
        10,
        || machine.clone(),
        |machine| {
            let memory = machine.memory(1).expect("the main module");
            root_of(MerkleType::Memory, memory.as_chunks::<LEAF_SIZE>().0.iter().map(leaf_hash).collect())
        },
    );
    let first = least(10, || machine.clone(), |mut machine| (machine.hash(), machine));
    vec![
        Figure { name: "hash after one step".into(), measured: again(), against: keccak, bound: Some(26.0) },
        Figure {
            name: "hash after 1,000,000 steps".into(),
            measured: first,
            against: ("32,768 leaves and their tree", tree),
            bound: Some(1.0),
        },
        Figure { name: "proof of a step".into(), measured: proof(), against: keccak, bound: None },
    ]
}

fn keccak() -> Duration {
    const TIMES: u32 = 1000;
    let input = [7u8; 64];
    least(50, || (), |()| (0..TIMES).for_each(|_| _ = black_box(keccak256(black_box(input))))) / TIMES
}

/// The mean over many steps.
fn again() -> Duration {
    const STEPS: u32 = 3000;
    let host = Answers::default();
    let mut machine = loops::after_a_million_steps();
    machine.hash();
    let steps = |by_hash: bool| {
        least(
            10,
            || machine.clone(),
            |mut machine| {
                for _ in 0..STEPS {
                    machine.step(&host).expect("nothing is missing");
                    if by_hash {
                        black_box(machine.hash());
                    }
                }
                machine
            },
        )
    };
    steps(true).saturating_sub(steps(false)) / STEPS
}

/// The mean over many steps of proofs of a machine that was hashed.
fn proof() -> Duration {
    const STEPS: u32 = 3000;
    let host = Answers::default();
    let mut machine = loops::after_a_million_steps();
    machine.hash();
    let mut times = Vec::new();
    for _ in 0..STEPS {
        machine.step(&host).expect("nothing is missing");
        machine.hash();
        times.push(least(2, || (), |()| machine.prove(&host, &()).expect("it can be proved")));
    }
    times.iter().sum::<Duration>() / STEPS
}

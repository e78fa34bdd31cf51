# Everyday commands; the gate's steps live in .ci/run. `just` lists all.

[private]
default:
    @just --list --unsorted

# Replays vectors: files or folders, `--bench`, `--only LABEL`, `--dump-block N`, `--json`
replay *ARGS:
    cargo arbos replay {{ ARGS }}

# Runs all tests, or those of a name
test *ARGS:
    cargo test --workspace --all-features {{ ARGS }}

# Formats the code
format:
    cargo fmt --all

# Opens the documentation, the rules included
book:
    cargo doc --workspace --no-deps --all-features --open

# Runs the benches, or those of a name
bench *ARGS:
    cargo bench --package arbos-tests --package arbos-wavm {{ ARGS }}

# Counts instructions of the leaves (needs valgrind and `cargo install gungraun-runner --version 0.20.0`)
instructions *ARGS:
    cargo bench --package arbos-tests --bench instructions {{ ARGS }}

# Draws where the time of a replay goes into flame.svg (needs perf and `cargo install flamegraph`)
flame FILE:
    CARGO_TARGET_DIR=target/flame CARGO_PROFILE_RELEASE_DEBUG=line-tables-only RUSTFLAGS='-C force-frame-pointers=yes' cargo flamegraph --cmd 'record -F 997 --call-graph fp' --output flame.svg --package arbos --features cli --bin arbos -- replay --bench {{ FILE }}

# What has to pass: every step of the gate
ci:
    bash .ci/run

# Checks the format
fmt:
    bash .ci/run fmt

# Checks the spelling
spelling:
    bash .ci/run spelling

# Checks licenses, bans, sources and advisories of the dependencies
deny:
    bash .ci/run deny

# Runs clippy, warnings denied, over all sets of features
lint:
    bash .ci/run lint

# Builds the documentation, warnings denied
docs:
    bash .ci/run docs

# Builds the portable crates for wasm32
wasm:
    bash .ci/run wasm

# Fetches the contracts that judge disputes, for the tests that ask them (needs npm)
contracts:
    bash .ci/run contracts

# Tries bytes that nobody checked for a minute a property, or FUZZ_SECONDS
fuzz:
    bash .ci/run fuzz

# Replays the conformance vectors beside the project, if they are there
shared:
    bash .ci/run shared

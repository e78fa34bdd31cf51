//! `arbos prices` on the command line: what it prints, and that bad input names the line and the field and ends with 2.

use std::process::{Command, Output};

fn prices(arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_arbos")).arg("prices").args(arguments).output().expect("the program runs")
}

fn printed(arguments: &[&str]) -> String {
    let output = prices(arguments);
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).expect("text")
}

fn refused(arguments: &[&str]) -> String {
    let output = prices(arguments);
    assert_eq!(output.status.code(), Some(2), "{arguments:?}");
    assert!(output.stdout.is_empty());
    String::from_utf8(output.stderr).expect("text")
}

/// A file that goes away at the end of its test.
struct Temporary(std::path::PathBuf);

impl Temporary {
    fn new(name: &str, text: &str) -> Self {
        let path = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        std::fs::write(&path, text).expect("a place for temporary files");
        Self(path)
    }

    fn name(&self) -> &str {
        self.0.to_str().expect("a path of text")
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

const SHORT: [&str; 6] = ["--seconds", "120", "--blocks-per-second", "1", "--sample", "60"];

fn simulate<'a>(more: &[&'a str]) -> Vec<&'a str> {
    [&["simulate"], more, &SHORT].concat()
}

#[test]
fn rows_are_csv_or_json() {
    let csv = printed(&simulate(&["--model", "backlog", "--load", "steady:9000000"]));
    let lines: Vec<_> = csv.lines().collect();
    assert_eq!(lines.len(), 3);
    assert!(lines[0].starts_with("time,base_fee,backlog,") && lines[2].starts_with("119,"));
    let json = printed(&simulate(&["--model", "dual-pool", "--load", "steady:900000", "--json"]));
    let row: serde_json::Value = serde_json::from_str(json.lines().next().unwrap()).expect("an object a line");
    assert_eq!((&row["time"], &row["gas"]), (&59.into(), &54_000_000.into()));
}

#[test]
fn a_comparison_is_a_picture() {
    let picture = Temporary::new("comparison.svg", "");
    let models = ["--model", "backlog", "--model", "backlog+speedLimit=1000000@60", "--model", "rate-estimate"];
    printed(&[&["compare"], &models[..], &["--load", "steady:9000000", "--plot", picture.name()], &SHORT].concat());
    let text = std::fs::read_to_string(&picture.0).unwrap();
    assert!(text.starts_with("<svg") && text.contains("backlog+speedLimit=1000000@60"));
}

#[test]
fn a_picture_can_be_pixels() {
    let picture = Temporary::new("simulation.png", "");
    printed(&simulate(&["--model", "backlog", "--load", "steady:9000000", "--plot", picture.name()]));
    let file = std::fs::read(&picture.0).unwrap();
    let number = |at: usize| u32::from_be_bytes(file[at..at + 4].try_into().unwrap());
    assert_eq!(&file[..8], b"\x89PNG\r\n\x1a\n");
    assert_eq!((number(16), number(20)), (1_100, 1_444));
}

#[test]
fn the_picture_of_the_readme_is_what_its_command_draws() {
    const COMMITTED: &str = "arbos/prices.svg";
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let readme = std::fs::read_to_string(root.join("README.md")).expect("a README");
    let command = readme.lines().find_map(|line| line.strip_prefix("cargo arbos prices ")).expect("a command");
    let picture = Temporary::new("readme.svg", "");
    assert!(command.ends_with(COMMITTED));
    let arguments: Vec<_> =
        command.split(' ').map(|word| if word == COMMITTED { picture.name() } else { word }).collect();
    printed(&arguments);
    let read = |path: &std::path::Path| std::fs::read_to_string(path).expect("a picture");
    assert!(read(&picture.0) == read(&root.join(COMMITTED)), "the picture is out of date: run the README's command");
}

#[test]
fn calls_are_transactions_to_the_owner_contract() {
    let lines = printed(&["calls", "--set", "speedLimit=7000000", "--set", "gasPricingConstraints=5:6:7"]);
    let lines: Vec<Vec<&str>> = lines.lines().map(|line| line.split(' ').collect()).collect();
    assert_eq!(lines[0][..2], ["speedLimit", "0x0000000000000000000000000000000000000070"]);
    assert_eq!(lines[0][2], "0x4d7a060d00000000000000000000000000000000000000000000000000000000006acfc0");
    assert_eq!(lines[1][2].len(), 2 + 2 * (4 + 5 * 32));
}

#[test]
fn a_recommendation_is_calls_too() {
    let goal = ["--target-gas-per-second", "5000000", "--max-multiple", "3", "--seconds", "1200"];
    let lines = printed(&[&["recommend"], &goal[..]].concat());
    let names: Vec<_> = lines.lines().map(|line| line.split(' ').next().unwrap()).collect();
    assert_eq!(names, ["speedLimit", "l2GasPricingInertia"]);
    assert!(refused(&["recommend", "--target-gas-per-second", "0", "--max-multiple", "3"]).contains("target-gas"));
    assert!(refused(&["recommend", "--target-gas-per-second", "1", "--max-multiple", "nan"]).contains("max-multiple"));
}

#[test]
fn bad_arguments_are_named() {
    let with = |more: &[&str]| refused(&simulate(&[&["--model", "backlog", "--load", "steady:1"], more].concat()));
    assert!(with(&["--set", "speed=1@5"]).contains("field speed: ArbOwner has no setter"));
    assert!(with(&["--set", "speedLimit=1@-5"]).contains("field speedLimit: \"-5\" is not a time"));
    assert!(with(&["--set", "speedLimit=0@5"]).contains("field speedLimit: the owner contract refuses"));
    assert!(with(&["--set", "speedLimit=5@500"]).contains("field speedLimit: 500 is after the last second"));
    assert!(with(&["--mix", "fuel:1"]).contains("field mix: there is no kind of gas \"fuel\""));
    assert!(with(&["--plot", "picture.gif"]).contains("field plot: the name of a picture has to end in .svg or .png"));
    let long = ["--seconds", "1000000", "--sample", "1", "--plot", "picture.svg"];
    let long = refused(&[&["simulate", "--model", "backlog", "--load", "steady:1"], &long[..]].concat());
    assert!(long.contains("field sample: a picture has at most"));
    let model = refused(&simulate(&["--model", "auction", "--load", "steady:1"]));
    assert!(model.contains("field model: \"auction\" is none of backlog, "));
    let zero = refused(&["simulate", "--model", "backlog", "--load", "steady:1", "--seconds", "0"]);
    assert!(zero.contains("field seconds: must not be zero"));
    assert!(refused(&["calls", "--set", "speedLimit=1@5"]).contains("without @TIME"));
}

#[test]
fn bad_files_name_line_and_field() {
    let with = |name: &str, text: &str| {
        let file = Temporary::new(name, text);
        refused(&simulate(&["--model", "backlog", "--load", file.name()]))
    };
    assert!(with("empty.csv", "").contains("empty.csv, line 1: the file has no header"));
    assert!(with("rows.csv", "time,gas\n").contains("rows.csv, line 2, field time: the file has no rows"));
    assert!(with("unsorted.csv", "time,gas\n9,1\n8,1\n").contains("line 3, field time: is not after the line before"));
    assert!(with("negative.csv", "time,gas\n-9,1\n").contains("line 2, field time: \"-9\" is not a number from 0"));
    let missing = refused(&simulate(&["--model", "backlog", "--load", "missing.csv"]));
    assert!(missing.contains("missing.csv"));
}

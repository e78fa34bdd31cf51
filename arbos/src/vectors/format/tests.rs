use super::*;
use crate::vectors::{InputError, input::VectorFile};

const MESSAGE: &str = r#"{"message": {"header": {"kind": 3, "sender": "0x52eda38e4e9cbcc76047c4ed427db4457e0c0a9b",
    "blockNumber": "0x7a", "timestamp": 5, "requestId": null, "baseFeeL1": 92}, "l2Msg": "AAE="}, "delayedMessagesRead": 2}"#;

fn read<T: FromNode>(text: &str) -> Result<T, InputError> {
    let file = VectorFile::from_text("some.jsonl".into(), text.replace('\n', " ").into())?;
    file.lines().next().unwrap().read()
}

/// Line and field that are refused.
fn refused<T: FromNode + core::fmt::Debug>(text: &str) -> String {
    let error = read::<T>(text).unwrap_err();
    assert_eq!((error.file.as_str(), error.line), ("some.jsonl", Some(1)));
    format!("{}: {}", error.field.unwrap(), error.problem)
}

fn step(message: &str, expected: &str) -> String {
    format!(r#"{{"message": {message}, "expected": {expected}}}"#)
}

#[test]
fn messages_are_read_as_nodes_write_them() {
    let step: chain::Step = read(&step(MESSAGE, r#"{"number": 1, "baseFee": "0xffffffffffffffffff"}"#)).unwrap();
    let header = &step.message.message.header;
    assert_eq!((header.block_number, header.request_id, header.kind.0), (122, None, 3));
    assert_eq!((&step.message.message.l2_msg[..], step.message.delayed_messages_read), (&[0, 1][..], 2));
    assert_eq!((step.expected.number, step.expected.base_fee.unwrap().bit_len()), (Some(1), 72));
}

#[test]
fn a_misspelt_expectation_is_refused() {
    assert_eq!(
        refused::<chain::Step>(&step(MESSAGE, r#"{"gasUsde": 1}"#)),
        "expected.gasUsde: no field of this format"
    );
    let receipts = step(MESSAGE, r#"{"receipts": [{}, {"logs": [{"address": "0x00"}]}]}"#);
    assert!(refused::<chain::Step>(&receipts).starts_with("expected.receipts[1].logs[0].address: want an address"));
    let gas = step(MESSAGE, r#"{"receipts": [{"multiGas": {"computing": 1}}]}"#);
    assert_eq!(refused::<chain::Step>(&gas), "expected.receipts[0].multiGas.computing: no field of this format");
    let state = step(MESSAGE, r#"{"state": {"0x01": {}}}"#);
    assert_eq!(refused::<chain::Step>(&state), "expected.state.0x01: its name must be an address");
}

#[test]
fn a_wrong_message_is_refused_by_its_field() {
    let wrong = |from: &str, to: &str| refused::<chain::Step>(&step(&MESSAGE.replace(from, to), "{}"));
    assert!(wrong("AAE=", "AAE").starts_with("message.message.l2Msg: not base64"));
    assert!(wrong("\"kind\": 3", "\"kind\": 300").starts_with("message.message.header.kind: want a number up to 255"));
    assert_eq!(wrong("\"kind\": 3,", ""), "message.message.header.kind: missing");
    assert_eq!(wrong("\"l2Msg\"", "\"l2Message\""), "message.message.l2Message: no field of this format");
}

#[test]
fn a_wrong_configuration_is_refused_by_its_field() {
    let start = r#"{"id": "x", "init": {"chainConfig": "{\"chainId\": 7}", "initialL1BaseFee": 1}, "expected": {}}"#;
    let problem = refused::<chain::Start>(start);
    assert!(problem.starts_with("init.chainConfig: chain configuration, field arbitrum.EnableArbOS"), "{problem}");
}

#[test]
fn what_is_missing_in_a_witness_is_a_node_a_code_or_a_header() {
    let hash = format!("0x{}", "ab".repeat(32));
    let expected = |kind: &str| format!(r#"{{"missing": "{hash}", "kind": "{kind}"}}"#);
    let read: witness::Expected = read(&expected("code")).unwrap();
    assert!(matches!(read, witness::Expected::Missing { kind: witness::MissingKind::Code, .. }));
    assert_eq!(refused::<witness::Expected>(&expected("leaf")), "kind: want node, code or header");
}

#[test]
fn lengths_of_inputs_are_checked() {
    let case = r#"{"kind": "edge", "len": 4, "input_b64": "AAA=", "sizes": [1]}"#;
    assert_eq!(refused::<brotli::Case>(case), "len: the input has 2 bytes");
}

#[test]
fn forms_of_feed_texts_are_known() {
    let case = r#"{"form": "telegram", "raw": "", "expected": {}}"#;
    assert_eq!(refused::<feed::Case>(case), "form: \"telegram\" is no form of a text");
}

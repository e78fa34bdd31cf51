//! `feed/1`: texts of nodes to messages and transactions. Each further line is a case.

use super::Run;
use crate::{
    message::{InitMessage, MessageKind, MessageWithMetadata, parse},
    tx::ArbTxEnvelope,
    vectors::{
        CaseReport, InputError,
        compare::Comparison,
        format::{
            feed::{
                Broadcast, Case, ExpectedBroadcast, ExpectedFeedMessage, ExpectedInit, ExpectedMessage, FeedMessage,
                Start,
            },
            message::{self, Unknown},
        },
        json::{FieldError, FromNode, Node, Read},
    },
};
use ::state::ArbosVersion;
use serde_json::Value;

pub(in crate::vectors) fn run(run: &mut Run<'_>) -> Result<(), InputError> {
    let mut lines = run.file.lines();
    let Some(first) = lines.next() else { return Ok(()) };
    let start: Start = first.read()?;
    for (index, line) in lines.enumerate() {
        let case: Case = line.read()?;
        let id = format!("{} text {}", start.id, index + 1);
        let mut comparison = Comparison::at(format!("text {}", index + 1));
        comparison.text(&case, start.chain_id);
        let mut report = CaseReport::new(id);
        report.judge(comparison);
        run.finish(report);
        (run.progress)(index + 2);
    }
    Ok(())
}

/// A message as nodes hand it on.
struct Handed(MessageWithMetadata);

impl FromNode for Handed {
    fn read(node: &Node<'_>) -> Read<Self> {
        message::read(node, Unknown::Ignored).map(Self)
    }
}

fn read<T: FromNode>(text: &str) -> Read<T> {
    let value: Value = serde_json::from_str(text)
        .map_err(|error| FieldError { field: ".".into(), problem: format!("not JSON: {error}") })?;
    T::read(&Node::line(&value))
}

impl Comparison {
    /// Reads a text and compares what it holds.
    fn text(&mut self, case: &Case, chain_id: u64) {
        let ended = match case {
            Case::Broadcast { raw, expected } => read(raw).map(|got| self.broadcast(expected, &got, chain_id)),
            Case::Message { raw, expected } => read(raw).map(|got: Handed| self.message(expected, &got.0, chain_id)),
        };
        if let Err(error) = ended {
            self.differs("raw", "a text that can be read".into(), error.to_string());
        }
    }

    fn broadcast(&mut self, want: &ExpectedBroadcast, got: &Broadcast, chain_id: u64) {
        self.field("version", Some(&want.version), &got.version);
        self.items("messages", &want.messages, &got.messages, |here, want, got| here.feed_message(want, got, chain_id));
    }

    fn feed_message(&mut self, want: &ExpectedFeedMessage, got: &FeedMessage, chain_id: u64) {
        self.field("sequenceNumber", Some(&want.sequence_number), &got.sequence_number);
        self.field("blockHash", want.block_hash.as_ref(), &got.block_hash);
        self.field("signature", want.signature.as_ref(), &got.signature);
        self.message(&want.message, &got.message, chain_id);
    }

    fn message(&mut self, want: &ExpectedMessage, got: &MessageWithMetadata, chain_id: u64) {
        let (message, header) = (&got.message, &got.message.header);
        self.field("kind", want.kind.as_ref(), &header.kind.0);
        self.field("sender", want.sender.as_ref(), &header.poster);
        self.field("blockNumber", want.block_number.as_ref(), &header.block_number);
        self.field("timestamp", want.timestamp.as_ref(), &header.timestamp);
        self.field("requestId", want.request_id.as_ref(), &header.request_id);
        self.field("baseFeeL1", want.base_fee_l1.as_ref(), &header.l1_base_fee);
        self.field("delayedMessagesRead", want.delayed_messages_read.as_ref(), &got.delayed_messages_read);
        if let Some(payload) = &want.l2_msg {
            self.bytes("l2Msg", payload, &message.l2_msg);
        }
        self.field("batchGasCost", want.batch_gas_cost.map(Some).as_ref(), &message.legacy_batch_gas_cost);
        if let Some(want) = want.batch_data_tokens {
            let got = message.batch_data_stats;
            self.inside("batchDataTokens", |here| {
                here.field("length", Some(&Some(want.length)), &got.map(|stats| stats.length));
                here.field("nonzeros", Some(&Some(want.non_zeros)), &got.map(|stats| stats.non_zeros));
            });
        }
        if let Some(init) = &want.init {
            self.inside("init", |here| here.first_message(init, got));
        }
        if let Some(transactions) = &want.transactions {
            self.items("transactions", transactions, &single(got, chain_id), |here, want, got| {
                here.field("type", Some(&want.tx_type), &got.tx_type());
                here.field("hash", Some(&want.hash), &got.hash());
                here.bytes("raw", &want.raw, &got.encoded());
            });
        }
    }

    fn first_message(&mut self, want: &ExpectedInit, got: &MessageWithMetadata) {
        match InitMessage::parse(&got.message.l2_msg) {
            Ok(init) => {
                self.field("chainId", Some(&want.chain_id), &init.chain_id);
                self.field("initialL1BaseFee", Some(&want.initial_l1_base_fee), &init.initial_l1_base_fee);
                self.bytes("chainConfig", want.chain_config.as_bytes(), &init.chain_config);
            }
            Err(error) => self.differs("", "a first message".into(), error.to_string()),
        }
    }
}

/// The transaction of a message of a kind that has one: signed, a ticket or a deposit. Vectors list no others.
fn single(message: &MessageWithMetadata, chain_id: u64) -> Vec<ArbTxEnvelope> {
    const SIGNED: u8 = 4;
    let message = &message.message;
    let listed = match message.header.kind {
        MessageKind::L2_MESSAGE => message.l2_msg.first() == Some(&SIGNED),
        kind => kind == MessageKind::SUBMIT_RETRYABLE || kind == MessageKind::ETH_DEPOSIT,
    };
    if listed { parse(message, chain_id, ArbosVersion::LATEST).unwrap_or_default() } else { Vec::new() }
}

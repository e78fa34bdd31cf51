//! Messages in JSON, as nodes write them.

use crate::{
    message::{BatchDataStats, Message, MessageHeader, MessageKind, MessageWithMetadata},
    vectors::json::{Base64, FromNode, Node, Read},
};

/// Whether fields that mean nothing here are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unknown {
    /// Refused: vectors have none.
    Refused,
    /// Passed over: nodes of later versions may write some.
    Ignored,
}

impl Unknown {
    fn check(self, node: &Node<'_>, names: &[&str]) -> Read<()> {
        if self == Self::Refused { node.only(names) } else { Ok(()) }
    }
}

/// Reads a message with its metadata. Numbers may be hexadecimal text, and what may be null may also be absent.
///
/// # Errors
/// The first field that is not what it must be.
pub fn read(node: &Node<'_>, unknown: Unknown) -> Read<MessageWithMetadata> {
    unknown.check(node, &["message", "delayedMessagesRead"])?;
    Ok(MessageWithMetadata {
        message: node.with("message", |message| read_message(message, unknown))?,
        delayed_messages_read: node.get("delayedMessagesRead")?,
    })
}

fn read_message(node: &Node<'_>, unknown: Unknown) -> Read<Message> {
    unknown.check(node, &["header", "l2Msg", "batchGasCost", "batchDataTokens"])?;
    Ok(Message {
        header: node.with("header", |header| read_header(header, unknown))?,
        l2_msg: node.get::<Base64>("l2Msg")?.0,
        legacy_batch_gas_cost: node.optional::<Option<u64>>("batchGasCost")?.flatten(),
        batch_data_stats: node.optional::<Option<BatchDataStats>>("batchDataTokens")?.flatten(),
    })
}

fn read_header(node: &Node<'_>, unknown: Unknown) -> Read<MessageHeader> {
    unknown.check(node, &["kind", "sender", "blockNumber", "timestamp", "requestId", "baseFeeL1"])?;
    Ok(MessageHeader {
        kind: MessageKind(node.get("kind")?),
        poster: node.get("sender")?,
        block_number: node.get("blockNumber")?,
        timestamp: node.get("timestamp")?,
        request_id: node.optional::<Option<_>>("requestId")?.flatten(),
        l1_base_fee: node.optional::<Option<_>>("baseFeeL1")?.flatten(),
    })
}

impl FromNode for MessageWithMetadata {
    fn read(node: &Node<'_>) -> Read<Self> {
        read(node, Unknown::Refused)
    }
}

impl FromNode for BatchDataStats {
    fn read(node: &Node<'_>) -> Read<Self> {
        Ok(Self { length: node.get("length")?, non_zeros: node.get("nonzeros")? })
    }
}

//! Every decoder gives back what was encoded, and no bytes make it panic.

use alloy_primitives::{Address, B64, B256, Bloom, Bytes, U256};
use arbos::{
    ArbHeader, ArbTxEnvelope, ChainConfig, Message, MessageHeader, MessageKind,
    block::header::{HeaderInfo, HeaderParts},
    message::InitMessage,
    tx::{ClassicTx, ContractTx, DepositTx, InternalTx, RetryTx, SubmitRetryableTx, UnsignedTx},
};
use harness::{Account, Draft};
use proptest::{collection::vec, option, prelude::*};
use state::ArbosVersion;

fn u256() -> impl Strategy<Value = U256> {
    prop_oneof![any::<u64>().prop_map(U256::from), any::<[u8; 32]>().prop_map(U256::from_be_bytes), Just(U256::ZERO)]
}

fn b256() -> impl Strategy<Value = B256> {
    any::<[u8; 32]>().prop_map(B256::from)
}

fn address() -> impl Strategy<Value = Address> {
    any::<[u8; 20]>().prop_map(Address::from)
}

fn target() -> impl Strategy<Value = Option<Address>> {
    option::of(address())
}

fn bytes() -> impl Strategy<Value = Bytes> {
    vec(any::<u8>(), 0..200).prop_map(Bytes::from)
}

fn deposit() -> impl Strategy<Value = ArbTxEnvelope> {
    (u256(), b256(), address(), address(), u256()).prop_map(|(chain_id, l1_request_id, from, to, value)| {
        ArbTxEnvelope::Deposit(DepositTx { chain_id, l1_request_id, from, to, value })
    })
}

fn unsigned() -> impl Strategy<Value = ArbTxEnvelope> {
    (u256(), address(), any::<u64>(), u256(), any::<u64>(), target(), u256(), bytes()).prop_map(
        |(chain_id, from, nonce, gas_fee_cap, gas, to, value, data)| {
            ArbTxEnvelope::Unsigned(UnsignedTx { chain_id, from, nonce, gas_fee_cap, gas, to, value, data })
        },
    )
}

fn contract() -> impl Strategy<Value = ArbTxEnvelope> {
    (u256(), b256(), address(), u256(), any::<u64>(), target(), u256(), bytes()).prop_map(
        |(chain_id, request_id, from, gas_fee_cap, gas, to, value, data)| {
            ArbTxEnvelope::Contract(ContractTx { chain_id, request_id, from, gas_fee_cap, gas, to, value, data })
        },
    )
}

fn retry() -> impl Strategy<Value = ArbTxEnvelope> {
    let call = (u256(), any::<u64>(), address(), u256(), any::<u64>(), target(), u256(), bytes());
    (call, b256(), address(), u256(), u256()).prop_map(
        |((chain_id, nonce, from, gas_fee_cap, gas, to, value, data), ticket_id, refund_to, max_refund, fee)| {
            let submission_fee_refund = fee;
            ArbTxEnvelope::Retry(RetryTx {
                chain_id,
                nonce,
                from,
                gas_fee_cap,
                gas,
                to,
                value,
                data,
                ticket_id,
                refund_to,
                max_refund,
                submission_fee_refund,
            })
        },
    )
}

fn submission() -> impl Strategy<Value = ArbTxEnvelope> {
    let fees = (u256(), u256(), u256(), any::<u64>(), u256());
    (u256(), b256(), address(), fees, target(), u256(), address(), address(), bytes()).prop_map(
        |(chain_id, request_id, from, fees, retry_to, retry_value, beneficiary, fee_refund_address, retry_data)| {
            let (l1_base_fee, deposit_value, gas_fee_cap, gas, max_submission_fee) = fees;
            ArbTxEnvelope::SubmitRetryable(SubmitRetryableTx {
                chain_id,
                request_id,
                from,
                l1_base_fee,
                deposit_value,
                gas_fee_cap,
                gas,
                retry_to,
                retry_value,
                beneficiary,
                max_submission_fee,
                fee_refund_address,
                retry_data,
            })
        },
    )
}

fn internal() -> impl Strategy<Value = ArbTxEnvelope> {
    (u256(), bytes()).prop_map(|(chain_id, data)| ArbTxEnvelope::Internal(InternalTx { chain_id, data }))
}

fn signed() -> impl Strategy<Value = Bytes> {
    (0u8..4, any::<u64>(), any::<u128>(), any::<u64>(), any::<u128>(), address(), bytes(), any::<u64>()).prop_map(
        |(form, gas, fee_cap, nonce, value, to, data, chain_id)| {
            let draft = Draft::call(to, data).gas(gas).fee_cap(fee_cap).value(value);
            let draft = match form {
                0 => draft.legacy(),
                1 => draft.access_list(Default::default()),
                2 => draft.tip_cap(value),
                _ => draft.authorizations(vec![Account::numbered(2).authorizes(chain_id, to, nonce)]),
            };
            Account::numbered(1).sign(&draft, chain_id & 0xffff_ffff, nonce)
        },
    )
}

fn header() -> impl Strategy<Value = ArbHeader> {
    let info = (b256(), any::<u64>(), any::<u64>(), any::<u64>(), any::<bool>());
    let roots = (b256(), b256(), b256(), b256());
    (roots, any::<[u64; 4]>(), address(), u256(), any::<[u8; 32]>(), info).prop_map(
        |(roots, [number, timestamp, delayed, gas_used], coinbase, base_fee, bloom, info)| {
            let (send_root, send_count, l1_block_number, version, collect_tips) = info;
            HeaderParts {
                parent_hash: roots.0,
                number,
                timestamp,
                coinbase,
                base_fee,
                delayed_messages_read: delayed,
                state_root: roots.1,
                transactions_root: roots.2,
                receipts_root: roots.3,
                logs_bloom: Bloom::repeat_byte(bloom[0]),
                gas_used,
                info: HeaderInfo {
                    send_root,
                    send_count,
                    l1_block_number,
                    version: ArbosVersion::new(version),
                    collect_tips,
                },
            }
            .into()
        },
    )
}

fn message() -> impl Strategy<Value = Message> {
    (any::<u8>(), address(), any::<u64>(), any::<u64>(), b256(), u256(), bytes()).prop_map(
        |(kind, poster, block_number, timestamp, request_id, l1_base_fee, l2_msg)| Message {
            header: MessageHeader {
                kind: MessageKind(kind),
                poster,
                block_number,
                timestamp,
                request_id: Some(request_id),
                l1_base_fee: Some(l1_base_fee),
            },
            l2_msg,
            legacy_batch_gas_cost: None,
            batch_data_stats: None,
        },
    )
}

proptest! {
    #![proptest_config(ProptestConfig { failure_persistence: None, ..ProptestConfig::with_cases(200) })]

    #[test]
    fn transactions_of_the_chain_round_trip(
        tx in prop_oneof![deposit(), unsigned(), contract(), retry(), submission(), internal()],
    ) {
        let encoded = tx.encoded();
        prop_assert_eq!(ArbTxEnvelope::decode(&encoded).unwrap(), tx.clone());
        prop_assert_eq!(alloy_primitives::keccak256(&encoded), tx.hash());
        prop_assert!(ArbTxEnvelope::decode_user(&encoded).is_err(), "users do not send these");
        let mut longer = encoded.to_vec();
        longer.push(0);
        prop_assert!(ArbTxEnvelope::decode(&longer).is_err());
        prop_assert!(ArbTxEnvelope::decode(&encoded[..encoded.len() - 1]).is_err());
    }

    #[test]
    fn signed_transactions_round_trip(raw in signed()) {
        let tx = ArbTxEnvelope::decode_user(&raw).unwrap();
        prop_assert_eq!(tx.encoded(), raw.clone());
        prop_assert_eq!(ArbTxEnvelope::decode(&raw).unwrap(), tx);
        prop_assert!(ArbTxEnvelope::decode_user(&raw[..raw.len() - 1]).is_err());
    }

    #[test]
    fn a_classic_transaction_keeps_its_hash_and_encodes_as_the_legacy_one(
        (hash, price, number) in (b256(), any::<u64>(), any::<u64>()), sender in target(), value in any::<u128>(),
    ) {
        use alloy_rlp::Encodable;
        let legacy = Account::numbered(1).sign(&Draft::transfer(Address::ZERO, value).legacy(), 7, 3);
        let mut fields = legacy.to_vec();
        hash.encode(&mut fields);
        price.encode(&mut fields);
        number.encode(&mut fields);
        if let Some(sender) = sender {
            sender.encode(&mut fields);
        }
        let mut raw = vec![ClassicTx::TYPE];
        alloy_rlp::Header { list: true, payload_length: fields.len() }.encode(&mut raw);
        raw.extend_from_slice(&fields);
        let tx = ArbTxEnvelope::decode(&raw).unwrap();
        prop_assert_eq!((tx.hash(), tx.encoded()), (hash, legacy));
        let signer = Account::numbered(1).address();
        prop_assert_eq!(tx.sender(7, ArbosVersion::FIRST), Some(sender.unwrap_or(signer)));
    }

    #[test]
    fn headers_round_trip(header in header()) {
        let encoded = header.encoded();
        prop_assert_eq!(ArbHeader::decode(&encoded).unwrap(), header.clone());
        prop_assert_eq!(alloy_primitives::keccak256(&encoded), header.hash());
        prop_assert_eq!(header.inner.nonce, B64::from(header.delayed_messages_read().to_be_bytes()));
        let info = HeaderInfo::of(&header);
        prop_assert_eq!((info.send_root.as_slice(), info.mix_hash()), (&header.inner.extra_data[..], header.inner.mix_hash));
        prop_assert!(ArbHeader::decode(&encoded[..encoded.len() - 1]).is_err());
    }

    #[test]
    fn messages_round_trip(message in message()) {
        let serialized = message.serialize().unwrap();
        prop_assert_eq!(Message::deserialize(&serialized).unwrap(), message);
        prop_assert!(Message::deserialize(&serialized[..112]).is_err());
    }

    #[test]
    fn no_bytes_make_a_decoder_panic(mut bytes in vec(any::<u8>(), 0..400), lead in any::<u8>()) {
        let _ = (ArbHeader::decode(&bytes), Message::deserialize(&bytes), InitMessage::parse(&bytes));
        let _ = (ArbTxEnvelope::decode(&bytes), ChainConfig::parse(&bytes));
        if let Some(first) = bytes.first_mut() {
            *first = [0x64, 0x65, 0x66, 0x68, 0x69, 0x6a, 0x78, 1, 2, 4, 0xf8][usize::from(lead) % 11];
        }
        if let Ok(tx) = ArbTxEnvelope::decode(&bytes) {
            let again = ArbTxEnvelope::decode(&tx.encoded());
            prop_assert!(matches!(tx, ArbTxEnvelope::Classic(_)) || again == Ok(tx));
        }
    }
}

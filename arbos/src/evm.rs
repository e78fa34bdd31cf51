//! The EVM of an Arbitrum chain: revm with our context, opcodes, precompiles and frames.
//!
//! One [`ArbEvm`] lives for a block. Its journal spans all transactions of the block; what the operating system does goes through
//! [`Ledger`] over the same journal, so that everything follows the same reverts.

mod activation;
mod caches;
pub mod database;
pub mod host;
pub mod ledger;
pub mod multi_gas;
pub mod opcodes;
pub mod precompiles;
pub mod programs;
pub mod run;

pub use caches::{Caches, Emptied, KnownCodes};
pub use ledger::{Ledger, LedgerState};
pub use precompiles::ArbPrecompiles;
pub use run::{BalanceDelta, BlockRun, OpenFrame, Simulation, TxRun};

use crate::{
    config::ChainConfig,
    error::Error,
    spec::{HEADER_GAS_LIMIT, StylusCode, is_deployable, spec_id},
};
use ::state::{ArbosState, ArbosVersion, Fault, SystemBurner, Write, world::World};
use alloc::{rc::Rc, string::String, vec::Vec};
use alloy_primitives::{Address, B256, Bytes, U256};
use core::cell::RefCell;
use database::WorldDatabase;
use programs::{ProgramFrame, RecentPrograms};
use revm::{
    Context,
    bytecode::opcode,
    context::{BlockEnv, Cfg, CfgEnv, FrameStack, JournalTr, LocalContext, LocalContextTr, TxEnv},
    context_interface::context::ContextError,
    handler::{
        EthFrame, EvmTr, FrameData, FrameResult, FrameTr, ItemOrResult,
        evm::{ContextDbError, FrameInitResult},
        instructions::EthInstructions,
    },
    interpreter::{
        CallInputs, CallScheme, FrameInput, InstructionResult, InterpreterAction, SharedMemory,
        interpreter::EthInterpreter, interpreter_action::FrameInit,
    },
    primitives::hardfork::SpecId,
};

/// The context of our EVM: revm's, with [`BlockRun`] as the chain's part.
pub type ArbContext<'w> =
    Context<BlockEnv, TxEnv, CfgEnv, WorldDatabase<'w>, revm::Journal<WorldDatabase<'w>>, BlockRun>;

/// Its instruction table.
pub type ArbInstructions<'w> = EthInstructions<EthInterpreter, ArbContext<'w>>;

/// Its frame.
pub type ArbFrame = EthFrame<EthInterpreter>;

type FrameInitOrResult = ItemOrResult<FrameInit, FrameResult>;

type Inner<'w> = revm::context::Evm<ArbContext<'w>, (), ArbInstructions<'w>, ArbPrecompiles, ArbFrame>;

/// The EVM while a block is produced.
pub struct ArbEvm<'w> {
    inner: Inner<'w>,
    /// Calls of programs that run or wait, outermost first.
    programs: Vec<ProgramFrame>,
}

/// Limits of contract sizes, from the chain configuration.
#[derive(Debug, Clone, Copy)]
pub struct CodeLimits {
    /// Largest runtime code in bytes.
    pub code: usize,
    /// Largest init code in bytes.
    pub init_code: usize,
}

impl CodeLimits {
    /// Limits of a chain.
    #[must_use]
    pub fn of(config: &ChainConfig) -> Self {
        let size = |bytes: u64| usize::try_from(bytes).unwrap_or(usize::MAX);
        Self { code: size(config.max_code_size), init_code: size(config.max_init_code_size) }
    }
}

/// A point of a block to which it can return. Holds a copy of everything the block touched.
#[derive(Debug, Clone)]
pub struct Checkpoint {
    journal: revm::context::journal::JournalInner<revm::context::JournalEntry>,
    ledger: LedgerState,
    delta: BalanceDelta,
    recent: RecentPrograms,
}

impl<'w> ArbEvm<'w> {
    /// An EVM for one block over a world.
    #[must_use]
    pub fn new(world: &'w mut dyn World, mut run: BlockRun, precompiles: ArbPrecompiles, limits: CodeLimits) -> Self {
        let version = run.facts.header_version;
        let database = WorldDatabase { world, codes: core::mem::take(&mut run.codes) };
        let memory = Rc::new(RefCell::new(run.emptied.take_memory()));
        let local = LocalContext { shared_memory_buffer: memory, precompile_error_message: None };
        let mut context = ArbContext {
            block: block_env(&run),
            tx: TxEnv::default(),
            cfg: CfgEnv::default(),
            journaled_state: revm::Journal::new_with_inner(database, run.emptied.take_journal()),
            chain: run,
            local,
            error: Ok(()),
        };
        context.cfg.chain_id = context.chain.facts.chain_id;
        context.cfg.limit_contract_code_size = Some(limits.code);
        context.cfg.limit_contract_initcode_size = Some(limits.init_code);
        context.cfg.disable_eip3541 = true;
        let instructions = opcodes::table(spec_id(version), version);
        // Frames are made when calls need them.
        let frame_stack = FrameStack::new();
        let inner = Inner { ctx: context, inspector: (), instruction: instructions, precompiles, frame_stack };
        let mut evm = Self { inner, programs: Vec::new() };
        evm.apply_version();
        evm
    }

    /// Rebuilds what depends on the header's version, which an upgrade changes inside a block.
    pub fn set_header_version(&mut self, version: ArbosVersion) {
        if self.inner.ctx.chain.facts.header_version == version {
            return;
        }
        self.inner.ctx.chain.facts.header_version = version;
        self.inner.instruction = opcodes::table(spec_id(version), version);
        self.inner.precompiles = ArbPrecompiles::new(version);
        self.apply_version();
    }

    fn apply_version(&mut self) {
        let spec = spec_id(self.inner.ctx.chain.facts.header_version);
        let cfg = &mut self.inner.ctx.cfg;
        cfg.set_spec_and_mainnet_gas_params(spec);
        self.inner.ctx.journaled_state.set_spec_id(spec);
        let Inner { ctx, precompiles, .. } = &mut self.inner;
        if ctx.chain.emptied.precompiles() != Some(precompiles.version()) {
            ctx.journaled_state.inner.warm_addresses.set_precompile_addresses(precompiles.addresses());
            ctx.chain.emptied.know_precompiles(precompiles.version());
        }
    }

    /// Sets the base fee of the block.
    pub fn set_base_fee(&mut self, base_fee: U256) {
        self.inner.ctx.chain.facts.base_fee = base_fee;
        self.inner.ctx.block.basefee = u64::try_from(base_fee).unwrap_or(u64::MAX);
    }

    /// Begins a transaction: what was known of the last one is forgotten.
    pub fn begin(&mut self, tx_type: u8, origin: Address) {
        self.inner.ctx.chain.tx = TxRun { tx_type, origin, ..TxRun::default() };
        self.inner.ctx.tx.caller = origin;
    }

    /// A copy of what the block did, between two transactions.
    #[must_use]
    pub fn checkpoint(&self) -> Checkpoint {
        let context = &self.inner.ctx;
        Checkpoint {
            journal: context.journaled_state.inner.clone(),
            ledger: context.chain.ledger.clone(),
            delta: context.chain.delta,
            recent: context.chain.recent.clone(),
        }
    }

    /// Returns to an earlier point of the block.
    pub fn restore(&mut self, checkpoint: Checkpoint) {
        let context = &mut self.inner.ctx;
        context.journaled_state.inner = checkpoint.journal;
        context.chain.ledger = checkpoint.ledger;
        context.chain.delta = checkpoint.delta;
        context.chain.recent = checkpoint.recent;
    }

    /// Tells opcodes and precompiles the L1 block number the operating system recorded.
    pub fn set_l1_block_number(&mut self, number: u64) {
        self.inner.ctx.chain.facts.l1_block_number = number;
        self.inner.ctx.block.number = U256::from(number);
    }

    /// The journal as the operating system uses it.
    pub const fn ledger(&mut self) -> Ledger<'_, 'w> {
        Ledger::new(&mut self.inner.ctx.journaled_state, &mut self.inner.ctx.chain)
    }

    /// Fork rules in force.
    #[must_use]
    pub const fn spec(&self) -> SpecId {
        self.inner.ctx.cfg.spec
    }

    /// Environment, journal and our part.
    #[must_use]
    pub const fn context(&self) -> &ArbContext<'w> {
        &self.inner.ctx
    }

    /// The same, to change.
    pub const fn context_mut(&mut self) -> &mut ArbContext<'w> {
        &mut self.inner.ctx
    }

    /// Reads or changes the operating state where nobody pays.
    ///
    /// # Errors
    /// A failing store, or a rule under which no block may follow.
    pub fn arbos<T>(
        &mut self,
        step: impl FnOnce(&mut ArbosState<'_, Write>) -> ::state::Result<T>,
    ) -> Result<T, Error> {
        self.system(|ledger| {
            let mut burner = SystemBurner::default();
            step(&mut ledger.arbos(&mut burner)?)
        })
    }

    /// The version of the operating state may have changed: whoever opens it next reads it again.
    pub(crate) const fn forget_version(&mut self) {
        self.inner.ctx.chain.ledger.version = None;
    }

    /// Reads or changes accounts as the operating system does.
    ///
    /// # Errors
    /// A failing store, or a rule under which no block may follow.
    pub fn system<T>(&mut self, step: impl FnOnce(&mut Ledger<'_, 'w>) -> ::state::Result<T>) -> Result<T, Error> {
        let outcome = step(&mut self.ledger());
        outcome.map_err(|fault| self.inner.ctx.chain.error(fault))
    }

    /// Moves wei if the sender has it; says whether it had.
    ///
    /// # Errors
    /// A failing store.
    pub fn try_transfer(&mut self, from: Address, to: Address, amount: U256) -> Result<bool, Error> {
        self.system(|ledger| match ledger.transfer(from, to, amount) {
            Ok(()) => Ok(true),
            Err(Fault::Rejected(_)) => Ok(false),
            Err(fault) => Err(fault),
        })
    }

    /// Makes wei that arrived from L1, as the balance check of the block expects it.
    ///
    /// # Errors
    /// A failing store, or a balance past 256 bits.
    pub fn mint_deposit(&mut self, to: Address, amount: U256) -> Result<(), Error> {
        self.system(|ledger| ledger.mint(to, amount))?;
        self.inner.ctx.chain.delta.vanished(amount);
        Ok(())
    }

    /// Largest init code in bytes.
    #[must_use]
    pub fn max_init_code_size(&self) -> usize {
        self.inner.ctx.cfg.max_initcode_size()
    }

    /// Runs a call or creation and everything it calls.
    ///
    /// # Errors
    /// A failing store, a stop that the block's run holds, or a feature this build lacks.
    pub fn execute(&mut self, input: FrameInput) -> Result<FrameResult, Error> {
        let result = self.run_frames(input);
        // An instruction that meets a failing store keeps the error here and fails alone.
        let kept = core::mem::replace(&mut self.inner.ctx.error, Ok(()));
        kept.and(result).map_err(|error| self.inner.ctx.chain.evm_error(error))
    }

    fn run_frames(&mut self, input: FrameInput) -> Result<FrameResult, ContextError<database::DatabaseError>> {
        self.inner.ctx.local.clear();
        self.inner.ctx.chain.tx.frames.clear();
        self.programs.clear();
        let memory = SharedMemory::new_with_buffer(self.inner.ctx.local.shared_memory_buffer().clone());
        let first = FrameInit { depth: 0, memory, frame_input: input };
        if let ItemOrResult::Result(result) = self.frame_init(first)? {
            return Ok(result);
        }
        loop {
            let result = match self.frame_run()? {
                ItemOrResult::Item(init) => match self.frame_init(init)? {
                    ItemOrResult::Item(_) => continue,
                    ItemOrResult::Result(result) => result,
                },
                ItemOrResult::Result(result) => result,
            };
            if let Some(result) = self.frame_return_result(result)? {
                return Ok(result);
            }
        }
    }

    /// Takes what outlives the block.
    #[must_use]
    pub fn into_parts(self) -> (Caches, &'w mut dyn World) {
        let Inner { ctx, frame_stack, precompiles, .. } = self.inner;
        // Frames share the memory.
        drop(frame_stack);
        let Context { chain: BlockRun { keys, programs, ledger, .. }, journaled_state, local, .. } = ctx;
        let WorldDatabase { world, codes } = journaled_state.database;
        let memory = Rc::into_inner(local.shared_memory_buffer).unwrap_or_default().into_inner();
        let emptied = Emptied::left_by(journaled_state.inner, ledger, precompiles.version()).with_memory(memory);
        (Caches { keys, programs, codes, emptied }, world)
    }

    /// Applies the rules for code that is not for the interpreter; gives the code of a program, which a byte stands for meanwhile.
    fn check_code(&self, inputs: &mut CallInputs) -> Option<Bytes> {
        let version = self.inner.ctx.chain.facts.header_version;
        if version >= ArbosVersion::OSAKA && self.delegates_to_precompile(inputs.bytecode_address) {
            inputs.known_bytecode = (revm::primitives::KECCAK_EMPTY, revm::bytecode::Bytecode::default());
        }
        let code = inputs.known_bytecode.1.original_byte_slice();
        let runs = StylusCode::of(code, version).is_some_and(StylusCode::runs);
        if !runs || self.inner.precompiles.is_active(&inputs.bytecode_address) {
            return None;
        }
        let code = inputs.known_bytecode.1.original_bytes();
        inputs.known_bytecode.1 = revm::bytecode::Bytecode::new_legacy(Bytes::from_static(&[opcode::STOP]));
        Some(code)
    }

    /// Whether the frame on top is a program's.
    fn runs_program(&self) -> bool {
        self.programs.last().is_some_and(|program| program.index == self.inner.frame_stack.index())
    }

    /// Runs the program on top until it needs a frame, or ends.
    fn run_program(&mut self) -> Result<FrameInitOrResult, ContextError<database::DatabaseError>> {
        let Some(mut program) = self.programs.pop() else {
            return Err(ContextError::Custom(String::from("no program is open")));
        };
        let frame = self.inner.frame_stack.get();
        let action = program.step(frame, &mut self.inner.ctx)?;
        if matches!(action, InterpreterAction::NewFrame(_)) {
            self.programs.push(program);
        }
        let next =
            frame.process_next_action::<_, ContextError<database::DatabaseError>>(&mut self.inner.ctx, action)?;
        if matches!(next, ItemOrResult::Result(_)) {
            frame.set_finished(true);
        }
        Ok(next)
    }

    fn delegates_to_precompile(&self, address: Address) -> bool {
        let account = self.inner.ctx.journaled_state.inner.state.get(&address);
        let target = account.and_then(|account| account.info.code.as_ref()?.eip7702_address());
        target.is_some_and(|target| self.inner.precompiles.is_active(&target))
    }
}

fn block_env(run: &BlockRun) -> BlockEnv {
    let facts = &run.facts;
    BlockEnv {
        number: U256::from(facts.l1_block_number),
        beneficiary: facts.coinbase,
        timestamp: U256::from(facts.timestamp),
        gas_limit: HEADER_GAS_LIMIT,
        basefee: u64::try_from(facts.base_fee).unwrap_or(u64::MAX),
        difficulty: U256::ONE,
        prevrandao: Some(B256::with_last_byte(1)),
        blob_excess_gas_and_price: None,
        slot_num: 0,
    }
}

impl<'w> EvmTr for ArbEvm<'w> {
    type Context = ArbContext<'w>;
    type Instructions = ArbInstructions<'w>;
    type Precompiles = ArbPrecompiles;
    type Frame = ArbFrame;

    fn all(&self) -> (&Self::Context, &Self::Instructions, &Self::Precompiles, &FrameStack<Self::Frame>) {
        (&self.inner.ctx, &self.inner.instruction, &self.inner.precompiles, &self.inner.frame_stack)
    }

    fn all_mut(
        &mut self,
    ) -> (&mut Self::Context, &mut Self::Instructions, &mut Self::Precompiles, &mut FrameStack<Self::Frame>) {
        (&mut self.inner.ctx, &mut self.inner.instruction, &mut self.inner.precompiles, &mut self.inner.frame_stack)
    }

    fn frame_init(
        &mut self,
        mut init: <Self::Frame as FrameTr>::FrameInit,
    ) -> Result<FrameInitResult<'_, Self::Frame>, ContextDbError<Self::Context>> {
        let (caller, as_itself, program) = match &mut init.frame_input {
            FrameInput::Call(inputs) => {
                let as_itself = matches!(inputs.scheme, CallScheme::Call | CallScheme::StaticCall);
                (inputs.caller, as_itself, self.check_code(inputs))
            }
            FrameInput::Create(inputs) => (inputs.caller(), true, None),
            FrameInput::Empty => return Err(ContextError::Custom(String::from("an empty frame"))),
        };
        if let ItemOrResult::Result(result) = self.inner.frame_init(init)? {
            return Ok(ItemOrResult::Result(result));
        }
        let index = self.inner.frame_stack.index();
        self.programs.extend(program.map(|code| ProgramFrame::new(index, code)));
        let frame = self.inner.frame_stack.get();
        let acts_as = as_itself.then_some(frame.interpreter.input.target_address);
        self.inner.ctx.chain.tx.frames.push(OpenFrame { caller, acts_as });
        Ok(ItemOrResult::Item(frame))
    }

    fn frame_run(&mut self) -> Result<FrameInitOrResult, ContextDbError<Self::Context>> {
        if self.runs_program() {
            return self.run_program();
        }
        let frame = self.inner.frame_stack.get();
        let (table, gas) = (self.inner.instruction.instruction_table(), self.inner.instruction.gas_table());
        let mut action = frame.interpreter.run_plain(table, gas, &mut self.inner.ctx);
        let is_creation = matches!(frame.data, FrameData::Create(_));
        if is_creation
            && let InterpreterAction::Return(result) = &mut action
            && result.is_ok()
            && !is_deployable(&result.output, self.inner.ctx.chain.facts.header_version)
        {
            result.result = InstructionResult::CreateContractStartingWithEF;
        }
        let next = frame.process_next_action::<_, ContextDbError<Self::Context>>(&mut self.inner.ctx, action)?;
        if let ItemOrResult::Result(result) = &next {
            frame.set_finished(true);
            if let FrameResult::Create(outcome) = result
                && outcome.result.is_ok()
            {
                let deposit = self.inner.ctx.cfg.gas_params().code_deposit_cost(outcome.result.output.len());
                self.inner.ctx.chain.tx.attributed.add(::state::ResourceKind::StorageGrowth, deposit);
            }
        }
        Ok(next)
    }

    fn frame_return_result(
        &mut self,
        result: <Self::Frame as FrameTr>::FrameResult,
    ) -> Result<Option<<Self::Frame as FrameTr>::FrameResult>, ContextDbError<Self::Context>> {
        if self.inner.frame_stack.get().is_finished() {
            self.inner.ctx.chain.tx.frames.pop();
            self.inner.frame_stack.pop();
        }
        if self.inner.frame_stack.index().is_none() {
            return Ok(Some(result));
        }
        if !self.runs_program() {
            let frame = self.inner.frame_stack.get();
            frame.return_result::<_, ContextDbError<Self::Context>>(&mut self.inner.ctx, result)?;
            return Ok(None);
        }
        self.inner.frame_stack.get().interpreter.memory.free_child_context();
        core::mem::replace(&mut self.inner.ctx.error, Ok(()))?;
        if let Some(program) = self.programs.last_mut() {
            program.deliver(result);
        }
        Ok(None)
    }
}

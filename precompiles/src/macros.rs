//! `precompile!`: a Solidity interface becomes items, a trait, a table and a runner.
//!
//! From `precompile! { #[at(0x70)] interface Name { function f(T a) external view returns (R); event E(..); error X(..); } }` it makes
//!
//! - module `Name` with the items of `alloy_sol_types::sol!` (calls, events, errors),
//! - trait `NameMethods` with one function a method, whose context type follows its mutability,
//! - `METHODS`, the table, and `precompile::<M>()`, the registry's row for an implementation `M`.
//!
//! Attributes: `#[at(number)]`, `#[since(VERSION)]`, `#[until(VERSION)]`, `#[guard(owner | debug | filterer)]`.

/// Declares a precompile. See the module's source for what it makes.
#[macro_export]
macro_rules! precompile {
    // The whole interface: starts taking its body apart.
    ($(#[doc = $doc:literal])* #[at($at:literal)] $(#[since($since:ident)])? $(#[guard($guard:ident)])?
     interface $name:ident { $($body:tt)* }) => {
        $crate::precompile!(@take [[$(#[doc = $doc])*] $at [$($since)?] [$($guard)?]] $name [] [] { $($body)* });
    };
    // `function f(uint64 a) external returns (bool);` has no word for its mutability.
    (@take $meta:tt $name:ident [$($sol:tt)*] [$($f:tt)*] {
        $(#[doc = $doc:literal])* $(#[since($since:ident)])? $(#[until($until:ident)])?
        function $fn:ident ($($args:tt)*) external returns ($($ret:tt)*); $($rest:tt)* }) => {
        $crate::precompile!(@take $meta $name
            [$($sol)* $(#[doc = $doc])* function $fn($($args)*) external returns ($($ret)*);]
            [$($f)* { $fn [] [$($since)?] [$($until)?] [($($ret)*)] [$($doc)*] [($($args)*)] }]
            { $($rest)* });
    };
    // `#[since(V)] function f(uint64 a) external view returns (bool);` goes to both lists.
    (@take $meta:tt $name:ident [$($sol:tt)*] [$($f:tt)*] {
        $(#[doc = $doc:literal])* $(#[since($since:ident)])? $(#[until($until:ident)])?
        function $fn:ident ($($args:tt)*) external $($mutability:ident)? $(returns ($($ret:tt)*))?; $($rest:tt)* }) => {
        $crate::precompile!(@take $meta $name
            [$($sol)* $(#[doc = $doc])* function $fn($($args)*) external $($mutability)? $(returns ($($ret)*))?;]
            [$($f)* { $fn [$($mutability)?] [$($since)?] [$($until)?] [$(($($ret)*))?] [$($doc)*] [($($args)*)] }]
            { $($rest)* });
    };
    // `event E(..);`, `error X(..);` and structs pass through to `sol!`.
    (@take $meta:tt $name:ident [$($sol:tt)*] $f:tt { $(#[doc = $doc:literal])* event $e:ident ($($args:tt)*); $($rest:tt)* }) => {
        $crate::precompile!(@take $meta $name [$($sol)* $(#[doc = $doc])* event $e($($args)*);] $f { $($rest)* });
    };
    (@take $meta:tt $name:ident [$($sol:tt)*] $f:tt { $(#[doc = $doc:literal])* error $e:ident ($($args:tt)*); $($rest:tt)* }) => {
        $crate::precompile!(@take $meta $name [$($sol)* $(#[doc = $doc])* error $e($($args)*);] $f { $($rest)* });
    };
    (@take $meta:tt $name:ident [$($sol:tt)*] $f:tt { $(#[doc = $doc:literal])* struct $s:ident { $($fields:tt)* } $($rest:tt)* }) => {
        $crate::precompile!(@take $meta $name [$($sol)* $(#[doc = $doc])* struct $s { $($fields)* }] $f { $($rest)* });
    };
    // Nothing left: the items.
    (@take [[$($doc:tt)*] $at:literal [$($psince:ident)?] [$($guard:ident)?]] $name:ident [$($sol:tt)*]
     [$({ $fn:ident [$($mu:ident)?] [$($since:ident)?] [$($until:ident)?] [$($ret:tt)?] [$($d:literal)*] [$args:tt] })*] {}) => {
        $crate::reexport::pastey::paste! {
            $crate::reexport::alloy_sol_types::sol! {
                #![sol(alloy_sol_types = $crate::reexport::alloy_sol_types)]
                $($doc)*
                #[allow(missing_docs, unused_imports, clippy::pedantic, clippy::style, clippy::complexity, reason = "generated from Solidity")]
                interface $name { $($sol)* }
            }
            /// One function a method of the interface; the context type is what it may do.
            #[doc = $crate::precompile!(@payer $($guard)?)]
            #[allow(non_snake_case, reason = "names are Solidity's")]
            pub trait [<$name Methods>] {
                $( $(#[doc = $d])*
                #[doc = concat!("\n\n`", stringify!($fn), stringify!($args), $(" ", stringify!($mu),)? $(" returns ", stringify!($ret),)? "`")]
                $(#[doc = concat!("\n\nSince version `", stringify!($since), "`.")])?
                $(#[doc = concat!("\n\nUntil version `", stringify!($until), "`.")])?
                ///
                /// # Errors
                /// Out of gas, a failing store, and what the method refuses.
                fn $fn(cx: &mut $crate::precompile!(@ctx $($mu)?), call: $name::[<$fn Call>])
                    -> $crate::Reply<$crate::precompile!(@out $name::[<$fn Call>]; $($ret)?)>; )*
            }
            /// The methods, in the order of the interface.
            pub const METHODS: &[$crate::Method] = &[ $( $crate::Method {
                name: stringify!($fn),
                signature: <$name::[<$fn Call>] as $crate::reexport::alloy_sol_types::SolCall>::SIGNATURE,
                plain_words: $crate::abi::plain_words(
                    <$name::[<$fn Call>] as $crate::reexport::alloy_sol_types::SolCall>::SIGNATURE,
                ),
                solidity: concat!(
                    "function ", stringify!($fn), stringify!($args), " external", $(" ", stringify!($mu),)?
                    $(" returns ", stringify!($ret),)?
                ),
                selector: <$name::[<$fn Call>] as $crate::reexport::alloy_sol_types::SolCall>::SELECTOR,
                purity: $crate::precompile!(@purity $($mu)?),
                since: $crate::precompile!(@or FIRST; $($since)?),
                until: $crate::precompile!(@or LATEST; $($until)?),
            } ),* ];
            /// Decodes, runs and encodes one call of an implementation.
            #[allow(clippy::extra_unused_type_parameters, clippy::missing_const_for_fn, reason = "an interface may have no methods")]
            fn run<M: [<$name Methods>]>(
                frame: &mut $crate::context::Frame<'_>, selector: [u8; 4], data: &[u8],
            ) -> $crate::Reply<$crate::reexport::alloy_primitives::Bytes> {
                #[allow(unused_imports, reason = "an interface may have no methods")]
                use $crate::reexport::alloy_sol_types::SolCall;
                let (_, _) = (&frame, data);
                match selector {
                    $( <$name::[<$fn Call>]>::SELECTOR => {
                        let call = <$name::[<$fn Call>]>::abi_decode_raw(data).map_err(|_| $crate::error::UNDECODABLE)?;
                        let mut cx = $crate::context::Ctx::new(frame);
                        let reply = M::$fn(&mut cx, call)?;
                        Ok($crate::precompile!(@encode $name::[<$fn Call>], reply, frame; $($ret)?))
                    } )*
                    _ => Err($crate::error::UNDECODABLE),
                }
            }
            /// The registry's row.
            const fn row<M: [<$name Methods>]>() -> $crate::Precompile {
                $crate::Precompile {
                    name: stringify!($name),
                    number: $at,
                    since: $crate::precompile!(@or ZERO; $($psince)?),
                    guard: $crate::precompile!(@guard $($guard)?),
                    methods: METHODS,
                    run: run::<M>,
                }
            }
        }
    };
    (@ctx) => { $crate::WriteCtx<'_, '_> };
    (@ctx view) => { $crate::ViewCtx<'_, '_> };
    (@ctx pure) => { $crate::PureCtx<'_, '_> };
    (@ctx payable) => { $crate::PayCtx<'_, '_> };
    (@purity) => { $crate::Purity::Write };
    (@purity view) => { $crate::Purity::View };
    (@purity pure) => { $crate::Purity::Pure };
    (@purity payable) => { $crate::Purity::Payable };
    (@or $default:ident;) => { $crate::reexport::ArbosVersion::$default };
    (@or $default:ident; $version:ident) => { $crate::reexport::ArbosVersion::$version };
    (@out $call:ty;) => { () };
    (@out $call:ty; $ret:tt) => { <$call as $crate::reexport::alloy_sol_types::SolCall>::Return };
    (@encode $call:ty, $reply:ident, $frame:ident;) => {{
        let () = $reply;
        $crate::reexport::alloy_primitives::Bytes::new()
    }};
    (@encode $call:ty, $reply:ident, $frame:ident; $ret:tt) => {
        $crate::encode::returns::<$call>(&$reply, &<$call as SolCall>::tokenize_returns(&$reply), $frame.host.room())
    };
    (@payer owner) => { "\n\nFree for owners; nobody else gets past the check, which costs `2R`." };
    (@payer filterer) => { "\n\nFree for filterers; others pay `2R` for the check." };
    (@payer $(debug)?) => { "\n\nBeside its gas: `R` to open the state unless it is pure, 3 a word of arguments and of results." };
    (@guard) => { $crate::Guard::Open };
    (@guard owner) => { $crate::Guard::Owner };
    (@guard debug) => { $crate::Guard::Debug };
    (@guard filterer) => { $crate::Guard::Filterer };
}

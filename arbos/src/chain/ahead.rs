//! Work that runs ahead of its use, in order.

/// Prepares each item and uses what was prepared, one after the other, until a use fails.
///
/// With feature `parallel` another thread prepares up to a bounded number of items ahead. The uses see the same either way.
pub(super) fn in_order<'a, T: Sync, P: Send, E>(
    items: &'a [T],
    prepare: impl Fn(&'a T) -> P + Sync,
    mut use_it: impl FnMut(P) -> Result<(), E>,
) -> Result<(), E> {
    #[cfg(feature = "parallel")]
    if items.len() > 1 {
        return beside(items, &prepare, use_it);
    }
    items.iter().try_for_each(|item| use_it(prepare(item)))
}

/// Prepares on another thread.
#[cfg(feature = "parallel")]
fn beside<'a, T: Sync, P: Send, E>(
    items: &'a [T],
    prepare: &(impl Fn(&'a T) -> P + Sync),
    mut use_it: impl FnMut(P) -> Result<(), E>,
) -> Result<(), E> {
    /// Prepared items that may wait to be used.
    const AHEAD: usize = 64;
    let (sender, receiver) = std::sync::mpsc::sync_channel(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            // A closed channel means that a use failed.
            let _all_sent = items.iter().try_for_each(|item| sender.send(prepare(item)));
        });
        receiver.into_iter().try_for_each(&mut use_it)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn uses_come_in_order_and_end_with_the_first_failure() {
        let items: alloc::vec::Vec<u32> = (0..1_000).collect();
        let mut seen = alloc::vec::Vec::new();
        let outcome = in_order(
            &items,
            |item| item * 2,
            |double| {
                seen.push(double);
                if double == 600 { Err("enough") } else { Ok(()) }
            },
        );
        assert_eq!(outcome, Err("enough"));
        assert_eq!(seen, (0..=300).map(|item| item * 2).collect::<alloc::vec::Vec<_>>());
    }
}

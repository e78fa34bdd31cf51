//! Work that runs ahead of its use, in order.

#[cfg(feature = "parallel")]
use alloc::vec::Vec;

/// Prepares each item and uses what was prepared, one after the other, until a use fails.
///
/// With feature `parallel` another thread prepares items ahead, up to a bound. Light items cross over in groups, since waking a
/// thread takes as long as an empty block does. The uses see the same either way.
pub(super) fn in_order<'a, T: Sync, P: Send, E>(
    items: &'a [T],
    weigh: impl Fn(&T) -> usize + Sync,
    mut prepare: impl FnMut(&'a T) -> P + Send,
    mut use_it: impl FnMut(P) -> Result<(), E>,
) -> Result<(), E> {
    #[cfg(feature = "parallel")]
    if items.len() > 1 {
        return beside(items, &weigh, prepare, use_it);
    }
    let _not_needed = weigh;
    items.iter().try_for_each(|item| use_it(prepare(item)))
}

/// Prepares on another thread.
#[cfg(feature = "parallel")]
fn beside<'a, T: Sync, P: Send, E>(
    items: &'a [T],
    weigh: &(impl Fn(&T) -> usize + Sync),
    mut prepare: impl FnMut(&'a T) -> P + Send,
    use_it: impl FnMut(P) -> Result<(), E>,
) -> Result<(), E> {
    /// Groups that may wait to be used.
    const AHEAD: usize = 8;
    let (sender, receiver) = std::sync::mpsc::sync_channel(AHEAD);
    std::thread::scope(|scope| {
        scope.spawn(move || {
            let mut rest = items;
            while !rest.is_empty() {
                let done = items.len() - rest.len();
                let (group, after) = rest.split_at(group_length(rest, done, weigh));
                let prepared: Vec<P> = group.iter().map(&mut prepare).collect();
                // A closed channel means that a use failed.
                if sender.send(prepared).is_err() {
                    return;
                }
                rest = after;
            }
        });
        receiver.into_iter().flatten().try_for_each(use_it)
    })
}

/// How many of the items make a group: few heavy or more light ones. The first groups are short, so that uses begin at once.
#[cfg(feature = "parallel")]
fn group_length<T>(items: &[T], done: usize, weigh: impl Fn(&T) -> usize) -> usize {
    const MOST: usize = 64;
    const HEAVY: usize = 16_384;
    let mut weight = 0;
    let light = items.iter().take(done.min(MOST)).take_while(|item| {
        let fits = weight < HEAVY;
        weight += weigh(item);
        fits
    });
    light.count().max(1)
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
            |item| *item as usize,
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

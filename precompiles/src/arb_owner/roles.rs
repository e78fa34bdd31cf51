//! Sets of owners and managers, and features that are announced before they start.

use crate::{Reply, WriteCtx, context::require};
use alloy_primitives::Address;
use alloy_sol_types::SolEvent;
use state::{ArbosVersion, Write, shape::AddressSet};

/// Seconds by which a feature has to be announced.
const FEATURE_DELAY: u64 = 7 * 24 * 60 * 60;

/// Emits an event of a change of owners, which exists since version 60.
pub(super) fn announce(cx: &mut WriteCtx<'_, '_>, event: &impl SolEvent) -> Reply<()> {
    if cx.version() >= ArbosVersion::OWNER_EVENTS { cx.emit(event) } else { Ok(()) }
}

/// Removes a member, who must be one.
pub(super) fn remove_member(set: &mut AddressSet<'_, Write>, member: Address, version: ArbosVersion) -> Reply<()> {
    require(set.is_member(member)?, "tried to remove a non-member")?;
    Ok(set.remove(member, version)?)
}

/// Whether a feature may be switched on at `new`, given when it was to be (`stored`): far enough ahead, and not earlier than
/// announced once that is near.
pub(super) fn check_feature_time(stored: u64, new: u64, now: u64) -> Reply<()> {
    let soonest = now.saturating_add(FEATURE_DELAY);
    let delayed = stored == 0 || stored > soonest;
    require(!delayed || new >= soonest, "the feature must be enabled at least 7 days in the future")?;
    let near = stored > now && stored <= soonest;
    require(!near || new >= stored, "the feature cannot be enabled earlier than it was to be")
}

/// Sets the time of a feature in a slot.
macro_rules! set_feature_time {
    ($cx:ident, $slot:ident, $new:expr) => {{
        let (new, now) = ($new, $cx.block().timestamp);
        if new != 0 {
            let stored = $cx.state().$slot().get()?;
            $crate::arb_owner::roles::check_feature_time(stored, new, now)?;
        }
        Ok($cx.state().$slot().set(new)?)
    }};
}
pub(super) use set_feature_time;

/// Whether a feature is on.
pub(super) const fn require_enabled(from: u64, now: u64) -> Reply<()> {
    require(from != 0 && from <= now, "the feature is not enabled yet")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_feature_is_announced_and_not_moved_forward_once_near() {
        let now = 1_000_000;
        let soonest = now + FEATURE_DELAY;
        assert!(check_feature_time(0, soonest - 1, now).is_err());
        assert!(check_feature_time(0, soonest, now).is_ok());
        assert!(check_feature_time(soonest + 5, soonest, now).is_ok());
        assert!(check_feature_time(now + 5, now + 4, now).is_err());
        assert!(check_feature_time(now + 5, now + 6, now).is_ok());
        assert!(check_feature_time(now, 1, now).is_ok());
    }
}

//! What the system's service manager is told, where there is one.

use std::future::pending;
use std::time::Duration;

use sd_notify::NotifyState;

/// Says that it serves.
pub fn ready() {
    tell(&[NotifyState::Ready]);
}

/// Says that it ends.
pub fn stopping() {
    tell(&[NotifyState::Stopping]);
}

/// Says that it reads its settings again; [`ready`] ends that.
pub fn reloading() {
    tell(&NotifyState::monotonic_usec_now().map_or_else(|_| vec![NotifyState::Reloading], |now| vec![NotifyState::Reloading, now]));
}

/// Says again and again that it is alive, twice in the time after which it is taken for dead.
pub async fn stay_alive() {
    let Some(within) = sd_notify::watchdog_enabled() else { return pending().await };
    let mut beat = tokio::time::interval((within / 2).max(Duration::from_millis(10)));
    loop {
        beat.tick().await;
        tell(&[NotifyState::Watchdog]);
    }
}

/// Nobody listens where no service manager is; then nobody is told.
fn tell(state: &[NotifyState<'_>]) {
    let _ = sd_notify::notify(state);
}

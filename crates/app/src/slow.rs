//! Slow arithmetic, a few sums at a time: hashing a password takes 19 MiB and tens of
//! milliseconds, and whoever asks for many at once must not take the machine with them.

use tokio::sync::Semaphore;

use crate::error::AppError;

/// Sums that run at once.
const AT_ONCE_MAX: usize = 2;
/// Sums that run or wait; whoever comes beside them is told to come again.
const WAITING_MAX: usize = 64;

/// The turns of one controller.
#[derive(Debug)]
pub(crate) struct Slow {
    places: Semaphore,
    turns: Semaphore,
}

impl Default for Slow {
    fn default() -> Self {
        Self { places: Semaphore::new(WAITING_MAX), turns: Semaphore::new(AT_ONCE_MAX) }
    }
}

impl Slow {
    /// Runs slow arithmetic where it keeps nobody else waiting.
    ///
    /// # Errors
    /// [`AppError::Busy`] when too many wait already.
    pub(crate) async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce() -> T + Send + 'static,
    ) -> Result<T, AppError> {
        let _place = self.places.try_acquire().map_err(|_| AppError::Busy)?;
        let ended = || AppError::Internal("slow arithmetic ended early");
        let _turn = self.turns.acquire().await.map_err(|_| ended())?;
        tokio::task::spawn_blocking(work).await.map_err(|_| ended())
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    use super::*;

    /// A hundred attempts to sign in at once must not take 2 GiB.
    #[test]
    fn few_sums_run_at_once_a_limited_number_wait_and_the_rest_are_sent_away() {
        let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
        runtime.block_on(async {
            let (slow, running, most) =
                (Arc::new(Slow::default()), Arc::new(AtomicUsize::new(0)), Arc::new(AtomicUsize::new(0)));
            let asked: Vec<_> = (0..3 * WAITING_MAX)
                .map(|_| {
                    let (slow, running, most) = (Arc::clone(&slow), Arc::clone(&running), Arc::clone(&most));
                    tokio::spawn(async move {
                        let sum = move || {
                            let now = running.fetch_add(1, Ordering::SeqCst) + 1;
                            most.fetch_max(now, Ordering::SeqCst);
                            std::thread::sleep(std::time::Duration::from_millis(3));
                            running.fetch_sub(1, Ordering::SeqCst);
                        };
                        slow.run(sum).await.is_ok()
                    })
                })
                .collect();
            let mut done = 0;
            for one in asked {
                done += usize::from(one.await.expect("answered"));
            }
            assert_eq!(most.load(Ordering::SeqCst), AT_ONCE_MAX);
            assert!((WAITING_MAX..3 * WAITING_MAX).contains(&done), "{done}");
        });
    }
}

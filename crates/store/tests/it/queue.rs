//! The queue has a limit, and long work does not stand in the way.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use store::{Db, DbError};
use testkit::{Engine, TestDb};

use crate::support::{ADD_COUNTER, ADD_NUMBER, COUNT, MIGRATIONS, TOTAL};

#[test]
fn a_full_queue_refuses_at_once_and_takes_work_again_later() {
    TestDb::each_async(MIGRATIONS, async |db| {
        let open = Arc::new(AtomicBool::new(false));
        let mut waiting = Vec::new();
        let mut refused = 0;
        for _ in 0..1_024 + 64 {
            let open = Arc::clone(&open);
            let shared = Db::clone(db);
            let work = async move {
                shared
                    .write("waits", move |_| {
                        while !open.load(Ordering::SeqCst) {
                            std::thread::yield_now();
                        }
                        Ok::<(), DbError>(())
                    })
                    .await
            };
            let mut work = Box::pin(work);
            // Polled once: that is when it enters the queue.
            match poll_once(&mut work).await {
                Some(outcome) => {
                    assert_eq!(outcome, Err(DbError::Busy));
                    refused += 1;
                }
                None => waiting.push(work),
            }
        }
        assert!(refused > 0);
        assert_eq!(db.stats().refused, refused);
        assert!(db.stats().writes_waiting >= 1_000);
        open.store(true, Ordering::SeqCst);
        for work in waiting {
            assert_eq!(work.await, Ok(()));
        }
        assert_eq!(db.write("again", |tx| tx.execute(&ADD_NUMBER, &[&"again", &1_i64])).await, Ok(1));
        assert_eq!(db.stats().writes_waiting, 0);
    });
}

/// Polls a future once.
async fn poll_once<F: Future + Unpin>(future: &mut F) -> Option<F::Output> {
    std::future::poll_fn(|context| {
        std::task::Poll::Ready(match std::pin::Pin::new(&mut *future).poll(context) {
            std::task::Poll::Ready(output) => Some(output),
            std::task::Poll::Pending => None,
        })
    })
    .await
}

#[test]
fn short_work_passes_long_work_and_long_work_still_gets_done() {
    TestDb::each_async(MIGRATIONS, async |db| {
        db.write("counter", |tx| tx.execute(&ADD_COUNTER, &[&"long", &0_i64])).await.unwrap();
        let open = Arc::new(AtomicBool::new(false));
        let chunks: Vec<_> = (0..20)
            .map(|_| {
                let (db, open) = (Db::clone(db), Arc::clone(&open));
                tokio::spawn(async move {
                    db.write_long("chunk", move |tx| {
                        while !open.load(Ordering::SeqCst) {
                            std::thread::yield_now();
                        }
                        tx.execute(&COUNT, &[&"long"])
                    })
                    .await
                })
            })
            .collect();
        while db.stats().writes_waiting < 18 {
            tokio::task::yield_now().await;
        }
        let mut short = Box::pin(db.write("short", |tx| tx.query_one::<(i64,)>(&TOTAL, &[&"long"])));
        assert!(poll_once(&mut short).await.is_none());
        if db.engine() == Engine::Sqlite {
            // The one writer is in a chunk; the short work must come right after it.
            open.store(true, Ordering::SeqCst);
        }
        // On PostgreSQL it must be answered while chunks hold all threads they may have.
        let (done_before,) = short.await.unwrap_or_else(|error: DbError| panic!("{error}"));
        assert!(done_before <= 2, "{done_before} chunks went first");
        open.store(true, Ordering::SeqCst);
        for chunk in chunks {
            assert_eq!(chunk.await.unwrap(), Ok(1));
        }
    });
}

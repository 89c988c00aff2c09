//! Rounds of `crossbeam_epoch::pin` on request; the same protocol as `peers.c`.

use crossbeam_epoch::{self as epoch, Atomic};
use std::io::{self, BufRead, Write};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

/// Operations between two looks at the clock: the same number as in the .NET loops.
const CHUNK: u64 = 16_384;

/// Puts threads on processors, as the .NET loops do.
#[cfg(target_os = "linux")]
mod affinity {
    type Mask = [u64; 16];

    extern "C" {
        fn sched_getaffinity(thread: i32, bytes: usize, mask: *mut Mask) -> i32;
        fn sched_setaffinity(thread: i32, bytes: usize, mask: *const Mask) -> i32;
    }

    /// The calling thread goes to the index-th processor that its creator may use; where that fails it stays free.
    pub fn pin(index: usize) {
        let mut allowed: Mask = [0; 16];
        // SAFETY: the thread 0 is the caller, and the masks are as large as is said.
        if unsafe { sched_getaffinity(0, std::mem::size_of::<Mask>(), &mut allowed) } < 0 {
            return;
        }
        let processors: Vec<usize> = (0..1024).filter(|cpu| allowed[cpu / 64] >> (cpu % 64) & 1 != 0).collect();
        let cpu = processors[index % processors.len()];
        let mut one: Mask = [0; 16];
        one[cpu / 64] = 1 << (cpu % 64);
        unsafe { sched_setaffinity(0, std::mem::size_of::<Mask>(), &one) };
    }
}

#[cfg(not(target_os = "linux"))]
mod affinity {
    pub fn pin(_index: usize) {}
}

#[inline(never)]
fn chunk(protected: &Atomic<u64>) -> u64 {
    let mut sum = 0;
    for _ in 0..CHUNK {
        let guard = epoch::pin();
        // SAFETY: nothing is ever retired; the pointer stays valid.
        sum += unsafe { *protected.load(Ordering::Acquire, &guard).deref() };
    }
    sum
}

fn worker(index: usize, protected: &Atomic<u64>, arrived: &AtomicUsize, threads: usize, duration: Duration) -> Result<(u64, Duration), String> {
    affinity::pin(index);
    drop(epoch::pin()); // Registers the thread outside the measured time.
    arrived.fetch_add(1, Ordering::SeqCst);
    while arrived.load(Ordering::SeqCst) < threads {}
    let start = Instant::now();
    let mut operations = 0;
    loop {
        if chunk(protected) != CHUNK {
            return Err("an operation gave a wrong result".into());
        }
        operations += CHUNK;
        let elapsed = start.elapsed();
        if elapsed >= duration {
            return Ok((operations, elapsed));
        }
    }
}

fn round(threads: usize, duration: Duration) -> Result<String, String> {
    let protected = Atomic::new(1u64);
    let arrived = AtomicUsize::new(0);
    let results: Vec<_> = std::thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|index| {
                let (protected, arrived) = (&protected, &arrived);
                scope.spawn(move || worker(index, protected, arrived, threads, duration))
            })
            .collect();
        handles.into_iter().map(|handle| handle.join().unwrap_or_else(|_| Err("a thread panicked".into()))).collect()
    });
    let (mut operations, mut nanoseconds, mut per_second) = (0.0, 0.0, 0.0);
    for result in results {
        let (count, elapsed) = result?;
        operations += count as f64;
        nanoseconds += elapsed.as_nanos() as f64;
        per_second += count as f64 / elapsed.as_secs_f64();
    }
    Ok(format!("{:.6} {:.1}", nanoseconds / operations, per_second))
}

fn answer(line: &str) -> Result<String, String> {
    let words: Vec<&str> = line.split_whitespace().collect();
    match words[..] {
        ["list"] => Ok("crossbeam-epoch".into()),
        ["crossbeam-epoch", threads, seconds] => {
            let threads = threads.parse().ok().filter(|n| (1..=1024).contains(n)).ok_or("threads: 1 to 1024")?;
            let seconds = seconds.parse().ok().filter(|s| (0.0..=600.0).contains(s)).ok_or("seconds: 0 to 600")?;
            round(threads, Duration::from_secs_f64(seconds))
        }
        _ => Err("a request is: SUBJECT THREADS SECONDS".into()),
    }
}

fn main() -> io::Result<()> {
    for line in io::stdin().lock().lines() {
        let text = answer(&line?).unwrap_or_else(|why| format!("error {why}"));
        println!("{text}");
        io::stdout().flush()?;
    }
    Ok(())
}

//! Seconds → a table.

use crate::methods::METHODS;
use crate::volume::Volume;

/// Prints what each method's rounds took, beside the first method's.
pub fn print(volume: &Volume, times: &[Vec<f64>]) {
    let (bytes, records) = (volume.bytes as f64, volume.records as f64);
    println!(
        "                          MB/s inflated    1,000 records/s   ns a record     of inflate"
    );
    println!(
        "                          median    best    median    best        median   median    best"
    );
    let baseline = times.first().map(|times| Summary::of(times));
    let Some(baseline) = baseline else { return };
    for (method, times) in METHODS.iter().zip(times) {
        let Summary { median, best } = Summary::of(times);
        println!(
            "{:<24} {:>7.0} {:>7.0}   {:>7.0} {:>7.0}       {:>7.0}    {:>5.2}   {:>5.2}",
            method.name,
            bytes / median / 1e6,
            bytes / best / 1e6,
            records / median / 1e3,
            records / best / 1e3,
            median / records * 1e9,
            baseline.median / median,
            baseline.best / best,
        );
    }
}

/// Seconds of several rounds.
struct Summary {
    median: f64,
    best: f64,
}

impl Summary {
    fn of(times: &[f64]) -> Self {
        let mut sorted = times.to_vec();
        sorted.sort_by(f64::total_cmp);
        let at = |index: usize| sorted.get(index).copied().unwrap_or(f64::NAN);
        Self {
            median: at(sorted.len() / 2),
            best: at(0),
        }
    }
}

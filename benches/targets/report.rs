//! What is printed: measured, and what it is held to.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context as _, Result, bail};

use crate::generate::scratch;
use crate::process::{Cost, files, measure, scan};
use crate::rule_sets::{RuleSets, UNINDEXED};
use crate::{LARGE, MAIN, this};

/// A process: its name, the share of the speed of inflating that it is held to, its runs.
pub type Row<'r> = (&'r str, Option<f64>, Vec<Cost>);

/// Prints one table after the other.
pub struct Report {
    pub rounds: usize,
}

impl Report {
    /// With so many rounds of everything.
    pub fn new(rounds: usize) -> Report {
        println!("medians of {rounds} rounds, one thread unless said");
        Report { rounds }
    }

    /// Processes over one volume; the first is what the others are compared with.
    pub fn volume(&mut self, name: &str, folder: &Path, rows: &[Row<'_>]) -> Result<()> {
        let stored: u64 = files(folder)?
            .iter()
            .map(|path| std::fs::metadata(path).map_or(0, |data| data.len()))
            .sum();
        println!("\n{name}, {:.1} MB stored", stored as f64 / 1e6);
        println!("                            CPU s   of inflate   held to   peak MB");
        let first = rows.first().context("no rows")?;
        let base = median(&first.2, |cost| cost.cpu)?;
        for (name, target, costs) in rows {
            let cpu = median(costs, |cost| cost.cpu)?;
            let peak = costs.iter().map(|cost| cost.peak).max().unwrap_or_default();
            let target = target.map_or("        ".to_owned(), |target| format!("{target:>8.2}"));
            println!(
                "  {name:<24} {cpu:>7.3}   {:>10.2}  {target}   {:>7.1}",
                base / cpu,
                peak as f64 / 1e6
            );
        }
        Ok(())
    }

    /// How cost grows with the number of rules.
    pub fn rules(&mut self, rules: &RuleSets, folder: &Path) -> Result<()> {
        let sets = [
            ("10 rules", &rules.ten),
            ("60 rules and a few", &rules.sixty),
            ("100 rules", &rules.hundred),
            ("1,000 rules", &rules.thousand),
            ("60 and 20 unindexed", &rules.unindexed),
        ];
        let mut costs = vec![Vec::new(); sets.len()];
        for _ in 0..self.rounds {
            for ((_, set), costs) in sets.iter().zip(&mut costs) {
                let arguments = ["inspect".as_ref(), folder.as_os_str(), set.as_os_str()];
                costs.push(measure(this(&arguments)?.arg("-"))?);
            }
        }
        println!("\ninspect with more rules, files of 700 records");
        let medians: Result<Vec<f64>> = costs.iter().map(|c| median(c, |c| c.cpu)).collect();
        let medians = medians?;
        let &[_, sixty, _, _, unindexed] = medians.as_slice() else {
            bail!("five sets have five medians");
        };
        for ((name, _), cpu) in sets.iter().zip(&medians) {
            println!(
                "  {name:<24} {cpu:>7.3} CPU s   {:>5.2} of 60 rules",
                cpu / sixty
            );
        }
        let records = (MAIN.megabytes as f64 * 1e6 / 1_493.0).round();
        let each = (unindexed - sixty) * 1e9 / records / UNINDEXED as f64;
        println!(
            "  1,000 rules are held to 1.15; each unindexed rule costs {each:.0} ns a record, held to 50"
        );
        Ok(())
    }

    /// Two threads beside one, by the clock on the wall.
    pub fn threads(&mut self, rules: &RuleSets, folder: &Path) -> Result<()> {
        let mut walls = [Vec::new(), Vec::new()];
        for round in 0..=self.rounds {
            for (threads, walls) in ["1", "2"].iter().zip(&mut walls) {
                let more = [
                    "--threads",
                    threads,
                    "--emit",
                    "matches",
                    "--format",
                    "json",
                ];
                let cost = measure(&mut scan(folder, &rules.sixty, &more))?;
                // The first round brings the files into memory, where the others find them.
                if round > 0 {
                    walls.push(cost);
                }
            }
        }
        let [one, two] = walls;
        let ratio = median(&one, |cost| cost.wall)? / median(&two, |cost| cost.wall)?;
        println!("\ntwo threads are {ratio:.2} times as fast as one (wall time), held to 1.8");
        Ok(())
    }

    /// From the start of the process to its end with one record.
    pub fn start(&mut self) -> Result<()> {
        let file = scratch().join("one-record.json");
        std::fs::write(
            &file,
            r#"{"Records":[{"eventVersion":"1.11","eventSource":"ec2.amazonaws.com","eventName":"DescribeRegions"}]}"#,
        )?;
        let mut costs = Vec::new();
        for _ in 0..30 {
            let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_trailwarden"));
            costs.push(measure(command.arg("scan").arg(&file))?);
        }
        let (wall, cpu) = (median(&costs, |c| c.wall)?, median(&costs, |c| c.cpu)?);
        println!(
            "\nscan of one record with the shipped rules: {:.1} ms wall, {:.1} ms CPU, held to 15",
            wall * 1e3,
            cpu * 1e3
        );
        Ok(())
    }

    /// Peak memory where files are large, or say little of how large they are.
    pub fn memory(&mut self, rules: &RuleSets) -> Result<()> {
        println!("\npeak memory");
        let large = LARGE.files()?.0;
        let longest = files(&large)?
            .iter()
            .filter_map(|path| trailwarden::logfile::promised_length(&std::fs::read(path).ok()?))
            .max()
            .context("no files")?;
        let more = ["--threads", "2", "--emit", "matches", "--format", "json"];
        let scan = measure(&mut scan(&large, &rules.sixty, &more))?;
        println!(
            "  scan, two threads, files of {:.1} MB     {:>6.1} MB, held to {:.1}",
            longest as f64 / 1e6,
            scan.peak as f64 / 1e6,
            20.0 + 1.2 * longest as f64 / 1e6
        );
        for (name, copies, level) in [("50 MB of gzip", 0, 0), ("a bomb of 100:1", 400, 9)] {
            let folder = odd_file(name, copies, level)?;
            let arguments = [
                "inspect".as_ref(),
                folder.as_os_str(),
                rules.sixty.as_os_str(),
            ];
            let cost = measure(this(&arguments)?.arg("hash"))?;
            println!(
                "  the function's way through {name:<16} {:>6.1} MB, held to 256; {:.2} CPU s",
                cost.peak as f64 / 1e6,
                cost.cpu.as_secs_f64()
            );
        }
        Ok(())
    }
}

/// A folder with one log file: 50 MB stored, or one record again and again.
fn odd_file(name: &str, copies: usize, level: u32) -> Result<std::path::PathBuf> {
    use std::io::Write as _;
    let folder = scratch().join(name.replace([' ', ':'], "-"));
    let file =
        folder.join("111122223333_CloudTrail_us-east-1_20261127T0000Z_abcdefghijklmnop.json.gz");
    if file.exists() {
        return Ok(folder);
    }
    std::fs::create_dir_all(&folder)?;
    let records = records(&files(&MAIN.files()?.0)?, 100)?;
    let out = std::fs::File::create(&file)?;
    let level = flate2::Compression::new(if level == 0 { 6 } else { level });
    let mut gzip = flate2::write::GzEncoder::new(out, level);
    gzip.write_all(b"{\"Records\":[")?;
    if copies > 0 {
        let record = records.first().context("no records")?;
        for copy in 0..copies * 500 {
            gzip.write_all(if copy > 0 { b"," } else { b"" })?;
            gzip.write_all(record.as_bytes())?;
        }
    } else {
        let mut first = true;
        'full: loop {
            for record in &records {
                gzip.write_all(if first { b"" } else { b"," })?;
                gzip.write_all(record.as_bytes())?;
                first = false;
                if gzip.get_ref().metadata()?.len() > 50_000_000 {
                    break 'full;
                }
            }
        }
    }
    gzip.write_all(b"]}")?;
    gzip.finish()?;
    Ok(folder)
}

/// Records of the first so many files.
pub fn records(paths: &[std::path::PathBuf], most: usize) -> Result<Vec<String>> {
    use trailwarden::logfile::{Item, Limits, LogFile, Scratch};
    let mut records = Vec::new();
    let mut scratch = Scratch::default();
    let no_fields = trailwarden::pattern::Extractor::default();
    for path in paths.iter().take(most) {
        let stored = std::fs::read(path)?;
        let mut file = LogFile::open(&stored, Limits::default(), false, &mut scratch)?;
        while let Some(item) = file.next(&no_fields) {
            if let Item::Record { json, .. } = item {
                records.push(String::from_utf8(json.to_vec())?);
            }
        }
    }
    Ok(records)
}

fn median(costs: &[Cost], of: impl Fn(&Cost) -> Duration) -> Result<f64> {
    let mut all: Vec<Duration> = costs.iter().map(of).collect();
    all.sort();
    let middle = all.get(all.len() / 2).context("no rounds")?;
    Ok(middle.as_secs_f64())
}

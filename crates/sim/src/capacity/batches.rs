//! How many commands a node's writer commits at once.

use super::costs::Commit;

/// Commands of a lifecycle: an invite and an answer.
pub(super) const OF_A_LIFECYCLE: f64 = 2.0;

/// Most commands of a batch: `store.max_batch` as it is when nobody sets it.
const MOST: f64 = 512.0;

/// When each of `pairs` has one command or answer under way: half of them wait for the writer of their node, the other half for their devices.
pub(super) fn closed(pairs: f64, nodes: f64) -> f64 {
    (pairs / (2.0 * nodes)).clamp(1.0, MOST)
}

/// At `commands` a second for a node, of which a batch takes what has come during the one before it: the more there are in it, the longer it takes.
pub(super) fn open(commands: f64, commit: Commit) -> f64 {
    let left = 1.0 - busy(commands, commit);
    if left > 0.0 { (commands * commit.ms / 1_000.0 / left).clamp(1.0, MOST) } else { MOST }
}

/// Which part of its time a writer is busy with commands, beside what each batch takes by itself. At 1 it cannot take more.
pub(super) fn busy(commands: f64, commit: Commit) -> f64 {
    commands * commit.command_ms / 1_000.0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_batch_has_one_command_at_least_and_no_more_than_the_writer_takes() {
        let whole =
            |batches: &[f64]| batches.iter().map(|batch| format!("{batch}")).collect::<Vec<_>>().join(" ");
        let waiting = [closed(200.0, 1.0), closed(200.0, 4.0), closed(1.0, 3.0), closed(9_000.0, 1.0)];
        assert_eq!(whole(&waiting), "100 25 1 512");
        let commit = Commit { ms: 4.0, command_ms: 0.125 };
        assert_eq!(whole(&[open(4_000.0, commit), open(10.0, commit), open(8_000.0, commit)]), "32 1 512");
    }
}

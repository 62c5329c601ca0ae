//! The published roots of Certificate Transparency, and another implementation as the judge of everything else.

use ct_merkle::RootHash;
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use sha2::Sha256;

use super::*;

/// The leaves of the Certificate Transparency test tree.
const LEAVES: [&str; 8] =
    ["", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f"];

/// Their roots, for trees of 0 to 8 leaves.
const ROOTS: [&str; 9] = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203",
    "aeb6bcfe",
    "d37ee418",
    "4e3bbb1f",
    "76e67dad",
    "ddb89be4",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
];

fn hex(hash: &Hash) -> String {
    data_encoding::HEXLOWER.encode(hash)
}

fn published_leaves() -> Vec<Hash> {
    let bytes = |text: &str| data_encoding::HEXLOWER.decode(text.as_bytes()).unwrap();
    LEAVES.iter().map(|leaf| leaf_hash(&bytes(leaf))).collect()
}

/// A tree of `n` leaves in the other implementation.
fn oracle(n: usize) -> MemoryBackedTree<Sha256, Vec<u8>> {
    let mut tree = MemoryBackedTree::new();
    (0..n).for_each(|leaf| tree.push(leaf.to_string().into_bytes()));
    tree
}

fn leaves(n: usize) -> Vec<Hash> {
    (0..n).map(|leaf| leaf_hash(leaf.to_string().as_bytes())).collect()
}

fn bytes(root: &RootHash<Sha256>) -> Hash {
    root.as_bytes()[..].try_into().unwrap()
}

#[test]
fn the_roots_are_the_published_ones() {
    let leaves = published_leaves();
    let mut frontier = Frontier::default();
    for (size, expected) in ROOTS.iter().enumerate() {
        assert!(hex(&root(&leaves[..size])).starts_with(expected), "{size} leaves");
        assert_eq!(frontier.root(), root(&leaves[..size]), "{size} leaves");
        if let Some(leaf) = leaves.get(size) {
            frontier.push(*leaf);
        }
    }
}

#[test]
fn a_frontier_survives_storage_at_every_size() {
    let mut frontier = Frontier::default();
    for leaf in leaves(70) {
        frontier.push(leaf);
        let stored = frontier.to_bytes();
        assert_eq!(Frontier::from_bytes(frontier.size(), &stored), Some(frontier.clone()));
        assert_eq!(Frontier::from_bytes(frontier.size() - 1, &stored).is_some(), {
            (frontier.size() - 1).count_ones() == frontier.size().count_ones()
        });
        assert_eq!(Frontier::from_bytes(frontier.size(), &stored[1..]), None);
    }
}

#[test]
fn roots_and_inclusion_proofs_are_the_oracles() {
    for size in 1..40 {
        let (tree, leaves) = (oracle(size), leaves(size));
        let root = root(&leaves);
        assert_eq!(root, bytes(&tree.root()));
        for index in 0..size {
            let proof = inclusion_proof(&leaves, index).unwrap();
            assert_eq!(proof.concat(), tree.prove_inclusion(index).as_bytes(), "leaf {index} of {size}");
            assert!(verify_inclusion(&leaves[index], index as u64, size as u64, &proof, &root));
        }
        assert_eq!(inclusion_proof(&leaves, size), None);
    }
}

#[test]
fn consistency_proofs_are_the_oracles() {
    for new in 1..40 {
        let (tree, leaves) = (oracle(new), leaves(new));
        for old in 1..=new {
            let proof = consistency_proof(&leaves, old).unwrap();
            if old < new {
                assert_eq!(proof.concat(), tree.prove_consistency(new - old).as_bytes(), "{old} of {new}");
            }
            let (old_root, new_root) = (root(&leaves[..old]), root(&leaves));
            assert!(
                verify_consistency(old as u64, new as u64, &old_root, &new_root, &proof),
                "{old} of {new}"
            );
        }
    }
}

#[test]
fn a_proof_proves_nothing_else() {
    let leaves = leaves(13);
    let root_of_all = root(&leaves);
    for index in 0..13_u64 {
        let leaf = leaves[usize::try_from(index).unwrap()];
        let proof = inclusion_proof(&leaves, usize::try_from(index).unwrap()).unwrap();
        for other in (0..13).filter(|other| *other != index) {
            assert!(!verify_inclusion(&leaf, other, 13, &proof, &root_of_all), "another place");
        }
        for part in 0..proof.len() {
            let mut changed = proof.clone();
            changed[part][0] ^= 1;
            assert!(!verify_inclusion(&leaf, index, 13, &changed, &root_of_all), "another path");
            changed.remove(part);
            assert!(!verify_inclusion(&leaf, index, 13, &changed, &root_of_all), "a shorter path");
        }
        let longer = [proof.clone(), vec![[0; 32]]].concat();
        assert!(!verify_inclusion(&leaf, index, 13, &longer, &root_of_all), "a longer path");
        assert!(!verify_inclusion(&leaf, 13, 13, &proof, &root_of_all), "beyond the end");
    }
}

#[test]
fn a_rewritten_past_is_not_consistent() {
    let (old, new) = (leaves(6), leaves(13));
    let proof = consistency_proof(&new, 6).unwrap();
    let mut rewritten = old.clone();
    rewritten[2] = leaf_hash(b"another event");
    assert!(!verify_consistency(6, 13, &root(&rewritten), &root(&new), &proof));
    assert!(!verify_consistency(7, 13, &root(&old), &root(&new), &proof));
    assert!(!verify_consistency(6, 13, &root(&old), &root(&new), &proof[1..]));
    assert!(!verify_consistency(0, 13, &empty_root(), &root(&new), &[]));
    assert!(!verify_consistency(13, 6, &root(&new), &root(&old), &proof));
}

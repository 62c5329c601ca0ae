//! RFC 6962 section 2.1: the Merkle tree over the log, its compact frontier, and both kinds of proof.
//!
//! Works on leaf hashes only; what a leaf commits to is `entry`'s affair.

use aws_lc_rs::digest::{Context, SHA256};

/// A SHA-256 hash of the tree.
pub type Hash = [u8; 32];

/// The hash of a leaf (RFC 6962 section 2.1: the prefix 0x00 keeps leaves and nodes apart).
pub fn leaf_hash(data: &[u8]) -> Hash {
    sha256(&[&[0], data])
}

/// The hash of an inner node (prefix 0x01).
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    sha256(&[&[1], left, right])
}

/// The root of a tree without leaves: the hash of nothing.
pub fn empty_root() -> Hash {
    sha256(&[])
}

fn sha256(parts: &[&[u8]]) -> Hash {
    let mut context = Context::new(&SHA256);
    for part in parts {
        context.update(part);
    }
    let mut hash = [0; 32];
    hash.copy_from_slice(context.finish().as_ref());
    hash
}

/// What must be remembered of a tree to append to it and to know its root: the roots of its perfect subtrees,
/// largest first, one for each set bit of the size.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Frontier {
    size: u64,
    peaks: Vec<Hash>,
}

impl Frontier {
    /// A frontier as it was stored, unless the bytes cannot belong to a tree of that size.
    pub fn from_bytes(size: u64, bytes: &[u8]) -> Option<Self> {
        let (peaks, rest) = bytes.as_chunks::<32>();
        let fits = rest.is_empty() && peaks.len() == size.count_ones() as usize;
        fits.then(|| Self { size, peaks: peaks.to_vec() })
    }

    /// The peaks one after another, for storage.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.peaks.concat()
    }

    /// How many leaves the tree has.
    pub fn size(&self) -> u64 {
        self.size
    }

    /// Appends a leaf hash.
    pub fn push(&mut self, leaf: Hash) {
        let mut node = leaf;
        // Adding one to the size carries through its trailing ones; each carry merges two equal subtrees.
        for _ in 0..self.size.trailing_ones() {
            // INVARIANT: there is one peak for each set bit of the size, so each carry finds one.
            if let Some(left) = self.peaks.pop() {
                node = node_hash(&left, &node);
            }
        }
        self.peaks.push(node);
        self.size += 1;
    }

    /// The root of the tree.
    pub fn root(&self) -> Hash {
        self.peaks
            .iter()
            .rev()
            .copied()
            .reduce(|right, left| node_hash(&left, &right))
            .unwrap_or_else(empty_root)
    }
}

/// The root over these leaf hashes.
pub fn root(leaves: &[Hash]) -> Hash {
    match leaves {
        [] => empty_root(),
        [leaf] => *leaf,
        _ => {
            let (left, right) = leaves.split_at(split(leaves.len()));
            node_hash(&root(left), &root(right))
        }
    }
}

/// The largest power of two smaller than `n`, for n >= 2.
fn split(n: usize) -> usize {
    1 << (n - 1).ilog2()
}

/// The audit path of RFC 6962 section 2.1.1: proves that the leaf at `index` is in the tree over `leaves`.
/// None when there is no such leaf.
pub fn inclusion_proof(leaves: &[Hash], index: usize) -> Option<Vec<Hash>> {
    if index >= leaves.len() {
        return None;
    }
    let (mut tree, mut index, mut path) = (leaves, index, Vec::new());
    while tree.len() > 1 {
        let (left, right) = tree.split_at(split(tree.len()));
        if index < left.len() {
            path.push(root(right));
            tree = left;
        } else {
            path.push(root(left));
            index -= left.len();
            tree = right;
        }
    }
    path.reverse();
    Some(path)
}

/// Whether `proof` shows that `leaf` is at `index` of the tree of this size and root (RFC 9162 section 2.1.3.2).
pub fn verify_inclusion(leaf: &Hash, index: u64, size: u64, proof: &[Hash], expected: &Hash) -> bool {
    if index >= size {
        return false;
    }
    let (mut node, mut last, mut hash) = (index, size - 1, *leaf);
    for sibling in proof {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            hash = node_hash(sibling, &hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            hash = node_hash(&hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && hash == *expected
}

/// The consistency proof of RFC 6962 section 2.1.2: shows that the tree over the first `old` leaves is a prefix
/// of the tree over all. None when `old` is 0 or more than there are.
pub fn consistency_proof(leaves: &[Hash], old: usize) -> Option<Vec<Hash>> {
    if old == 0 || old > leaves.len() {
        return None;
    }
    let (mut tree, mut old, mut proof) = (leaves, old, Vec::new());
    // While true, the old tree's root over this subtree is the old root itself, which the verifier knows.
    let mut whole = true;
    while old < tree.len() {
        let (left, right) = tree.split_at(split(tree.len()));
        if old <= left.len() {
            proof.push(root(right));
            tree = left;
        } else {
            proof.push(root(left));
            old -= left.len();
            tree = right;
            whole = false;
        }
    }
    if !whole {
        proof.push(root(tree));
    }
    proof.reverse();
    Some(proof)
}

/// Whether `proof` shows that the tree (`old`, `old_root`) is a prefix of (`new`, `new_root`) (RFC 9162
/// section 2.1.4.2).
pub fn verify_consistency(old: u64, new: u64, old_root: &Hash, new_root: &Hash, proof: &[Hash]) -> bool {
    if old == 0 || old > new {
        return false;
    }
    if old == new {
        return proof.is_empty() && old_root == new_root;
    }
    let (mut node, mut last) = (old - 1, new - 1);
    while node & 1 == 1 {
        node >>= 1;
        last >>= 1;
    }
    // When the old tree is perfect its root is where both walks begin, and the proof leaves it out.
    let (start, path) = match (old.is_power_of_two(), proof) {
        (true, path) => (*old_root, path),
        (false, [start, path @ ..]) => (*start, path),
        (false, []) => return false,
    };
    let (mut old_hash, mut new_hash) = (start, start);
    for sibling in path {
        if last == 0 {
            return false;
        }
        if node & 1 == 1 || node == last {
            old_hash = node_hash(sibling, &old_hash);
            new_hash = node_hash(sibling, &new_hash);
            while node & 1 == 0 && node != 0 {
                node >>= 1;
                last >>= 1;
            }
        } else {
            new_hash = node_hash(&new_hash, sibling);
        }
        node >>= 1;
        last >>= 1;
    }
    last == 0 && old_hash == *old_root && new_hash == *new_root
}

#[cfg(test)]
mod tests;

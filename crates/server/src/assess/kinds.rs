//! Kinds of members while they are being read: one more piece leads from one kind to another.
//!
//! Owns the numbering, so that a member costs four bytes and a piece one look-up. Does not own where the pieces come
//! from.

use std::collections::{BTreeMap, HashMap};
use std::hash::BuildHasherDefault;

use super::roster::Hashed;
use super::{Holding, small};
use crate::fault::Fault;

/// Something that a member turned out to have. The numbers are those of [`Names`].
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(super) enum Piece {
    Authenticator(u32),
    /// `same_as`: a channel that leads to the same address, or the channel itself.
    Channel {
        channel: u32,
        same_as: u32,
    },
}

/// The names of authenticators and channels: few, however many members there are.
#[derive(Debug, Default)]
pub(super) struct Names {
    numbers: HashMap<Box<str>, u32>,
    names: Vec<Box<str>>,
}

/// Among so few names looking is faster than hashing.
const FEW: usize = 8;

impl Names {
    pub(super) fn number(&mut self, name: &str) -> u32 {
        if let Some(place) = self.names.iter().take(FEW).position(|known| **known == *name) {
            return small(place);
        }
        if let Some(known) = self.numbers.get(name) {
            return *known;
        }
        let next = small(self.names.len());
        self.numbers.insert(name.into(), next);
        self.names.push(name.into());
        next
    }

    fn name(&self, number: u32) -> String {
        self.names[number as usize].to_string()
    }
}

/// Every kind that was met, finished or on the way.
#[derive(Debug, Default)]
pub(super) struct Kinds {
    names: Names,
    /// Groups as they are stored, and pieces in order.
    met: Vec<(u32, Vec<Piece>)>,
    numbers: HashMap<(u32, Vec<Piece>), u32>,
    groups: Names,
    /// The kind that a kind becomes by one more piece.
    steps: HashMap<(u32, Piece), u32, BuildHasherDefault<Hashed>>,
}

impl Kinds {
    pub(super) fn len(&self) -> usize {
        self.met.len()
    }

    /// Somebody of these groups, as they are stored, who holds nothing.
    pub(super) fn of_groups(&mut self, groups: &str) -> u32 {
        let groups = self.groups.number(groups);
        self.kind(groups, vec![])
    }

    /// The same with one piece more.
    pub(super) fn with(&mut self, kind: u32, piece: impl FnOnce(&mut Names) -> Piece) -> u32 {
        let piece = piece(&mut self.names);
        if let Some(known) = self.steps.get(&(kind, piece)) {
            return *known;
        }
        let (groups, mut pieces) = self.met[kind as usize].clone();
        if let Err(place) = pieces.binary_search(&piece) {
            pieces.insert(place, piece);
        }
        let next = self.kind(groups, pieces);
        self.steps.insert((kind, piece), next);
        next
    }

    fn kind(&mut self, groups: u32, pieces: Vec<Piece>) -> u32 {
        let next = small(self.met.len());
        let kind = (groups, pieces);
        if let Some(known) = self.numbers.get(&kind) {
            return *known;
        }
        self.numbers.insert(kind.clone(), next);
        self.met.push(kind);
        next
    }

    /// What a kind comes to. `strings` reads groups as they are stored.
    pub(super) fn holding(
        &self,
        kind: u32,
        strings: impl Fn(&str) -> Result<Vec<String>, Fault>,
    ) -> Result<Holding, Fault> {
        let (groups, pieces) = &self.met[kind as usize];
        let mut groups = strings(&self.groups.names[*groups as usize])?;
        groups.sort_unstable();
        let mut authenticators = vec![];
        // By the channel that was seen first at an address.
        let mut addresses: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for piece in pieces {
            match piece {
                Piece::Authenticator(name) => authenticators.push(self.names.name(*name)),
                Piece::Channel { channel, same_as } => {
                    addresses.entry(*same_as).or_default().push(self.names.name(*channel));
                }
            }
        }
        authenticators.sort_unstable();
        let mut addresses: Vec<Vec<String>> = addresses.into_values().collect();
        for channels in &mut addresses {
            channels.sort_unstable();
        }
        addresses.sort_unstable();
        Ok(Holding { groups, authenticators, addresses })
    }
}

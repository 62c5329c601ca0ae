//! Where everything stands: columns from left to right, and in each the order that crosses fewest lines.
//!
//! Owns coordinates, in whole units of the drawing. The same picture always gets the same places. Does not own what
//! is drawn (`picture`).

use std::collections::BTreeMap;

use super::picture::{Column, End, Picture};
use super::words::{shortened, wrapped};

pub(super) const WIDTH: i32 = 1280;
/// The left edge and the width of each column.
pub(super) const DEEDS: (i32, i32) = (24, 208);
pub(super) const THINGS: (i32, i32) = (306, 150);
pub(super) const EVIDENCE: (i32, i32) = (530, 214);
pub(super) const DOORS: (i32, i32) = (838, 340);
/// Below the title and the headings.
const TOP: i32 = 132;
const LINE: i32 = 17;
const GAP: i32 = 14;

#[derive(Clone, Copy, Debug)]
pub(super) struct Rect {
    pub(super) x: i32,
    pub(super) y: i32,
    pub(super) width: i32,
    pub(super) height: i32,
}

impl Rect {
    pub(super) fn middle(self) -> i32 {
        self.y + self.height / 2
    }

    pub(super) fn right(self) -> i32 {
        self.x + self.width
    }
}

/// The places of one picture.
pub(super) struct Places {
    /// By node.
    pub(super) nodes: Vec<Rect>,
    /// By door.
    pub(super) doors: Vec<Rect>,
    /// By edge: the points between its ends that keep it clear of the columns it crosses.
    pub(super) bends: Vec<Vec<(i32, i32)>>,
    /// Where what follows may begin.
    pub(super) bottom: i32,
}

impl Places {
    /// The height of a port on the left side of a door.
    pub(super) fn port(&self, picture: &Picture, door: usize, port: usize) -> i32 {
        let (rect, ports) = (self.doors[door], whole(picture.doors[door].ports));
        rect.y + rect.height * (2 * whole(port) + 1) / (2 * ports.max(1))
    }

    pub(super) fn of(picture: &Picture) -> Places {
        let mut y = TOP;
        let mut doors = vec![];
        for card in &picture.doors {
            let lines = requirement(&card.requirement).len() + usize::from(!card.remark.is_empty());
            let height = (40 + LINE * whole(lines) + 10).max(16 * whole(card.ports));
            doors.push(Rect { x: DOORS.0, y, width: DOORS.1, height });
            y += height + 22;
        }
        let bottom = y - 22;
        let blank = Rect { x: 0, y: 0, width: 0, height: 0 };
        let nodes = picture.nodes.iter().map(|node| {
            let ((x, width), lines) = match node.column {
                Column::Deeds => (DEEDS, deed(&node.remark).len()),
                Column::Things => (THINGS, usize::from(!node.remark.is_empty())),
                Column::Evidence => (EVIDENCE, usize::from(!node.remark.is_empty())),
            };
            Rect { x, width, height: 32 + 16 * whole(lines), ..blank }
        });
        let mut places = Places { nodes: nodes.collect(), doors, bends: vec![], bottom };
        let slots = Slots::of(picture);
        places.settle(picture, &slots);
        places
    }

    /// Columns are put in order from the doors leftwards, then once more with what stands on their left in mind.
    fn settle(&mut self, picture: &Picture, slots: &Slots) {
        let mut at: Vec<i32> = vec![0; slots.list.len()];
        for sweep in 0..4 {
            for column in [Column::Evidence, Column::Things, Column::Deeds] {
                let wanted = |slot: usize, at: &[i32]| -> i32 {
                    let right = slots.right[slot].iter().map(|next| match next {
                        Next::Slot(next) => at[*next],
                        Next::Port(door, port) => self.port(picture, *door, *port),
                    });
                    let left = slots.left[slot].iter().filter(|_| sweep > 0).map(|before| at[*before]);
                    let all: Vec<i32> = right.chain(left).collect();
                    if all.is_empty() { self.bottom / 2 } else { all.iter().sum::<i32>() / whole(all.len()) }
                };
                let mut order: Vec<(i32, usize)> = (0..slots.list.len())
                    .filter(|slot| slots.list[*slot].0 == column)
                    .map(|slot| (wanted(slot, &at), slot))
                    .collect();
                order.sort_unstable();
                self.stack(&order, slots, &mut at);
            }
        }
        let mut bottom = self.bottom;
        for (slot, (_, node)) in slots.list.iter().enumerate() {
            if let Some(node) = node {
                let rect = &mut self.nodes[*node];
                rect.y = at[slot] - rect.height / 2;
                bottom = bottom.max(rect.y + rect.height);
            }
        }
        self.bottom = bottom;
        let bend = |slot: &usize| {
            let (x, width) = if slots.list[*slot].0 == Column::Things { THINGS } else { EVIDENCE };
            [(x, at[*slot]), (x + width, at[*slot])]
        };
        self.bends = slots.through.iter().map(|slots| slots.iter().flat_map(bend).collect()).collect();
    }

    /// As near to where they want to be as the others let them.
    fn stack(&self, order: &[(i32, usize)], slots: &Slots, at: &mut [i32]) {
        let height = |slot: usize| slots.list[slot].1.map_or(10, |node| self.nodes[node].height);
        let mut floor = TOP;
        for (wanted, slot) in order {
            let top = (wanted - height(*slot) / 2).max(floor);
            at[*slot] = top + height(*slot) / 2;
            floor = top + height(*slot) + GAP;
        }
        // What was pushed out at the bottom moves up again, and pushes the others.
        let mut ceiling = self.bottom;
        for (_, slot) in order.iter().rev() {
            let half = height(*slot) / 2;
            at[*slot] = at[*slot].min(ceiling - half).max(TOP + half);
            ceiling = at[*slot] - half - GAP;
        }
        // A column that is too full for its height grows downwards.
        let mut floor = TOP;
        for (_, slot) in order {
            let half = height(*slot) / 2;
            at[*slot] = at[*slot].max(floor + half);
            floor = at[*slot] + half + GAP;
        }
    }
}

enum Next {
    Slot(usize),
    Port(usize, usize),
}

/// The nodes, and for every edge that passes a column without ending there, a free place in that column.
struct Slots {
    list: Vec<(Column, Option<usize>)>,
    right: Vec<Vec<Next>>,
    left: Vec<Vec<usize>>,
    /// By edge.
    through: Vec<Vec<usize>>,
}

impl Slots {
    fn of(picture: &Picture) -> Slots {
        let list = picture.nodes.iter().enumerate().map(|(index, node)| (node.column, Some(index))).collect();
        let mut slots = Slots { list, right: vec![], left: vec![], through: vec![] };
        let mut shared: BTreeMap<(usize, Column), usize> = BTreeMap::new();
        for edge in &picture.edges {
            let (from, to) = (picture.nodes[edge.from].column, &edge.to);
            let end = if let End::Node(node) = to { Some(picture.nodes[*node].column) } else { None };
            let crossed = [Column::Things, Column::Evidence]
                .into_iter()
                .filter(|column| *column > from && end.is_none_or(|end| *column < end));
            let mut chain = vec![edge.from];
            let mut through = vec![];
            for column in crossed {
                // Lines that begin together pass together.
                let slot = *shared.entry((edge.from, column)).or_insert_with(|| {
                    slots.list.push((column, None));
                    slots.list.len() - 1
                });
                through.push(slot);
            }
            chain.extend(&through);
            slots.right.resize_with(slots.list.len(), Vec::new);
            slots.left.resize_with(slots.list.len(), Vec::new);
            for pair in chain.windows(2) {
                slots.right[pair[0]].push(Next::Slot(pair[1]));
                slots.left[pair[1]].push(pair[0]);
            }
            let end = chain.last().copied().unwrap_or(edge.from);
            match to {
                End::Node(node) => {
                    slots.right[end].push(Next::Slot(*node));
                    slots.left[*node].push(end);
                }
                End::Port(door, port) => slots.right[end].push(Next::Port(*door, *port)),
            }
            slots.through.push(through);
        }
        slots.right.resize_with(slots.list.len(), Vec::new);
        slots.left.resize_with(slots.list.len(), Vec::new);
        slots
    }
}

/// The lines of a requirement on a card.
pub(super) fn requirement(text: &str) -> Vec<String> {
    const MOST_LINES: usize = 5;
    let mut lines = wrapped(text, 42);
    if lines.len() > MOST_LINES {
        lines.truncate(MOST_LINES);
        if let Some(last) = lines.last_mut() {
            *last = shortened(&format!("{last} …"), 42);
        }
    }
    lines
}

/// The lines of a deed.
pub(super) fn deed(text: &str) -> Vec<String> {
    wrapped(text, 29)
}

/// Pictures are far smaller than this number.
pub(super) fn whole(count: usize) -> i32 {
    i32::try_from(count).unwrap_or(i32::MAX / 1024)
}

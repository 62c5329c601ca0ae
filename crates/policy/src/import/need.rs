//! What has to be shown to pass a part of somebody else's log-in flow.
//!
//! Owns the calculus: steps in a row, steps to choose from, and what becomes of a step that is not understood. It
//! adds nothing to what stands beside it, and where it stands alone it is written as the weakest thing there is.

use crate::model::{Requirement, Term};

/// Evidence over pieces of any sort.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Need<T> {
    /// Open to everybody.
    Nothing,
    /// Open to nobody.
    Never,
    /// A step that is not understood: no defence.
    Unproved,
    Piece(T),
    /// Two or more, none of the variants above but pieces, no `All`.
    All(Vec<Need<T>>),
    /// Two or more, no `Any`.
    Any(Vec<Need<T>>),
}

impl<T: Clone + PartialEq> Need<T> {
    /// All of these, one after the other.
    pub(super) fn all(parts: impl IntoIterator<Item = Need<T>>) -> Need<T> {
        let (mut kept, mut unproved) = (Vec::new(), false);
        for part in parts {
            match part {
                Need::Nothing => {}
                Need::Never => return Need::Never,
                Need::Unproved => unproved = true,
                Need::All(inner) => inner.into_iter().for_each(|part| add(&mut kept, part)),
                other => add(&mut kept, other),
            }
        }
        let alone = if unproved { Need::Unproved } else { Need::Nothing };
        joined(kept, alone, Need::All)
    }

    /// Any one of these.
    pub(super) fn any(parts: impl IntoIterator<Item = Need<T>>) -> Need<T> {
        let mut kept = Vec::new();
        for part in parts {
            match part {
                Need::Nothing => return Need::Nothing,
                Need::Never => {}
                Need::Any(inner) => inner.into_iter().for_each(|part| add(&mut kept, part)),
                other => add(&mut kept, other),
            }
        }
        joined(kept, Need::Never, Need::Any)
    }

    pub(super) fn mentions(&self, piece: &T) -> bool {
        match self {
            Need::Piece(own) => own == piece,
            Need::All(parts) | Need::Any(parts) => parts.iter().any(|part| part.mentions(piece)),
            Need::Nothing | Need::Never | Need::Unproved => false,
        }
    }

    /// The same need, each piece written otherwise.
    pub(super) fn replace<U: Clone + PartialEq>(&self, with: &mut impl FnMut(&T) -> Need<U>) -> Need<U> {
        match self {
            Need::Nothing => Need::Nothing,
            Need::Never => Need::Never,
            Need::Unproved => Need::Unproved,
            Need::Piece(piece) => with(piece),
            Need::All(parts) => Need::all(parts.iter().map(|part| part.replace(with)).collect::<Vec<_>>()),
            Need::Any(parts) => Need::any(parts.iter().map(|part| part.replace(with)).collect::<Vec<_>>()),
        }
    }

    /// The number of pieces, as written.
    pub(super) fn size(&self) -> usize {
        match self {
            Need::All(parts) | Need::Any(parts) => parts.iter().map(Need::size).sum(),
            _ => 1,
        }
    }
}

impl Need<Term> {
    /// As a policy writes it; `weakest` stands for what is not understood and for what is open to everybody. None:
    /// open to nobody.
    pub(super) fn requirement(self, weakest: &mut impl FnMut() -> Term) -> Option<Requirement> {
        let mut each = |parts: Vec<Need<Term>>| -> Option<Vec<Requirement>> {
            parts.into_iter().map(|part| part.requirement(weakest)).collect()
        };
        match self {
            Need::Never => None,
            Need::All(parts) => Some(Requirement::All(each(parts)?)),
            Need::Any(parts) => Some(Requirement::Any(each(parts)?)),
            Need::Piece(term) => Some(Requirement::Term(term)),
            Need::Nothing | Need::Unproved => Some(Requirement::Term(weakest())),
        }
    }
}

fn add<T: PartialEq>(kept: &mut Vec<T>, part: T) {
    if !kept.contains(&part) {
        kept.push(part);
    }
}

fn joined<T>(mut kept: Vec<Need<T>>, none: Need<T>, several: fn(Vec<Need<T>>) -> Need<T>) -> Need<T> {
    match kept.len() {
        0 => none,
        1 => kept.remove(0),
        _ => several(kept),
    }
}

#[cfg(test)]
mod tests {
    use super::Need::{All, Any, Never, Nothing, Piece, Unproved};
    use super::*;

    #[test]
    fn what_is_not_understood_adds_nothing_and_takes_nothing_away() {
        assert_eq!(Need::all([Piece('a'), Unproved]), Piece('a'));
        assert_eq!(Need::<char>::all([Unproved, Nothing]), Unproved);
        assert_eq!(Need::all([Unproved, Never, Piece('a')]), Never);
        assert_eq!(Need::any([Piece('a'), Unproved]), Any(vec![Piece('a'), Unproved]));
    }

    #[test]
    fn rows_and_choices_are_flat_and_say_nothing_twice() {
        let row = Need::all([Piece('a'), All(vec![Piece('b'), Piece('a')]), Nothing]);
        assert_eq!(row, All(vec![Piece('a'), Piece('b')]));
        let choice = Need::any([row.clone(), Never, Any(vec![Piece('a'), row.clone()])]);
        assert_eq!(choice, Any(vec![row, Piece('a')]));
        assert_eq!(Need::any([Piece('a'), Nothing]), Nothing);
        assert_eq!(Need::<char>::any([]), Never);
        assert_eq!(Need::<char>::all([]), Nothing);
    }
}

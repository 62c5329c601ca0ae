//! "Did you mean": the known name nearest to an unknown one.

/// The nearest of the known names, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    all_nearest(unknown, known).first().copied()
}

/// The nearest name, unless another is as near.
pub(crate) fn nearest_alone<'a>(unknown: &str, known: &[&'a str]) -> Option<&'a str> {
    match all_nearest(unknown, known.iter().copied()).as_slice() {
        [name] => Some(name),
        _ => None,
    }
}

/// The known names that are near enough to be what was meant, and none of them nearer than another.
fn all_nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    // Longer than any name that is accepted; comparing it with everything would only cost time.
    if unknown.len() > 80 {
        return Vec::new();
    }
    let lower = unknown.to_lowercase();
    let allowed = lower.chars().count().max(3) / 3;
    let distance = |name: &str| strsim::damerau_levenshtein(&lower, &name.to_lowercase());
    let near = known.into_iter().map(|name| (distance(name), name));
    let near: Vec<(usize, &str)> = near.filter(|(distance, _)| *distance <= allowed).collect();
    let least = near.iter().map(|(distance, _)| *distance).min();
    near.into_iter().filter(|(distance, _)| Some(*distance) == least).map(|(_, name)| name).collect()
}

/// A `help` line: the nearest names, or all of them if there are few.
pub(crate) fn help(unknown: &str, known: &[&str], what: &str) -> Option<String> {
    let near = all_nearest(unknown, known.iter().copied());
    if (1..=MOST_MEANT).contains(&near.len()) {
        return Some(format!("did you mean {}?", either(&near)));
    }
    match known.len() {
        0 => Some(format!("the policy defines no {what}")),
        1..=16 => Some(format!("{what}s are {}", list(known))),
        _ => None,
    }
}

/// More names than these are no guess at what was meant.
const MOST_MEANT: usize = 3;

/// "`a`, `b` or `c`".
pub(crate) fn either(words: &[&str]) -> String {
    joined(words, "or")
}

/// "`a`, `b` and `c`".
pub(crate) fn list(words: &[&str]) -> String {
    joined(words, "and")
}

fn joined(words: &[&str], last_by: &str) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} {last_by} {last}", rest.join(", ")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_slip_of_the_finger_finds_its_name_and_a_stranger_does_not() {
        assert_eq!(nearest("paswsord", ["totp", "password"]), Some("password"));
        assert_eq!(nearest("Passkey", ["passkeys", "passkey"]), Some("passkey"));
        assert_eq!(nearest("elephant", ["totp", "password"]), None);
    }

    #[test]
    fn where_several_are_as_near_none_is_preferred() {
        let levels = ["aal1", "aal2", "aal3"];
        assert_eq!(help("aal4", &levels, "level").as_deref(), Some("did you mean `aal1`, `aal2` or `aal3`?"));
        assert_eq!(help("aa2", &levels, "level").as_deref(), Some("did you mean `aal2`?"));
    }
}

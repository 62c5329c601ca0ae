//! "Did you mean": the known name nearest to an unknown one.

/// The nearest of the known names, if one is near enough to be what was meant.
pub(crate) fn nearest<'a>(unknown: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer than any name that is accepted; comparing it with everything would only cost time.
    if unknown.len() > 80 {
        return None;
    }
    let lower = unknown.to_lowercase();
    let allowed = lower.chars().count().max(3) / 3;
    known
        .into_iter()
        .map(|name| (strsim::damerau_levenshtein(&lower, &name.to_lowercase()), name))
        .filter(|(distance, _)| *distance <= allowed)
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, name)| name)
}

/// A `help` line: the nearest name, or all of them if there are few.
pub(crate) fn help(unknown: &str, known: &[&str], what: &str) -> Option<String> {
    if let Some(name) = nearest(unknown, known.iter().copied()) {
        return Some(format!("did you mean `{name}`?"));
    }
    match known.len() {
        0 => Some(format!("the policy defines no {what}")),
        1..=16 => Some(format!("{what}s are {}", list(known))),
        _ => None,
    }
}

/// "`a`, `b` and `c`".
pub(crate) fn list(words: &[&str]) -> String {
    let quoted: Vec<String> = words.iter().map(|word| format!("`{word}`")).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} and {last}", rest.join(", ")),
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
}

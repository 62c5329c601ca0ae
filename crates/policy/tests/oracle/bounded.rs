//! Verdicts that are proved without listing every way, against those of whole lists, which `forward` and `clingo` hold to be
//! whole.

use policy::takeover::{Entry, PopulationReading, ProfileReading, Takeover, analyse, analyse_in_part};

use crate::common::{self, Dice};

pub(crate) fn compare(mut dice: Dice) {
    let mut model = common::random_model(&mut dice);
    if dice.below(2) == 0 {
        common::ignore_more(&mut model, &mut dice);
    }
    let (whole, part) = (analyse(&model), analyse_in_part(&model));
    for (whole, part) in whole.populations.iter().zip(&part.populations) {
        if part.truncated {
            // Only where there is no login to take would anything be too easy, however dear.
            assert!(whole.truncated || nobody_comes_in_by_login(whole), "unproved: {whole:#?}");
            continue;
        }
        assert_eq!(whole.profiles.len(), part.profiles.len());
        for (whole, part) in whole.profiles.iter().zip(&part.profiles) {
            assert_eq!(whole.holds, part.holds);
            profiles(whole, part);
        }
    }
    for (whole, part) in whole.apps.iter().zip(&part.apps) {
        for (whole, part) in
            whole.populations.iter().zip(&part.populations).filter(|(_, part)| !part.truncated)
        {
            let up_to = part.up_to.expect("it is in part");
            assert_eq!(cheap(&whole.takeover, up_to), part.takeover);
        }
    }
}

fn nobody_comes_in_by_login(reading: &PopulationReading) -> bool {
    let of_entries = |profile: &ProfileReading| profile.entries.iter().any(|entry| entry.login.is_empty());
    reading.profiles.iter().any(|profile| profile.login.is_empty() || of_entries(profile))
}

fn profiles(whole: &ProfileReading, part: &ProfileReading) {
    let up_to = part.up_to.expect("it is in part");
    let context = format!("up to {up_to}, {whole:#?} and {part:#?}");
    assert_eq!((whole.verdict, whole.account), (part.verdict, part.account), "{context}");
    assert_eq!(whole.lockout, part.lockout, "{context}");
    for (of_whole, of_part) in
        [(&whole.login, &part.login), (&whole.any, &part.any), (&whole.enrolment, &part.enrolment)]
    {
        assert_eq!(cheap(of_whole, up_to), *of_part, "{context}");
    }
    for (whole, part) in whole.doors.iter().zip(&part.doors) {
        assert_eq!((whole.name, whole.verdict), (part.name, part.verdict), "{context}");
        assert_eq!(cheap(&whole.takeovers, up_to), part.takeovers, "{context}");
    }
    assert_eq!(whole.entries.len(), part.entries.len());
    for (whole, part) in whole.entries.iter().zip(&part.entries) {
        entries(whole, part, up_to);
    }
}

fn entries(whole: &Entry, part: &Entry, up_to: u32) {
    assert_eq!((&whole.apps, whole.verdict), (&part.apps, part.verdict));
    assert_eq!(cheap(&whole.login, up_to), part.login);
    assert_eq!(cheap(&whole.any, up_to), part.any);
    for ((name, ways, verdict), (of_part, listed, decided)) in whole.doors.iter().zip(&part.doors) {
        assert_eq!((name, verdict), (of_part, decided));
        assert_eq!(cheap(ways, up_to), *listed);
    }
}

fn cheap(ways: &[Takeover], up_to: u32) -> Vec<Takeover> {
    ways.iter().filter(|way| way.effort <= up_to).cloned().collect()
}

//! A policy that was found free of errors, and may therefore be enforced.
//!
//! Owns the proof: a [`Policy`] is made by the check alone, so that no server can enforce what was not checked.
//! Owns also the [`Ranking`]: which population a member belongs to. Does not own the decisions at its doors (that is
//! `lifecycle`).

use crate::factor::Aal;
use crate::model::{Model, PopulationIx, Risk};
use crate::takeover::{Analysis, PopulationReading, least_effort};

/// A checked policy.
#[derive(Clone, Debug)]
pub struct Policy {
    model: Model,
    digest: String,
    ranking: Ranking,
}

impl Policy {
    /// To be called for a policy without errors only.
    pub(crate) fn new(model: Model, analysis: &Analysis, digest: String) -> Policy {
        let ranking = Ranking::of(&model, analysis);
        Policy { model, digest, ranking }
    }

    /// The policy itself.
    pub fn model(&self) -> &Model {
        &self.model
    }

    /// `sha256:...` of the text: names the policy under which something was decided.
    pub fn digest(&self) -> &str {
        &self.digest
    }

    /// Which population rules whom.
    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// The strictest of the populations that somebody of these groups matches; `None`: they have no door.
    pub fn population_of(&self, groups: &[String]) -> Option<PopulationIx> {
        self.ranking.population_of(&self.model, groups)
    }
}

/// All populations of a policy, the strictest first. A policy that may not be enforced has one too: what it would
/// do to real people can be asked before it is mended.
#[derive(Clone, Debug)]
pub struct Ranking(Vec<PopulationIx>);

impl Ranking {
    /// Ranks the populations by what the analysis says of their logins.
    pub fn of(model: &Model, analysis: &Analysis) -> Ranking {
        let mut ranking: Vec<PopulationIx> =
            (0..).zip(&model.populations).map(|(i, _)| PopulationIx(i)).collect();
        // Stable, so that populations of equal strictness stay in the order of the file.
        ranking.sort_by_key(|population| {
            let reading = analysis.populations.get(usize::from(population.0));
            std::cmp::Reverse((model[*population].risk == Risk::High, reading.map(strictness)))
        });
        Ranking(ranking)
    }

    /// The strictest of the populations that somebody of these groups matches; `None`: they have no door.
    pub fn population_of(&self, model: &Model, groups: &[String]) -> Option<PopulationIx> {
        let matches = |population: &&PopulationIx| {
            model[**population].groups.iter().any(|group| groups.contains(group))
        };
        self.0.iter().find(matches).copied()
    }
}

/// How much the weakest way in by login costs, nothing being harder than no way at all; then the level that
/// every way to sign in reaches.
fn strictness(reading: &PopulationReading) -> (u32, Option<Aal>) {
    let effort = reading.everything().map_or(0, |all| least_effort(&all.login).unwrap_or(u32::MAX));
    let level = reading.login.iter().map(|alternative| alternative.assurance.map(|a| a.aal)).min();
    (effort, level.flatten())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Date;
    use crate::{Source, check, takeover};

    /// A policy of populations, each with its login; `!` before the name means that risk is high.
    fn policy(populations: &[(&str, &str)]) -> Policy {
        let head = r#"
version = 1
[organization]
name = "Example Ltd"
domain = "example.com"
support = "it@example.com"
[authenticator.password]
kind = "password"
[authenticator.totp]
kind = "totp"
[authenticator.hotp]
kind = "hotp"
[authenticator.passkey]
kind = "passkey"
[authenticator.smart-card]
kind = "client-certificate"
"#;
        let chain = |(name, login): &(&str, &str)| {
            let (name, risk) = name.strip_prefix('!').map_or((*name, "normal"), |name| (name, "high"));
            format!(
                "[population.{name}]\ngroups = [\"{name}\"]\nrisk = \"{risk}\"\n\
                 [population.{name}.login]\nrequire = \"{login}\"\n"
            )
        };
        let chains: Vec<String> = populations.iter().map(chain).collect();
        let text = format!("{head}{}", chains.concat());
        let checked = check(&Source::single("policy.toml", text), Date { year: 2026, month: 1, day: 1 });
        let model = checked.model.unwrap_or_else(|| panic!("{:?}", checked.diagnostics));
        let analysis = takeover::analyse(&model);
        Policy::new(model, &analysis, checked.digest)
    }

    fn ruled_by(policy: &Policy, groups: &[&str]) -> Option<String> {
        let groups: Vec<String> = groups.iter().map(|group| (*group).to_owned()).collect();
        policy.population_of(&groups).map(|population| policy.model()[population].name.clone())
    }

    #[test]
    fn the_login_that_costs_most_effort_rules() {
        let policy = policy(&[("weak", "password"), ("strong", "passkey"), ("middle", "password and totp")]);
        assert_eq!(ruled_by(&policy, &["weak", "middle", "strong"]).as_deref(), Some("strong"));
        assert_eq!(ruled_by(&policy, &["weak", "middle"]).as_deref(), Some("middle"));
    }

    #[test]
    fn high_risk_is_not_diluted_by_a_stricter_login() {
        let policy = policy(&[("strong", "smart-card"), ("!precious", "password and totp")]);
        assert_eq!(ruled_by(&policy, &["strong", "precious"]).as_deref(), Some("precious"));
    }

    #[test]
    fn of_equal_efforts_the_higher_level_rules_and_then_the_order_of_the_file() {
        let policy = policy(&[("first", "totp"), ("second", "hotp"), ("third", "password and totp")]);
        assert_eq!(ruled_by(&policy, &["first", "second", "third"]).as_deref(), Some("third"));
        assert_eq!(ruled_by(&policy, &["second", "first"]).as_deref(), Some("first"));
    }

    #[test]
    fn who_matches_no_population_has_no_door() {
        assert_eq!(ruled_by(&policy(&[("staff", "passkey")]), &["guests"]), None);
    }
}

//! The populations of a realm: people differ by what they hold and by the roles that flows ask about.
//!
//! Owns who is told apart, and which of them administrators may be. Does not own how they sign in (`passing`) nor their
//! doors (`doors`).

use super::super::need::Need;
use super::super::text::plain;
use super::Import;
use super::doors::Doors;
use super::holder::Holder;
use super::steps::Piece;
use crate::model::PopulationIx;

impl Import<'_> {
    /// People differ by what they hold and by the roles that flows ask about. Gives the populations of the realm.
    pub(super) fn populations(&mut self) -> Vec<PopulationIx> {
        let all = Holder::of_all();
        let full = self.login(&all);
        let bare = self.login(&Holder::default());
        let newcomer = Holder::newcomer();
        let open = self.login(&newcomer);
        let doors = Doors::read(self);
        let held = "accounts that hold a second factor";
        let mut weakest = if bare == full {
            // Nothing depends on what somebody holds.
            doors.population(self, "members", &all, &full, "everybody in the realm")
        } else if bare != Need::Never {
            let why = "accounts without a second factor: nothing makes them set one up";
            let bare = doors.population(self, "without-second-factor", &Holder::default(), &bare, why);
            doors.population(self, "with-second-factor", &all, &full, held);
            bare
        } else {
            doors.population(self, "members", &all, &full, held)
        };
        if open != Need::Never && open != bare {
            let why = "accounts that have not set up their second factor: whoever signs in first does";
            weakest = doors.population(self, "not-yet-set-up", &newcomer, &open, why);
        }
        // Administrators are accounts of the realm, so any of these may be one; the strong are not asked.
        let mut theirs = vec![weakest];
        let odd = self.holders_of_one(&doors, &full);
        if bare == Need::Never && open == Need::Never {
            theirs.extend(odd);
        }
        theirs.extend(self.holders_of_roles(&doors));
        let everybody: Vec<PopulationIx> =
            (0..).zip(&self.draft.model.populations).map(|(index, _)| PopulationIx(index)).collect();
        doors.administrators(self, &theirs, &everybody);
        everybody
    }

    /// Holders of one factor that some flow overlooks.
    fn holders_of_one(&mut self, doors: &Doors, full: &Need<Piece>) -> Vec<PopulationIx> {
        let mut made = Vec::new();
        let only = [
            (Holder::of_otp_only(), "with-one-time-codes-only", Piece::Otp),
            (Holder::of_web_authn_only(), "with-webauthn-only", Piece::WebAuthn),
            (Holder::of_passkey_only(), "with-passkeys-only", Piece::Passwordless),
        ];
        for (holder, name, held) in only {
            let missing = [Piece::Otp, Piece::WebAuthn, Piece::Passwordless];
            let missing: Vec<Piece> = missing.into_iter().filter(|piece| *piece != held).collect();
            if !full.mentions(&held) || !missing.iter().any(|piece| full.mentions(piece)) {
                continue;
            }
            let need = self.login(&holder);
            // Holding less is no difference where it only takes a choice away: every profile is judged anyway.
            let choice = full.replace(&mut |piece| {
                if missing.contains(piece) { Need::Never } else { Need::Piece(piece.clone()) }
            });
            if need != Need::Never && need != choice {
                let why = "accounts that hold no other second factor: some flow does not ask them for theirs";
                made.push(doors.population(self, name, &holder, &need, why));
            }
        }
        made
    }

    /// Holders of the roles that the conditions of flows ask about; gives those of each role that sign in by least.
    fn holders_of_roles(&mut self, doors: &Doors) -> Vec<PopulationIx> {
        let kinds = [
            (Holder::of_all(), "", "holders"),
            (Holder::default(), "-without-second-factor", "holders without a second factor"),
            (Holder::newcomer(), "-not-yet-set-up", "holders who have not set up their second factor"),
        ];
        let usual: Vec<Need<Piece>> = kinds.iter().map(|(holder, ..)| self.login(holder)).collect();
        // What the holders of fewer roles are asked for, by kind.
        let mut known: Vec<Vec<Need<Piece>>> = usual.iter().map(|need| vec![need.clone()]).collect();
        let mut weakest = Vec::new();
        let roles = self.flows.roles().to_vec();
        for role in &roles {
            let holders = kinds.clone().map(|(holder, name, who)| {
                let holder = Holder { roles: vec![role.clone()], ..holder };
                (self.login(&holder), holder, name, who)
            });
            for (known, (need, ..)) in known.iter_mut().zip(&holders) {
                known.push(need.clone());
            }
            if holders.iter().zip(&usual).all(|((need, ..), usual)| need == usual) {
                continue;
            }
            let mut written: Vec<Need<Piece>> = Vec::new();
            for (need, holder, name, who) in holders {
                // Those who hold everything are always shown; the others where they sign in otherwise.
                if written.contains(&need) || (need == Need::Never && !written.is_empty()) {
                    continue;
                }
                let why =
                    format!("{who} of role `{}`, which a condition of the flow asks about", plain(role));
                let whose = self.of_role(doors, &format!("role-{role}{name}"), &holder, &need, &why);
                // The last is asked for least.
                if !written.is_empty() {
                    weakest.pop();
                }
                weakest.push(whose);
                written.push(need);
            }
        }
        for roles in several(&roles) {
            for ((holder, name, who), known) in kinds.iter().zip(&mut known) {
                let holder = Holder { roles: roles.clone(), ..holder.clone() };
                let need = self.login(&holder);
                if need == Need::Never || known.contains(&need) {
                    continue;
                }
                known.push(need.clone());
                let all = roles.join("-");
                if weakest.len() >= MOST_OF_ROLES {
                    let why = "ask holders of several roles for more different things than are shown: what they ask counts as no defence";
                    self.draft.notes.push("authenticationFlows", why);
                    let why = "holders of several roles, more than are told apart";
                    weakest.push(self.of_role(doors, "several-roles", &holder, &Need::Unproved, why));
                    return weakest;
                }
                let why =
                    format!("{who} of all these roles, who are asked for less: {}", plain(&roles.join(", ")));
                weakest.push(self.of_role(doors, &format!("roles-{all}{name}"), &holder, &need, &why));
            }
        }
        weakest
    }

    fn of_role(
        &mut self,
        doors: &Doors,
        name: &str,
        holder: &Holder,
        need: &Need<Piece>,
        why: &str,
    ) -> PopulationIx {
        let taken: Vec<String> = self.draft.model.populations.iter().map(|p| p.name.clone()).collect();
        let name = super::super::draft::well_formed(name, "role", &taken);
        doors.population(self, &name, holder, need, why)
    }
}

/// More populations of roles than anybody reads.
const MOST_OF_ROLES: usize = 24;

/// Every choice of two roles or more, small choices first. There are six roles at most.
fn several(roles: &[String]) -> Vec<Vec<String>> {
    let chosen = |set: u32| -> Vec<String> {
        let is_in = |index: &usize| set & (1 << index) != 0;
        (0..roles.len()).filter(is_in).map(|index| roles[index].clone()).collect()
    };
    let mut choices: Vec<Vec<String>> = (0..1u32 << roles.len()).map(chosen).collect();
    choices.retain(|choice| choice.len() > 1);
    choices.sort_by_key(Vec::len);
    choices
}

//! `postern plan`: what would another policy do to everybody in the directory?

mod human;
mod json;

use std::io;
use std::path::PathBuf;
use std::process::ExitCode;

use policy::diff::{Diff, Fate, Judged, Policies, Safety, Standing};
use policy::render::diff::{Names, human as changes};
use policy::takeover::whole_up_to;
use server::app::Clock;
use server::assess::Census;
use server::fault::Fault;
use server::plan::Plan;
use server::start;
use server::store::driver::Tx;
use server::store::policies;

use super::check::{Given, read};
use super::diff::{Format, compared, complain};
use super::directory::Directory;
use crate::print::{self, Bar};

/// Compare a policy with the one in force, member by member, without changing anything: who must add what to sign in,
/// who would be locked out, whose account becomes easier or harder to take.
///
/// Exits with 0 if the new policy weakens nothing and nobody loses their way to sign in, with 1 if it does, and with 2
/// if that cannot be said.
#[derive(clap::Args)]
pub(crate) struct Args {
    /// The policy as it would be: a file, or a folder of `*.toml` that is one policy.
    new: PathBuf,
    #[command(flatten)]
    directory: Directory,
    /// How to print it.
    #[arg(long, value_enum, default_value_t = Format::Human)]
    format: Format,
    /// Name the members to whom something happens, not only how many they are.
    #[arg(long)]
    members: bool,
}

#[expect(clippy::needless_pass_by_value, reason = "every command takes its arguments by value")]
pub(crate) fn run(args: Args) -> ExitCode {
    let new = match read(&args.new, None) {
        Ok(new) => new,
        Err(message) => return print::fail(message),
    };
    let mistaken = complain(&new);
    let planned = args.directory.open().and_then(|mut conn| {
        conn.read(|tx| {
            let old = in_force(tx, &new)?;
            let consequences = Consequences::of(tx, old, &new)?;
            match args.format {
                Format::Human => consequences.tell(tx, &new, args.members)?,
                Format::Json => print::out(json::render(tx, &consequences, &new, args.members)?),
            }
            Ok(consequences)
        })
    });
    match planned {
        Err(_) if mistaken => ExitCode::from(2),
        Err(fault) => print::fail(fault),
        Ok(consequences) if mistaken || consequences.mistaken => ExitCode::from(2),
        Ok(consequences) if consequences.is_harmful() => ExitCode::FAILURE,
        Ok(_) => ExitCode::SUCCESS,
    }
}

/// What would follow from a policy in a database.
pub(super) struct Consequences {
    /// The policy in force.
    pub(super) old: Given,
    /// It has errors by now.
    mistaken: bool,
    pub(super) diff: Diff,
    census: Census,
    pub(super) plan: Plan,
}

/// The policy in force, as it is judged today.
pub(super) fn in_force(tx: &mut Tx<'_>, new: &Given) -> Result<Given, Fault> {
    let source = policies::in_force(tx)?.ok_or_else(|| {
        Fault::broken(doing(new))
            .because("no policy is in force in this database yet")
            .help("start the server once: its configured policy then comes into force")
    })?;
    Ok(Given::of("the policy in force".to_owned(), source, start::today(&Clock::System)))
}

fn doing(new: &Given) -> String {
    format!("planning for {}", new.name)
}

impl Consequences {
    /// All of one moment, in which `old` was in force: the policies, and who is there.
    pub(super) fn of(tx: &mut Tx<'_>, old: Given, new: &Given) -> Result<Consequences, Fault> {
        let doing = || doing(new);
        let mistaken = complain(&old);
        let mut diff = compared(&old, new).map_err(|why| Fault::broken(doing()).because(why))?;
        let bar = Bar::new();
        let census = Census::take(tx, Some(&mut |at| bar.show("reading the directory", at.done, at.all)))?;
        drop(bar);
        let (Some(before), Some(after)) = (Judged::of(&old.checked), Judged::of(&new.checked)) else {
            return Err(Fault::broken(doing()).because("a policy cannot be read"));
        };
        let plan = Policies::new(before, after).and_then(|policies| Plan::of(&census, &policies));
        let plan = plan.map_err(|truncated| Fault::broken(doing()).because(truncated))?;
        // Members may hold what makes too many ways to list where no profile of the policy does.
        diff.up_to = whole_up_to(diff.up_to, plan.up_to);
        Ok(Consequences { old, mistaken, diff, census, plan })
    }

    /// Is anything weaker, for the policy or for one account, or can anybody not sign in any more? What is not proved may
    /// be.
    pub(super) fn is_harmful(&self) -> bool {
        !self.diff.weakens_nothing() || self.plan.total(|of| of.easier + of.locked_out + of.lose_sign_in) > 0
    }

    /// The changes of the policy, then what they do to members; names if they are wanted.
    pub(super) fn tell(&self, tx: &mut Tx<'_>, new: &Given, names: bool) -> Result<(), Fault> {
        let colour = print::colour(&io::stdout());
        let of = Names { before: &self.old.name, after: &new.name };
        print::out(changes(&self.diff, of, colour));
        print::out(format_args!("\n{}", human::counts(&self.plan, colour)));
        if names {
            print::out("\n");
            self.names(tx, |name, fate| print::out(human::member(name, fate)))?;
        }
        Ok(())
    }

    /// Everybody to whom something happens, by name.
    fn names(&self, tx: &mut Tx<'_>, mut visit: impl FnMut(&str, &Fate)) -> Result<(), Fault> {
        self.census.names(tx, |name, kind| {
            if let Some(fate) = self.plan.fates.get(kind).filter(|fate| matters(fate)) {
                visit(name, fate);
            }
            Ok(())
        })
    }
}

fn matters(fate: &Fate) -> bool {
    let is_stuck = [Standing::Recovers, Standing::LockedOut].contains(&fate.after);
    fate.from != fate.to || is_stuck || fate.safety != Safety::Same
}

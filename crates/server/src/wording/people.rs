//! People of an approver role. A policy names roles for itself; the names that most have are put into people's words.

use policy::Model;
use policy::model::ApproverIx;

use super::within;

/// What a role is to those who do not read policies.
enum Known {
    HelpDesk,
    Administrators,
    Other,
}

fn known(name: &str) -> Known {
    let letters: String = name.chars().filter(char::is_ascii_alphabetic).collect();
    match letters.to_lowercase().as_str() {
        "helpdesk" | "servicedesk" | "itsupport" | "support" => Known::HelpDesk,
        "admin" | "admins" | "administrator" | "administrators" => Known::Administrators,
        _ => Known::Other,
    }
}

/// So many of them: `two people from the help desk`.
pub(crate) fn people(model: &Model, role: ApproverIx, count: u16) -> String {
    let role = &model[role];
    if role.manager_of_member {
        return "the member's manager".to_owned();
    }
    let many = match count {
        2 => "two".to_owned(),
        many => many.to_string(),
    };
    match (known(&role.name), count) {
        (Known::HelpDesk, 1) => "somebody from the help desk".to_owned(),
        (Known::HelpDesk, _) => format!("{many} people from the help desk"),
        (Known::Administrators, 1) => "an administrator".to_owned(),
        (Known::Administrators, _) => format!("{many} administrators"),
        (Known::Other, 1) => format!("somebody whose role is “{}”", within(&role.name)),
        (Known::Other, _) => format!("{many} people whose role is “{}”", within(&role.name)),
    }
}

/// In which role somebody of them decides: `for the help desk`.
pub(crate) fn in_role(model: &Model, role: ApproverIx) -> String {
    let name = &model[role].name;
    match known(name) {
        Known::HelpDesk => "for the help desk".to_owned(),
        Known::Administrators => "as an administrator".to_owned(),
        Known::Other => format!("in the role “{}”", within(name)),
    }
}

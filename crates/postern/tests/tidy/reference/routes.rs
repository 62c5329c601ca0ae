//! The page of routes: the route table, as an auditor reads it.

use std::fmt::Write as _;

use server::http::guard::Access;

#[test]
fn the_page_of_routes_is_current() {
    let mut page = String::from(
        "# Routes\n\nEverything that the server answers, and who may ask. Forms carry a token of their own; a stranger is \
         sent to the sign-in page. What may happen to an account is decided behind this, from current state, once more.\n\n\
         | method | path | who may ask |\n|---|---|---|\n",
    );
    for route in server::routes::table() {
        writeln!(page, "| {} | `{}` | {} |", route.method, route.path, who(route.access))
            .expect("a string takes what is written");
    }
    super::is_current("routes.md", &page);
}

fn who(access: Access) -> &'static str {
    match access {
        Access::Public => "anybody",
        Access::Demo => "anybody, in demo mode only",
        Access::Case => "whoever's browser holds a case",
        Access::Signed => "anybody signed in",
        Access::Approver => "approvers, and whoever may read the console",
        Access::Reader => "administrators, agents and auditors, at AAL2",
        Access::Agent => "agents and administrators, at AAL2",
        Access::Administrator => "administrators, at AAL2",
    }
}

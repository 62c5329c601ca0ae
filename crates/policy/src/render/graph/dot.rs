//! Pictures for Graphviz, for those who lay them out themselves.
//!
//! Owns the escaping and the few attributes that say what lies on the weakest way in.

use super::picture::{Column, End, Picture};

pub(super) fn document(pictures: &[Picture]) -> String {
    let mut lines =
        vec!["digraph postern {".to_owned(), "  rankdir = LR; node [fontname = \"sans-serif\"];".to_owned()];
    for (index, picture) in pictures.iter().enumerate() {
        lines.push(format!("  subgraph cluster_{index} {{"));
        let title = format!("{}: {}", picture.population, picture.verdict_in_words());
        lines.push(format!("    label = {};", quoted(&title)));
        for (number, node) in picture.nodes.iter().enumerate() {
            let shape = match node.column {
                Column::Deeds => "octagon",
                Column::Things => "ellipse",
                Column::Evidence => "box",
            };
            let label = [node.label.as_str(), node.remark.as_str()].join("\n");
            let label = quoted(label.trim());
            lines.push(format!(
                "    c{index}n{number} [shape = {shape}, label = {label}{}];",
                way(node.on_way)
            ));
        }
        for (number, door) in picture.doors.iter().enumerate() {
            let label =
                [&door.name, &door.requirement, &door.remark, &door.cost].map(String::as_str).join("\n");
            let label = quoted(label.trim());
            lines
                .push(format!("    c{index}d{number} [shape = house, label = {label}{}];", way(door.on_way)));
            for port in 0..door.ports {
                let taken = door.taken == Some(port);
                let dot = format!("c{index}d{number}p{port}");
                lines.push(format!("    {dot} [shape = point{}];", way(taken)));
                lines.push(format!("    {dot} -> c{index}d{number} [arrowhead = none{}];", way(taken)));
            }
        }
        for edge in &picture.edges {
            let to = match edge.to {
                End::Node(node) => format!("c{index}n{node}"),
                End::Port(door, port) => format!("c{index}d{door}p{port}"),
            };
            let look = if edge.on_way { " [color = red, penwidth = 2]" } else { "" };
            lines.push(format!("    c{index}n{} -> {to}{look};", edge.from));
        }
        for (from, to) in &picture.arcs {
            lines.push(format!(
                "    c{index}d{from} -> c{index}d{to} [label = binds, color = red, penwidth = 2];"
            ));
        }
        lines.push("  }".to_owned());
    }
    lines.push("}\n".to_owned());
    lines.join("\n")
}

fn way(on_way: bool) -> &'static str {
    if on_way { ", color = red, penwidth = 2" } else { "" }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n"))
}

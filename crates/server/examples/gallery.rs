//! Writes every page with sample content into a directory, to be looked at: `cargo run -p postern-server
//! --example gallery -- target/gallery`. The pages load their assets from beside them, so open them as files.

use std::{env, fs, path::Path, process::ExitCode};

use server::page;

#[path = "../src/page/tests/samples.rs"]
mod samples;

fn main() -> ExitCode {
    let Some(directory) = env::args_os().nth(1) else {
        eprintln!("name the directory to write into: gallery DIRECTORY");
        return ExitCode::from(2);
    };
    match write(Path::new(&directory)) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("cannot write the gallery into {}: {error}", Path::new(&directory).display());
            ExitCode::FAILURE
        }
    }
}

fn write(directory: &Path) -> Result<(), Box<dyn std::error::Error>> {
    fs::create_dir_all(directory)?;
    for asset in page::assets::all() {
        fs::write(directory.join(asset.path.trim_start_matches("/assets/")), asset.body)?;
    }
    let mut index = String::from("<!doctype html><title>Gallery</title><ul>");
    for (name, body) in samples::pages(str::to_owned) {
        fs::write(directory.join(format!("{name}.html")), body?.replace("\"/assets/", "\""))?;
        index.extend(["<li><a href=\"", name, ".html\">", name, "</a>"]);
    }
    fs::write(directory.join("index.html"), index)?;
    Ok(())
}

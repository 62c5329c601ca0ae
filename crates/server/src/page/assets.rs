//! The files that pages load, compiled in: one style sheet, one script, one picture.

/// One file.
pub struct Asset {
    /// Its path: `/assets/postern.css`.
    pub path: &'static str,
    pub content_type: &'static str,
    pub body: &'static str,
}

static ASSETS: [Asset; 3] = [
    Asset {
        path: super::links::CSS,
        content_type: "text/css; charset=utf-8",
        body: include_str!("../../assets/postern.css"),
    },
    Asset {
        path: super::links::JS,
        content_type: "text/javascript; charset=utf-8",
        body: include_str!("../../assets/postern.js"),
    },
    Asset {
        path: super::links::LOGO,
        content_type: "image/svg+xml",
        body: include_str!("../../assets/postern.svg"),
    },
];

/// All of them.
pub fn all() -> &'static [Asset] {
    &ASSETS
}

/// The file at that path.
pub fn find(path: &str) -> Option<&'static Asset> {
    ASSETS.iter().find(|asset| asset.path == path)
}

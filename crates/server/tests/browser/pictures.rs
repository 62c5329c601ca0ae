//! Pictures of a walk for somebody who judges how the pages look: each page whole, on a phone and on a desk, by day and
//! by night. `POSTERN_SCREENSHOTS=FOLDER cargo test -p postern-server --test browser chain::people_walk_the_chain_on_sqlite`
//!
//! A page that is wider than its screen fails the walk: nobody scrolls sideways.

use std::path::{Path, PathBuf};

use serde_json::json;
use thirtyfour::prelude::*;

/// What a page is looked at with: the name in the file's name, the size in CSS pixels.
const SCREENS: [(&str, u32, u32); 2] = [("phone", 390, 844), ("desktop", 1280, 900)];
const SCHEMES: [&str; 2] = ["light", "dark"];

/// Where pictures go, if somebody asked for them.
pub(crate) fn folder() -> Option<PathBuf> {
    std::env::var_os("POSTERN_SCREENSHOTS").map(PathBuf::from)
}

/// Pictures the page on every screen in every scheme, and gives the window its own size back.
pub(crate) async fn take(window: &WebDriver, folder: &Path, name: &str) -> WebDriverResult<()> {
    std::fs::create_dir_all(folder).expect("POSTERN_SCREENSHOTS names a folder that can be made");
    let cdp = window.cdp();
    for (screen, width, height) in SCREENS {
        let size =
            json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": screen == "phone" });
        cdp.send_raw("Emulation.setDeviceMetricsOverride", size).await?;
        let measured = "return [document.documentElement.scrollWidth, document.documentElement.scrollHeight]";
        let (wide, high): (u32, u32) = window.execute(measured, Vec::new()).await?.convert()?;
        assert!(wide <= width, "the page `{name}` is {wide} wide on a {screen} of {width}");
        for scheme in SCHEMES {
            // Without motion, lest a picture shows a button on its way from one colour to the other.
            let wish = json!({ "features": [
                { "name": "prefers-color-scheme", "value": scheme },
                { "name": "prefers-reduced-motion", "value": "reduce" },
            ] });
            cdp.send_raw("Emulation.setEmulatedMedia", wish).await?;
            let whole = json!({
                "captureBeyondViewport": true,
                "clip": { "x": 0, "y": 0, "width": width, "height": high.max(height), "scale": 1 },
            });
            let taken = cdp.send_raw("Page.captureScreenshot", whole).await?;
            let png = taken["data"].as_str().expect("the protocol answers with the picture");
            let png = data_encoding::BASE64.decode(png.as_bytes()).expect("the picture comes as base64");
            std::fs::write(folder.join(format!("{name}.{screen}.{scheme}.png")), png)
                .expect("POSTERN_SCREENSHOTS names a folder that can be written to");
        }
    }
    cdp.send_raw("Emulation.clearDeviceMetricsOverride", json!({})).await?;
    cdp.send_raw("Emulation.setEmulatedMedia", json!({ "features": [] })).await.map(drop)
}

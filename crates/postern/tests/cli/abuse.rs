//! Requests that no browser sends: the server answers or hangs up, says nothing it should not, and goes on.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};

use crate::browser::Browser;
use crate::people::{self, PASSWORD, step_now};
use crate::place::{Place, Serving};

/// Sends a request, or what looks like one, and reads until the server hangs up.
fn send(place: &Place, bytes: &[u8]) -> String {
    exchange(place, bytes, false)
}

/// Sends bytes and hangs up half way: nothing more comes. Reads until the server hangs up too.
fn send_and_end(place: &Place, bytes: &[u8]) -> String {
    exchange(place, bytes, true)
}

fn exchange(place: &Place, bytes: &[u8], ends: bool) -> String {
    let mut stream = TcpStream::connect(("127.0.0.1", place.port)).expect("the server listens");
    // It may have hung up before everything was sent: that is an answer too.
    let _ = stream.write_all(bytes);
    if ends {
        let _ = stream.shutdown(Shutdown::Write);
    }
    let mut answer = Vec::new();
    let _ = stream.read_to_end(&mut answer);
    String::from_utf8_lossy(&answer).into_owned()
}

/// The status of an answer; none where the server hung up.
fn status(answer: &str) -> Option<u16> {
    answer.strip_prefix("HTTP/1.1 ")?.get(..3)?.parse().ok()
}

/// It stops as if nothing had been.
fn goes_on(place: &Place, serving: Serving) {
    let healthy = send(place, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&healthy), Some(200), "{healthy}");
    let said = serving.stop();
    assert!(!said.contains("panicked"), "{said}");
    assert!(!said.contains("ERROR"), "no mistake of a stranger is a fault of the server:\n{said}");
}

#[test]
fn bytes_that_are_no_request_are_answered_or_hung_up_on() {
    let place = Place::sqlite();
    let serving = place.serve();
    let form = "0123456789012345678901234567890123456789012";
    let post = |path: &str, body: &[u8]| {
        let head = format!(
            "POST {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\nCookie: __Host-postern-form={form}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        [head.as_bytes(), body].concat()
    };
    let get = |path: &str, more: &str| {
        format!("GET {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{more}\r\n").into_bytes()
    };
    let csrf = |rest: &str| [b"csrf=", form.as_bytes(), b"&", rest.as_bytes()].concat();
    for (what, bytes) in [
        ("noise", (0..=255).cycle().take(100_000).collect()),
        ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n".to_vec()),
        ("a long path", get(&format!("/{}", "a".repeat(1 << 20)), "")),
        ("a long header", get("/", &format!("X: {}\r\n", "a".repeat(1 << 20)))),
        ("many headers", get("/", &"X: y\r\n".repeat(10_000))),
        ("a long cookie", get("/account", &format!("Cookie: __Host-postern={}\r\n", "a".repeat(100_000)))),
        ("odd cookies", get("/case", "Cookie: =;;__Host-postern-case==\u{fe0f};__Host-postern-flash=%%\r\n")),
        ("a path upwards", get("/assets/../../../../etc/passwd", "")),
        ("a hidden path upwards", get("/assets/..%2f..%2f..%2f..%2fetc%2fpasswd", "")),
        ("bad escapes", get("/console/members/%ff%fe%00", "")),
        ("a bad host", get("/", "Host: y\r\n")),
        ("a form of ten mebibytes", post("/sign-in", &vec![b'a'; 10 << 20])),
        ("a form of noise", post("/sign-in", &[0, 255, b'%', b'=', b'&'].repeat(1000))),
        ("a form without its secret", post("/sign-in", b"name=sam")),
        ("a form without its field", post("/sign-in", &csrf("x=y"))),
        ("a field twice", post("/sign-in", &csrf("name=sam&name=pam"))),
        ("a name of noise", post("/sign-in", &csrf("name=%00%ff%0d%0aSet-Cookie:%20x=y"))),
        ("a long name", post("/sign-in", &csrf(&format!("name={}", "a".repeat(60_000))))),
        ("a code without a case", post("/sign-in/prove/totp", &csrf("code=123456"))),
        ("an unknown evidence", post("/case/prove/%2e%2e", &csrf("code=123456"))),
    ] {
        let answer = send(&place, &bytes);
        let status = status(&answer);
        assert!(status.is_none_or(|status| status < 500), "{what}: {answer}");
        assert!(!answer.contains("root:"), "{what}: {answer}");
        assert!(!answer.to_lowercase().contains("\r\nset-cookie: x=y"), "{what}: {answer}");
    }
    let whole = post("/sign-in", &csrf("name=sam"));
    for early in
        [&whole[..0], &whole[..9], &whole[..60], &whole[..whole.len() - 3], b"\x16\x03\x01\x02\x00\x01"]
    {
        let answer = send_and_end(&place, early);
        assert!(status(&answer).is_none_or(|status| status < 500), "{answer}");
    }
    for method in ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "CONNECT", "sign-in"] {
        let line = format!("{method} /sign-in HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
        let answer = send(&place, line.as_bytes());
        assert!(status(&answer).is_some_and(|status| (400..500).contains(&status)), "{method}: {answer}");
    }
    goes_on(&place, serving);
}

#[test]
fn connections_that_say_nothing_keep_nobody_out() {
    let place = Place::sqlite();
    let serving = place.serve();
    let mut silent = Vec::new();
    for number in 0..300 {
        let mut stream = TcpStream::connect(("127.0.0.1", place.port)).expect("the server listens");
        if number % 2 == 0 {
            stream
                .write_all(b"POST /sign-in HTTP/1.1\r\nHost: x\r\nContent-Length: 50\r\n\r\nname=")
                .expect("it reads");
        }
        silent.push(stream);
    }
    let healthy = send(&place, b"GET /readyz HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n");
    assert_eq!(status(&healthy), Some(200), "{healthy}");
    drop(silent);
    goes_on(&place, serving);
}

#[test]
fn no_secret_is_logged_even_where_everything_is() {
    let mut everything = String::new();
    for place in [Place::sqlite(), Place::postgres()] {
        let app = place.app();
        let sam = people::enrol(&app, ["sam".to_owned()].into_iter()).remove(0);
        app.committer().shut_down();
        drop(app);
        let serving = place.serve_with(|command| command.env("POSTERN_LOG", "trace"));
        let runtime = tokio::runtime::Runtime::new().expect("a runtime starts");
        let mut browser = Browser::new(place.port);
        let code = sam.code(step_now());
        let sent = runtime.block_on(async {
            browser.begin("sam", PASSWORD).await?;
            browser.code(&code).await?;
            browser.post("/recover/open", &[("name", "sam"), ("door", "what-you-kept")]).await?;
            browser.post("/case/prove/codes", &[("code", sam.codes[0].expose())]).await?;
            browser.post("/case/prove/password", &[("password", PASSWORD)]).await?;
            browser.post("/case/send", &[("channel", "own-mail")]).await
        });
        assert_eq!(sent.expect("the server answers").status, 303);
        assert!(browser.is_signed_in());
        let said = serving.stop();
        let cookie = |name| browser.cookie(name).expect("it was given");
        let codes = [PASSWORD, &code, sam.codes[0].expose()];
        for secret in codes.into_iter().chain(["__Host-postern", "__Host-postern-case"].map(cookie)) {
            assert!(!said.contains(secret), "`{secret}` is in the log");
        }
        everything += &said;
    }
    assert!(everything.contains("DEBUG"), "everything is logged:\n{everything}");
}

//! What a sign-in costs beside the cryptography that it cannot do without: a password beside argon2id, a passkey beside the
//! check of its signature, both made here by the same libraries in the same run.

use std::cell::RefCell;
use std::path::Path;

use aws_lc_rs::digest::{SHA256, digest};
use data_encoding::BASE64URL_NOPAD;
use lifecycle::factor::passkey;
use policy::FactorKind;
use serde_json::Value;
use webauthn_rs::prelude::Credential;
use zeroize::Zeroizing;

use crate::authenticator::SoftKey;
use crate::browser::{self, is_redirect, is_signed_in, visitor};
use crate::company::{self, Company, Login};
use crate::load::{Answer, Run, closed_loop, count};
use crate::process::cpu;
use crate::served::Served;
use crate::{Anything, line};

const PASSWORD: &str = "a password that nobody has";
/// An argon2id takes 30 ms of a core: enough of them to tell 2 % apart.
const PASSWORDS: usize = 200;
/// Enough that the server's first steps do not matter.
const PASSKEYS: usize = 5_000;
/// As many as there are cores: more hashes would only wait for each other.
const HASHING: usize = 2;
const CONNECTIONS: usize = 64;

pub(crate) async fn measure() -> Result<(), Anything> {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("figures");
    with_passwords(&folder).await?;
    with_passkeys(&folder).await
}

async fn with_passwords(folder: &Path) -> Result<(), Anything> {
    let company =
        Company { members: PASSWORDS, sessions: 0, login: Login::Password(PASSWORD), database: None };
    let (app, _) = company::app(&folder.join("argon2id"), 0, 0, &company).await?;
    let phc = app.passwords().hash(Zeroizing::new(PASSWORD.to_owned())).await?;
    let server = Served::start(&folder.join("passwords"), &company).await?;
    let mut client = Client::new(&server, HASHING);
    let named = client.name_all(PASSWORDS).await?;

    let before = cpu(std::process::id())?;
    // As many at once as the server has at once: they share the memory's bandwidth.
    let verify = || app.passwords().verify(Zeroizing::new(PASSWORD.to_owned()), Some(phc.clone()));
    for _ in 0..PASSWORDS / HASHING {
        tokio::try_join!(verify(), verify())?;
    }
    let argon2id = (cpu(std::process::id())? - before) / count(PASSWORDS);

    let typed = url::form_urlencoded::byte_serialize(PASSWORD.as_bytes()).collect::<String>();
    let proofs =
        named.iter().map(|named| client.post("/sign-in/prove/password", named, &format!("password={typed}")));
    let proofs = proofs.collect();
    client.send(proofs, is_signed_in).await?;
    line("a password sign-in: CPU (of argon2id alone)", client.each(PASSWORDS), argon2id, "us");
    Ok(())
}

async fn with_passkeys(folder: &Path) -> Result<(), Anything> {
    let keys = RefCell::new(Vec::new());
    let company = Company { members: PASSKEYS, sessions: 0, login: Login::Passkey(&keys), database: None };
    let server = Served::start(&folder.join("passkeys"), &company).await?;
    let mut client = Client::new(&server, CONNECTIONS);
    let named = client.name_all(PASSKEYS).await?;
    let wanted = named.iter().map(|named| client.post("/sign-in/prove/passkey/options", named, "")).collect();
    let options = client.send(wanted, |answer| answer.status == 200).await?;
    let mut proofs = Vec::new();
    for ((named, options), key) in named.iter().zip(&options).zip(keys.borrow().iter()) {
        let credential = key.sign(&serde_json::from_slice(&options.body)?);
        let credential = url::form_urlencoded::byte_serialize(credential.as_bytes()).collect::<String>();
        proofs.push(client.post("/sign-in/prove/passkey", named, &format!("credential={credential}")));
    }
    let before = client.each(PASSKEYS);
    client.send(proofs, is_signed_in).await?;
    let check = of_one_signature(folder).await?;
    line("a passkey sign-in (ES256): CPU (of the check of a signature)", client.each(PASSKEYS), check, "us");
    line(
        "  the assertion alone, without the name and the challenge",
        client.each(PASSKEYS) - before,
        check,
        "us",
    );
    Ok(())
}

/// The check of one signature by the library that the server uses, in microseconds.
async fn of_one_signature(folder: &Path) -> Result<f64, Anything> {
    let keys = RefCell::new(Vec::new());
    let company = Company { members: 1, sessions: 0, login: Login::Passkey(&keys), database: None };
    let (app, _) = company::app(&folder.join("signatures"), 0, 0, &company).await?;
    let mut random = |bytes: &mut [u8]| server::app::App::random(bytes);
    let mut env = lifecycle::Env { now: app.now(), random: &mut random, code_key: &[0; 32] };
    let account = company::member(0, &mut env);
    let begun = passkey::begin_binding(app.webauthn(), &account, FactorKind::Passkey);
    let begun = begun.map_err(|no| no.to_string())?;
    let (key, credential) = SoftKey::register(&begun.options, &app.config().origin);
    let stored = passkey::finish_binding(app.webauthn(), &begun.state, &credential, FactorKind::Passkey);
    let public = Credential::from(stored.map_err(|no| no.to_string())?.credential).cred;
    let options = passkey::begin_discoverable(app.webauthn()).map_err(|no| no.to_string())?.options;
    let credential: Value = serde_json::from_str(&key.sign(&options))?;
    let part = |name: &str| -> Result<Vec<u8>, Anything> {
        let text = credential["response"][name].as_str().ok_or("an assertion without one of its parts")?;
        Ok(BASE64URL_NOPAD.decode(text.as_bytes())?)
    };
    let signed =
        [part("authenticatorData")?, digest(&SHA256, &part("clientDataJSON")?).as_ref().to_vec()].concat();
    let signature = part("signature")?;
    let before = cpu(std::process::id())?;
    for _ in 0..PASSKEYS {
        if !public.verify_signature(&signature, &signed).map_err(|error| error.to_string())? {
            return Err("the library refuses a signature that it made the key for".into());
        }
    }
    Ok((cpu(std::process::id())? - before) / count(PASSKEYS))
}

/// A browser for each member, and what all that they sent cost the server.
struct Client<'a> {
    server: &'a Served,
    host: String,
    connections: usize,
    cpu: f64,
}

impl Client<'_> {
    fn new(server: &Served, connections: usize) -> Client<'_> {
        Client { server, host: format!("localhost:{}", server.address.port()), connections, cpu: 0.0 }
    }

    /// Everybody says who they are; the cookies that each has then.
    async fn name_all(&mut self, members: usize) -> Result<Vec<String>, Anything> {
        let names = (0..members)
            .map(|number| self.post("/sign-in", &visitor(), &format!("name={}", company::name(number))))
            .collect();
        let answers = self.send(names, is_redirect).await?;
        Ok(answers.iter().map(browser::after).collect())
    }

    fn post(&self, path: &str, cookies: &str, fields: &str) -> Vec<u8> {
        browser::post(&self.host, path, cookies, fields)
    }

    async fn send(
        &mut self,
        requests: Vec<Vec<u8>>,
        is_expected: fn(&Answer) -> bool,
    ) -> Result<Vec<Answer>, Anything> {
        let before = self.server.process.cpu()?;
        let (run, answers) =
            closed_loop(self.server.address, self.connections, requests, is_expected).await?;
        self.cpu += self.server.process.cpu()? - before;
        match run {
            Run { refused: 0, .. } => Ok(answers),
            Run { refused, first_refusal, .. } => {
                Err(format!("{refused} requests were answered otherwise, the first with\n{first_refusal}")
                    .into())
            }
        }
    }

    /// The CPU of the server for one sign-in.
    fn each(&self, members: usize) -> f64 {
        self.cpu / count(members)
    }
}

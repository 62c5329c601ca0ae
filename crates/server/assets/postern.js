// What pages do beyond plain HTML: passkeys, and small comforts. Nothing else needs it; without it every page
// but a passkey's still works. It holds no secret and keeps no state.

// ---- Passkeys: <form data-passkey="create|get|conditional" data-options-url=".."> with a hidden `credential`.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (letter) => letter.charCodeAt(0));

const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer)))
    .replace(/\+/g, "-")
    .replace(/\//g, "_")
    .replace(/=+$/, "");

const withIds = (list) => (list ?? []).map((entry) => ({ ...entry, id: toBytes(entry.id) }));

// The parse methods of WebAuthn Level 3, or what they do for the members that the server sends.
const creationOptions = (json) =>
  PublicKeyCredential.parseCreationOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: toBytes(json.challenge),
    user: { ...json.user, id: toBytes(json.user.id) },
    excludeCredentials: withIds(json.excludeCredentials),
  };

const requestOptions = (json) =>
  PublicKeyCredential.parseRequestOptionsFromJSON?.(json) ?? {
    ...json,
    challenge: toBytes(json.challenge),
    allowCredentials: withIds(json.allowCredentials),
  };

const credentialJson = (credential) => {
  try {
    return credential.toJSON();
  } catch {
    // Some password managers answer with an object that has no toJSON of its own.
  }
  const { response } = credential;
  const bytes = {};
  for (const name of ["clientDataJSON", "attestationObject", "authenticatorData", "signature", "userHandle"]) {
    if (response[name]) bytes[name] = toText(response[name]);
  }
  if (response.getTransports) bytes.transports = response.getTransports();
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment ?? undefined,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: bytes,
  };
};

const inWords = (error) => {
  switch (error.name) {
    case "NotAllowedError":
      return "That was cancelled or took too long. You can try again.";
    case "InvalidStateError":
      return "This device is already set up here.";
    case "SecurityError":
      return "Passkeys do not work at this address. Tell your support.";
    case "NotSupportedError":
      return "This device cannot make the kind of key that is needed.";
    default:
      return error.inWords ?? "That did not work. Reload the page and try again.";
  }
};

const fetchOptions = async (form, signal) => {
  const answer = await fetch(form.dataset.optionsUrl, {
    method: "POST",
    credentials: "same-origin",
    headers: { accept: "application/json", "x-csrf-token": form.elements.csrf.value },
    signal,
  });
  if (!answer.ok) {
    const error = new Error(`options: ${answer.status}`);
    if (answer.status === 429) error.inWords = "Too many attempts. Wait a little before the next one.";
    throw error;
  }
  return (await answer.json()).publicKey;
};

const ceremony = async (form, mediation, signal) => {
  const json = await fetchOptions(form, signal);
  const credential =
    form.dataset.passkey === "create"
      ? await navigator.credentials.create({ publicKey: creationOptions(json), signal })
      : await navigator.credentials.get({ publicKey: requestOptions(json), mediation, signal });
  form.elements.credential.value = JSON.stringify(credentialJson(credential));
  form.submit();
};

// Only one ceremony can run in a page: a click ends the one that waits in the name field.
let running = new AbortController();

const run = async (form, mediation) => {
  running.abort();
  const mine = (running = new AbortController());
  const status = form.querySelector("[data-status]");
  const button = form.querySelector("button");
  const modal = mediation !== "conditional";
  if (modal) {
    button.setAttribute("aria-busy", "true");
    status.textContent = "Follow your device.";
    status.classList.remove("bad");
  }
  try {
    await ceremony(form, mediation, mine.signal);
  } catch (error) {
    button.removeAttribute("aria-busy");
    // What waits in the name field fails in silence: the person has not asked for it.
    if (mine.signal.aborted || !modal) return;
    status.textContent = inWords(error);
    status.classList.add("bad");
    waitInNameField();
  }
};

const waitInNameField = async () => {
  const form = document.querySelector('form[data-passkey="conditional"]');
  if (form && (await PublicKeyCredential.isConditionalMediationAvailable?.())) await run(form, "conditional");
};

const passkeyForms = document.querySelectorAll("form[data-passkey]");
if (window.PublicKeyCredential && navigator.credentials) {
  for (const form of passkeyForms) {
    form.hidden = false;
    const button = form.querySelector("button");
    button.disabled = false;
    // A button that could not be pressed yet could not take the focus.
    if (button.autofocus && document.activeElement === document.body) button.focus();
    form.addEventListener("submit", (event) => {
      event.preventDefault();
      run(form, "optional");
    });
  }
  waitInNameField();
} else {
  for (const form of passkeyForms) {
    const status = form.querySelector("[data-status]");
    status.textContent = "This browser cannot use passkeys or security keys here.";
    status.classList.add("bad");
  }
}

// ---- The tab of this page stays in sight where the tabs are wider than the screen.

document.querySelector(".tabs [aria-current]")?.scrollIntoView({ block: "nearest", inline: "center" });

// ---- Show a password.

for (const button of document.querySelectorAll("[data-reveal]")) {
  const field = document.getElementById(button.dataset.reveal);
  button.hidden = false;
  button.addEventListener("click", () => {
    const shown = field.type === "password";
    field.type = shown ? "text" : "password";
    button.textContent = shown ? "Hide" : "Show";
    button.setAttribute("aria-pressed", String(shown));
    field.focus();
  });
}

// ---- Copy, print and download recovery codes; copy a link.

const copy = async (text, status) => {
  try {
    await navigator.clipboard.writeText(text);
    status.textContent = "Copied.";
  } catch {
    status.textContent = "This browser does not let us copy. Select the text instead.";
  }
};

for (const bar of document.querySelectorAll("[data-codes]")) {
  const status = bar.querySelector("[data-status]");
  const codes = [...document.querySelectorAll(`#${bar.dataset.codes} code`)].map((code) => code.textContent);
  const text = `${bar.dataset.head}\n\n${codes.join("\n")}\n`;
  bar.hidden = false;
  bar.querySelector('[data-do="copy"]').addEventListener("click", () => copy(text, status));
  bar.querySelector('[data-do="print"]').addEventListener("click", () => window.print());
  bar.querySelector('[data-do="download"]').addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([text], { type: "text/plain" }));
    link.download = bar.dataset.file;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 1000);
    status.textContent = "Downloaded. Move it off this device.";
  });
}

for (const bar of document.querySelectorAll("[data-copy]")) {
  const field = document.getElementById(bar.dataset.copy);
  bar.hidden = false;
  bar.querySelector("button").addEventListener("click", () => copy(field.value, bar.querySelector("[data-status]")));
}

// ---- Moments in the reader's own time zone, and how far away they are.

// Pages are English; the reader's own kind of English decides how a date is written.
const english = navigator.languages.find((language) => language.startsWith("en")) ?? "en-GB";
const local = new Intl.DateTimeFormat(english, { dateStyle: "long", timeStyle: "short" });
for (const time of document.querySelectorAll("time[datetime]")) {
  const moment = new Date(time.dateTime);
  if (Number.isNaN(moment.getTime())) continue;
  if ("keep" in time.dataset) {
    time.title = local.format(moment);
  } else {
    time.title = time.textContent;
    time.textContent = local.format(moment);
  }
}

const distance = new Intl.RelativeTimeFormat(english, { numeric: "always" });
const far = (moment) => {
  const seconds = Math.round((moment - Date.now()) / 1000);
  if (seconds <= 0) return "now";
  if (seconds < 60) return distance.format(seconds, "second");
  if (seconds < 3600) return distance.format(Math.round(seconds / 60), "minute");
  if (seconds < 172800) return distance.format(Math.round(seconds / 3600), "hour");
  return distance.format(Math.round(seconds / 86400), "day");
};
const countdowns = document.querySelectorAll("[data-until]");
const tick = () => {
  for (const place of countdowns) place.textContent = far(new Date(place.dataset.until));
};
if (countdowns.length > 0) {
  tick();
  setInterval(tick, 1000);
}

// Sends photos one by one: asks first which are there already, tries again when the connection is cut, and ends
// with one request that makes cars of them. Without this script the form sends everything itself.
"use strict";
(() => {
  const form = document.getElementById("receive");
  const words = form.dataset;
  const told = document.getElementById("told");
  const said = document.getElementById("said");
  const bar = document.getElementById("progress");
  const drop = document.getElementById("drop");
  const csrf = document.querySelector('meta[name="csrf"]').content;
  const headers = { "X-CSRF-Token": csrf, Accept: "application/json" };
  const signIn = document.getElementById("sign-in");
  for (const part of document.querySelectorAll("[data-script]")) part.hidden = false;
  const SIDE_BY_SIDE = 3;
  const batch = new Map(); // path -> {file, path, line, sha256, state}
  const refused = new Map(); // path -> what was told of it, until it comes again
  let running = false;

  function add(file, path) {
    if (batch.has(path) || batch.size >= Number(words.most)) return;
    for (const line of refused.get(path) || []) line.remove();
    refused.delete(path);
    const line = document.createElement("li");
    const name = document.createElement("span");
    const state = document.createElement("span");
    const part = document.createElement("progress");
    name.textContent = path;
    name.className = "name";
    state.className = "soft";
    state.textContent = words.waiting;
    part.max = file.size || 1;
    part.hidden = true;
    part.setAttribute("aria-label", path);
    line.append(name, state, part);
    told.append(line);
    batch.set(path, { file, path, line, note: state, part, sha256: "", state: "waiting", told: [line] });
  }

  function say(item, state, text) {
    item.state = state;
    item.note.textContent = text;
    item.line.className = state === "refused" ? "bad" : "";
    item.part.hidden = state !== "sending";
    if (state === "refused") told.prepend(item.line); // what needs somebody stands first
  }

  for (const id of ["files", "folder", "camera"]) {
    document.getElementById(id).addEventListener("change", (event) => {
      for (const file of event.target.files) add(file, file.webkitRelativePath || unused(file.name));
      event.target.value = "";
      run();
    });
  }

  function unused(name) { // a phone's camera calls every photo image.jpg
    let free = name;
    for (let n = 2; batch.has(free); n += 1) free = name.replace(/(\.[^.]*)?$/, (end) => `-${n}${end}`);
    return free;
  }

  for (const kind of ["dragover", "dragenter"]) {
    document.addEventListener(kind, (event) => { event.preventDefault(); drop.classList.add("over"); });
  }
  document.addEventListener("dragleave", () => drop.classList.remove("over"));
  document.addEventListener("drop", async (event) => {
    event.preventDefault();
    drop.classList.remove("over");
    const entries = [...event.dataTransfer.items].map((item) => item.webkitGetAsEntry && item.webkitGetAsEntry());
    const files = [...event.dataTransfer.files];
    for (const [n, entry] of entries.entries()) {
      if (entry) await walk(entry, ""); else if (files[n]) add(files[n], unused(files[n].name));
    }
    run();
  });

  async function walk(entry, above) {
    if (entry.isFile) {
      const file = await new Promise((done, fail) => entry.file(done, fail));
      add(file, above ? above + file.name : unused(file.name));
      return;
    }
    const reader = entry.createReader();
    for (;;) { // a reader gives at most 100 at a time
      const found = await new Promise((done, fail) => reader.readEntries(done, fail));
      if (!found.length) return;
      for (const one of found) await walk(one, `${above}${entry.name}/`);
    }
  }

  form.addEventListener("submit", (event) => { event.preventDefault(); run(); });

  async function hash(item) {
    if (!window.crypto || !crypto.subtle || item.file.size > 2 ** 28) return; // the server will see
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", await item.file.arrayBuffer()));
    item.sha256 = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
  }

  async function json(path, body) {
    const answer = await fetch(path, {
      method: "POST",
      headers: { ...headers, "Content-Type": "application/json" },
      body: JSON.stringify(body),
    });
    const value = await answer.json();
    if (!answer.ok) throw Object.assign(new Error(value.detail), { status: answer.status });
    return value;
  }

  function took(item, value) {
    item.sha256 = value.sha256;
    const bad = value.kind === "refused" || value.kind === "left_out";
    say(item, bad ? "refused" : "kept", bad ? value.text : words.kept);
    for (const member of value.members.filter((one) => one.text)) {
      const line = document.createElement("li");
      line.className = "bad";
      line.textContent = `${item.path}/${member.path}: ${member.text}`;
      item.line.after(line);
      item.told.push(line);
    }
  }

  async function send(item) {
    const zip = /\.zip$/i.test(item.path);
    if (item.file.size > Number(zip ? words.largestZip : words.largest)) {
      say(item, "refused", words.tooLarge);
      return;
    }
    for (let attempt = 0; ; attempt += 1) {
      say(item, "sending", words.sending);
      try {
        const answer = await put(item);
        if (answer.status === 200) { took(item, answer.value); return; }
        if (answer.status !== 401 && answer.status !== 403) { say(item, "refused", answer.value.detail); return; }
        say(item, "waiting", words.waiting);
        await signedIn();
      } catch {
        say(item, "waiting", words.cut);
        await later(attempt);
      }
    }
  }

  function put(item) { // by XMLHttpRequest: fetch tells no progress of what it sends
    return new Promise((done, fail) => {
      const request = new XMLHttpRequest();
      request.open("POST", "/receive/file");
      for (const [name, value] of Object.entries(headers)) request.setRequestHeader(name, value);
      request.setRequestHeader("X-File-Name", encodeURIComponent(item.path));
      request.setRequestHeader("X-File-Sha256", item.sha256);
      request.upload.onprogress = (event) => { item.part.value = event.loaded; };
      request.onerror = request.onabort = fail;
      request.onload = () => {
        try { done({ status: request.status, value: JSON.parse(request.responseText) }); } catch (error) { fail(error); }
      };
      request.send(item.file);
    });
  }

  function later(attempt) { // after a cut, and at once when the browser says that the line is back
    return new Promise((done) => {
      setTimeout(done, Math.min(500 * 2 ** attempt, 15000));
      addEventListener("online", done, { once: true });
    });
  }

  let entering = null;
  function signedIn() { // one asks for all: signing in happens in another tab, and the files stay here
    entering ??= (async () => {
      for (;;) {
        const page = await fetch("/receive");
        if (page.ok && new URL(page.url).pathname === "/receive") {
          const found = new DOMParser().parseFromString(await page.text(), "text/html");
          headers["X-CSRF-Token"] = found.querySelector('meta[name="csrf"]').content;
          signIn.hidden = true;
          return;
        }
        said.textContent = words.signedOut;
        signIn.hidden = false;
        await new Promise((done) => setTimeout(done, 3000));
      }
    })().finally(() => { entering = null; });
    return entering;
  }

  async function settled(work) { // the same request again until the connection is back
    for (let attempt = 0; ; attempt += 1) {
      try { return await work(); } catch (error) {
        if (error.status === 401 || error.status === 403) { await signedIn(); continue; }
        if (error.status) throw error;
        said.textContent = words.cut;
        await later(attempt);
      }
    }
  }

  async function run() {
    if (running) return;
    if (!batch.size) {
      said.textContent ||= words.nothing; // what was said of the last ones stays
      return;
    }
    running = true;
    bar.hidden = false;
    let over = false;
    try {
      for (;;) {
        const waiting = [...batch.values()].filter((item) => item.state === "waiting");
        if (!waiting.length) break;
        said.textContent = words.checking;
        for (const item of waiting) await hash(item);
        const asked = waiting.map((item) => item.sha256).filter(Boolean);
        const have = asked.length ? (await settled(() => json("/receive/have", { sha256: asked }))).have : {};
        for (const item of waiting) {
          if (have[item.sha256]) { took(item, have[item.sha256]); if (item.state === "kept") say(item, "kept", words.here); }
        }
        const rest = waiting.filter((item) => item.state === "waiting");
        said.textContent = words.sending;
        await Promise.all(Array.from({ length: SIDE_BY_SIDE }, async () => {
          for (let item = rest.shift(); item; item = rest.shift()) { await send(item); show(); }
        }));
        show();
      }
      const files = [...batch.values()].filter((item) => item.state === "kept");
      over = true;
      if (!files.length) { said.textContent = words.none; return; }
      const dealer = document.getElementById("dealer");
      const made = await settled(() => json("/receive/done", {
        files: files.map(({ path, sha256 }) => ({ path, sha256 })),
        dealer: dealer ? dealer.value : "",
      }));
      fold(files);
      said.textContent = made.heaps ? words.sorting : words.done.replace("{cars}", String(made.cars.length));
      if (made.listed) said.textContent += ` ${made.listed}`;
      name([...made.unlisted, ...made.cars]);
      document.getElementById("made").hidden = false;
      form.dispatchEvent(new CustomEvent("kilpi:made", { bubbles: true, detail: made }));
    } catch (error) {
      over = false;
      said.textContent = error.message || words.cut;
    } finally {
      running = false;
      for (const item of [...batch.values()].filter((one) => one.state === "refused")) {
        refused.set(item.path, item.told);
        batch.delete(item.path);
      }
      if (over && batch.size) run(); // what was chosen while cars were made of the others
    }
  }

  function fold(files) { // what went well is a long list of no interest; what was refused stays in sight
    const folded = document.getElementById("arrived"), list = folded.querySelector("ul");
    for (const item of files) {
      batch.delete(item.path);
      list.append(item.line);
    }
    folded.querySelector("summary").textContent = words.arrived.replace("{files}", list.children.length);
    folded.hidden = false;
  }

  // Who leaves now leaves photos behind that no car is made of.
  addEventListener("beforeunload", (event) => { if (running) event.preventDefault(); });

  function name(cars) { // which cars these are, and whether they are new
    const list = document.getElementById("cars");
    for (const car of [...cars].reverse()) { // each goes to the top
      const line = document.createElement("li"), link = document.createElement("a"), how = document.createElement("span");
      link.href = car.href;
      link.textContent = car.reference;
      link.className = "name";
      how.textContent = car.said;
      how.className = "soft";
      line.append(link, " ", how);
      list.prepend(line);
    }
    list.hidden = !list.children.length;
  }

  function show() {
    const all = [...batch.values()];
    bar.max = all.length || 1;
    bar.value = all.filter((item) => item.state === "kept" || item.state === "refused").length;
    said.textContent = words.total.replace("{done}", bar.value).replace("{all}", all.length);
  }
})();

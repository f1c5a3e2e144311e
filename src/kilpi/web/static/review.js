// The review page: keys, zoom, the check while typing, the next car's pictures, and nothing typed is lost.
// Without it every form still works. No state but what the page holds, and three choices in localStorage.
"use strict";
(() => {
  const LOOK_MS = 1500; // how long the register's car is shown before an answer counts by itself
  const SETTLE_MS = 600; // a yes to a doubt so soon after it appeared was a key meant for the page before
  const FRESH_MS = 400; // and so was an answer to another car's question: nobody has seen its plate
  const POLL_MS = 2000, CHECK_MS = 150, NOTE_MS = 4000;
  const ZOOM = [0.55, 0.8, 1, 1.3, 1.75, 2.4]; // the large plate, of the size that fits the screen
  const $ = (selector, from = document) => from.querySelector(selector);
  const $$ = (selector, from = document) => [...from.querySelectorAll(selector)];
  const csrf = () => $('meta[name="csrf"]').content;
  const kept = (name, otherwise) => localStorage.getItem("kilpi." + name) ?? otherwise;
  const keep = (name, value) => localStorage.setItem("kilpi." + name, value);
  const DRAFT = "kilpi.draft.";
  let counting = 0, polling = 0, checking = 0, noting = 0, busy = false, leaving = false;

  const root = () => $("[data-review]");
  const draftName = () => DRAFT + (root()?.dataset.draft || "");

  function trouble(text) {
    const line = $("[data-trouble]");
    if (!line) return;
    line.textContent = text;
    line.hidden = !text;
  }

  // What was typed, kept in this tab only while somebody has to sign in again.
  function keepDraft() {
    const fields = $$("#question input:not([type=hidden]):not([type=range]), #question select");
    const values = fields.map((one) => [one.name, one.type === "checkbox" ? one.value : one.value, one.checked]);
    sessionStorage.setItem(draftName(), JSON.stringify(values));
  }

  function takeDraft() {
    const draft = sessionStorage.getItem(draftName());
    if (!draft || !$("#question")) return;
    sessionStorage.removeItem(draftName());
    for (const [name, value, checked] of JSON.parse(draft)) {
      for (const one of $$(`#question [name="${CSS.escape(name)}"]`)) {
        if (one.type === "checkbox") one.checked = one.value === value ? checked : one.checked;
        else if (one.type !== "hidden") one.value = value;
      }
    }
    trouble(root().dataset.kept);
    $("#text")?.focus();
    check();
  }

  // Once: an answer and a check of what is typed may both be told so, and a second leaving stops the first.
  function signIn() {
    keepDraft();
    if (leaving) return;
    leaving = true;
    location.assign("/sign-in?next=" + encodeURIComponent("/review/" + (root().dataset.draft || "")));
  }

  // Pages change without loading style and script again; a browser without fetch just follows the form.
  async function swap(address, options = {}) {
    if (busy) return false;
    busy = true;
    stopCounting();
    root()?.setAttribute("aria-busy", "true");
    try {
      const answer = await fetch(address, { headers: { "X-CSRF-Token": csrf() }, ...options });
      if (answer.status === 401 || new URL(answer.url).pathname === "/sign-in") {
        signIn();
        return false;
      }
      const page = new DOMParser().parseFromString(await answer.text(), "text/html");
      if (!$("[data-review]", page)) {
        if (answer.ok && answer.redirected) location.assign(answer.url);
        else trouble($("[role=alert]", page)?.textContent.trim() || root().dataset.noAnswer || "");
        return false;
      }
      document.title = page.title;
      const before = root()?.dataset.draft;
      $("#main").replaceWith($("#main", page));
      if (answer.redirected || (options.method || "GET") === "GET") history.replaceState(null, "", answer.url);
      for (const one of $$('input[name="next"]')) one.value = location.pathname; // another language stays here
      begin(true);
      if (before && root().dataset.draft !== before) freshen(root());
      return true;
    } catch {
      trouble(root()?.dataset.noAnswer || "");
      return false;
    } finally {
      busy = false;
      root()?.removeAttribute("aria-busy");
    }
  }

  function send(form, button) {
    const body = new URLSearchParams(new FormData(form));
    if (button?.name) body.set(button.name, button.value);
    return swap(button?.getAttribute("formaction") || form.getAttribute("action"), { method: "POST", body });
  }

  function zoom(level) {
    const step = Math.min(ZOOM.length, Math.max(1, level));
    keep("zoom", step);
    $$("[data-zoom]").forEach((one) => (one.value = step));
    document.documentElement.style.setProperty("--zoom", ZOOM[step - 1]);
  }

  function check() {
    const text = $("#text"), country = $("#country"), line = $("#fit");
    if (!text || !country || !line) return;
    clearTimeout(checking);
    checking = setTimeout(async () => {
      const address = root()?.dataset.check;
      if (!address) return; // answered meanwhile: another page is on the screen
      const body = new URLSearchParams({ text: text.value, country: country.value });
      try {
        const headers = { "X-CSRF-Token": csrf(), Accept: "application/json" };
        const answer = await fetch(address, { method: "POST", body, headers });
        if (answer.status === 401) return signIn();
        if (!answer.ok) return;
        const told = await answer.json();
        line.textContent = told.say;
        line.dataset.state = told.state;
      } catch { /* the connection is away: the answer itself will say so */ }
    }, CHECK_MS);
  }

  function upper(field) {
    const at = field.selectionStart, value = field.value.toLocaleUpperCase("fi");
    if (value === field.value) return;
    field.value = value;
    field.setSelectionRange(at, at);
  }

  function stopCounting() {
    clearTimeout(counting);
    counting = 0;
    const line = $("[data-counting]");
    if (line) line.hidden = true;
  }

  function countDown() {
    const yes = $("[data-counts]");
    if (!yes || kept("wait", "") === "1") return;
    $("[data-counting]").hidden = false;
    counting = setTimeout(() => send(yes.form, yes), LOOK_MS);
  }

  function settle() {
    const yes = $("[data-yes]");
    if (!yes) return;
    setTimeout(() => (yes.dataset.settled = ""), yes.matches("[data-counts]") ? 0 : SETTLE_MS);
  }

  function freshen(question) {
    question.dataset.fresh = "";
    setTimeout(() => delete question.dataset.fresh, FRESH_MS);
  }

  // A photo beside the plate, or the part of it around its plate.
  function showPhoto(button, near) {
    const image = $("[data-main]");
    if (!image) return;
    near = near && Boolean(button.dataset.near);
    image.src = near ? button.dataset.near : button.dataset.photo;
    image.alt = button.getAttribute("aria-label");
    const box = image.parentElement, part = (near ? button.dataset.part : button.dataset.frame) || "";
    $("svg", box)?.remove();
    image.removeAttribute("width");
    image.removeAttribute("height");
    if (part) {
      [image.width, image.height] = part.split(" ").slice(2).map(Number);
      const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
      svg.setAttribute("viewBox", part);
      svg.setAttribute("aria-hidden", "true");
      for (const points of button.dataset.outlines.split(";")) {
        const shape = document.createElementNS("http://www.w3.org/2000/svg", "polygon");
        shape.setAttribute("points", points);
        svg.append(shape);
      }
      box.append(svg);
    }
    for (const one of $$("[data-shown]")) delete one.dataset.shown;
    button.dataset.shown = near ? "near" : "whole";
    closer();
    image.scrollIntoView({ block: "nearest" });
  }

  // The button that goes between the two, where the photo on the screen has a plate.
  function closer() {
    const button = $("[data-closer]"), shown = $("[data-shown]");
    if (!button) return;
    button.hidden = !shown?.dataset.near;
    $("span", button).textContent = button.dataset[shown?.dataset.shown === "near" ? "whole" : "near"];
  }

  async function fetchAhead() {
    const next = root()?.dataset.next;
    if (!next) return;
    try {
      const answer = await fetch(next, { headers: { Accept: "application/json" } });
      if (answer.ok) for (const address of (await answer.json()).pictures) new Image().src = address;
    } catch { /* only ahead of time */ }
  }

  function poll() {
    clearTimeout(polling);
    const address = root()?.dataset.poll;
    if (!address) return;
    polling = setTimeout(() => (document.hidden ? poll() : swap(address).then((done) => done || poll())), POLL_MS);
  }

  function begin(again) {
    clearTimeout(polling);
    if (!root()) return;
    zoom(Number(kept("zoom", 3)));
    for (const one of $$("[data-help], [data-wait-row]")) one.hidden = false;
    for (const one of $$("[data-keys-on]")) one.checked = kept("keys", "1") === "1";
    for (const one of $$("[data-wait]")) one.checked = kept("wait", "") === "1";
    if (again && !root().dataset.poll) ($("[data-confirm] h2") || $("h1"))?.focus({ preventScroll: true });
    if (again && $("[data-confirm]") && innerWidth < 800) $("[data-confirm]").scrollIntoView({ block: "center" });
    else if (again && !root().dataset.poll) scrollTo({ top: 0 });
    closer();
    takeDraft();
    settle();
    countDown();
    poll();
    if (!$("[data-confirm]")) setTimeout(fetchAhead, 100);
  }

  function inField(target) {
    return target.closest?.("input:not([type=checkbox]):not([type=range]), select, textarea, [contenteditable]");
  }

  // A key without a meaning here says so: silence would leave one to guess what it did.
  function note(text) {
    const line = $("[data-note]");
    if (!line) return;
    line.textContent = text;
    clearTimeout(noting);
    noting = setTimeout(() => (line.textContent = ""), NOTE_MS);
  }

  function noMeaning(key) {
    if (key.length !== 1 || key === " ") return; // arrows, Tab, Page Down are the browser's
    const words = root().dataset, known = $(`dialog [data-of~="${CSS.escape(key.toLowerCase())}"]`);
    const say = /[1-9]/.test(key) ? words.noChoice : known ? words.nothingHere : words.noKey;
    if (say) note(say.replace("{key}", key));
  }

  function press(control) {
    if ("fresh" in root().dataset && control.matches("#question button:not([type=button])")) return;
    if (control.matches("input:not([type=checkbox]), select")) {
      control.focus();
      control.select?.();
    } else if (control.matches("summary")) {
      control.parentElement.open = true;
      $("input", control.parentElement)?.focus();
    } else control.click();
  }

  document.addEventListener("keydown", (event) => {
    if (!root() || event.ctrlKey || event.metaKey || event.altKey || event.isComposing) return;
    if ($("dialog[open]")) return;
    const field = inField(event.target);
    if (event.key === "Escape") {
      if (counting) stopCounting();
      else if (field) field.blur();
      else $("[data-another]")?.click();
      return;
    }
    if (field) {
      const take = field.dataset.enter;
      if (event.key === "Enter" && take) {
        event.preventDefault();
        const button = $(`#question button[value="${take}"]`);
        if (button) send(button.form, button);
      }
      return;
    }
    if (event.key === "?" && $("[data-help]")) return event.preventDefault(), $("[data-help]").click();
    if (kept("keys", "1") !== "1" || event.repeat) return;
    if (event.key === "Enter") {
      if (event.target.closest("button, a, summary, input")) return; // it has a meaning of its own there
      const first = $("[data-first]");
      if (!first) return;
      event.preventDefault();
      if (!first.matches("[data-yes]:not([data-settled])")) press(first);
      return;
    }
    if (event.key === "+" || event.key === "-") return zoom(Number(kept("zoom", 3)) + (event.key === "+" ? 1 : -1));
    const control = $$("[data-key]").find((one) => one.dataset.key === event.key.toLowerCase());
    if (control && !control.hidden) event.preventDefault(), note(""), press(control);
    else noMeaning(event.key);
  });

  document.addEventListener("submit", (event) => {
    if (!event.target.matches("[data-swap]")) return;
    event.preventDefault();
    send(event.target, event.submitter);
  });

  document.addEventListener("click", (event) => {
    const button = event.target.closest("[data-show], [data-photo], [data-closer], [data-letter], [data-help], [data-another]");
    if (!button) return;
    if (button.dataset.show) {
      const large = $("[data-plate] img"), small = $("img", button), was = large.getAttribute("src");
      large.src = button.dataset.show;
      small.src = button.dataset.show = was;
    } else if (button.dataset.photo) showPhoto(button, button.dataset.shown === "whole");
    else if (button.matches("[data-closer]")) {
      const shown = $("[data-shown]");
      if (shown) showPhoto(shown, shown.dataset.shown !== "near");
    }
    else if (button.dataset.letter) {
      const field = $("#text");
      field.setRangeText(button.dataset.letter, field.selectionStart, field.selectionEnd, "end");
      field.focus();
      check();
    } else if (button.matches("[data-another]")) {
      event.preventDefault();
      const typed = $('#question input[name="text"]')?.value || "";
      swap(button.href).then(() => {
        if ($("#text")) $("#text").value = typed, $("#text").focus(), check();
      });
    } else $("dialog[data-keys]").showModal();
  });

  document.addEventListener("input", (event) => {
    const field = event.target;
    if (field.matches?.("#text, #vin") && !event.isComposing) upper(field);
    if (field.id === "text") check();
    if (field.matches?.("[data-zoom]")) zoom(Number(field.value));
  });

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.id === "country") check();
    if (field.matches?.("[data-keys-on]")) keep("keys", field.checked ? "1" : "0");
    if (field.matches?.("[data-wait]")) {
      keep("wait", field.checked ? "1" : "");
      stopCounting();
    }
  });

  addEventListener("pageshow", () => (leaving = false)); // back on a page the browser kept

  begin(false); // the script is deferred: the page is there
})();

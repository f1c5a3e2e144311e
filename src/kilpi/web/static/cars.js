// The list of cars by keys and by ranges. Without it rows are chosen one by one, and all works by buttons.
"use strict";
(() => {
  const form = document.querySelector("[data-many]");
  const search = document.querySelector("[data-search]");
  const rows = [...document.querySelectorAll("[data-row]")];
  const box = (row) => row.querySelector("input[type=checkbox]");
  const boxes = rows.map(box);
  let at = -1; // the row that keys are on
  let last = -1; // the box that was changed last, where a range begins

  function told() {
    const count = boxes.filter((one) => one.checked).length;
    const bar = document.querySelector("[data-count]");
    bar.dataset.lead ??= bar.textContent;
    bar.textContent = count ? bar.dataset.say.replace("#", count) : bar.dataset.lead;
    document.querySelector("[data-bar]").classList.toggle("some", count > 0);
    for (const one of document.querySelectorAll("[data-bar] button, [data-price]")) one.disabled = count === 0;
    rows.forEach((row, n) => row.classList.toggle("chosen", boxes[n].checked));
    const all = document.querySelector("[data-all]");
    all.checked = count === boxes.length;
    all.indeterminate = count > 0 && count < boxes.length;
  }

  function go(to) {
    if (!rows.length) return;
    at = Math.max(0, Math.min(to, rows.length - 1));
    const link = rows[at].querySelector("[data-open]");
    link.focus({ preventScroll: true });
    rows[at].scrollIntoView({ block: "nearest" });
  }

  function choose(n, ranged) {
    if (ranged && last >= 0) {
      const [from, to] = [Math.min(last, n), Math.max(last, n)];
      for (let i = from; i <= to; i++) boxes[i].checked = boxes[n].checked;
    }
    last = n;
    told();
  }

  if (form) {
    const all = document.querySelector("[data-all]");
    all.hidden = false;
    all.addEventListener("change", () => {
      for (const one of boxes) one.checked = all.checked;
      told();
    });
    rows.forEach((row, n) => {
      boxes[n].addEventListener("click", (event) => choose(n, event.shiftKey));
      row.addEventListener("focusin", () => (at = n));
    });
    // The field's Enter must not publish what is chosen.
    document.querySelector("[data-price]").addEventListener("keydown", (event) => {
      if (event.key !== "Enter") return;
      event.preventDefault();
      form.requestSubmit(form.querySelector("button[value=price]"));
    });
    told();
  }

  for (const select of document.querySelectorAll("[data-filters] select")) {
    select.addEventListener("change", () => select.form.requestSubmit());
  }

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const field = event.target.closest?.("input:not([type=checkbox]), select, textarea, [contenteditable]");
    if (field) {
      if (event.key === "Escape") field.blur();
      return;
    }
    const keys = {
      "/": () => search.focus(),
      j: () => go(at + 1),
      k: () => go(at - 1),
      x: () => {
        if (at < 0) return;
        boxes[at].checked = !boxes[at].checked;
        choose(at, false);
      },
      X: () => {
        if (at < 0) return;
        boxes[at].checked = last < 0 || boxes[last].checked;
        choose(at, true);
      },
      Escape: () => {
        for (const one of boxes) one.checked = false;
        if (form) told();
      },
    };
    if (!Object.hasOwn(keys, event.key)) return;
    event.preventDefault();
    keys[event.key]();
  });
})();

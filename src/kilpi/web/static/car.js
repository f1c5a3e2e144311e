// One car's pictures by drag and by keys; the page of a car at work goes on by itself.
"use strict";
(() => {
  const list = document.querySelector("[data-order]");
  const told = document.querySelector("[data-moved]");
  let dragged = null;
  let touched = false;

  function number() {
    const items = [...list.children];
    items.forEach((item, n) => {
      const [earlier, later] = item.querySelectorAll("[data-move]");
      earlier.disabled = n === 0;
      later.disabled = n === items.length - 1;
    });
  }

  function move(item, by, focus) {
    const items = [...list.children];
    const to = items.indexOf(item) + by;
    if (to < 0 || to >= items.length) return;
    items[to][by < 0 ? "before" : "after"](item);
    touched = true;
    number();
    if (told) told.textContent = told.dataset.say.replace("#", to + 1);
    (focus?.disabled ? item.querySelector("[data-move]:not([disabled])") : focus)?.focus();
  }

  if (list) {
    for (const button of list.querySelectorAll("[data-move]")) {
      button.hidden = false;
      button.addEventListener("click", () => move(button.closest("[data-item]"), Number(button.dataset.move), button));
    }
    list.addEventListener("keydown", (event) => {
      const by = { ArrowLeft: -1, ArrowUp: -1, ArrowRight: 1, ArrowDown: 1 }[event.key];
      const item = event.target.closest("[data-item]");
      if (!by || !item || event.target.matches("input")) return;
      event.preventDefault();
      move(item, by, event.target);
    });
    list.addEventListener("dragstart", (event) => {
      dragged = event.target.closest("[data-item]");
      event.dataTransfer.effectAllowed = "move";
    });
    list.addEventListener("dragend", () => {
      dragged?.classList.remove("dragged");
      dragged = null;
    });
    list.addEventListener("dragover", (event) => {
      const over = event.target.closest("[data-item]");
      if (!dragged || !over) return;
      event.preventDefault();
      dragged.classList.add("dragged");
      if (over === dragged) return;
      const items = [...list.children];
      over[items.indexOf(dragged) < items.indexOf(over) ? "after" : "before"](dragged);
      touched = true;
      number();
    });
    list.addEventListener("drop", (event) => event.preventDefault());
    number();
  }

  document.addEventListener("input", () => (touched = true));
  if (document.querySelector("[data-working]")) {
    setInterval(() => touched || document.hidden || location.reload(), 2000);
  }
})();

// Dragging a photo onto another car's row, or onto the new car's, does what choosing it and pressing that row's
// button does; the key n makes a new car of what is chosen.
"use strict";
(() => {
  let dragged = null;
  const row = (event) => event.target.closest?.("[data-row]");

  document.addEventListener("dragstart", (event) => {
    dragged = event.target.closest?.(".choose");
    if (dragged) event.dataTransfer.effectAllowed = "move";
  });
  document.addEventListener("dragend", () => {
    dragged = null;
    for (const one of document.querySelectorAll("[data-row].over")) one.classList.remove("over");
  });
  document.addEventListener("dragover", (event) => {
    const over = row(event);
    for (const one of document.querySelectorAll("[data-row].over")) one.classList.toggle("over", one === over);
    if (!dragged || !over || over.contains(dragged)) return;
    over.classList.add("over");
    event.preventDefault();
  });
  document.addEventListener("keydown", (event) => { // a checkbox takes no letters, so n is free
    if (event.key !== "n" || event.ctrlKey || event.metaKey || event.altKey || event.repeat) return;
    const button = document.querySelector("[data-new]");
    if (!button || event.target.closest?.("input:not([type=checkbox]), select, textarea")) return;
    event.preventDefault();
    document.getElementById("sort").requestSubmit(button);
  });
  document.addEventListener("drop", (event) => {
    const to = row(event);
    if (!dragged || !to) return;
    event.preventDefault();
    dragged.querySelector("input").checked = true; // the others that are chosen go along
    document.getElementById("sort").requestSubmit(to.querySelector("button[name=to]"));
  });
})();

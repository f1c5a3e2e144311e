// A form is sent once. The second click of a double click would be told "changed meanwhile" or "name taken" in
// the place of what the first one did, or would press a button of the next page; and what is shown once (a
// link, a token) would never be seen.
"use strict";
(() => {
  addEventListener("click", (event) => {
    if (event.detail > 1 && event.target.closest("button:not([type=button])")) event.preventDefault();
  }, { capture: true });

  // Last among the page's scripts: what another one sends itself is no concern of this one.
  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented || form.getAttribute("method") === "dialog") return;
    if ("sent" in form.dataset) return event.preventDefault();
    form.dataset.sent = "";
    for (const line of form.querySelectorAll("[data-while-sent]")) line.hidden = false;
  });

  function open() {
    for (const form of document.querySelectorAll("[data-sent]")) {
      delete form.dataset.sent;
      for (const line of form.querySelectorAll("[data-while-sent]")) line.hidden = true;
    }
  }
  addEventListener("pageshow", open); // back on a page that the browser kept
  addEventListener("keydown", (event) => event.key === "Escape" && open()); // stops a page that is loading
})();

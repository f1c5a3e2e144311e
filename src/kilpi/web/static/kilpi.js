// The csrf token goes with every request that htmx makes; nothing here is inline, so the policy can be strict.
"use strict";
document.addEventListener("htmx:configRequest", (event) => {
  event.detail.headers["X-CSRF-Token"] = document.querySelector('meta[name="csrf"]').content;
});

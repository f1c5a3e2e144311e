// A button that copies the text of an element. Without it the text can be selected all the same.
"use strict";
for (const button of document.querySelectorAll("[data-copy]")) {
  if (!navigator.clipboard) continue; // only over https and on this machine
  button.hidden = false;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(document.getElementById(button.dataset.copy).textContent);
    button.setAttribute("aria-pressed", "true");
  });
}

// How long somebody was busy with the question on the screen: into the form's field, as seconds. A pause
// counts for IDLE_S at most (kilpi/cases/asking/pace.py has the same number), a hidden tab for nothing.
"use strict";
(() => {
  const IDLE_S = 30, TICK_MS = 250;
  let field = null, before = 0, last = 0, seen = 0;
  const now = () => performance.now() / 1000;
  function tick() {
    const found = document.querySelector('input[name="spent"]');
    if (!found) return (field = null);
    if (found !== field) { // another question, or the same with the register's car: what was spent goes on
      field = found;
      before = Number(found.value) || 0;
      seen = last = now();
      return;
    }
    const at = now();
    if (!document.hidden) before += Math.max(0, Math.min(at, seen + IDLE_S) - last);
    last = at;
    field.value = before.toFixed(1);
  }
  function here() {
    tick();
    seen = now();
  }
  for (const kind of ["pointermove", "pointerdown", "keydown", "wheel", "touchstart", "input"])
    document.addEventListener(kind, here, { capture: true, passive: true });
  document.addEventListener("visibilitychange", tick);
  setInterval(tick, TICK_MS);
  tick();
})();

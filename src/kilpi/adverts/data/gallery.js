(() => {
  const stage = document.getElementById("stage");
  if (!stage) return;
  const slides = [...stage.children];
  const thumbs = [...document.querySelectorAll(".thumbs a")];
  const back = document.querySelector(".move.back"), on = document.querySelector(".move.on");
  const count = document.querySelector(".count");
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  let at = 0;
  const show = () => {
    thumbs.forEach((a, i) => a.setAttribute("aria-current", i === at));
    back.disabled = at === 0;
    on.disabled = at === slides.length - 1;
    count.textContent = `${at + 1} / ${slides.length}`;
    const bar = thumbs[at] && thumbs[at].closest(".thumbs");
    if (bar) bar.scrollTo({ left: thumbs[at].offsetLeft - bar.offsetLeft - bar.clientWidth / 2 + 48, behavior: calm.matches ? "auto" : "smooth" });
  };
  const go = (to) => {
    at = Math.max(0, Math.min(slides.length - 1, to));
    stage.scrollTo({ left: at * stage.clientWidth, behavior: calm.matches ? "auto" : "smooth" });
    show();
  };
  let rest;
  stage.addEventListener("scroll", () => {
    clearTimeout(rest);
    rest = setTimeout(() => { at = Math.round(stage.scrollLeft / stage.clientWidth); show(); }, 120);
  });
  thumbs.forEach((a, i) => a.addEventListener("click", (e) => { e.preventDefault(); go(i); }));
  back.addEventListener("click", () => go(at - 1));
  on.addEventListener("click", () => go(at + 1));
  document.addEventListener("keydown", (e) => {
    if (e.altKey || e.ctrlKey || e.metaKey || e.target.closest("input,select,textarea")) return;
    if (e.key === "ArrowLeft") { e.preventDefault(); go(at - 1); }
    if (e.key === "ArrowRight") { e.preventDefault(); go(at + 1); }
  });
  const frame = stage.closest(".frame"), whole = document.querySelector(".whole");
  if (whole && frame.requestFullscreen && document.fullscreenEnabled) {
    whole.hidden = false;
    whole.addEventListener("click", () => (document.fullscreenElement ? document.exitFullscreen() : frame.requestFullscreen()));
    stage.addEventListener("dblclick", () => whole.click());
  }
  addEventListener("resize", () => stage.scrollTo({ left: at * stage.clientWidth, behavior: "auto" }));
  back.hidden = on.hidden = count.hidden = slides.length < 2;
  show();
})();

// A part of a photo: dragged out with the pointer, its four corners moved by pointer or arrow keys.
"use strict";
(() => {
  const stage = document.querySelector("[data-draw]");
  const svg = stage.querySelector("svg");
  const [width, height] = svg.getAttribute("viewBox").split(" ").slice(2).map(Number);
  const NS = svg.namespaceURI;
  const step = Math.max(1, Math.round(width / 200));
  let corners = null; // four [x, y], clockwise from the top left
  let begun = null; // where a new shape began
  let held = -1; // the corner that the pointer holds

  const shape = document.createElementNS(NS, "polygon");
  shape.setAttribute("class", "chosen");
  svg.append(shape);
  const handles = [0, 1, 2, 3].map((n) => {
    const dot = document.createElementNS(NS, "circle");
    dot.setAttribute("tabindex", "0");
    dot.setAttribute("role", "button");
    dot.setAttribute("aria-label", stage.dataset.corner.replace("#", n + 1));
    dot.style.display = "none";
    svg.append(dot);
    return dot;
  });

  function place(event) {
    const box = svg.getBoundingClientRect();
    const scale = Math.min(box.width / width, box.height / height); // the picture stands in the middle
    const x = (event.clientX - box.left - (box.width - width * scale) / 2) / scale;
    const y = (event.clientY - box.top - (box.height - height * scale) / 2) / scale;
    return [Math.min(width, Math.max(0, x)), Math.min(height, Math.max(0, y))];
  }

  function show() {
    const wide = svg.getBoundingClientRect().width || width;
    for (const dot of handles) dot.setAttribute("r", (12 * width) / wide); // 12 pixels of the screen
    shape.setAttribute("points", corners.map((one) => one.join(",")).join(" "));
    handles.forEach((dot, n) => {
      dot.style.display = "";
      dot.setAttribute("cx", corners[n][0]);
      dot.setAttribute("cy", corners[n][1]);
    });
    const text = corners.map(([x, y]) => `${x.toFixed(1)},${y.toFixed(1)}`).join(" ");
    for (const field of document.querySelectorAll("[data-corners]")) field.value = text;
    for (const button of document.querySelectorAll("[data-needs]")) button.disabled = false;
  }

  function rectangle([x1, y1], [x2, y2]) {
    const [left, right] = [Math.min(x1, x2), Math.max(x1, x2)];
    const [top, bottom] = [Math.min(y1, y2), Math.max(y1, y2)];
    corners = [[left, top], [right, top], [right, bottom], [left, bottom]];
  }

  svg.setAttribute("tabindex", "0");
  svg.setAttribute("role", "application");
  svg.setAttribute("aria-label", stage.dataset.shape);
  svg.addEventListener("pointerdown", (event) => {
    held = handles.indexOf(event.target);
    begun = held < 0 ? place(event) : null;
    svg.setPointerCapture(event.pointerId);
    event.preventDefault();
  });
  svg.addEventListener("pointermove", (event) => {
    const at = place(event);
    if (held >= 0) corners[held] = at;
    else if (begun && Math.hypot(at[0] - begun[0], at[1] - begun[1]) > step) rectangle(begun, at);
    else return;
    show();
  });
  for (const end of ["pointerup", "pointercancel"]) {
    svg.addEventListener(end, () => {
      begun = null;
      held = -1;
    });
  }
  svg.addEventListener("keydown", (event) => {
    const by = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] }[event.key];
    if (!by) return;
    event.preventDefault();
    const one = handles.indexOf(event.target);
    if (!corners) rectangle([width * 0.35, height * 0.4], [width * 0.65, height * 0.6]);
    else {
      const far = (event.shiftKey ? 5 : 1) * step;
      corners = corners.map(([x, y], n) =>
        one < 0 || n === one
          ? [Math.min(width, Math.max(0, x + by[0] * far)), Math.min(height, Math.max(0, y + by[1] * far))]
          : [x, y],
      );
    }
    show();
  });
})();

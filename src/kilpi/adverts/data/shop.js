// The search of an index that is a file: what shop_search.py does on a server. Without it all cars stand there.
(() => {
  const form = document.querySelector("form.search");
  if (!form || !form.dataset.index || !location.protocol.startsWith("http")) return;
  form.hidden = false;
  const limits = { price: ["price_from", "price_to"], year: ["year_from", "year_to"], km: [null, "km_to"] };
  const keys = { price: (c) => c.price, price_down: (c) => (c.price === null ? null : -c.price), km: (c) => c.km };
  const fold = (text) => text.normalize("NFKD").replace(/\p{M}/gu, "").toLowerCase();
  const at = (name) => (form.elements[name] ? form.elements[name].value.trim() : "");
  const figure = (name) => (name && /\d/.test(at(name)) ? Number(at(name).replace(/\D/g, "").slice(0, 9)) : null);
  let data, found = [], shown = 0;

  const fits = (car, words) =>
    ["make", "fuel", "gearbox", "seller"].every((name) => !at(name) || at(name) === car[name]) &&
    words.every((word) => car.words.includes(word)) &&
    Object.entries(limits).every(([name, [from, to]]) => {
      const least = figure(from), most = figure(to);
      if (least === null && most === null) return true;
      return car[name] !== null && (least === null || car[name] >= least) && (most === null || car[name] <= most);
    });

  const order = (a, b) => {
    const key = keys[at("sort")];
    if (!key) return 0;
    const one = key(a), other = key(b);
    return (one === null) - (other === null) || (one ?? 0) - (other ?? 0);
  };

  const parts = () => ({
    list: document.querySelector(".offers"), none: document.querySelector("p.none"),
    more: document.querySelector(".more"), pages: document.querySelector(".pages"),
    count: document.getElementById("count"), clear: form.querySelector(".clear"),
  });

  const further = () => {
    const { list, more } = parts();
    const box = document.createElement("template");
    box.innerHTML = found.slice(shown, shown + data.a_page).map((car) => car.html).join("");
    list.append(box.content);
    shown += data.a_page;
    more.hidden = shown >= found.length;
  };

  const search = async () => {
    data ??= await (await fetch(form.dataset.index)).json();
    const words = fold(at("q")).split(/\s+/).filter(Boolean);
    found = data.cars.filter((car) => fits(car, words)).sort(order);
    shown = 0;
    const { list, none, pages, count, clear, more } = parts();
    list.replaceChildren();
    further();
    more.onclick = further;
    none.textContent = data.phrases.none;
    none.hidden = found.length > 0;
    if (pages) pages.hidden = true;
    clear.hidden = false;
    const number = found.length.toLocaleString(document.documentElement.lang);
    count.textContent = found.length === 1 ? data.phrases.one : data.phrases.many.replace("0", number);
  };

  const query = () => {
    const pairs = [...new FormData(form)].filter(([name, value]) => value.trim() && !(name === "sort" && value === "year"));
    return pairs.length ? `?${new URLSearchParams(pairs)}` : "";
  };
  const go = async (event) => {
    if (event) event.preventDefault();
    await search();
    history.replaceState(null, "", location.pathname + query());
  };
  form.addEventListener("submit", go);
  form.addEventListener("change", (event) => event.target.matches("select") && go());
  addEventListener("DOMContentLoaded", () => {
    const asked = [...new URLSearchParams(location.search)].filter(([name]) => form.elements[name]);
    asked.forEach(([name, value]) => { form.elements[name].value = value; });
    if (asked.length) search();
  });
})();

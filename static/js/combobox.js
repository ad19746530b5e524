// <div data-combobox><select>: an input with a listbox over a select, which stays what the form sends.
// An option may say data-help, data-power, data-marks ("msp deny_only"), data-count, data-unit, and
// data-needs="effect=deny" (offered only while that field of the form has that value) and data-barred="effect=allow"
// (disabled while it has, with data-why instead of its help). Disabled ones come last.
// With data-source the options come from that address (?q=), as <option> elements.
(() => {
  const MOST = 20;
  const MARKS = { msp: ["mark msp", "MSP", "MSP users only"], deny_only: ["mark", "Deny only", "For denying only"] };
  const sprite = document.documentElement.dataset.sprite;

  const make = (name, attributes = {}, ...children) => {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(attributes)) element.setAttribute(key, value);
    element.append(...children);
    return element;
  };
  const stroke = (name, css) => {
    const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
    svg.setAttribute("class", css);
    svg.setAttribute("aria-hidden", "true");
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `${sprite}#${name}`);
    svg.append(use);
    return svg;
  };
  const extra = (option, unit) => {
    const box = make("span", { class: "extra" });
    if (option.dataset.power) {
      const words = make("span", { class: "hidden-words" }, `great power: ${option.dataset.power} `);
      box.append(make("span", { class: "power" }, stroke("crown", "icon icon-14"), make("span", { class: "n", "aria-hidden": "true" }, option.dataset.power), words));
    }
    for (const name of (option.dataset.marks ?? "").split(" ").filter((n) => n in MARKS)) {
      const [css, shown, meaning] = MARKS[name];
      box.append(make("span", { class: css, title: meaning }, shown));
    }
    if (option.dataset.count) box.append(unit && option.dataset.unit ? `${option.dataset.count} ${option.dataset.unit}` : option.dataset.count);
    return box;
  };

  const enhance = (box) => {
    const select = box.querySelector("select");
    if (!select || box.dataset.ready) return;
    box.dataset.ready = "1";
    const id = select.id;
    const list = make("ul", { role: "listbox", id: `${id}_list`, class: "listbox", hidden: "", "aria-label": box.dataset.label ?? "Options" });
    const input = make("input", { type: "text", role: "combobox", autocomplete: "off", spellcheck: "false", id, "aria-autocomplete": "list", "aria-expanded": "false", "aria-controls": list.id });
    for (const name of ["aria-describedby", "aria-invalid", "placeholder", "autofocus"]) if (select.hasAttribute(name)) input.setAttribute(name, select.getAttribute(name));
    if (select.disabled) input.disabled = true;
    select.id = `${id}_select`;
    select.hidden = true;
    box.append(input, stroke("down", "icon"), list);

    let options = [];
    let active = -1;
    let asked = 0;
    let timer = 0;
    let isStale = false; // the list does not answer what is typed, yet
    let coming = null;
    const shown = () => [...list.querySelectorAll("[role=option]")];
    const chosen = () => select.selectedOptions[0];

    const rest = () => {
      const option = chosen();
      input.value = option?.value ? option.label : "";
      box.querySelector(":scope > .extra")?.remove();
      const more = option?.value ? extra(option, true) : null;
      box.classList.toggle("has-extra", Boolean(more?.childNodes.length));
      if (more?.childNodes.length) box.append(more);
    };
    const close = () => { // for good: what was asked before opens it no more
      clearTimeout(timer);
      asked++;
      isStale = false;
      list.hidden = true;
      active = -1;
      input.setAttribute("aria-expanded", "false");
      input.removeAttribute("aria-activedescendant");
    };
    const point = (index) => {
      const items = shown();
      if (!items.length) return;
      active = (index + items.length) % items.length;
      items.forEach((item, i) => item.setAttribute("aria-selected", String(i === active)));
      input.setAttribute("aria-activedescendant", items[active].id);
      items[active].scrollIntoView({ block: "nearest" });
    };
    const holds = (needed) => {
      const [name, value] = needed.split("=");
      return select.form?.elements[name]?.value === value;
    };
    const offered = (option) => Boolean(option.value) && (!option.dataset.needs || holds(option.dataset.needs));
    const barred = (option) => option.disabled || Boolean(option.dataset.barred && holds(option.dataset.barred));
    const draw = (found, capped) => {
      isStale = false;
      options = [...found.filter((o) => !barred(o)), ...found.filter(barred)];
      list.replaceChildren(...options.map((option, index) => {
        const name = make("span", { class: "of" }, option.label);
        const second = (barred(option) && option.dataset.why) || option.dataset.help;
        if (second) name.append(make("span", { class: "second" }, second));
        const item = make("li", { role: "option", id: `${list.id}_${index}`, "aria-selected": "false", "data-index": index }, name, extra(option, false));
        if (barred(option)) item.setAttribute("aria-disabled", "true");
        return item;
      }));
      if (!options.length) list.append(make("li", { class: "keep-typing", role: "presentation" }, "Nothing matches"));
      else if (capped) list.append(make("li", { class: "keep-typing", role: "presentation" }, "Keep typing to see others"));
      list.hidden = false;
      input.setAttribute("aria-expanded", "true");
      active = -1;
      const live = document.querySelector("#live");
      if (live) live.textContent = `${options.length}${capped ? " or more" : ""} ${box.dataset.noun ?? "options"}`;
    };
    const look = async (words, first = false) => {
      const ask = ++asked;
      const isBare = [...select.options].every((o) => !o.value); // the page brought no options of its own
      if (box.dataset.source && (words || isBare)) {
        const url = new URL(box.dataset.source, location.href);
        url.searchParams.set("q", words);
        const answer = await fetch(url, { headers: { "HX-Request": "true" } });
        const redirect = answer.headers.get("HX-Redirect");
        if (redirect) location.href = redirect;
        if (!answer.ok || ask !== asked) return;
        const holder = make("select");
        holder.innerHTML = await answer.text();
        const found = [...holder.options];
        draw(found.slice(0, MOST).filter(offered), found.length > MOST);
        if (first) point(0);
        return;
      }
      const needle = words.toLocaleLowerCase();
      const found = [...select.options].filter((o) => offered(o) && (o.label.toLocaleLowerCase().includes(needle) || (o.dataset.help ?? "").toLocaleLowerCase().includes(needle)));
      draw(found.slice(0, MOST), found.length > MOST || Boolean(box.dataset.source));
      if (first) point(0);
    };
    const bring = () => (coming ??= look(input.value.trim(), true));
    const choose = (index) => {
      const option = options[index];
      if (!option || barred(option)) return;
      const before = select.value; // an option that comes from elsewhere may come selected
      if (option.parentElement !== select) {
        [...select.options].filter((o) => o.value === option.value).forEach((o) => o.remove());
        select.append(option);
      }
      close();
      select.value = option.value;
      if (before !== option.value) select.dispatchEvent(new Event("change", { bubbles: true }));
      rest();
    };

    input.addEventListener("input", (event) => {
      event.stopPropagation(); // the form hears of choices, not of letters
      clearTimeout(timer);
      isStale = true;
      coming = null;
      timer = setTimeout(bring, box.dataset.source ? 200 : 0);
    });
    input.addEventListener("change", (event) => event.stopPropagation());
    input.addEventListener("click", () => { if (list.hidden) { input.select(); look(""); } });
    input.addEventListener("keydown", (event) => {
      const keys = {
        ArrowDown: () => (list.hidden ? look("").then(() => point(0)) : point(active + 1)),
        ArrowUp: () => point(active - 1),
        Enter: () => choose(active),
        Escape: () => { close(); rest(); },
      };
      if (!(event.key in keys) || (list.hidden && !isStale && event.key !== "ArrowDown")) return;
      event.preventDefault();
      event.stopPropagation();
      if (!isStale || event.key === "Escape") keys[event.key]();
      else bring().then(() => { if (!isStale && !list.hidden) keys[event.key](); }); // a key is meant for what was typed before it
    });
    input.addEventListener("blur", () => {
      if (!input.value.trim() && chosen()?.value && [...select.options].some((o) => o.value === "")) {
        select.value = "";
        select.dispatchEvent(new Event("change", { bubbles: true }));
      }
      close();
      rest();
    });
    list.addEventListener("pointerdown", (event) => {
      event.preventDefault(); // the input keeps the focus
      const item = event.target.closest("[role=option]");
      if (item) choose(Number(item.dataset.index));
    });
    select.form?.addEventListener("change", (event) => {
      if (event.target === select) return rest();
      if (chosen()?.value && (!offered(chosen()) || barred(chosen()))) {
        select.value = "";
        rest();
      }
    });
    rest();
  };

  const enhanceAll = (root) => root.querySelectorAll("[data-combobox]").forEach(enhance);
  enhanceAll(document);
  document.addEventListener("htmx:load", (event) => enhanceAll(event.detail.elt.parentElement ?? event.detail.elt));
})();

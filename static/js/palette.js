// The palette: Ctrl K or the field of the top bar opens it; arrows move, Enter opens, Ctrl Enter in a new tab.
// What was not answered yet, Enter asks the search page for.
(() => {
  const palette = document.querySelector("#palette");
  if (!palette) return;
  const input = palette.querySelector("input");
  const hits = palette.querySelector("[role=listbox]");
  const options = () => [...hits.querySelectorAll("[role=option]")];
  const chosen = () => hits.querySelector("[aria-selected=true]");
  const isAnswered = () => hits.querySelector("[data-words]")?.dataset.words === input.value.trim();

  const point = (index) => {
    const all = options();
    chosen()?.setAttribute("aria-selected", "false");
    input.removeAttribute("aria-activedescendant");
    if (!all.length) return;
    const option = all[(index + all.length) % all.length];
    option.setAttribute("aria-selected", "true");
    option.scrollIntoView({ block: "nearest" });
    input.setAttribute("aria-activedescendant", option.id);
  };
  const ask = () => input.dispatchEvent(new Event("palette-open"));
  const open = () => {
    palette.showModal(); // on closing, the browser gives the focus back
    input.select();
    if (!isAnswered()) ask();
  };

  document.addEventListener("keydown", (event) => {
    if (event.key.toLowerCase() !== "k" || !(event.ctrlKey || event.metaKey) || event.altKey || event.shiftKey) return;
    if (palette.open) palette.close();
    else if (document.querySelector("dialog[open]")) return;
    else open();
    event.preventDefault();
  });
  document.addEventListener("click", (event) => {
    if (event.target === palette) palette.close(); // the backdrop
    if (!event.target.closest("[data-palette]") || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    open();
  });
  input.addEventListener("keydown", (event) => {
    const at = options().indexOf(chosen());
    const keys = {
      ArrowDown: () => point(at + 1),
      ArrowUp: () => point(at - 1),
      Enter: () => chosen().dispatchEvent(new MouseEvent("click", { bubbles: true, cancelable: true, ctrlKey: event.ctrlKey, metaKey: event.metaKey })),
    };
    if (!(event.key in keys) || (event.key === "Enter" && !(chosen() && isAnswered()))) return;
    event.preventDefault();
    keys[event.key]();
  });
  hits.addEventListener("click", (event) => {
    const option = event.target.closest("[role=option]");
    if (!option) return;
    if (!option.dataset.fill) return event.ctrlKey || event.metaKey ? undefined : palette.close();
    event.preventDefault();
    input.value = option.dataset.fill;
    input.focus();
    ask();
  });
  hits.addEventListener("htmx:afterSwap", () => point(0));
})();

// "/" goes to the page's search field, Esc empties it and then leaves it; j, k and arrows go from row to row, x selects
// the row, ? shows the keys. Enter is the browser's own: the focus is on the row's link. Nothing of it while typing.
(() => {
  const typing = (element) => element.closest("input:not([type=checkbox]), select, textarea, [contenteditable]");
  const rows = () => [...document.querySelectorAll("main .list tbody tr, main [data-rows] > li")].filter(link);
  const link = (row) => row.querySelector("a.name, th a, td a, a");
  const here = () => document.activeElement.closest("tr, [data-rows] > li");

  const go = (step) => {
    const all = rows();
    if (!all.length) return false;
    const at = all.indexOf(here());
    const next = all[at < 0 ? (step > 0 ? 0 : all.length - 1) : at + step];
    if (!next) return true;
    link(next).focus();
    next.scrollIntoView({ block: "nearest" });
    return true;
  };
  const select = () => {
    const box = here()?.querySelector("td.check input[type=checkbox]");
    box?.click();
    return Boolean(box);
  };
  const search = () => document.querySelector("main input[type=search]");
  const keys = {
    "/": () => { search()?.focus(); search()?.select(); return Boolean(search()); },
    "?": () => { document.querySelector("#keys")?.showModal(); return true; },
    j: () => go(1),
    k: () => go(-1),
    x: select,
    ArrowDown: () => Boolean(here()) && go(1), // elsewhere the arrows scroll
    ArrowUp: () => Boolean(here()) && go(-1),
  };
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || event.defaultPrevented) return;
    if (event.key === "Escape" && event.target === search()) {
      if (!search().value) return search().blur();
      search().value = "";
      search().dispatchEvent(new Event("input", { bubbles: true }));
    } else if (event.key in keys && !typing(event.target) && !document.querySelector("dialog[open], :popover-open:not(.side)")) {
      if (keys[event.key]()) event.preventDefault();
    }
  });
})();

// "/" goes to the page's search field. Esc empties it, then leaves it. (Dialogs and popovers close by themselves.)
(() => {
  const typing = (element) => element.closest("input, select, textarea, [contenteditable]");
  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const search = document.querySelector("main input[type=search]");
    if (event.key === "/" && search && !typing(event.target) && !document.querySelector("dialog[open]")) {
      event.preventDefault();
      search.focus();
      search.select();
    } else if (event.key === "Escape" && event.target === search && !event.defaultPrevented) {
      if (search.value) {
        search.value = "";
        search.dispatchEvent(new Event("input", { bubbles: true }));
      } else search.blur();
    }
  });
})();

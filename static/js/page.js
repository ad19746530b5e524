// What htmx does to the page: says results aloud, shows that it waits, moves the focus after paging. And: it prints.
(() => {
  const live = document.querySelector("#live");
  const say = (words) => {
    if (!live || !words) return;
    live.textContent = "";
    setTimeout(() => { live.textContent = words; }, 50); // emptied first, so that the same words are said again
  };

  // What a form answered with at once, without a redirect, is the page of this address: loading it again sends nothing.
  const address = document.querySelector("[data-address]")?.dataset.address;
  if (address) history.replaceState(null, "", address);

  // The tab that is open is in sight where there is no room for all.
  for (const tab of document.querySelectorAll(".tabs [aria-current]")) {
    const row = tab.closest("ul");
    row.scrollLeft = tab.offsetLeft - (row.clientWidth - tab.offsetWidth) / 2;
  }

  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-print]")) print();
  });

  let waiting = 0;
  let timer = 0;
  document.addEventListener("htmx:beforeRequest", () => {
    if (waiting++ === 0) timer = setTimeout(() => document.documentElement.classList.add("waiting-long"), 300);
  });
  document.addEventListener("htmx:afterRequest", () => {
    if (--waiting > 0) return;
    waiting = 0;
    clearTimeout(timer);
    document.documentElement.classList.remove("waiting-long");
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    const swapped = event.detail.target?.isConnected ? event.detail.target : document.getElementById(event.detail.target?.id);
    const spoken = (swapped ?? event.target).closest?.("[data-announce]") ?? swapped?.querySelector("[data-announce]");
    say(spoken?.dataset.announce);
    if (event.detail.requestConfig?.elt.closest("[data-focus-first]")) document.querySelector(".list tbody a")?.focus();
    if (event.detail.target?.id === "main") document.querySelector("#main")?.focus();
  });
  document.addEventListener("htmx:sendError", () => say("No connection. Nothing has changed."));
})();

// What htmx loads into the one empty <dialog> opens it; on closing it is emptied and the opener has the focus again.
(() => {
  const dialog = document.querySelector("#dialog");
  if (!dialog) return;
  let opener = null;
  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.target === dialog && !dialog.open) opener = event.detail.elt;
  });
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target !== dialog) {
      const elsewhere = !dialog.contains(event.detail.target); // by a page, or by the form behind it; not by a part of its own
      if (elsewhere && dialog.contains(event.detail.requestConfig?.elt)) dialog.close();
      return;
    }
    if (dialog.firstElementChild && !dialog.open) dialog.showModal();
  });
  dialog.addEventListener("close", () => {
    dialog.replaceChildren();
    const menu = opener?.closest("[popover]:not(:popover-open)"); // the dialog closed it
    if (opener?.isConnected) (menu ? document.querySelector(`[popovertarget="${menu.id}"]`) : opener)?.focus();
    opener = null;
  });
  document.addEventListener("click", (event) => {
    if (event.target.matches?.("dialog.dialog")) event.target.close(); // the backdrop
    const closer = event.target.closest("[data-close]");
    if (closer && closer.closest("dialog")?.open) {
      event.preventDefault();
      closer.closest("dialog").close();
    }
    // Browsers without `command` on buttons.
    const button = event.target.closest("button[command][commandfor]");
    if (!button || "commandForElement" in HTMLButtonElement.prototype) return;
    const target = document.getElementById(button.getAttribute("commandfor"));
    if (button.getAttribute("command") === "show-modal") target?.showModal();
    if (button.getAttribute("command") === "close") target?.close();
  });
})();

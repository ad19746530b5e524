// Forms: selects that submit themselves, no empty filters in the URL, a button that says it is busy, typed confirmation,
// and the error summary that takes the focus.
(() => {
  document.addEventListener("change", (event) => {
    if (event.target.matches("[data-submit]")) event.target.form.requestSubmit();
  });

  document.addEventListener("formdata", (event) => {
    if (!event.target.matches("[data-tidy]")) return;
    for (const [name, value] of [...event.formData]) if (value === "") event.formData.delete(name);
  });

  // What no chosen card reveals is not sent.
  document.addEventListener("formdata", (event) => {
    for (const hidden of event.target.querySelectorAll(".reveal")) {
      if (getComputedStyle(hidden).display !== "none") continue;
      for (const control of hidden.querySelectorAll("[name]")) event.formData.delete(control.name);
    }
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.method !== "post" || event.defaultPrevented) return;
    if (form.dataset.sent) return event.preventDefault();
    form.dataset.sent = "1";
    event.submitter?.setAttribute("aria-busy", "true");
  });
  const rested = (form) => {
    delete form.dataset.sent;
    for (const button of form.querySelectorAll("[aria-busy]")) button.removeAttribute("aria-busy");
  };
  document.addEventListener("htmx:afterRequest", (event) => {
    const form = event.detail.requestConfig?.elt.closest("form");
    if (form) rested(form);
  });
  addEventListener("pageshow", () => document.querySelectorAll("form[data-sent]").forEach(rested));

  // The button wakes when what is typed is the name; the server checks again.
  const plain = (text) => text.trim().replace(/\s+/g, " ").toLocaleLowerCase();
  const weigh = (input) => {
    const button = document.getElementById(input.dataset.wakes);
    if (button) button.disabled = plain(input.value) !== plain(input.dataset.phrase);
  };
  document.addEventListener("input", (event) => {
    if (event.target.matches("[data-wakes]")) weigh(event.target);
  });

  const arrive = (root) => {
    root.querySelectorAll("[data-wakes]").forEach(weigh);
    root.querySelector(".error-summary")?.focus();
  };
  arrive(document);
  document.addEventListener("htmx:afterSettle", (event) => arrive(event.target.parentElement ?? event.target));
})();

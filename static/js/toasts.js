// A toast goes after 6 seconds, not while it is hovered or focused; the oldest makes room for a fourth.
(() => {
  const region = document.querySelector("#toasts");
  if (!region) return;
  const REST = 6000;
  const held = (toast) => toast.matches(":hover, :focus-within");
  const start = (toast) => {
    if (toast.dataset.started) return;
    toast.dataset.started = "1";
    let timer = 0;
    const wait = () => {
      clearTimeout(timer);
      timer = setTimeout(() => (held(toast) ? wait() : toast.remove()), REST);
    };
    for (const leaving of ["pointerleave", "focusout"]) toast.addEventListener(leaving, wait);
    wait();
  };
  const tend = () => {
    while (region.children.length > 3) region.firstElementChild.remove();
    [...region.children].forEach(start);
  };
  region.addEventListener("click", (event) => {
    if (event.target.closest("[data-dismiss]")) event.target.closest(".toast").remove();
  });
  new MutationObserver(tend).observe(region, { childList: true });
  tend();
})();

// The batch bar: counts what is ticked, ticks a whole page, takes all that match, and clears. The bar itself is CSS.
(() => {
  const boxes = (list) => [...list.querySelectorAll("tbody td.check input[type=checkbox]")];
  const say = (list) => {
    const all = boxes(list);
    const ticked = all.filter((box) => box.checked).length;
    const every = list.querySelector("[data-tick-all]");
    const matching = list.querySelector("[name=all]");
    if (every) {
      every.checked = ticked > 0 && ticked === all.length;
      every.indeterminate = ticked > 0 && ticked < all.length;
    }
    if (matching && ticked < all.length) matching.value = "";
    const words = list.querySelector("[data-ticked]");
    if (words) words.textContent = `${matching?.value ? words.dataset.matching : ticked.toLocaleString("en-GB")} selected`;
  };
  const set = (list, on) => {
    for (const box of boxes(list)) box.checked = on;
    say(list);
  };
  document.addEventListener("change", (event) => {
    const list = event.target.closest(".list");
    if (!list || event.target.type !== "checkbox") return;
    if (event.target.matches("[data-tick-all]")) set(list, event.target.checked);
    else if (event.target.closest("td.check")) say(list);
  });
  document.addEventListener("click", (event) => {
    const list = event.target.closest(".list");
    if (!list) return;
    if (event.target.closest("[data-clear]")) {
      const matching = list.querySelector("[name=all]");
      if (matching) matching.value = "";
      set(list, false);
      list.querySelector("[data-tick-all]")?.focus();
    } else if (event.target.closest("[data-all-matching]")) {
      list.querySelector("[name=all]").value = "1";
      set(list, true);
    }
  });
  document.querySelectorAll(".list").forEach(say); // the browser may restore ticks on going back
})();

// A tree by keyboard: up and down move between its rows, right opens a branch, left closes it or goes to what is above.
(() => {
  const link = (row) => row.querySelector(".twist[href]") ?? row.querySelector("a");
  const level = (row) => Number(row.getAttribute("aria-level"));
  const above = (row) => {
    let other = row.previousElementSibling;
    while (other && level(other) >= level(row)) other = other.previousElementSibling;
    return other;
  };
  document.addEventListener("keydown", (event) => {
    const row = event.target.closest?.("[data-tree] tbody tr");
    if (!row || event.ctrlKey || event.metaKey || event.altKey || event.shiftKey) return;
    const open = row.getAttribute("aria-expanded");
    const twist = row.querySelector(".twist[href]");
    const step = { ArrowDown: row.nextElementSibling, ArrowUp: row.previousElementSibling, ArrowLeft: above(row) }[event.key];
    if ((event.key === "ArrowRight" && open === "false") || (event.key === "ArrowLeft" && open === "true" && twist)) twist.click();
    else if (step) link(step).focus();
    else return;
    event.preventDefault();
  });
})();

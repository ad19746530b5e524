// <button data-copy="text"> or data-copy-from="#id": copies, and says so where the button's words stand.
(() => {
  document.addEventListener("click", async (event) => {
    const button = event.target.closest("[data-copy], [data-copy-from]");
    if (!button) return;
    const source = button.dataset.copyFrom && document.querySelector(button.dataset.copyFrom);
    const words = button.querySelector("[data-words]") ?? button;
    const before = words.textContent;
    try {
      await navigator.clipboard.writeText(source ? source.value ?? source.textContent : button.dataset.copy);
      words.textContent = "Copied";
    } catch {
      source?.select?.();
      words.textContent = "Press Ctrl C";
    }
    setTimeout(() => { words.textContent = before; }, 2000);
  });
})();

/* The lists of a meeting like a spreadsheet: up, down and Enter move along a column, the quorum is counted while one ticks. */
(() => {
  "use strict";

  const step = (field, by) => {
    const line = field.closest("[data-line]");
    const lines = [...line.parentElement.querySelectorAll(":scope > [data-line]")];
    const next = lines[lines.indexOf(line) + by];
    const target = next && next.querySelector(`[data-col="${field.dataset.col}"]`);
    if (!target) return false;
    target.focus();
    target.select();
    return true;
  };

  document.addEventListener("keydown", (event) => {
    const field = event.target;
    if (event.isComposing || !field.closest("[data-grid]") || field.dataset.col === undefined) return;
    const by = { Enter: event.shiftKey ? -1 : 1, ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (by === undefined) return;
    // Enter in a list must not send the whole form.
    event.preventDefault();
    step(field, by);
  });

  const VOTING = ["chair", "member"];

  const countQuorum = () => {
    const said = document.querySelector("[data-quorum]");
    const form = document.querySelector("[data-members]");
    if (!said || !form) return;
    const voting = [...form.querySelectorAll("[data-line]")].filter((line) => {
      const named = line.querySelector("[data-col=name]").value.trim() !== "";
      return named && !line.querySelector("[data-gone]")?.checked && VOTING.includes(line.querySelector("[data-duty]").value);
    });
    const present = voting.filter((line) => line.querySelector("[data-present]").checked).length;
    const need = Math.max(1, Math.ceil((voting.length * Number(said.dataset.shareOf)) / Number(said.dataset.shareIn)));
    const met = voting.length > 0 && present >= need;
    const words = met ? said.dataset.met : said.dataset.unmet;
    said.textContent = words.replace("{n}", voting.length).replace("{present}", present).replace("{need}", need);
    said.classList.toggle("text-danger", !met);
    said.classList.toggle("text-success", met);
  };

  document.addEventListener("input", (event) => { if (event.target.closest("[data-members]")) countQuorum(); });

  document.addEventListener("click", (event) => {
    if (!event.target.matches("[data-all-present]")) return;
    for (const line of document.querySelectorAll("[data-members] [data-line]")) {
      if (line.querySelector("[data-col=name]").value.trim() === "") continue;
      const box = line.querySelector("[data-present]");
      if (!box.checked) box.click();
    }
  });

  document.addEventListener("DOMContentLoaded", () => {
    document.querySelectorAll("[data-all-present]").forEach((button) => { button.hidden = false; });
  });
})();

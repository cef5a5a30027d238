/* How many are chosen and how many places are left, said while one chooses; a list beyond the quota is not sent. */
(() => {
  "use strict";

  const said = (area, key, n) =>
    (area.dataset[key] || "").replace("{n}", String(n)).replace("{left}", area.dataset.placesLeft);

  const count = (area) => {
    const words = area.querySelector("[data-places-words]");
    if (!words) return false;
    const chosen = area.querySelectorAll("[data-select-row]:checked").length;
    const known = area.dataset.placesLeft !== "";
    const over = known && chosen > Number(area.dataset.placesLeft);
    words.textContent = said(area, over ? "placesOver" : "placesSaid", chosen);
    words.classList.toggle("text-danger", over);
    return over;
  };

  const every = () => document.querySelectorAll("[data-places-left]").forEach(count);

  document.addEventListener("change", (event) => {
    const area = event.target.closest("[data-places-left]");
    // The row that selects all changes the others a moment later.
    if (area) setTimeout(() => count(area), 0);
  });

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (form.dataset.placesForm === undefined) return;
    const area = form.closest("[data-places-left]");
    if (area && count(area)) {
      event.preventDefault();
      event.stopPropagation();
      area.querySelector("[data-places-words]").focus();
    }
  }, true);

  document.addEventListener("DOMContentLoaded", every);
  window.addEventListener("pageshow", every);
})();

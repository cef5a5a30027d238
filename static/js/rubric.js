/* What the points of a drafted 指标体系 come to, said while one writes. */
(() => {
  "use strict";

  const form = document.getElementById("rubric-form");
  const place = form && form.querySelector("[data-rubric-sum]");
  if (!place) return;

  const sum = () => {
    let hundredths = 0;
    for (const field of form.querySelectorAll('[name$="-points"]')) hundredths += Math.round((Number(field.value) || 0) * 100);
    const missing = 10000 - hundredths;
    const words = missing === 0 ? place.dataset.right : missing > 0 ? place.dataset.short : place.dataset.over;
    place.textContent = words.replace("{n}", String(hundredths / 100)).replace("{d}", String(Math.abs(missing) / 100));
    place.classList.toggle("text-danger", missing !== 0);
  };
  form.addEventListener("input", sum);
  window.addEventListener("pageshow", sum);
  sum();
  const added = form.querySelector("[data-added]");
  added?.scrollIntoView({ block: "center" });
  added?.querySelector("input[type=text]")?.focus();
})();

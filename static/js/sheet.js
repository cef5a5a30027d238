/* The 评分表: the running total, the way through it by keyboard, and saving that gets in nobody's way. */
(() => {
  "use strict";

  const form = document.getElementById("sheet-form");
  if (!form) return;
  const trouble = document.getElementById("sheet-trouble");
  const texts = document.getElementById("sheet-texts");
  const points = [...form.querySelectorAll("[data-points]")];

  /* The total and what is left. */

  const valueOf = (field) => {
    const text = field.value.normalize("NFKC").trim();
    if (!/^\d+(\.\d+)?$/.test(text)) return null;
    const value = Number(text);
    return value >= Number(field.dataset.min) && value <= Number(field.dataset.max) ? value : null;
  };
  const total = form.querySelector("[data-sheet-total]");
  const left = form.querySelector("[data-sheet-left]");
  const sum = () => {
    const values = points.map(valueOf);
    const missing = values.filter((value) => value === null).length;
    const cents = values.reduce((before, value) => before + Math.round((value || 0) * 100), 0);
    total.textContent = String(cents / 100);
    left.textContent = missing ? left.dataset.some.replace("{n}", String(missing)) : left.dataset.none;
  };
  form.addEventListener("input", (event) => { if (event.target.matches("[data-points]")) sum(); });
  window.addEventListener("pageshow", sum);

  /* What is wrong, beside its field; a field that is being typed in is left in peace until it is left. */

  const mark = (field, words) => {
    const id = `${field.id}_error`;
    let place = document.getElementById(id);
    if (!place && words) {
      place = document.createElement("div");
      place.id = id;
      place.className = "criterion-more invalid-feedback d-block mt-0";
      (field.closest(".criterion-points") || field).after(place);
    }
    if (place && place.textContent.trim() !== words) place.textContent = words;
    field.classList.toggle("is-invalid", Boolean(words));
    const ids = new Set((field.getAttribute("aria-describedby") || "").split(/\s+/).filter(Boolean));
    if (words) ids.add(id);
    else ids.delete(id);
    if (words) field.setAttribute("aria-invalid", "true");
    else field.removeAttribute("aria-invalid");
    if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
    else field.removeAttribute("aria-describedby");
  };
  const paint = () => {
    const wrong = new Map();
    for (const each of trouble.querySelectorAll("[data-error-for]")) wrong.set(each.dataset.errorFor, each.textContent);
    for (const field of form.querySelectorAll("[data-points], textarea")) {
      if (field !== document.activeElement || !wrong.has(field.id)) mark(field, wrong.get(field.id) || "");
    }
  };
  form.addEventListener("focusout", () => setTimeout(() => { if (asked) paint(); }, 0));

  /* Saving: one at a time, none while a choice between two windows is open. */

  const overtaken = () => trouble.querySelector("[data-overtaken]") !== null;
  const saver = form.querySelector("[hx-post]");
  const line = form.querySelector("[data-saved]");
  let asked = false;
  let underway = false;
  let waiting = null;
  let typed = 0;
  let carried = 0;

  const pending = () => {
    if (!line || overtaken() || line.dataset.state === "pending") return;
    line.dataset.state = "pending";
    line.textContent = texts.dataset.pending;
  };
  form.addEventListener("input", () => { typed += 1; pending(); });

  document.addEventListener("htmx:confirm", (event) => {
    if (event.target === saver && (overtaken() || form.dataset.submitting !== undefined || waiting)) event.preventDefault();
  });
  document.addEventListener("htmx:beforeSend", (event) => {
    if (event.target !== saver) return;
    underway = true;
    carried = typed;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target === trouble && event.detail.xhr.status === 409) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (event.target !== saver) return;
    underway = false;
    asked = true;
    paint();
    if (event.detail.xhr.status === 409 && overtaken()) {
      if (line) line.textContent = texts.dataset.overtaken;
      trouble.scrollIntoView({ block: "nearest" });
    } else if (event.detail.successful && typed !== carried) pending();
    if (waiting) {
      const button = waiting;
      waiting = null;
      // Without the network the browser would show its own page in the place of what was typed.
      if (event.detail.xhr.status !== 0) form.requestSubmit(button);
    }
  });
  // A save that is under way raises the count that this form must name: it is sent after it.
  form.addEventListener("submit", (event) => {
    if (!navigator.onLine) {
      event.preventDefault();
      if (line) {
        line.dataset.state = "failed";
        line.textContent = document.getElementById("script-texts")?.dataset.failed || "";
      }
    } else if (underway) {
      event.preventDefault();
      waiting = event.submitter;
    }
  });
  // What could not be sent while the network was away is sent when it is back.
  window.addEventListener("online", () => { if (typed && saver) window.htmx?.trigger(saver, "change"); });

  /* By keyboard. */

  const press = (what) => form.querySelector(`.form-buttons button[value="${what}"]`)?.click();
  const go = (field, step) => {
    const next = points[points.indexOf(field) + step];
    if (next) {
      next.focus();
      next.select();
    } else if (step > 0) document.getElementById("id_comment")?.focus();
  };
  form.addEventListener("keydown", (event) => {
    const field = event.target;
    if (!field.matches("[data-points]") || event.isComposing || event.altKey || event.ctrlKey || event.metaKey) return;
    if (event.key === "Enter" || event.key === "ArrowDown") {
      event.preventDefault();
      go(field, event.shiftKey ? -1 : 1);
    } else if (event.key === "ArrowUp") {
      event.preventDefault();
      go(field, -1);
    }
  });
  const keys = { KeyS: "save", KeyN: "next", KeyB: "previous", Enter: "submit", NumpadEnter: "submit" };
  document.addEventListener("keydown", (event) => {
    if (!event.altKey || event.ctrlKey || event.metaKey || event.shiftKey || event.isComposing) return;
    const what = keys[event.code];
    if (!what) return;
    event.preventDefault();
    press(what);
  });
})();

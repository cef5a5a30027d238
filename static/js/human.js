/* The sum that shows that a public form comes from a browser (ALTCHA, SHA-256). It runs by itself and says how far it is. */
(() => {
  "use strict";

  const RENEW_AFTER = 25 * 60 * 1000;
  const BATCH = 250;

  const area = document.querySelector("[data-human]");
  const field = area && document.getElementById(area.dataset.field);
  if (!area || !field) return;
  const form = field.form;
  const line = area.querySelector("[data-human-line]");
  let waiting = null;
  let timer = 0;

  const say = (key) => {
    line.textContent = area.dataset[key] || "";
    area.dataset.state = key;
  };

  const hex = (buffer) => [...new Uint8Array(buffer)].map((byte) => byte.toString(16).padStart(2, "0")).join("");

  const solve = async ({ algorithm, challenge, maxNumber, salt }) => {
    const text = new TextEncoder();
    for (let first = 0; first <= maxNumber; first += BATCH) {
      const numbers = Array.from({ length: Math.min(BATCH, maxNumber - first + 1) }, (_each, n) => first + n);
      const found = await Promise.all(numbers.map((n) => crypto.subtle.digest(algorithm, text.encode(salt + n))));
      const at = found.findIndex((digest) => hex(digest) === challenge);
      if (at >= 0) return first + at;
    }
    throw new Error("no number fits");
  };

  const run = async () => {
    field.value = "";
    if (!window.crypto || !crypto.subtle) {
      say("saidOld");
      return;
    }
    say("saidWorking");
    try {
      const answer = await fetch(area.dataset.challenge, { cache: "no-store", credentials: "same-origin" });
      if (!answer.ok) throw new Error(String(answer.status));
      const given = await answer.json();
      const number = await solve(given);
      const { algorithm, challenge, salt, signature } = given;
      field.value = btoa(JSON.stringify({ algorithm, challenge, number, salt, signature }));
      say("saidDone");
      clearTimeout(timer);
      timer = setTimeout(run, RENEW_AFTER);
      if (waiting) {
        const button = waiting.button;
        waiting = null;
        form.requestSubmit(button);
      }
    } catch {
      waiting = null;
      say("saidFailed");
    }
  };

  // Who is quicker than the sum presses once; the form goes when it is done.
  form.addEventListener("submit", (event) => {
    if (field.value || area.dataset.state !== "saidWorking") return;
    event.preventDefault();
    waiting = { button: event.submitter };
    say("saidWait");
    area.dataset.state = "saidWorking";
  });

  // A page that comes back out of the browser's memory holds a solution that is used up.
  window.addEventListener("pageshow", (event) => { if (event.persisted) run(); });
  run();
})();

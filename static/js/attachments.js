/* Attachments: how far an upload has come, and that it failed. Without this the same forms load the page anew. */
(() => {
  "use strict";

  const say = (name, values = {}) => {
    const texts = document.getElementById("attachment-texts");
    const sentence = (texts && texts.dataset[name]) || "";
    return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  };

  const formOf = (event) => event.target.closest?.("form[data-upload]");
  const megabytes = (bytes) => (bytes / 1024 / 1024).toFixed(1);

  const problem = (form, words) => {
    const line = form.querySelector("[data-problem]");
    line.hidden = !words;
    line.textContent = words;
  };

  document.addEventListener("htmx:beforeRequest", (event) => {
    const form = formOf(event);
    if (!form) return;
    problem(form, "");
    form.querySelector("[data-progress]").hidden = false;
  });

  document.addEventListener("htmx:xhr:progress", (event) => {
    const form = formOf(event);
    const { lengthComputable, loaded, total } = event.detail;
    // A few kilobytes are there before anybody could read a number.
    if (!form || !lengthComputable || total < 200 * 1024) return;
    const percent = Math.floor((loaded / total) * 100);
    form.querySelector("progress").value = percent;
    const words = loaded < total ? say("sending", { percent, sent: megabytes(loaded), total: megabytes(total) }) : say("checking");
    form.querySelector("[data-words]").textContent = words;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const form = formOf(event);
    if (!form || !form.isConnected) return;
    form.querySelector("[data-progress]").hidden = true;
    const { xhr } = event.detail;
    const login = new URL(document.body.dataset.loginUrl, location.href).pathname;
    const signedOut = xhr.responseURL && new URL(xhr.responseURL, location.href).pathname === login;
    if (signedOut || xhr.status === 401 || xhr.status === 403) problem(form, say("signedOut"));
    else if (xhr.status === 413) problem(form, say("tooLarge"));
    else if (xhr.status === 0 || (xhr.status >= 400 && xhr.status !== 422)) problem(form, say("failed"));
  });

  document.addEventListener("htmx:afterSettle", (event) => {
    event.detail.elt.querySelector?.("[data-focus]")?.focus();
  });
})();

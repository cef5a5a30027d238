/* What the pages do by themselves. Everything works without it; nothing here is written into the pages. */
(() => {
  "use strict";

  const root = document.documentElement;
  root.classList.add("js");

  // Set before the first paint so that Bootstrap's own dark rules follow the visitor's system.
  const dark = window.matchMedia("(prefers-color-scheme: dark)");
  const followSystem = () => { root.dataset.bsTheme = dark.matches ? "dark" : "light"; };
  followSystem();
  dark.addEventListener("change", followSystem);

  const say = (name, values = {}) => {
    const texts = document.getElementById("script-texts");
    const sentence = (texts && texts.dataset[name]) || "";
    return sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  };

  const element = (tag, className, attributes = {}) => {
    const made = document.createElement(tag);
    made.className = className;
    for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
    return made;
  };

  const describe = (field, id) => {
    const ids = new Set((field.getAttribute("aria-describedby") || "").split(/\s+/).filter(Boolean));
    ids.add(id);
    field.setAttribute("aria-describedby", [...ids].join(" "));
  };

  // Parts of a field stand after its input group, so that the unit stays beside the input.
  const outer = (field) => field.closest(".input-group") || field;

  /* Double clicks: a form is submitted once until the page is shown again. */

  const buttonsOf = (form) => [...form.elements].filter((each) => each.type === "submit");

  const release = (form) => {
    delete form.dataset.submitting;
    for (const button of buttonsOf(form)) {
      if (button.dataset.text !== undefined) {
        button.textContent = button.dataset.text;
        delete button.dataset.text;
      }
      if (button.dataset.held !== undefined) {
        button.disabled = false;
        button.removeAttribute("aria-busy");
        delete button.dataset.held;
      }
    }
  };

  document.addEventListener("submit", (event) => {
    const form = event.target;
    if (event.defaultPrevented) return;
    if (form.dataset.submitting !== undefined) {
      event.preventDefault();
      return;
    }
    const method = (event.submitter && event.submitter.getAttribute("formmethod")) || form.method;
    if (method.toLowerCase() !== "post") return;
    edits.delete(form);
    if (form.target === "_blank" || form.dataset.noBusy !== undefined) return;
    form.dataset.submitting = "";
    // A button that is disabled at once would not be sent with the form.
    setTimeout(() => {
      for (const button of buttonsOf(form)) {
        if (button.disabled) continue;
        button.dataset.held = "";
        button.disabled = true;
        button.setAttribute("aria-busy", "true");
        if (button === event.submitter && button.tagName === "BUTTON" && !button.children.length) {
          button.dataset.text = button.textContent;
          button.textContent = say("busy");
        }
      }
    }, 0);
  });

  window.addEventListener("pageshow", () => {
    document.querySelectorAll("form[data-submitting]").forEach(release);
  });

  /* Leaving a form with changes that are not saved. */

  const edits = new Map();
  const sent = new WeakMap();

  const noteEdit = (event) => {
    const form = event.target.form;
    if (!form || event.target.closest("[data-no-guard]")) return;
    if (form.dataset.guard !== undefined || form.dataset.autosave !== undefined) edits.set(form, (edits.get(form) || 0) + 1);
  };
  // "change" follows on leaving the field, when the text may have been saved already.
  document.addEventListener("input", noteEdit);

  window.addEventListener("beforeunload", (event) => {
    for (const form of edits.keys()) {
      if (form.isConnected) {
        event.preventDefault();
        // Runs only if the visitor stays after all: another form on the page was on its way.
        setTimeout(() => document.querySelectorAll("form[data-submitting]").forEach(release), 500);
        return;
      }
    }
  });

  /* Autosave: what was saved when, or that it was not. */

  const savedLine = (source) => {
    const form = source.closest("form");
    const near = source.closest("[data-autosave]") || form;
    if (!near) return null;
    return near.querySelector("[data-saved]") || (near.closest("[data-autosave]") && document.querySelector("[data-saved]"));
  };

  const showSaved = (line, state, text) => {
    line.dataset.state = state;
    if (line.textContent !== text) line.textContent = text;
  };

  const clock = () =>
    new Intl.DateTimeFormat("zh-CN", { hour: "2-digit", minute: "2-digit", hour12: false, timeZone: "Asia/Shanghai" }).format(new Date());

  // A session that has ended answers with the sign-in page, which must neither be shown inside a form nor pass for "saved".
  const signedOut = (xhr) => {
    const login = document.body.dataset.loginUrl;
    if (!xhr || !xhr.responseURL || !login) return false;
    return new URL(xhr.responseURL, location.href).pathname === login;
  };

  const failure = (xhr) => {
    if (signedOut(xhr) || xhr.status === 401 || xhr.status === 403) return say("failedSignedOut");
    if (xhr.status === 0) return say("failed");
    if (xhr.status === 409) return say("failedOvertaken");
    if (xhr.status < 500) return say("failedInvalid");
    return say("failedServer");
  };

  document.addEventListener("htmx:configRequest", (event) => {
    const token = document.querySelector('meta[name="csrf-token"]');
    if (token && event.detail.verb !== "get") event.detail.headers["X-CSRFToken"] = token.content;
  });

  document.addEventListener("htmx:beforeRequest", (event) => {
    if (event.detail.requestConfig?.verb === "get") return;
    const form = event.target.closest("form");
    if (form) sent.set(form, edits.get(form) || 0);
    const line = savedLine(event.target);
    if (line) {
      // "Saving" appears only where it takes long enough to be read.
      clearTimeout(line.timer);
      line.timer = setTimeout(() => showSaved(line, "saving", say("saving")), 300);
    }
  });

  document.addEventListener("htmx:beforeSwap", (event) => {
    if (signedOut(event.detail.xhr)) event.detail.shouldSwap = false;
  });

  document.addEventListener("htmx:afterRequest", (event) => {
    const { xhr, requestConfig } = event.detail;
    if (!xhr || requestConfig?.verb === "get") return;
    const done = xhr.status >= 200 && xhr.status < 300 && !signedOut(xhr);
    const form = event.target.closest("form");
    if (done && form && (edits.get(form) || 0) === sent.get(form)) edits.delete(form);
    const line = savedLine(event.target);
    if (!line) return;
    clearTimeout(line.timer);
    if (done) {
      showSaved(line, "saved", say("saved", { time: clock() }));
    } else {
      showSaved(line, "failed", failure(xhr));
    }
  });

  /* Counters. Django counts code points and a line break as two, and so does this. */

  const lengthOf = (text) => [...text.replace(/\r?\n/g, "\r\n")].length;

  const addCounter = (field) => {
    const limit = Number(field.getAttribute("maxlength"));
    const always = field.tagName === "TEXTAREA";
    // A code or a number is as long as it has to be; counting its places down says nothing.
    if (!(limit > 0) || (!always && limit < 40) || field.dataset.counted !== undefined || field.readOnly) return;
    field.dataset.counted = "";
    // The browser would cut a pasted text without a word; the counter says what is too much instead.
    if (always) field.removeAttribute("maxlength");
    const counter = element("span", "field-counter", { "aria-hidden": "true" });
    const voice = element("span", "visually-hidden", { role: "status" });
    outer(field).after(counter, voice);
    let wait;
    const update = (announce) => {
      const left = limit - lengthOf(field.value);
      const low = left <= Math.max(5, limit * 0.1);
      counter.hidden = !always && !low;
      counter.textContent = left < 0 ? say("over", { n: -left }) : say("left", { n: left });
      counter.classList.toggle("is-low", low && left >= 0);
      counter.classList.toggle("is-over", left < 0);
      field.setCustomValidity(left < 0 ? counter.textContent : "");
      clearTimeout(wait);
      if (announce && low) wait = setTimeout(() => { voice.textContent = counter.textContent; }, 1000);
    };
    field.addEventListener("input", () => update(true));
    update(false);
  };

  /* Files: name and size, and a refusal before anything is sent. */

  const sizeOf = (bytes) => {
    if (bytes < 1024) return say("bytes", { n: bytes });
    if (bytes < 1024 * 1024) return `${Math.round(bytes / 1024)} KB`;
    return `${(bytes / 1024 / 1024).toFixed(1)} MB`;
  };

  const showFiles = (field) => {
    const id = `${field.id || field.name}_files`;
    document.getElementById(id)?.remove();
    const max = Number(field.dataset.maxMb);
    const files = [...field.files];
    const tooLarge = files.filter((file) => max > 0 && file.size > max * 1024 * 1024);
    field.removeAttribute("aria-invalid");
    field.classList.remove("is-invalid");
    if (!files.length) return;
    const list = element("ul", "file-list", { id });
    if (tooLarge.length) {
      list.setAttribute("role", "alert");
      field.setAttribute("aria-invalid", "true");
      field.classList.add("is-invalid");
      field.value = "";
    }
    for (const file of tooLarge.length ? tooLarge : files) {
      const row = element("li", tooLarge.length ? "file-problem" : "");
      const values = { name: file.name, size: sizeOf(file.size), max };
      row.textContent = say(tooLarge.length ? "fileTooLarge" : "file", values);
      list.append(row);
    }
    outer(field).after(list);
    describe(field, id);
  };

  /* Rows chosen for a batch act. */

  const refreshSelection = (area) => {
    const rows = [...area.querySelectorAll("[data-select-row]")].filter((each) => !each.disabled);
    const chosen = rows.filter((each) => each.checked);
    for (const row of rows) row.closest("tr")?.classList.toggle("is-selected", row.checked);
    for (const all of area.querySelectorAll("[data-select-all]")) {
      all.checked = rows.length > 0 && chosen.length === rows.length;
      all.indeterminate = chosen.length > 0 && chosen.length < rows.length;
    }
    for (const bar of area.querySelectorAll("[data-selection-bar]")) bar.hidden = chosen.length === 0;
    for (const count of area.querySelectorAll("[data-selection-count]")) count.textContent = say("selected", { n: chosen.length });
  };

  document.addEventListener("change", (event) => {
    const field = event.target;
    if (field.type === "file") showFiles(field);
    const area = field.closest("[data-select]");
    if (!area) return;
    if (field.matches("[data-select-all]")) {
      for (const row of area.querySelectorAll("[data-select-row]")) if (!row.disabled) row.checked = field.checked;
    }
    if (field.matches("[data-select-all], [data-select-row]")) refreshSelection(area);
  });

  const prepare = (part) => {
    const each = (selector, act) => {
      if (part.matches?.(selector)) act(part);
      part.querySelectorAll(selector).forEach(act);
    };
    each("textarea[maxlength], input[type=text][maxlength]", addCounter);
    each("[data-select]", refreshSelection);
  };

  document.addEventListener("DOMContentLoaded", () => {
    prepare(document.body);
    document.querySelector("[data-focus]")?.focus();
  });
  document.addEventListener("htmx:load", (event) => prepare(event.detail.elt));
  // Back from another page the browser restores checked rows and typed text without telling anyone.
  window.addEventListener("pageshow", () => document.querySelectorAll("[data-select]").forEach(refreshSelection));
})();

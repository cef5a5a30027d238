/* The form of the application: tables that take a paste from a spreadsheet, what is wrong beside its field, two people on one section. */
(() => {
  "use strict";

  const draft = document.querySelector("[data-draft]");
  if (!draft) return;
  const form = document.getElementById("draft-form");
  const trouble = document.getElementById("draft-trouble");
  const texts = document.getElementById("draft-texts");

  const say = (name, values = {}) =>
    ((texts && texts.dataset[name]) || "").replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));

  /* On a phone progress and checks are two lines that open. */

  if (window.matchMedia("(max-width: 1199.98px)").matches) {
    draft.querySelectorAll("[data-phone-closed]").forEach((part) => part.removeAttribute("open"));
  }

  /* Who else is here. */

  const uuid = () => {
    if (crypto.randomUUID) return crypto.randomUUID();
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
  };

  const here = uuid();
  const presence = document.getElementById("draft-presence");
  const visit = (more = {}) => {
    const sent = new FormData();
    sent.set("csrfmiddlewaretoken", document.querySelector('meta[name="csrf-token"]')?.content || "");
    sent.set("window", here);
    for (const [name, value] of Object.entries(more)) sent.set(name, value);
    return sent;
  };
  const look = async () => {
    try {
      const answer = await fetch(draft.dataset.presence, { method: "POST", body: visit(), credentials: "same-origin" });
      if (answer.status !== 200 || answer.redirected) return;
      const words = (await answer.text()).trim();
      if (presence.innerHTML.trim() !== words) presence.innerHTML = words;
    } catch { /* The network is away; the next look may find it. */ }
  };
  // The page before this one in the same window says in a moment that it was left.
  setTimeout(look, 1500);
  setInterval(look, 15000);
  window.addEventListener("pagehide", () => navigator.sendBeacon(draft.dataset.presence, visit({ leave: "1" })));

  if (!form) return;

  /* What is wrong, beside its field. A field that is being typed in is left in peace until it is left. */

  let messages = new Map();

  const errorOf = (anchor, field) => {
    const id = `${anchor}_error`;
    let place = document.getElementById(id);
    if (!place) {
      place = document.createElement("div");
      place.id = id;
      place.className = "invalid-feedback d-block";
      (field.closest(".input-group") || field).after(place);
    }
    return place;
  };

  const mark = (field, anchor, words) => {
    const place = errorOf(anchor, field);
    if (place.textContent.trim() === words) return;
    place.textContent = "";
    if (words) {
      const line = document.createElement("p");
      const strong = document.createElement("strong");
      strong.textContent = words;
      line.append(strong);
      place.append(line);
    }
    if (!field.matches("input, select, textarea")) return;
    field.classList.toggle("is-invalid", Boolean(words));
    const ids = new Set((field.getAttribute("aria-describedby") || "").split(/\s+/).filter(Boolean));
    if (words) {
      field.setAttribute("aria-invalid", "true");
      ids.add(place.id);
    } else {
      field.removeAttribute("aria-invalid");
      ids.delete(place.id);
    }
    if (ids.size) field.setAttribute("aria-describedby", [...ids].join(" "));
    else field.removeAttribute("aria-describedby");
  };

  const paint = () => {
    const standing = new Set(messages.keys());
    for (const place of form.querySelectorAll('[id$="_error"]')) {
      const anchor = place.id.slice(0, -"_error".length);
      const field = document.getElementById(anchor);
      if (field && !messages.has(anchor)) mark(field, anchor, "");
    }
    for (const anchor of standing) {
      const field = document.getElementById(anchor);
      if (field && (field !== document.activeElement || field.tagName === "SELECT")) mark(field, anchor, messages.get(anchor));
    }
  };

  const readMessages = () => {
    messages = new Map();
    for (const each of trouble.querySelectorAll("[data-error-for]")) {
      const before = messages.get(each.dataset.errorFor);
      messages.set(each.dataset.errorFor, before ? `${before} ${each.textContent}` : each.textContent);
    }
    paint();
  };

  const showNeeded = () => {
    const needed = new Set((document.getElementById("draft-needed")?.dataset.names || "").split(" "));
    for (const each of form.querySelectorAll("[data-needs]")) each.hidden = !needed.has(each.dataset.needs);
  };

  form.addEventListener("focusout", () => setTimeout(paint, 0));

  /* Saving: one at a time, none while a choice between two versions is open. */

  const overtaken = () => trouble.querySelector("[data-overtaken]") !== null;
  const isAutosave = (event) => form.contains(event.target) && event.target.hasAttribute("hx-post");
  let underway = false;
  let waiting = null;

  document.addEventListener("htmx:confirm", (event) => {
    if (isAutosave(event) && (overtaken() || form.dataset.submitting !== undefined || waiting)) event.preventDefault();
  });
  // The line at the foot says "saved" only while nothing newer waits.
  let typed = 0;
  let carried = 0;
  const line = form.querySelector("[data-saved]");
  const wait = () => {
    if (!line || overtaken() || line.dataset.state === "pending") return;
    line.dataset.state = "pending";
    line.textContent = say("pending");
  };
  form.addEventListener("input", () => { typed += 1; wait(); });

  document.addEventListener("htmx:beforeSend", (event) => {
    if (!isAutosave(event)) return;
    underway = true;
    carried = typed;
  });
  document.addEventListener("htmx:beforeSwap", (event) => {
    if (event.target === trouble && event.detail.xhr.status === 409) event.detail.shouldSwap = true;
  });
  document.addEventListener("htmx:afterRequest", (event) => {
    if (!isAutosave(event)) return;
    underway = false;
    readMessages();
    showNeeded();
    if (event.detail.xhr.status === 409 && overtaken()) {
      if (line) line.textContent = say("overtaken");
      trouble.scrollIntoView({ block: "center" });
    } else if (event.detail.successful && typed !== carried) wait();
    if (waiting) {
      const submitter = waiting.button;
      waiting = null;
      form.requestSubmit(submitter);
    }
  });
  // A save that is under way raises the count that this form must name: it is sent after it.
  form.addEventListener("submit", (event) => {
    if (!underway) return;
    event.preventDefault();
    waiting = { button: event.submitter };
  });

  // What was changed otherwise than by typing is told as if it had been typed.
  const changed = (table) => table.querySelector('input[name="tables"]').dispatchEvent(new Event("input", { bubbles: true }));

  /* Declaring keeps what was typed first. */

  document.addEventListener("click", (event) => {
    const link = event.target.closest("[data-hand-in]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey) return;
    event.preventDefault();
    const button = document.createElement("button");
    button.type = "submit";
    button.name = "declare";
    button.value = "1";
    button.hidden = true;
    form.append(button);
    form.requestSubmit(button);
  });

  /* The fields that the chosen category has. */

  const category = form.elements.namedItem("category");
  const fields = document.getElementById("id_field_options");
  const narrow = () => {
    for (const option of fields.options) option.disabled = Boolean(category.value) && option.dataset.category !== category.value;
  };
  if (category && fields) {
    category.addEventListener("change", narrow);
    narrow();
  }

  /* Tables. */

  const rowsOf = (table) => [...table.tBodies[0].rows];
  const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];
  const tableOf = (section) => section.querySelector("table");

  const tell = (section, words, button) => {
    const place = section.querySelector("[data-said]");
    place.textContent = words;
    if (button) place.append(" ", button);
  };

  const makeRow = (section) => {
    const pattern = section.querySelector("[data-row-pattern]");
    if (!pattern) return null;
    const holder = document.createElement("tbody");
    holder.innerHTML = pattern.innerHTML.replaceAll("__key__", uuid());
    return holder.rows[0];
  };

  const most = (section) => Number(section.dataset.most);

  const addRow = (section, { focus = true } = {}) => {
    const table = tableOf(section);
    if (rowsOf(table).length >= most(section)) {
      tell(section, say("full", { most: most(section) }));
      return null;
    }
    const row = makeRow(section);
    if (!row) return null;
    table.tBodies[0].append(row);
    if (window.htmx) window.htmx.trigger(row, "htmx:load", { elt: row });
    if (focus) cellsOf(row)[0]?.focus();
    return row;
  };

  const removeRow = (section, row) => {
    const body = row.parentNode;
    const after = row.nextSibling;
    const number = rowsOf(tableOf(section)).indexOf(row) + 1;
    const first = cellsOf(row)[0];
    const name = first && first.value && first.tagName !== "SELECT" ? `“${first.value}”` : "";
    row.remove();
    const undo = document.createElement("button");
    undo.type = "button";
    undo.className = "btn btn-sm btn-outline-primary";
    undo.textContent = say("undo");
    undo.addEventListener("click", () => {
      body.insertBefore(row, after && after.parentNode === body ? after : null);
      tell(section, say("restored"));
      cellsOf(row)[0]?.focus();
      sum(section);
      changed(section);
    });
    tell(section, say("removed", { n: number, name }), undo);
    undo.focus();
    sum(section);
    changed(section);
  };

  const amountOf = (text) => {
    const amount = Number(text.normalize("NFKC").replace(/[,\s]/g, ""));
    return Number.isFinite(amount) ? amount : 0;
  };
  const readable = (amount) => {
    const [whole, part = ""] = amount.toFixed(6).replace(/\.?0+$/, "").split(".");
    return whole.replace(/\B(?=(\d{3})+(?!\d))/g, ",") + (part ? `.${part}` : "");
  };
  const sum = (section) => {
    for (const place of section.querySelectorAll("[data-sum]")) {
      let total = 0;
      for (const cell of section.querySelectorAll(`tbody [data-cell="${place.dataset.sum}"]`)) total += amountOf(cell.value);
      place.textContent = readable(total);
    }
  };

  /* What a spreadsheet puts on the clipboard: tabs between cells, line breaks between rows, quotes round what holds either. */

  const parse = (text) => {
    const rows = [[""]];
    let quoted = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let place = 0; place < source.length; place += 1) {
      const sign = source[place];
      const row = rows[rows.length - 1];
      if (quoted) {
        if (sign === '"' && source[place + 1] === '"') { row[row.length - 1] += '"'; place += 1; }
        else if (sign === '"') quoted = false;
        else row[row.length - 1] += sign;
      } else if (sign === '"' && row[row.length - 1] === "") quoted = true;
      else if (sign === "\t") row.push("");
      else if (sign === "\n") rows.push([""]);
      else row[row.length - 1] += sign;
    }
    return rows;
  };

  const pad = (number) => String(number).padStart(2, "0");
  const normalDate = (text) => {
    const found = text.normalize("NFKC").match(/^(\d{4})[年\/.\-](\d{1,2})[月\/.\-](\d{1,2})日?(?:\s+\d{1,2}:\d{2}(?::\d{2})?)?$/);
    if (!found) return null;
    const [, year, month, day] = found.map(Number);
    const made = new Date(Date.UTC(year, month - 1, day));
    if (made.getUTCMonth() !== month - 1 || made.getUTCDate() !== day) return null;
    return `${year}-${pad(month)}-${pad(day)}`;
  };

  // The value for a field, or null where the text is none that it takes.
  const fitting = (field, raw) => {
    const text = raw.trim();
    if (text === "") return "";
    if (field.tagName === "SELECT") {
      const option = [...field.options].find((each) => each.value !== "" && (each.text.trim() === text || each.value === text));
      return option ? option.value : null;
    }
    if (field.dataset.kind === "date") return normalDate(text);
    if (field.dataset.kind === "number") {
      const number = text.normalize("NFKC").replace(/[,\s]/g, "").replace(/(万元|元|人|台|套|年|个|项)$/, "");
      return /^-?\d+(\.\d+)?$/.test(number) ? number : null;
    }
    return field.tagName === "TEXTAREA" ? text : text.replace(/\s*\n\s*/g, " ");
  };

  const paste = (section, field, rows) => {
    const table = tableOf(section);
    const headings = new Map([...table.tHead.rows[0].cells].map((cell) => [cell.dataset.column, cell.textContent.replace("*", "").trim()]));
    const row = field.closest("tr");
    const from = cellsOf(row).indexOf(field);
    const names = cellsOf(row).map((cell) => headings.get(cell.dataset.cell) || "");
    const bare = (text) => text.replace(/（.*?）|\(.*?\)|\*|\s/g, "");
    const said = [];
    let lines = rows;
    const titled = lines[0].filter((text, place) => text.trim() && bare(text) === bare(names[from + place] || "")).length;
    if (lines.length > 1 && titled > 0 && titled >= lines[0].filter((text) => text.trim()).length / 2) {
      lines = lines.slice(1);
      said.push(say("header"));
    }
    const misfits = [];
    let target = row;
    let done = 0;
    for (const [place, line] of lines.entries()) {
      if (place > 0) target = target.nextElementSibling || addRow(section, { focus: false });
      if (!target) break;
      const cells = cellsOf(target);
      for (const [step, text] of line.entries()) {
        const cell = cells[from + step];
        if (!cell) break;
        const value = fitting(cell, text);
        if (value === null) misfits.push({ row: rowsOf(table).indexOf(target) + 1, column: headings.get(cell.dataset.cell), text: text.trim().slice(0, 20) });
        else cell.value = value;
      }
      done += 1;
    }
    const across = Math.max(...lines.map((line) => line.length)) - (cellsOf(row).length - from);
    said.unshift(say("pasted", { n: done }));
    if (done < lines.length) said.push(say("cutRows", { most: most(section), n: lines.length - done }));
    if (across > 0) said.push(say("cutColumns", { n: across }));
    for (const misfit of misfits.slice(0, 5)) said.push(say("unknown", misfit));
    if (misfits.length > 5) said.push(say("more", { n: misfits.length - 5 }));
    sum(section);
    tell(section, said.join(" "));
    changed(section);
  };

  form.addEventListener("paste", (event) => {
    const field = event.target.closest("[data-cell]");
    if (!field) return;
    const text = event.clipboardData?.getData("text/plain") || "";
    const rows = parse(text);
    const tabs = rows.some((row) => row.length > 1);
    // A text of several lines into a box of several lines is a text; one cell into a line is what the browser does anyway.
    if (!tabs && (field.tagName === "TEXTAREA" || rows.length === 1)) {
      if (field.tagName === "TEXTAREA" || rows.length > 1 || (field.dataset.kind !== "date" && field.tagName !== "SELECT")) return;
    }
    event.preventDefault();
    paste(field.closest("[data-table]"), field, rows);
  });

  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-cell]");
    if (!field || event.key !== "Enter" || event.isComposing || event.shiftKey || event.altKey) return;
    const section = field.closest("[data-table]");
    event.preventDefault();
    if (event.ctrlKey || event.metaKey) {
      if (section.dataset.fixed === undefined) addRow(section);
      return;
    }
    const below = field.closest("tr").nextElementSibling;
    below?.querySelector(`[data-cell="${field.dataset.cell}"]`)?.focus();
  });

  form.addEventListener("click", (event) => {
    const section = event.target.closest("[data-table]");
    if (!section) return;
    if (event.target.closest("[data-add]")) addRow(section);
    else if (event.target.closest("[data-remove]")) removeRow(section, event.target.closest("tr"));
  });

  form.addEventListener("input", (event) => {
    const section = event.target.closest("[data-table]");
    if (section && event.target.dataset.total !== undefined) sum(section);
  });

  for (const section of form.querySelectorAll("[data-table]")) {
    section.querySelectorAll("[data-blank]").forEach((row) => row.remove());
    if (section.dataset.fixed === undefined && !rowsOf(tableOf(section)).length) addRow(section, { focus: false });
    sum(section);
  }
})();

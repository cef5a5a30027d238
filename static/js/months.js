/* A month as a table: cells by keyboard, blocks out of Excel, each line kept as soon as it is left. Without it the form saves as a whole. */
(() => {
  "use strict";

  const form = document.querySelector("[data-month]");
  if (!form) return;
  const body = form.querySelector("tbody");
  const rows = [...body.rows];
  const line = form.querySelector("[data-saved]");
  const said = form.querySelector("[data-said]");
  const texts = document.getElementById("month-texts");
  const shared = document.getElementById("script-texts");
  const first = form.dataset.first;

  const fillIn = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, key) => (key in values ? String(values[key]) : whole));
  const say = (name, values = {}) => fillIn(texts.dataset[name] || "", values);
  const sayShared = (name, values = {}) => fillIn((shared && shared.dataset[name]) || "", values);

  const cellsOf = (row) => [...row.querySelectorAll("[data-cell]")];
  const cellOf = (row, key) => row.querySelector(`[data-cell="${key}"]`);
  const headings = new Map([...form.querySelectorAll("thead [data-column]")].map((cell) => [cell.dataset.column, cell.textContent.trim()]));
  const half = (text) => text.normalize("NFKC").trim();
  const kept = new WeakMap();
  const keep = (row) => kept.set(row, new Map(cellsOf(row).map((cell) => [cell, cell.value])));

  // A phone's own picker is better than typing; with a keyboard typing is quicker.
  if (window.matchMedia("(pointer: coarse)").matches) {
    for (const cell of form.querySelectorAll('[data-kind="date"]')) cell.type = "date";
  }
  // What could not be saved before is still to be saved: its line stays as changed.
  const isNew = (row) => row.dataset.state === "unsaved";
  for (const row of rows) if (!isNew(row)) keep(row);

  /* What people write for a date and a number. */

  const two = (number) => String(number).padStart(2, "0");
  const dateOf = (raw) => {
    const text = half(raw).replace(/\s+\d{1,2}:\d{2}(:\d{2})?$/, "");
    const whole = text.match(/^(\d{4})[年\/.\-]?(\d{1,2})[月\/.\-]?(\d{1,2})日?$/);
    const short = text.match(/^(\d{1,2})[月\/.\-](\d{1,2})日?$/) || text.match(/^(\d{2})(\d{2})$/);
    if (!whole && !short) return null;
    const [month, day] = (whole ? whole.slice(2) : short.slice(1)).map(Number);
    // A stipend of December is paid in January.
    const [year, of] = first.split("-").map(Number);
    const found = new Date(Date.UTC(whole ? Number(whole[1]) : year + (month < of ? 1 : 0), month - 1, day));
    if (found.getUTCMonth() !== month - 1 || found.getUTCDate() !== day) return null;
    return `${found.getUTCFullYear()}-${two(month)}-${two(day)}`;
  };
  const numberOf = (raw) => {
    const text = half(raw).replace(/^[¥￥]/, "").replace(/[,\s]/g, "").replace(/(元|天)$/, "");
    return /^\d+(\.\d+)?$/.test(text) ? text : null;
  };
  // The value for a cell, or null where the text is none that it takes.
  const fitting = (cell, raw) => {
    const text = raw.trim();
    if (text === "") return "";
    if (cell.tagName === "SELECT") {
      const option = [...cell.options].find((each) => each.value && (each.text === text || each.value === text));
      return option ? option.value : null;
    }
    if (cell.dataset.kind === "date") return dateOf(text);
    if (cell.classList.contains("num")) return numberOf(text);
    return text.replace(/\s*\n\s*/g, " ");
  };

  /* The foot. */

  const readable = (cents) => {
    const whole = String(Math.floor(cents / 100)).replace(/\B(?=(\d{3})+(?!\d))/g, ",");
    const part = two(cents % 100).replace(/0+$/, "");
    return part ? `${whole}.${part}` : whole;
  };
  const sumWords = form.querySelector("[data-sum-words]");
  const sum = () => {
    let cents = 0;
    const count = { missing: 0, below: 0, unpaid: 0 };
    for (const row of rows) {
      const value = (key) => cellOf(row, key).value.trim();
      const amount = numberOf(value("amount"));
      if (amount !== null) cents += Math.round(Number(amount) * 100);
      const floor = Number((row.dataset.floor || "0").replace(/,/g, ""));
      const below = amount !== null && Number(amount) < floor;
      const whole = value("grade") && value("days") && amount !== null && !(below && !value("below_reason"));
      if (!whole) count.missing += 1;
      else if (Number(amount) > 0 && !value("paid_on")) count.unpaid += 1;
      if (below) count.below += 1;
    }
    form.querySelector("[data-sum-amount]").textContent = readable(cents);
    form.querySelector("[data-sum-done]").textContent = String(rows.length - count.missing);
    const parts = [count.missing ? fillIn(sumWords.dataset.some, { n: count.missing }) : sumWords.dataset.none];
    if (count.below) parts.push(fillIn(sumWords.dataset.below, { n: count.below }));
    if (count.unpaid) parts.push(fillIn(sumWords.dataset.unpaid, { n: count.unpaid }));
    sumWords.textContent = parts.join(" · ");
  };

  /* How a line stands, and what is wrong with its cells. */

  const stood = new WeakMap();
  const markOf = (row) => row.querySelector("[data-mark]");
  const mark = (row, state, words, hint) => {
    if (state !== "unsaved") stood.set(row, { state, words, hint });
    row.dataset.state = state;
    markOf(row).textContent = words;
    markOf(row).title = hint || "";
  };
  for (const row of rows) if (!isNew(row)) stood.set(row, { state: row.dataset.state, words: markOf(row).textContent, hint: markOf(row).title });
  const faultPlace = (row, key) => {
    let place = row.querySelector(`[data-fault="${key}"]`);
    if (!place && key) {
      const cell = cellOf(row, key);
      place = document.createElement("span");
      place.className = "month-fault";
      place.dataset.fault = key;
      place.id = `fault-${key}-${row.dataset.row}`;
      cell.parentNode.append(place);
    }
    return place;
  };
  const paint = (row, faults) => {
    for (const cell of cellsOf(row)) {
      const words = faults[cell.dataset.cell] || "";
      if (words || row.querySelector(`[data-fault="${cell.dataset.cell}"]`)) faultPlace(row, cell.dataset.cell).textContent = words;
      if (words) {
        cell.setAttribute("aria-invalid", "true");
        cell.setAttribute("aria-describedby", `fault-${cell.dataset.cell}-${row.dataset.row}`);
      } else {
        cell.removeAttribute("aria-invalid");
        cell.removeAttribute("aria-describedby");
      }
    }
    faultPlace(row, "").textContent = faults[""] || "";
  };

  /* Saving: what changed goes together, one request at a time. */

  const changedRows = () => rows.filter((row) => !kept.has(row) || cellsOf(row).some((cell) => kept.get(row).get(cell) !== cell.value));
  const refused = new WeakMap();
  const snapshot = (row) => cellsOf(row).map((cell) => cell.value).join("\u0000");
  const unsaved = () => changedRows();
  const show = (state, words) => {
    line.dataset.state = state;
    if (line.textContent !== words) line.textContent = words;
  };
  line.dataset.kept = line.textContent;
  let underway = null;
  let stopped = false;
  let timer;

  const send = async () => {
    clearTimeout(timer);
    if (underway) await underway;
    // A line that was refused waits until it is changed again.
    const sent = changedRows().filter((row) => refused.get(row) !== snapshot(row));
    if (!sent.length || stopped) return;
    underway = carry(sent);
    await underway;
    underway = null;
  };
  const carry = async (sent) => {
    const data = new FormData();
    const carried = new Map();
    for (const row of sent) {
      const key = row.dataset.row;
      data.append("row", key);
      data.append(`seen-${key}`, row.querySelector("[data-seen]").value);
      carried.set(row, new Map(cellsOf(row).map((cell) => [cell, cell.value])));
      for (const cell of cellsOf(row)) data.append(cell.name, cell.value);
    }
    const slow = setTimeout(() => show("saving", sayShared("saving")), 300);
    try {
      const answer = await fetch(form.dataset.save, {
        method: "POST", body: data, credentials: "same-origin", keepalive: true, redirect: "manual",
        headers: { "X-CSRFToken": document.querySelector('meta[name="csrf-token"]').content },
      });
      if (answer.type === "opaqueredirect" || answer.status === 403) show("failed", sayShared("failedSignedOut"));
      else if (answer.status === 409) {
        stopped = true;
        show("failed", say("stopped") + (await answer.json()).refused.join(" "));
      } else if (answer.status === 200) settle(await answer.json(), carried);
      else show("failed", sayShared("failedServer"));
    } catch {
      show("failed", sayShared("failed"));
      timer = setTimeout(send, 15000);
    } finally {
      clearTimeout(slow);
    }
  };
  const settle = (answer, carried) => {
    let wrong = 0;
    for (const [row, values] of carried) {
      const its = answer.rows[row.dataset.row];
      if (!its) continue;
      paint(row, its.faults || {});
      if (its.faults) {
        wrong += 1;
        refused.set(row, [...values.values()].join("\u0000"));
        mark(row, its.state, its.words, its.hint);
        continue;
      }
      row.querySelector("[data-seen]").value = its.revision;
      kept.set(row, values);
      refused.delete(row);
      if (cellsOf(row).every((cell) => values.get(cell) === cell.value)) mark(row, its.state, its.words, its.hint);
    }
    if (wrong) show("failed", sayShared("failedInvalid"));
    else if (changedRows().length) show("pending", say("pending"));
    else {
      line.dataset.kept = sayShared("saved", { time: answer.time });
      show("saved", line.dataset.kept);
    }
  };
  const later = (wait) => {
    clearTimeout(timer);
    timer = setTimeout(send, wait);
  };
  const touched = (row) => {
    const changed = !kept.has(row) || cellsOf(row).some((cell) => kept.get(row).get(cell) !== cell.value);
    if (changed && row.dataset.state !== "unsaved") mark(row, "unsaved", say("unsaved"), "");
    if (!changed && row.dataset.state === "unsaved" && stood.has(row)) {
      // It is again as it was kept.
      const { state, words, hint } = stood.get(row);
      mark(row, state, words, hint);
      paint(row, {});
      if (!changedRows().length) show("saved", line.dataset.kept || "");
    }
    if (changed && line.dataset.state !== "pending" && line.dataset.state !== "failed") show("pending", say("pending"));
    sum();
  };

  form.addEventListener("input", (event) => {
    const row = event.target.closest("[data-row]");
    if (!row) return;
    touched(row);
    later(1500);
  });
  form.addEventListener("change", (event) => {
    const cell = event.target.closest("[data-cell], [name^='all-']");
    if (!cell) return;
    if (cell.dataset.kind === "date" && cell.type !== "date" && cell.value.trim()) cell.value = dateOf(cell.value) ?? cell.value;
    const row = cell.closest("[data-row]");
    if (row) {
      touched(row);
      later(250);
    }
  });
  document.addEventListener("visibilitychange", () => { if (document.visibilityState === "hidden") send(); });
  window.addEventListener("online", send);
  window.addEventListener("beforeunload", (event) => {
    if (form.dataset.submitting === undefined && unsaved().length) event.preventDefault();
  });

  /* Buttons: what was typed is kept first. */

  const flushed = async () => {
    await send();
    if (underway) await underway;
    return changedRows().length === 0;
  };
  let through = false;
  form.addEventListener("submit", (event) => {
    if (through) return;
    event.preventDefault();
    event.stopPropagation();
    const button = event.submitter;
    if (button?.value === "fill") fillColumn();
    else if (button?.value === "copy") {
      flushed().then((clean) => {
        if (!clean) return;
        through = true;
        form.requestSubmit(button);
      });
    } else {
      for (const row of rows) refused.delete(row);
      flushed();
    }
  }, true);
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-flush]");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || !changedRows().length) return;
    event.preventDefault();
    flushed().then((clean) => { if (clean) location.assign(link.href); });
  });

  const fillColumn = () => {
    let done = 0;
    for (const source of form.querySelectorAll("[data-fill] [name^='all-']")) {
      const key = source.name.slice(4);
      const value = fitting(source, source.value);
      if (!value) continue;
      for (const row of rows) {
        const cell = cellOf(row, key);
        const tooLong = key === "days" && Number(value) > Number(row.dataset.days);
        const unpayable = key === "paid_on" && !(Number(numberOf(cellOf(row, "amount").value)) > 0);
        if (cell.value.trim() || tooLong || unpayable) continue;
        cell.value = value;
        done += 1;
        touched(row);
      }
    }
    said.textContent = done ? say("filled", { n: done }) : say("nothingEmpty");
    send();
  };

  /* By keyboard. */

  const go = (cell) => {
    if (!cell) return;
    cell.focus();
    if (cell.select) cell.select();
    cell.scrollIntoView({ block: "nearest", inline: "nearest" });
  };
  const beside = (cell, step) => {
    const cells = cellsOf(cell.closest("tr"));
    return cells[cells.indexOf(cell) + step];
  };
  const under = (cell, step) => {
    const row = rows[rows.indexOf(cell.closest("tr")) + step];
    return row && cellOf(row, cell.dataset.cell);
  };
  const atEdge = (cell, end) => {
    if (cell.tagName === "SELECT" || cell.type === "date") return true;
    const { selectionStart: from, selectionEnd: to, value } = cell;
    if (from === 0 && to === value.length) return true;
    return from === to && from === (end ? value.length : 0);
  };
  form.addEventListener("keydown", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell || event.isComposing || event.altKey) return;
    const { key } = event;
    let target;
    if ((event.ctrlKey || event.metaKey) && key.toLowerCase() === "d") {
      event.preventDefault();
      const above = under(cell, -1);
      if (above) {
        cell.value = above.value;
        touched(cell.closest("tr"));
        later(250);
      }
      return;
    }
    if (event.ctrlKey || event.metaKey) return;
    if (key === "Enter") target = under(cell, event.shiftKey ? -1 : 1);
    else if (event.shiftKey) return;
    else if (key === "ArrowDown") target = under(cell, 1);
    else if (key === "ArrowUp") target = under(cell, -1);
    else if (key === "ArrowLeft" && atEdge(cell, false)) target = beside(cell, -1);
    else if (key === "ArrowRight" && atEdge(cell, true)) target = beside(cell, 1);
    else if (cell.tagName === "SELECT" && /^[1-3]$/.test(key)) {
      event.preventDefault();
      cell.selectedIndex = Number(key);
      touched(cell.closest("tr"));
      later(250);
      return;
    } else if (cell.tagName === "SELECT" && (key === "Delete" || key === "Backspace")) {
      cell.selectedIndex = 0;
      touched(cell.closest("tr"));
      later(250);
      return;
    } else return;
    if (cell.type === "date" && key.startsWith("Arrow")) return;
    event.preventDefault();
    if (key === "Enter" && cell.dataset.kind === "date") cell.dispatchEvent(new Event("change", { bubbles: true }));
    go(target);
  });

  /* A block out of Excel. */

  const parse = (text) => {
    const lines = [[""]];
    let quoted = false;
    const source = text.replace(/\r\n?/g, "\n").replace(/\n$/, "");
    for (let place = 0; place < source.length; place += 1) {
      const sign = source[place];
      const now = lines[lines.length - 1];
      if (quoted) {
        if (sign === '"' && source[place + 1] === '"') { now[now.length - 1] += '"'; place += 1; }
        else if (sign === '"') quoted = false;
        else now[now.length - 1] += sign;
      } else if (sign === '"' && now[now.length - 1] === "") quoted = true;
      else if (sign === "\t") now.push("");
      else if (sign === "\n") lines.push([""]);
      else now[now.length - 1] += sign;
    }
    return lines;
  };
  const bare = (text) => half(text).replace(/（.*?）|\(.*?\)|\*|\s/g, "");
  const people = new Map();
  for (const row of rows) {
    people.set(row.dataset.number, row);
    // Two of one name are told apart by their number alone.
    people.set(row.dataset.name, people.has(row.dataset.name) ? null : row);
  }
  const personIn = (text) => people.get(half(text));

  const paste = (cell, lines) => {
    const told = [];
    const misfits = [];
    let start = rows.indexOf(cell.closest("tr"));
    let from = cellsOf(rows[start]).indexOf(cell);
    let number = 0;
    let block = lines;
    const names = [...headings.values()].map(bare);
    if (block.length > 1 && block[0].filter((text) => text.trim() && names.includes(bare(text))).length >= block[0].filter((text) => text.trim()).length / 2) {
      block = block.slice(1);
      number = 1;
      told.push(say("header"));
    }
    // A list with names or numbers in front is laid beside the people it names, wherever the block is put.
    const aligned = block.length > 0 && block[0].length > 1 && block.filter((each) => personIn(each[0])).length >= block.length / 2;
    if (aligned) {
      told.push(say("aligned"));
      if (block.every((each) => each.length > 2 && (personIn(each[1]) || !each[1].trim()))) block = block.map((each) => (personIn(each[0]) ? [each[0], ...each.slice(2)] : each));
      from = 0;
    }
    let done = 0;
    const filled = new Set();
    let over = 0;
    let wide = 0;
    for (const [place, texts_] of block.entries()) {
      const row = aligned ? personIn(texts_[0]) : rows[start + place];
      if (!row) {
        if (aligned) misfits.push(say("nobody", { row: place + number + 1, text: texts_[0].trim().slice(0, 20) }));
        else over += 1;
        continue;
      }
      const cells = cellsOf(row);
      const values = aligned ? texts_.slice(1) : texts_;
      wide = Math.max(wide, values.length - (cells.length - from));
      for (const [step, text] of values.entries()) {
        const target = cells[from + step];
        if (!target) break;
        const value = fitting(target, text);
        if (value === null) misfits.push(say("unknown", { row: place + number + 1, column: headings.get(target.dataset.cell), text: text.trim().slice(0, 20) }));
        else if (value !== target.value) {
          target.value = value;
          done += 1;
        }
      }
      filled.add(row);
      touched(row);
    }
    told.unshift(say("pasted", { rows: filled.size, cells: done }));
    if (over) told.push(say("rowsOver", { n: over }));
    if (wide > 0) told.push(say("columnsOver", { n: wide }));
    told.push(...misfits.slice(0, 5));
    if (misfits.length > 5) told.push(say("more", { n: misfits.length - 5 }));
    said.textContent = told.join(" ");
    send();
  };
  form.addEventListener("paste", (event) => {
    const cell = event.target.closest("[data-cell]");
    if (!cell) return;
    const lines = parse(event.clipboardData?.getData("text/plain") || "");
    const single = lines.length === 1 && lines[0].length === 1;
    if (single && cell.tagName !== "SELECT" && !cell.dataset.kind) return;
    event.preventDefault();
    paste(cell, lines);
  });

  form.addEventListener("focusin", (event) => {
    const cell = event.target.closest("input[data-cell]");
    if (cell && cell.type !== "date") cell.select();
  });
  sum();
})();

// The console's own behaviour: menu, look, keys. Everything works without it but these.
"use strict";

const remember = (name, value) => {
  document.cookie = `${name}=${value};path=/;max-age=31536000;samesite=lax`;
};

const actions = {
  menu() {
    const open = document.body.classList.toggle("menu-open");
    const focus = open ? ".side a" : ".top-menu";
    document.querySelector(focus)?.focus();
  },
  fold() {
    const folded = document.body.classList.toggle("menu-folded");
    remember("loanops_menu", folded ? "folded" : "open");
    window.dispatchEvent(new Event("resize"));
  },
  theme(button) {
    document.documentElement.dataset.theme = button.value;
    for (const each of document.querySelectorAll("[data-do=theme]")) {
      each.setAttribute("aria-pressed", String(each === button));
    }
  },
  dismiss(button) {
    button.closest(".notice")?.remove();
  },
  keys() {
    const here = document.getElementById("keys-here");
    here.replaceChildren();
    for (const each of document.querySelectorAll("[data-key]")) {
      const key = document.createElement("kbd");
      key.textContent = each.dataset.key.toUpperCase();
      const [term, words] = [document.createElement("dt"), document.createElement("dd")];
      term.append(key);
      words.textContent = each.ariaLabel || each.textContent.trim();
      here.append(term, words);
    }
    document.getElementById("keys").showModal();
  },
  print() {
    window.print();
  },
};

const set = (field, value) => {
  const input = document.getElementById(field);
  input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true }));
};

document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-do]");
  if (button) {
    actions[button.dataset.do]?.(button);
    return;
  }
  const chosen = event.target.closest("[data-choose]");
  if (chosen) set(chosen.dataset.chooseFor, chosen.dataset.choose);
  if (event.target.matches("dialog.palette")) event.target.close();
  const row = event.target.closest("tr[data-href]");
  if (row && !event.target.closest("a, button, input, label, select, summary")) {
    if (!window.getSelection()?.toString()) window.location.assign(row.dataset.href);
  }
});

// Notices of success leave by themselves, later where they can be undone; refusals stay until they are read.
const fade = (root) => {
  for (const notice of root.querySelectorAll("#notices .notice-success")) {
    setTimeout(() => notice.remove(), notice.classList.contains("notice-undo") ? 20000 : 6000);
  }
};
fade(document);

// Rows of the first list on the page, walked by J and K.
const rows = () => [...document.querySelectorAll("tr[data-href], tr[data-row]")];
let at = -1;
const walk = (step) => {
  const all = rows();
  if (!all.length) return;
  all[at]?.classList.remove("at");
  at = Math.min(Math.max(at + step, 0), all.length - 1);
  all[at].classList.add("at");
  all[at].scrollIntoView({ block: "nearest" });
};

const keys = {
  j: () => walk(1),
  k: () => walk(-1),
  x: () => rows()[at]?.querySelector("input[type=checkbox]")?.click(),
  e: () => document.querySelector("[data-main-action]")?.click(),
  "?": () => actions.keys(),
  "/": () => document.querySelector(".top-search input")?.focus(),
};

document.addEventListener("keydown", (event) => {
  if (event.key === "Escape") document.body.classList.remove("menu-open");
  const typing = event.target.closest("input, select, textarea, dialog, [contenteditable], .modal");
  if (typing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.key === "Enter" && at >= 0 && event.target === document.body) {
    const row = rows()[at];
    if (row?.dataset.href) window.location.assign(row.dataset.href);
  } else if (/^[a-z]$/.test(event.key) && document.querySelector(`[data-key="${event.key}"]`)) {
    event.preventDefault();
    document.querySelector(`[data-key="${event.key}"]`).click();
  } else if (keys[event.key]) {
    event.preventDefault();
    keys[event.key]();
  }
});

// A form that was refused keeps what was typed; its modal stays open beneath the notice.
document.addEventListener("htmx:afterSwap", (event) => {
  if (event.detail.target.id === "notices") event.detail.target.querySelector("button")?.focus();
  if (!event.detail.target.closest("dialog")) at = -1;
});
// Bars of points: the page's policy allows no style attribute, so the width is set here.
for (const bar of document.querySelectorAll("[data-share]")) bar.style.width = `${bar.dataset.share / 2}%`;
// The page of components paints each token that is a colour.
for (const swatch of document.querySelectorAll("[data-token]")) swatch.style.background = `var(--${swatch.dataset.token})`;
// On a phone the rows of a table become cards; each cell then carries the head of its column.
const wordsOf = (head) => {
  const plain = head.cloneNode(true);
  for (const help of plain.querySelectorAll(".help, .help-words")) help.remove();
  return plain.textContent.trim();
};
const label = (root) => {
  for (const table of root.querySelectorAll("table.list")) {
    const heads = [...table.querySelectorAll("thead th")].map(wordsOf);
    for (const row of table.querySelectorAll("tbody tr")) {
      let place = 0;
      for (const cell of row.cells) {
        cell.dataset.head = heads[place] || "";
        cell.classList.toggle("blank", !cell.textContent.trim() && !cell.querySelector("input, button, svg"));
        place += cell.colSpan;
      }
    }
  }
};
label(document);
document.addEventListener("htmx:afterSettle", (event) => label(event.target));
// The exact effect of a form, shown where it is confirmed: data-shows names the field.
document.addEventListener("input", (event) => {
  for (const place of document.querySelectorAll(`[data-shows="${event.target.id}"]`)) {
    place.textContent = event.target.value;
  }
});
// A slider and the field that it sets move together.
document.addEventListener("input", (event) => {
  const { sets } = event.target.dataset;
  if (sets) set(sets, event.target.value);
  const slide = document.querySelector(`[data-sets="${event.target.id}"]`);
  if (slide) slide.value = event.target.value.replaceAll(",", "");
});
for (const slide of document.querySelectorAll("[data-sets]")) slide.value = document.getElementById(slide.dataset.sets).value;
// On a phone filters of which none is set are folded away behind their button.
if (!window.location.search) {
  for (const form of document.querySelectorAll("form[data-fold]")) form.classList.add("filters-folded");
}
document.addEventListener("click", (event) => {
  const folded = event.target.closest(".filters-folded > [type=submit]")?.form;
  if (!folded || !window.matchMedia("(width < 576px)").matches) return;
  event.preventDefault();
  folded.classList.remove("filters-folded");
});
// Forms with data-auto ask again as soon as a filter is chosen.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-auto]")?.requestSubmit();
});
// The header box that marks every row of its list.
document.addEventListener("change", (event) => {
  if (!event.target.matches("[data-mark-all]")) return;
  for (const box of event.target.closest("table").querySelectorAll("tbody input[type=checkbox]")) {
    box.checked = event.target.checked;
  }
});

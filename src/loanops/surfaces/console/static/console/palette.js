// The palette (Ctrl K): pages of the menu at once, customers and numbers as soon as they are found.
"use strict";
{
  const palette = document.getElementById("palette");
  const input = document.getElementById("palette-input");
  const found = document.getElementById("palette-found");
  const items = () => [...palette.querySelectorAll(".palette-item")];
  const shown = () => items().filter((item) => !item.hidden);

  const choose = (item) => {
    for (const each of items()) {
      each.classList.toggle("at", each === item);
      each.setAttribute("aria-selected", String(each === item));
    }
    if (item) {
      input.setAttribute("aria-activedescendant", item.id);
      item.scrollIntoView({ block: "nearest" });
    } else {
      input.removeAttribute("aria-activedescendant");
    }
  };
  const sift = () => {
    const wanted = input.value.trim().toLowerCase();
    if (!wanted) found.replaceChildren();
    for (const item of items()) {
      if (!found.contains(item)) item.hidden = wanted !== "" && !item.textContent.toLowerCase().includes(wanted);
    }
    choose(wanted ? shown()[0] : null);
  };
  const open = () => {
    input.value = "";
    sift();
    palette.showModal();
    input.focus();
  };

  input.addEventListener("input", sift);
  document.addEventListener("htmx:afterSwap", (event) => {
    if (event.detail.target === found && !palette.querySelector(".palette-item.at")) choose(shown()[0]);
  });
  palette.addEventListener("keydown", (event) => {
    const all = shown();
    const here = all.findIndex((item) => item.classList.contains("at"));
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      const next = event.key === "ArrowDown" ? here + 1 : here - 1;
      if (all.length) choose(all[(next + all.length) % all.length]);
    } else if (event.key === "Enter" && here >= 0) {
      event.preventDefault();
      all[here].click();
    }
  });
  document.addEventListener("keydown", (event) => {
    if (!(event.ctrlKey || event.metaKey) || event.key.toLowerCase() !== "k") return;
    event.preventDefault();
    if (!palette.open) open();
  });
  document.addEventListener("click", (event) => {
    if (event.target.closest("[data-do=palette]")) open();
  });
}

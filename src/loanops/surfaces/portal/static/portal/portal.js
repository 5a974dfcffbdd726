// What the portal's pages do beyond links and forms; every page works without it.
document.documentElement.classList.add("has-script");

// A part of a page is asked for again from an address, and replaces what is there.
const part = async (place, address, name) => {
  const answer = await fetch(address, { headers: { "X-Part": name }, credentials: "same-origin" });
  if (!answer.ok || answer.redirected) return;
  place.innerHTML = await answer.text();
};

// A form that asks: while it is typed in, the part beside it says what would be.
for (const form of document.querySelectorAll("form[data-asks]")) {
  let timer;
  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => {
      const typed = new URLSearchParams(new FormData(form));
      typed.delete("csrfmiddlewaretoken");
      const place = document.getElementById(form.dataset.asks);
      part(place, `${location.pathname}?${typed}`, form.dataset.part);
    }, 250);
  });
}

// A slider and the field that it sets move together.
for (const slide of document.querySelectorAll("[data-sets]")) {
  const field = document.getElementById(slide.dataset.sets);
  slide.value = field.value.replaceAll(",", "");
  slide.addEventListener("input", () => {
    field.value = Number(slide.value).toFixed(2);
  });
  field.addEventListener("input", () => {
    slide.value = field.value.replaceAll(",", "");
  });
}

// Choosing is enough; a picture that was taken is sent.
document.addEventListener("change", (event) => {
  event.target.closest("form[data-auto], form[data-sends-itself]")?.requestSubmit();
});

// What moves on by itself is looked at again, ever more rarely, while somebody looks.
for (const place of document.querySelectorAll("[data-looks-again]")) {
  let pause = 2000;
  const before = place.querySelector("h1")?.textContent;
  const look = async () => {
    if (!document.hidden) await part(place, location.pathname, place.dataset.looksAgain);
    if (place.querySelector("h1")?.textContent !== before) {
      location.reload();
      return;
    }
    pause = Math.min(pause * 1.3, 30000);
    setTimeout(look, pause);
  };
  setTimeout(look, pause);
}

// The law's reading time: the button waits as long as the server would refuse.
for (const button of document.querySelectorAll("[data-waits]")) {
  const words = button.textContent.trim();
  let left = Number(button.dataset.waits) + 1;
  button.disabled = true;
  const count = () => {
    left -= 1;
    button.textContent = left > 0 ? `${words} (${left})` : words;
    button.disabled = left > 0;
    if (left > 0) setTimeout(count, 1000);
  };
  count();
}

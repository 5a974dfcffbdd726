// The look by day or by night, set before the page is painted; "system" follows the device.
"use strict";
{
  const root = document.documentElement;
  const night = window.matchMedia("(prefers-color-scheme: dark)");
  const look = () => {
    const wanted = root.dataset.theme === "system" ? (night.matches ? "dark" : "light") : root.dataset.theme;
    if (root.dataset.bsTheme === wanted) return;
    root.dataset.bsTheme = wanted;
    document.dispatchEvent(new Event("console:theme"));
  };
  look();
  night.addEventListener("change", look);
  new MutationObserver(look).observe(root, { attributeFilter: ["data-theme"] });
}

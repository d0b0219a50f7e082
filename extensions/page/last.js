// At the end: links, and what draws the page at first and again.
"use strict";

/** Let links to the project's files work from a clone; a copy that was sent alone says what they would open. */
function linkFiles() {
  const folders = /\/outputs\/(.*\/)?[^/]*$/.exec(location.pathname);
  const up = folders && "../".repeat(1 + (folders[1] ?? "").split("/").filter(Boolean).length);
  for (const link of document.querySelectorAll("[data-file]")) {
    if (up) {
      link.href = up + link.dataset.file;
    } else {
      link.removeAttribute("href");
      link.title = `${link.dataset.file}, in the project that this page comes from`;
    }
  }
}

linkFiles();
readAddress();
addEventListener("hashchange", readAddress);
addEventListener("pageshow", renderAll);
addEventListener("resize", renderAll);
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", renderAll);

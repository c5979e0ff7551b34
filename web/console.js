// @ts-check
// Keeps a page with a part marked `data-live` fresh: opens it again every few seconds while
// somebody looks at it and does nothing else there. Without this script the page is as it was
// when it was opened, and says when that was.

const EVERY_MS = 5000;

setInterval(() => {
  const isBusy = document.hidden || document.activeElement !== document.body || !getSelection()?.isCollapsed;
  if (!isBusy && document.querySelector("[data-live]")) location.reload();
}, EVERY_MS);

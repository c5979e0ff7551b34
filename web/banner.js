// The banner with script: answers without leaving the page, and shows the banner in pages whose
// server cannot include it. Without script the banner is a plain form. Nothing is stored here:
// the server sets the cookie.
//
// What a purpose permits stands inert until then:
//   <script type="text/plain" data-purpose="analytics" src="/count.js"></script>
//   <template data-purpose="advertising">…</template>
(() => {
  "use strict";
  const script = /** @type {HTMLScriptElement} */ (document.currentScript);
  // …/assets/banner.HASH.js and …/banner.js both stand below the site's pages.
  const base = new URL(script.src).pathname.replace(/\/(assets\/)?banner[^/]*$/, "");

  /** Wakes what a visitor allowed. @param {string[]} granted */
  const wake = (granted) => {
    for (const sleeper of document.querySelectorAll("[data-purpose]")) {
      const purpose = /** @type {HTMLElement} */ (sleeper).dataset.purpose;
      if (!purpose || !granted.includes(purpose)) continue;
      if (sleeper instanceof HTMLTemplateElement) {
        sleeper.replaceWith(sleeper.content.cloneNode(true));
      } else if (sleeper instanceof HTMLScriptElement && sleeper.type === "text/plain") {
        const awake = document.createElement("script");
        awake.src = sleeper.src || sleeper.dataset.src || "";
        awake.dataset.woken = purpose;
        sleeper.replaceWith(awake);
      }
    }
  };

  /** Sends the form's answer. @param {HTMLFormElement} form @param {SubmitEvent} event */
  const answer = async (form, event) => {
    const button = /** @type {HTMLButtonElement|null} */ (event.submitter);
    if (!button) return;
    event.preventDefault();
    const body = new URLSearchParams(/** @type {any} */ (new FormData(form)));
    body.set(button.name, button.value);
    try {
      const response = await fetch(form.action, { method: "POST", body, headers: { Accept: "application/json" } });
      if (!response.ok) throw new Error(String(response.status));
      const { granted, said } = await response.json();
      const banner = form.closest(".stw-banner");
      const done = document.createElement("p");
      done.className = "stw-done";
      done.setAttribute("role", "status");
      done.tabIndex = -1;
      done.textContent = said;
      form.replaceWith(done);
      done.focus({ preventScroll: true });
      // Read out, then gone; a reader who is on it keeps it.
      setTimeout(() => { if (document.activeElement !== done) banner?.remove(); }, 8000);
      document.dispatchEvent(new CustomEvent("steward:choice", { detail: { granted } }));
      wake(granted);
    } catch {
      // The way without script.
      const hidden = document.createElement("input");
      Object.assign(hidden, { type: "hidden", name: button.name, value: button.value });
      form.append(hidden);
      form.submit();
    }
  };

  const listen = () => {
    const form = document.querySelector(".stw-banner form");
    form?.addEventListener("submit", (event) => {
      answer(/** @type {HTMLFormElement} */ (form), /** @type {SubmitEvent} */ (event));
    });
  };

  const start = async () => {
    if (script.dataset.include !== "server" && !document.querySelector(".stw-banner")) {
      const address = `${base}/banner?back=${encodeURIComponent(location.pathname)}`;
      const response = await fetch(address).catch(() => null);
      if (response?.ok) {
        const part = document.createElement("div");
        part.innerHTML = await response.text();
        part.querySelector(".stw-banner")?.classList.add("stw-late");
        document.body.prepend(...part.childNodes);
      }
    }
    listen();
  };
  start();
})();

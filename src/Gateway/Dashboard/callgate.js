// Conveniences over pages that work without them: a button that copies, a search that answers while one types, and a place
// that tells when what it waits for is there.
"use strict";

(() => {
  const say = (text) => {
    let place = document.getElementById("said");
    if (!place) {
      place = document.createElement("p");
      place.id = "said";
      place.className = "said";
      place.setAttribute("role", "status");
      document.body.append(place);
    }
    // Emptied first: the same words said twice are read out twice.
    place.textContent = "";
    requestAnimationFrame(() => { place.textContent = text; });
  };

  const mark = (block) => {
    const range = document.createRange();
    range.selectNodeContents(block);
    const selection = getSelection();
    selection.removeAllRanges();
    selection.addRange(range);
  };

  // The clipboard is there on https and on the machine itself alone; elsewhere the older command does it.
  const copy = async (block) => {
    try {
      await navigator.clipboard.writeText(block.textContent);
      return true;
    } catch {
      mark(block);
      return document.execCommand("copy");
    }
  };

  const offer = (block) => {
    const button = document.createElement("button");
    const label = "Copy " + block.dataset.copy;
    button.type = "button";
    button.className = "quiet copy";
    button.textContent = label;
    button.addEventListener("click", async () => {
      const done = await copy(block);
      button.textContent = done ? "Copied" : label;
      say(done ? "Copied." : "It could not be copied. It is marked: copy it with the keyboard.");
      setTimeout(() => { button.textContent = label; }, 2000);
    });
    block.before(button);
  };

  const follow = (form, results) => {
    const pause = 150;
    let waiting = 0;
    let asking = null;
    let shown = address(form);

    const ask = async () => {
      const wanted = address(form);
      if (wanted === shown) {
        return;
      }
      asking?.abort();
      asking = new AbortController();
      try {
        const answer = await fetch(wanted, { headers: { Accept: "text/vnd.callgate.results" }, signal: asking.signal });
        if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/vnd.callgate.results")) {
          return;
        }
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        results.replaceChildren(...parsed.body.childNodes);
        shown = wanted;
        history.replaceState(null, "", wanted);
        say(results.querySelector("[data-found]")?.dataset.found ?? "");
      } catch {
        // A newer question took its place, or the gate is away: the form still works.
      }
    };

    const soon = () => {
      clearTimeout(waiting);
      waiting = setTimeout(ask, pause);
    };
    form.addEventListener("input", soon);
    form.addEventListener("change", soon);
  };

  // Asks until there is what is waited for.
  const watch = (place) => {
    const pause = 2000;
    const look = async () => {
      try {
        const answer = await fetch(place.dataset.await, { headers: { Accept: "text/vnd.callgate.results" } });
        if (answer.ok && answer.headers.get("Content-Type")?.startsWith("text/vnd.callgate.results")) {
          const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
          if (parsed.querySelector("[data-done]")) {
            place.replaceChildren(...parsed.body.childNodes);
            return;
          }
        }
      } catch {
        // The gate is away; it may come back.
      }
      setTimeout(look, pause);
    };
    setTimeout(look, pause);
  };

  const address = (form) => form.getAttribute("action") + "?" + new URLSearchParams(new FormData(form));

  document.querySelectorAll("pre[data-copy]").forEach(offer);
  document.querySelectorAll("[data-await]").forEach(watch);
  const form = document.querySelector("form[data-results]");
  const results = form && document.getElementById(form.dataset.results);
  if (results) {
    follow(form, results);
  }
})();

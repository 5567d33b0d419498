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

  // A policy that is being written: what is chosen goes into the document, and what is written into the table, a moment later.
  const build = (form) => {
    const pause = 400;
    const text = () => document.getElementById("document");
    let waiting = 0;
    let asking = null;

    const ask = async (fromText) => {
      asking?.abort();
      asking = new AbortController();
      const before = text().value;
      try {
        const answer = await fetch(form.action, { method: "POST", body: new URLSearchParams(new FormData(form)), headers: { Accept: "text/vnd.callgate.results" }, signal: asking.signal });
        if (!answer.ok || !answer.headers.get("Content-Type")?.startsWith("text/vnd.callgate.results") || text().value !== before) {
          return;
        }
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        const held = document.activeElement?.id;
        for (const id of ["builder-news", "builder-sheet", "builder-open", "builder-gutter", "builder-notes"]) {
          const part = parsed.getElementById(id);
          if (part && !(id === "builder-open" && fromText)) {
            document.getElementById(id).replaceChildren(...part.childNodes);
          }
        }
        if (!fromText) {
          text().value = parsed.getElementById("document").value;
          text().rows = parsed.getElementById("document").rows;
        }
        if (held && document.activeElement === document.body) {
          document.getElementById(held)?.focus();
        }
        scrolled();
      } catch {
        // A newer choice took its place, or the gate is away: the form still works.
      }
    };

    const scrolled = () => { document.getElementById("builder-gutter").scrollTop = text().scrollTop; };
    form.addEventListener("change", (event) => {
      if (event.target.matches("#builder-sheet select, #builder-sheet input, #rule-field")) {
        clearTimeout(waiting);
        ask(false);
      }
    });
    form.addEventListener("input", (event) => {
      if (event.target === text()) {
        clearTimeout(waiting);
        waiting = setTimeout(() => ask(true), pause);
      }
    });
    text().addEventListener("scroll", scrolled);
    form.addEventListener("click", (event) => {
      const line = Number(event.target.dataset?.line);
      if (!line) {
        return;
      }
      event.preventDefault();
      const lines = text().value.split("\n");
      const start = lines.slice(0, line - 1).reduce((sum, one) => sum + one.length + 1, 0);
      text().focus();
      text().setSelectionRange(start, start + (lines[line - 1]?.length ?? 0));
    });
  };

  // What waits for a person, as it changes; told outside of the page where the person wants that.
  const inbox = (place) => {
    const live = document.getElementById("live");
    const button = document.getElementById("tell");
    const count = document.getElementById("waiting");
    const title = document.title.replace(/^\(\d+\) /, "");
    const wanted = "callgate-tell";
    const asked = () => [...place.querySelectorAll("a[data-asked]")];
    let known = new Set(asked().map((link) => link.dataset.asked));

    const state = (text) => {
      live.hidden = false;
      live.textContent = text;
    };
    const tells = () => "Notification" in window && Notification.permission === "granted" && localStorage.getItem(wanted) === "1";

    const tell = async (text, options) => {
      if (!tells()) {
        return;
      }
      try {
        const told = new Notification(text, options);
        told.addEventListener("click", () => {
          focus();
          location.assign(options.data);
        });
      } catch {
        // A telephone takes it from a worker alone.
        const worker = await navigator.serviceWorker?.register(place.dataset.worker);
        await worker?.showNotification(text, options);
      }
    };

    const show = (text) => {
      const path = (link) => link.getAttribute("href");
      const before = place.firstElementChild?.dataset.waiting;
      const parsed = new DOMParser().parseFromString(text, "text/html");
      const { waiting, said } = parsed.body.firstElementChild.dataset;
      const [old, fresh] = [[...place.querySelectorAll("a")], [...parsed.querySelectorAll("a")]];
      if (old.length > 0 && old.map(path).join() === fresh.map(path).join()) {
        // The links stay themselves: a finger may be on one.
        old.forEach((link, i) => {
          link.replaceChildren(...fresh[i].childNodes);
          link.toggleAttribute("data-asked", false);
          Object.assign(link.dataset, fresh[i].dataset);
        });
        Object.assign(place.firstElementChild.dataset, { waiting, said });
      } else {
        const focused = place.contains(document.activeElement) ? path(document.activeElement) : null;
        place.replaceChildren(...parsed.body.childNodes);
        [...place.querySelectorAll("a")].find((link) => path(link) === focused)?.focus();
      }
      count.textContent = waiting === "0" ? "" : ` (${waiting})`;
      document.title = waiting === "0" ? title : `(${waiting}) ${title}`;
      if (waiting !== before) {
        say(said);
      }
      const links = asked();
      for (const link of links.filter((one) => !known.has(one.dataset.asked))) {
        tell("A call waits for you", { body: link.textContent.replace(/\s+/g, " ").trim(), tag: link.dataset.asked, data: link.href });
      }
      known = new Set(links.map((link) => link.dataset.asked));
    };

    const source = new EventSource(place.dataset.live);
    source.addEventListener("open", () => state("This list follows by itself."));
    source.addEventListener("inbox", (event) => show(event.data));
    source.addEventListener("end", () => {
      source.close();
      const text = "You are signed out, so that this list follows no more.";
      state(text);
      tell(text, { tag: "end", data: location.href });
    });
    source.addEventListener("error", () => state(source.readyState === EventSource.CLOSED ? "This list does not follow any more; load the page again." : "The gate does not answer; it is asked again."));

    const name = () => { button.textContent = tells() ? "Do not tell me on this device" : "Tell me on this device"; };
    if (!("Notification" in window) || Notification.permission === "denied") {
      return;
    }
    button.hidden = false;
    name();
    button.addEventListener("click", async () => {
      if (tells()) {
        localStorage.removeItem(wanted);
      } else if (await Notification.requestPermission() === "granted") {
        localStorage.setItem(wanted, "1");
        say("You are told while this page is open.");
      } else {
        say("The browser does not allow it.");
      }
      name();
    });
  };

  const address = (form) => form.getAttribute("action") + "?" + new URLSearchParams(new FormData(form));

  document.querySelectorAll("pre[data-copy]").forEach(offer);
  document.querySelectorAll("[data-await]").forEach(watch);
  document.querySelectorAll("form[data-builder]").forEach(build);
  document.querySelectorAll("[data-live]").forEach(inbox);
  const form = document.querySelector("form[data-results]");
  const results = form && document.getElementById(form.dataset.results);
  if (results) {
    follow(form, results);
  }
})();

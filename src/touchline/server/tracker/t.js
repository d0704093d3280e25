// Touchline's tracker. `make tracker` makes t.min.js of it, which is what is served; docs/decisions/tracker.md says why
// it is as it is. The build gives every declared name one short name in the whole file, so a property that has the name
// of a variable is written in quotes.
((page, doc, place, past) => {
  const script = doc.currentScript;
  if (!script || page.touchline?.loaded) return;

  const settings = script.dataset;
  const endpoint = settings.endpoint || new URL("/api/track", script.src).href;
  const ownDomains = (settings.domains || "").toLowerCase().match(/[^\s,]+/g) || [];
  const UUID = /^[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}$/i;
  const MARKS = /^($MARKS$)$/i;
  const MOST_WAITING = 500;
  const PREFIX = "tl_q";

  // Nothing that goes wrong here may reach the page.
  const safely = (work) => (...given) => {
    try {
      return work(...given);
    } catch {}
  };
  const listen = (target, name, work) => target.addEventListener(name, safely(work), true);

  const storage = safely(() => settings.ids || page.localStorage)();
  const stored = safely((key) => storage.getItem(key));
  const keep = safely((key, value) => value ? storage.setItem(key, value) : storage.removeItem(key));
  const storedKeys = (prefix) =>
    Object.keys(storage || {}).filter((key) => key.startsWith(prefix));

  // Times of events rise, so that what happens in one millisecond keeps its order.
  let clock = 0;
  const now = () => clock = Math.max(Date.now(), clock + 1);

  const hex = (bytes) => [...bytes].map((byte) => (byte + 256).toString(16).slice(1)).join("");
  const uuid7 = (time) => {
    const chance = hex(crypto.getRandomValues(new Uint8Array(9)));
    return (time.toString(16).padStart(12, 0) + 7 + chance.slice(0, 3) + 8 + chance.slice(3)).replace(
      /(.{8})(.{4})(.{4})(.{4})/,
      "$1-$2-$3-$4-",
    );
  };

  // A visitor id says when it was made, and with that how long it has left of 395 days: no visit prolongs it.
  const timeLeft = (id) =>
    (id[14] == 7 ? parseInt(id.replace("-", ""), 16) : Date.now()) + 341280e5 - Date.now();

  // Where cookies are not allowed at all, as in a sandboxed frame, reading and setting one throws.
  const setCookie = safely((name, value, milliseconds, domain) => {
    doc.cookie =
      name + "=" + value + ";path=/;samesite=lax;max-age=" + (milliseconds / 1e3 | 0) +
      (domain ? ";domain=" + domain : "") + (place.protocol == "https:" ? ";secure" : "");
  });
  const cookie = safely((name, form = "[\\da-fA-F-]{36}") =>
    ("; " + doc.cookie + ";").match("; " + name + "=(" + form + ");")[1]);

  // Which of the site's own domains a host is of.
  const domainOf = (host) => ownDomains.find((domain) => ("." + host).endsWith("." + domain));

  // The domains that the page is below, the shortest first.
  const someDomain = (work) => place.hostname.split(".").some((_, at, parts) => work(parts.slice(~at).join(".")));

  let visitorId;
  let broughtId;
  // After the session's cookie: where that one is there, a visitor's cookie that is not was deleted, and stays so.
  const visitor = () => {
    const known = cookie("tl_vid");
    let id = broughtId || known || (cookie("tl_sid") ? "" : stored("tl_vid"));
    if (!(UUID.test(id) && timeLeft(id) > 0)) id = uuid7(now());
    // A cookie that is there is left alone: the server's lives longer than one that a script has set.
    if (id != known) setCookie("tl_vid", id, timeLeft(id), domainOf(place.hostname));
    keep("tl_vid", cookie("tl_vid") ? "" : id);
    // An id that the next page cannot know would be a new person on each page: then the event goes without one.
    return visitorId = broughtId || cookie("tl_vid") || stored("tl_vid");
  };

  let sessionId;
  let sessionUntil = 0;
  const session = () => {
    sessionId = cookie("tl_sid") || sessionUntil > Date.now() && sessionId || uuid7(now());
    sessionUntil = Date.now() + 18e5;
    setCookie("tl_sid", sessionId, 18e5, domainOf(place.hostname));
    return sessionId;
  };

  const ids = () => settings.ids ? {} : { "sessionId": session(), anonId: visitor() };

  const without = (url, name) =>
    url.replace(RegExp("([?&])" + name + "=[^&#]*(&?)", "i"), (_, before, after) => after && before);
  const withParameter = (url, name, value) =>
    url.replace(/#|$/, (hash) => (/^[^#]+\?/.test(url) ? "&" : "?") + name + "=" + value + hash);

  // The campaign marks of the newest landing are evidence for a conversion, for 30 days. They never go with a page view of another
  // landing, and a page that is only loaded again does not bring them again: either would be a touch that never was.
  const landed = () => {
    const found = JSON.parse(stored("tl_touch") || "{}");
    return found.at > Date.now() - 2592e6 ? found : {};
  };
  const marksOf = (url) => {
    const marks = {};
    new URL(url, place).searchParams.forEach((value, name) => {
      if (value && value.length < 512 && MARKS.test(name)) marks[name.toLowerCase()] = value;
    });
    return marks;
  };
  const withMarks = (event, isArrival) => {
    const marks = marksOf(event.url);
    const names = Object.keys(marks);
    if (!isArrival && JSON.stringify(marks) == JSON.stringify(landed().marks)) {
      event.url = names.reduce(without, event.url);
    } else if (names[0]) keep("tl_touch", JSON.stringify({ "at": Date.now(), "marks": marks }));
  };

  // What waits to be acknowledged: each event under a key of its own, so that two tabs never write over each other.
  const waiting = new Map();
  const flying = new Set();
  let failures = 0;
  let notBefore = 0;
  let timer = 0;

  const later = (milliseconds) => {
    timer = timer || setTimeout(() => (timer = 0, flush()), milliseconds);
  };

  // With the time of sending the server sees by how much the browser's clock is off.
  const bodyOf = (events) =>
    JSON.stringify({ publicKey: settings.key, sentAt: new Date(Date.now()) }).slice(0, -1) +
    ",\"events\":[" + events + "]}";
  const failed = (seconds) => {
    const milliseconds = 1e3 * (seconds || Math.min(300, 2 ** failures++)) * (1 + Math.random() / 4);
    notBefore = seconds ? Date.now() + milliseconds : 0;
    later(milliseconds);
  };

  const flush = safely((isLeaving) => {
    // A timer that was set for something else, or ends a little early, is set again: nothing else would ask.
    if (Date.now() < notBefore) return later(notBefore - Date.now());
    if (flying.size && !isLeaving) return;
    const ids = [];
    let size = 0;
    waiting.forEach((text, id) => {
      // A request that outlives its page has at most 64 KiB.
      if (!flying.has(id) && ids.length < 100 && (!size || size + text.length < 2e4)) {
        ids.push(id);
        flying.add(id);
        size += text.length + 1;
      }
    });
    if (!size) return;
    const events = ids.map((id) => waiting.get(id));
    // A beacon tells nothing of how it went: what it took is sent again when there is a chance, and counts once.
    const sent =
      isLeaving && !("keepalive" in Request.prototype)
        ? Promise.reject(navigator.sendBeacon(endpoint, bodyOf(events)))
        : // As plain text, which needs no preflight.
          fetch(endpoint, { method: "POST", credentials: "include", body: bodyOf(events), keepalive: size < 2e4 });
    const settle = (isDone) =>
      ids.forEach((id) => {
        flying.delete(id);
        if (isDone) {
          waiting.delete(id);
          keep(PREFIX + id);
        }
      });
    sent.then(
      (reply) => {
        const isToCome = /408|429|5../.test(reply.status);
        settle(!isToCome);
        if (isToCome) failed(+reply.headers.get("retry-after") || 0);
        else {
          failures = 0;
          if (waiting.size) later(9);
        }
      },
      () => {
        settle();
        failed();
      },
    );
    if (isLeaving) flush(isLeaving);
  });

  // The choice is in a cookie of the whole site; where there are no cookies, in storage; where there is nothing, in this
  // page. A browser that asks not to be followed refuses, whatever was said.
  let said = "";
  const cookieChoice = () => cookie("tl_consent", "granted|denied");
  const choice = () => cookieChoice() || stored("tl_consent") || said;
  const held = [];
  const isGranted = () => choice() == "granted";
  const isRefused = () =>
    choice() == "denied" || navigator.globalPrivacyControl || settings.dnt && navigator.doNotTrack == 1;

  const isAwaited = () => settings.consent == "required" && !isGranted();

  const accept = (event, isArrival) => {
    const isLost = isRefused();
    if (!isLost && isAwaited()) {
      if (held.length < MOST_WAITING) held.push([event, isArrival]);
    } else if (waiting.size < MOST_WAITING) {
      if (!isLost && event.type == "PAGE_VIEW") withMarks(event, isArrival);
      if (!isLost && event.type == "CONVERSION" && landed().at) event.properties = { landing: landed(), ...event.properties };
      // Who refuses is counted, without any personal data, and nothing of it is kept in the browser.
      const whole = JSON.stringify(
        isLost
          ? { eventId: event.eventId, "type": event.type, "consent": "denied", consentRecord: event.consentRecord }
          : { ...event, ...ids(), "consent": isGranted() ? "granted" : void 0 },
      );
      waiting.set(event.eventId, whole);
      if (!isLost) keep(PREFIX + event.eventId, whole);
      if (waiting.size > 99) flush();
      else later(1e3);
    }
  };

  const record = (type, fields, isArrival) => {
    const time = now();
    accept(
      { eventId: uuid7(time), "type": type, "url": place.href, occurredAt: new Date(time), ...fields },
      isArrival,
    );
  };

  // What of an address makes another page: its filters and its position do not, unless the tag says so.
  const pageOf = (url) => url.split({ "hash": " ", "query": "#" }[settings.spa] || /[?#]/)[0];
  let last;
  const view = (isArrival, referrer, title, url = place.href) => {
    last = place.href;
    record("PAGE_VIEW", { "url": url, "referrer": referrer, "title": title }, isArrival);
  };
  // The title of a page that a script shows comes later, so none is sent for it.
  const moved = safely(() => pageOf(place.href) != pageOf(last) && view(false, last));

  const forget = () => {
    visitorId = broughtId = sessionId = "";
    waiting.clear();
    storedKeys("tl_").forEach((key) => key == "tl_consent" || keep(key));
    ["tl_vid", "tl_sid"].forEach((name) => {
      setCookie(name, "", 0);
      someDomain((domain) => setCookie(name, "", 0, domain));
    });
  };

  const commands = {
    "page": () => view(false, last, doc.title),
    "event": (name, properties) => record("CUSTOM", { "name": name, "properties": properties }),
    conversion: (given = {}) => record("CONVERSION", { ...given, "orderId": given.orderId?.toString() }),
    survey: (answer, question) => record("CUSTOM", { "name": "survey", survey: { "answer": answer, "question": question } }),
    identify: async (userId, { email, ...given } = {}) => {
      try {
        if (email) {
          // Where the page is not secure there is no hash, and then nothing of the address is sent.
          const bytes = new TextEncoder().encode(email.trim().toLowerCase());
          given.emailHash = hex(new Uint8Array(await crypto.subtle.digest("SHA-256", bytes)));
        }
      } catch {}
      safely(record)("IDENTIFY", { ...given, "userId": userId?.toString() });
    },
    "consent": (answer, given) => {
      const before = choice();
      const leaving = cookie("tl_vid") || stored("tl_vid");
      said = answer == "granted" ? answer : "denied";
      if (said == "denied") forget();
      // Browsers refuse a cookie for all of ".example": the first that stays is for the whole site.
      someDomain((domain) => {
        setCookie("tl_consent", said, 341280e5, domain);
        return cookieChoice() == said;
      });
      keep("tl_consent", cookieChoice() ? "" : said);
      held.splice(0).forEach((one) => accept(...one));
      // A withdrawal says of which id.
      if (given || said != before) record("CUSTOM", { consentRecord: { ...given, anonId: leaving } });
    },
  };
  const obey = safely(([name, ...given]) => commands[name](...given));

  // Links and forms to the site's other domains carry the visitor id for two minutes, for the same browser only.
  const check = (id, time) =>
    [...(id + time + navigator.userAgent)].reduce((sum, letter) => sum * 31 + letter.charCodeAt() >>> 0, 7).toString(36);
  const decorate = (event) => {
    const [tag, name] = event.type == "submit" ? ["form", "action"] : ["a", "href"];
    // The path goes through open shadow roots, of which the target shows only the host.
    const link = event.composedPath().find((node) => node.matches?.(tag + "[" + name + "]"));
    const url = new URL(link.getAttribute(name), doc.baseURI);
    const domain = domainOf(url.hostname);
    if (!domain || domain == domainOf(place.hostname) || !visitorId) return;
    const time = Date.now().toString(36);
    const token = [visitorId, time, check(visitorId, time)].join(".");
    if (tag == "form" && !/post/i.test(link.getAttribute("method"))) {
      // Such a form makes the query of its fields alone.
      link.addEventListener("formdata", (sent) => sent.formData.set("_tl", token));
    } else link.setAttribute(name, withParameter(without(url.href, "_tl"), "_tl", token));
  };
  const takeOver = safely(() => {
    const [, id, time, sum] = /[?&]_tl=([\w-]+)\.(\w+)\.(\w+)/.exec(place.search) || [];
    if (!id) return;
    past.replaceState(past.state, "", without(place.href, "_tl"));
    if (Math.abs(Date.now() - parseInt(time, 36)) < 12e4 && UUID.test(id) && check(id, time) == sum) broughtId = id;
  });

  const start = safely(() => {
    const queued = page.touchline?.q || [];
    takeOver();
    page.touchline = (...given) => obey(given);
    page.touchline.loaded = true;
    if (isRefused()) forget();
    queued.filter((given) => given[0] == "consent").forEach(obey);
    if (!isRefused() && !isAwaited()) {
      storedKeys(PREFIX).forEach((key) => waiting.set(key.slice(4), stored(key)));
    }
    const entry = performance.getEntriesByType("navigation")[0];
    const isArrival = !/reload|back/.test(entry?.type);
    // A router may have cleaned the address before this script was there: the entry still has the marks that it took.
    // Nothing else of that address is sent: it may have been cleaned of a secret.
    let original = place.href;
    const lost = entry?.name.startsWith(place.origin + "/") ? marksOf(entry.name) : {};
    Object.keys(lost).forEach((name) => {
      if (!marksOf(original)[name]) original = withParameter(original, name, encodeURIComponent(lost[name]));
    });
    view(isArrival, isArrival ? doc.referrer : "", doc.title, original);
    queued.filter((given) => given[0] != "consent").forEach(obey);

    if (settings.spa != "off") {
      ["pushState", "replaceState"].forEach((name) => {
        const native = past[name];
        past[name] = (...given) => {
          native.apply(past, given);
          moved();
        };
      });
      ["popstate", "hashchange"].forEach((name) => listen(page, name, moved));
    }
    listen(page, "pageshow", (event) => event.persisted && view(false, "", doc.title));
    listen(page, "pagehide", () => flush(true));
    listen(doc, "visibilitychange", () => doc.visibilityState == "hidden" && flush(true));
    listen(page, "online", () => flush());
    ["click", "auxclick", "submit"].forEach((name) => listen(doc, name, decorate));
  });

  if (doc.prerendering) listen(doc, "prerenderingchange", start);
  else start();
})(window, document, location, history);

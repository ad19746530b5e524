// <time datetime data-when>: the reader's own zone and, up to 7 days back, "ago". The server wrote UTC.
(() => {
  const MONTHS = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");
  const DAYS = "Sun Mon Tue Wed Thu Fri Sat".split(" ");
  const two = (n) => String(n).padStart(2, "0");
  const date = (d) => `${d.getDate()} ${MONTHS[d.getMonth()]} ${d.getFullYear()}`;
  const day = (d) => `${DAYS[d.getDay()]} ${date(d)}`;
  const hour = (d) => `${two(d.getHours())}:${two(d.getMinutes())}`;
  const instant = (d) => `${day(d)}, ${hour(d)}`;
  const midnight = (d) => new Date(d.getFullYear(), d.getMonth(), d.getDate());
  const zone = (d) => new Intl.DateTimeFormat("en-GB", { timeZoneName: "short" }).formatToParts(d).find((p) => p.type === "timeZoneName").value;

  const ago = (d, now) => {
    const minutes = Math.floor((now - d) / 60000);
    const days = Math.round((midnight(now) - midnight(d)) / 86400000);
    if (minutes < 0 || days > 7) return date(d);
    if (minutes < 1) return "Now";
    if (minutes < 60) return `${minutes} min ago`;
    if (days === 0) return `${Math.floor(minutes / 60)} h ago`;
    return days === 1 ? "Yesterday" : `${days} days ago`;
  };
  const FORMS = { date, day, instant, hour, ago };

  // <input type="datetime-local" data-moment="…Z">: the reader's own zone as well; what is sent is UTC again.
  const typed = (d) => `${d.getFullYear()}-${two(d.getMonth() + 1)}-${two(d.getDate())}T${two(d.getHours())}:${two(d.getMinutes())}`;
  document.addEventListener("formdata", (event) => {
    for (const input of event.target.querySelectorAll("input[data-moment]")) {
      const moment = new Date(input.value);
      if (event.formData.has(input.name) && !Number.isNaN(moment.getTime())) event.formData.set(input.name, moment.toISOString());
    }
  });

  const localise = (root) => {
    for (const input of root.querySelectorAll("input[data-moment]:not([data-moment=''])")) {
      input.value = typed(new Date(input.dataset.moment));
      input.dataset.moment = "";
    }
    const now = new Date();
    for (const time of root.querySelectorAll("time[data-when]")) {
      const form = FORMS[time.dataset.when]; // "clock" has none: the audit log stays in UTC
      const moment = new Date(time.dateTime);
      if (!form || Number.isNaN(moment.getTime())) continue;
      time.textContent = form(moment, now);
      time.title = `${instant(moment)}:${two(moment.getSeconds())} ${zone(moment)}`;
    }
  };
  localise(document);
  document.addEventListener("htmx:afterSwap", (event) => localise(event.target.isConnected ? event.target.parentElement ?? event.target : document));
  document.addEventListener("htmx:oobAfterSwap", (event) => localise(event.detail.target));
  setInterval(() => localise(document), 60000);
})();

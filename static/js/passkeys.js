// <form data-passkey="create|get" data-options="…"> (or data-options-from="/path/"): on sending, the browser asks for a
// passkey first; what that answers goes into the field `credential`, as JSON. webauthn-json.js turns bytes into text. Both
// are there before the form, not deferred: who presses its button at once would send it without a passkey.
(() => {
  const say = (form, words) => {
    const place = form.querySelector("[data-passkey-says]");
    if (!place) return;
    place.hidden = !words;
    place.querySelector("span").textContent = words;
  };
  const options = async (form) => {
    if (form.dataset.options) return JSON.parse(form.dataset.options);
    const answer = await fetch(form.dataset.optionsFrom, {
      method: "POST",
      body: new URLSearchParams({ csrfmiddlewaretoken: form.elements.csrfmiddlewaretoken.value }),
    });
    if (!answer.ok) throw new Error("busy");
    return answer.json();
  };
  const why = (error) => {
    if (error.name === "InvalidStateError") return "This device has a passkey for you already.";
    if (error.message === "busy") return "Too many attempts. Wait a minute, then try again.";
    return "No passkey was used. Try again, or choose another way.";
  };

  document.addEventListener("submit", async (event) => {
    const form = event.target;
    if (!form.dataset.passkey || form.elements.credential.value) return;
    event.preventDefault();
    say(form, "");
    try {
      const asked = await options(form);
      const credential = await window.webauthnJSON[form.dataset.passkey](asked);
      form.elements.credential.value = JSON.stringify(credential);
      form.requestSubmit();
    } catch (error) {
      say(form, why(error));
    }
  }, true); // before forms.js, which would hold the form for sent
  addEventListener("pageshow", () => {
    for (const form of document.querySelectorAll("form[data-passkey]")) form.elements.credential.value = "";
  });
})();

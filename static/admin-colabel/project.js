// The pages of a project: the form of a new one follows its template, guidelines have a preview, backends a test.

const csrf = () => document.querySelector("input[name=csrfmiddlewaretoken]").value;

async function post(url, fields) {
  const response = await fetch(url, { method: "POST", headers: { "X-CSRFToken": csrf() }, body: new URLSearchParams(fields) });
  if (!response.ok) throw new Error(`The server answered ${response.status}.`);
  return response.json();
}

function element(tag, className, text = "") {
  return Object.assign(document.createElement(tag), { className, textContent: text });
}

function button(text) {
  return Object.assign(element("button", "cl-button small", text), { type: "button" });
}

// -- a new project ---------------------------------------------------------------------------------------------------

function followTemplate(form) {
  const templates = JSON.parse(document.getElementById("project-templates").textContent);
  const show = () => {
    const chosen = templates[form.querySelector("input[name=template]:checked")?.value];
    if (!chosen) return;
    document.getElementById("template-description").textContent = chosen.description;
    for (const row of form.querySelectorAll("[data-field^=labels_]")) {
      row.hidden = !chosen.fields.includes(row.dataset.field.slice("labels_".length));
    }
  };
  form.addEventListener("change", show);
  show();
}

// -- guidelines ------------------------------------------------------------------------------------------------------

function offerPreview(textarea, url) {
  const open = button("Preview");
  const preview = Object.assign(element("div", "cl-preview"), { hidden: true });
  textarea.after(open, preview);
  const refresh = async () => {
    // The server makes clean HTML of it: the same that members see.
    preview.innerHTML = (await post(url, { markdown: textarea.value })).html || "Nothing written yet.";
  };
  open.addEventListener("click", async () => {
    preview.hidden = !preview.hidden;
    open.textContent = preview.hidden ? "Preview" : "Hide the preview";
    if (!preview.hidden) await refresh();
  });
  let waiting;
  textarea.addEventListener("input", () => {
    clearTimeout(waiting);
    if (!preview.hidden) waiting = setTimeout(refresh, 400);
  });
}

// -- backends --------------------------------------------------------------------------------------------------------

const BACKEND_FIELDS = ["name", "kind", "url", "timeout_seconds", "settings", "enabled", "run_on_open"];

function offerTest(kind, url) {
  if (kind.name.includes("__prefix__") || kind.dataset.tested) return;
  kind.dataset.tested = "yes";
  const prefix = kind.name.slice(0, -"kind".length);
  const test = button("Test connection");
  const says = Object.assign(element("span", "cl-says"), { role: "status" });
  const line = element("div", "cl-test");
  line.append(test, says);
  kind.closest(".form-group").firstElementChild.append(line);
  test.addEventListener("click", async () => {
    test.disabled = true;
    says.className = "cl-says";
    says.textContent = "Trying…";
    try {
      const answer = await post(url, valuesOf(prefix));
      says.className = `cl-says ${answer.ok ? "good" : "bad"}`;
      says.textContent = answer.sentence;
    } catch (error) {
      says.className = "cl-says bad";
      says.textContent = error.message;
    }
    test.disabled = false;
  });
}

function valuesOf(prefix) {
  const values = {};
  for (const field of BACKEND_FIELDS) {
    const input = document.querySelector(`[name="${prefix}${field}"]`);
    if (input.type !== "checkbox") values[field] = input.value;
    else if (input.checked) values[field] = "on";
  }
  return values;
}

// --------------------------------------------------------------------------------------------------------------------

const form = document.getElementById("new-project");
if (form) followTemplate(form);

const page = document.getElementById("colabel-project");
if (page) {
  offerPreview(document.querySelector("textarea.markdown"), page.dataset.guidelines);
  const offerTests = () => {
    for (const kind of document.querySelectorAll("select[name^=backends-][name$=-kind]")) offerTest(kind, page.dataset.testBackend);
  };
  document.addEventListener("formset:added", offerTests);
  offerTests();
}

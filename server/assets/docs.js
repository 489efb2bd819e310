"use strict";
// Renders openapi.json: every call under its tag, with parameters, body and answers. Text only, nothing is run.

const make = (name, text, ...children) => {
  const e = document.createElement(name);
  if (text) e.textContent = text;
  e.append(...children);
  return e;
};

let spec;

const resolve = (schema) => (schema && schema.$ref ? spec.components.schemas[schema.$ref.split("/").pop()] : schema) || {};

const typeOf = (schema) => {
  if (!schema) return "";
  if (schema.$ref) return schema.$ref.split("/").pop();
  if (schema.oneOf) return schema.oneOf.map(typeOf).join(" or ");
  const type = Array.isArray(schema.type) ? schema.type.join(" or ") : schema.type || "any";
  if (type.startsWith("array")) return "list of " + typeOf(schema.items);
  if (schema.enum) return schema.enum.join(" | ");
  return schema.format ? type + " (" + schema.format + ")" : type;
};

const table = (rows) => {
  const t = make("table");
  for (const row of rows) t.append(make("tr", "", ...row.map((cell) => (cell instanceof Node ? make("td", "", cell) : make("td", cell)))));
  return t;
};

const fields = (schema) => {
  const s = resolve(schema);
  const rows = Object.entries(s.properties || {}).map(([name, p]) => [
    make("code", name), typeOf(p), (s.required || []).includes(name) ? "required" : "", p.description || resolve(p).description || "",
  ]);
  return rows.length ? table(rows) : make("p", typeOf(schema));
};

const jsonOf = (content) => {
  const kind = Object.values(content || {})[0];
  return kind && kind.schema;
};

const call = (path, verb, op) => {
  const inside = make("div");
  inside.className = "inside";
  inside.append(make("p", op.description || ""));
  if (op.parameters && op.parameters.length) {
    inside.append(make("h3", "Parameters"));
    inside.append(table(op.parameters.map((p) => [make("code", p.name), p.in, typeOf(p.schema), p.required ? "required" : "", p.description || ""])));
  }
  const body = op.requestBody && jsonOf(op.requestBody.content);
  if (body) inside.append(make("h3", "Body"), fields(body));
  for (const [status, answer] of Object.entries(op.responses || {})) {
    const schema = jsonOf(answer.content);
    inside.append(make("h3", "Answer " + status + (schema ? ": " + typeOf(schema) : "")));
    if (schema) inside.append(fields(schema));
  }
  const verbText = make("span", verb.toUpperCase());
  verbText.className = "verb";
  const d = make("details", "", make("summary", "", verbText, make("code", path), make("span", op.summary || "")), inside);
  d.id = op.operationId || "";
  return d;
};

fetch("/openapi.json").then((r) => r.json()).then((loaded) => {
  spec = loaded;
  document.getElementById("about").textContent = spec.info.description + " · " + spec.info.version;
  const groups = new Map();
  for (const [path, verbs] of Object.entries(spec.paths)) {
    for (const [verb, op] of Object.entries(verbs)) {
      const tag = (op.tags || ["other"])[0];
      if (!groups.has(tag)) groups.set(tag, []);
      groups.get(tag).push(call(path, verb, op));
    }
  }
  const calls = document.getElementById("calls");
  for (const [tag, list] of [...groups].sort()) calls.append(make("h2", tag), ...list);
  calls.append(make("h2", "shapes"));
  for (const [name, schema] of Object.entries(spec.components.schemas).sort()) {
    const inside = make("div", "", fields(schema));
    inside.className = "inside";
    calls.append(make("details", "", make("summary", name), inside));
  }
});

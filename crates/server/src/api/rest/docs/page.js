// Shows /v1/openapi.json. Every text goes in as text, never as markup.
"use strict";

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function resolved(document, schema) {
  const path = schema?.$ref?.replace("#/", "").split("/");
  return path ? path.reduce((place, name) => place[name], document) : schema;
}

function schemaOf(content) {
  return Object.values(content ?? {})[0]?.schema;
}

function shape(document, title, schema) {
  if (!schema) return [];
  const name = schema.$ref ? schema.$ref.split("/").pop() : "";
  const text = JSON.stringify(resolved(document, schema), null, 2);
  return [element("h4", {}, `${title} ${name}`), element("pre", {}, text)];
}

function parameters(operation) {
  const line = (one) => `${one.name} (${one.in}${one.required ? ", required" : ""}): ${one.description ?? ""}`;
  const lines = (operation.parameters ?? []).map((one) => element("li", {}, line(one)));
  return lines.length ? [element("h4", {}, "Parameters"), element("ul", {}, ...lines)] : [];
}

function operation(document, path, verb, one) {
  return element(
    "details",
    { id: one.operationId },
    element(
      "summary",
      {},
      element("b", {}, verb.toUpperCase()),
      element("code", {}, path),
      ` ${one.summary} `,
      element("span", { className: "scope" }, `scope ${one["x-scope"]}`),
    ),
    element("p", {}, one.description ?? ""),
    ...parameters(one),
    ...shape(document, "Body", schemaOf(one.requestBody?.content)),
    ...shape(document, "Reply", schemaOf(one.responses["200"]?.content)),
  );
}

async function show() {
  const place = document.getElementById("page");
  const api = await (await fetch("/v1/openapi.json")).json();
  const all = Object.entries(api.paths).flatMap(([path, verbs]) =>
    Object.entries(verbs).map(([verb, one]) => operation(api, path, verb, one)),
  );
  place.replaceChildren(
    element("h1", {}, api.info.title),
    element("p", {}, api.info.description),
    element("p", {}, element("a", { href: "/v1/openapi.json" }, "openapi.json")),
    ...all,
    ...shape(api, "Every answer that is not a success:", { $ref: "#/components/schemas/Problem" }),
  );
}

show().catch((error) => document.getElementById("page").replaceChildren(`The document could not be shown: ${error}`));

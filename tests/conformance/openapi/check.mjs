// Reads {document, answers: [{operation, status, body}]} on stdin; tells
// {faults: [...], routes: [{method, path, ...}]}.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";
import Ajv from "ajv";
import formats from "ajv-formats";
import { parse } from "yaml";

const { document, answers } = JSON.parse(readFileSync(0, "utf8"));
const faults = [];
const validator = new Validator();
const verdict = await validator.validate(document);
if (!verdict.valid) faults.push({ openapi: verdict.errors });

const api = parse(document);
const routes = [];
const operations = {};
for (const [path, item] of Object.entries(api.paths)) {
  for (const [method, operation] of Object.entries(item)) {
    const { operationId, summary, description, security } = operation;
    const told = (operation.parameters ?? []).map(
      (p) => p.$ref ? api.components.parameters[p.$ref.split("/").pop()] : p);
    const names = (where) =>
      told.filter((p) => p.in === where).map((p) => p.name);
    routes.push({ query: names("query"), headers: names("header"), method: method.toUpperCase(), path, operationId, summary,
                  description: description ?? "", open: security?.length === 0 });
    operations[operationId] = operation;
  }
}

// "#/components/..." stands where it stood: the document is the schema's root
const ajv = new Ajv({ strict: false, allErrors: true });
formats(ajv);
ajv.addSchema({ $id: "api", ...api });
const pointer = (text) => text.replaceAll("~", "~0").replaceAll("/", "~1");
const deref = (thing, at) => thing?.$ref
  ? [thing.$ref.slice(1).split("/").slice(1).reduce((o, k) => o[k], api),
     thing.$ref.slice(1)]
  : [thing, at];
for (const { operation, status, type, body } of answers) {
  const route = routes.find((r) => r.operationId === operation);
  const code = operations[operation].responses[status] ? status : "default";
  const base = `/paths/${pointer(route.path)}/${route.method.toLowerCase()}` +
    `/responses/${code}`;
  const [response, at] = deref(operations[operation].responses[code], base);
  const media = type?.split(";")[0];
  if (!response) faults.push({ operation, status, missing: true });
  else if (!media) {
    if (response.content) faults.push({ operation, status, empty: true });
  } else if (!response.content?.[media]) {
    faults.push({ operation, status, media });
  } else if (media.endsWith("json")) {
    const check = ajv.getSchema(`api#${at}/content/${pointer(media)}/schema`);
    if (!check(body)) faults.push({ operation, status, errors: check.errors });
  }
}
console.log(JSON.stringify({ faults, routes }));

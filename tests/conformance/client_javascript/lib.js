// What the parts share: the office under test, checks, and sessions of
// ews-javascript-api in it.
"use strict";
const assert = require("node:assert/strict");
const { execFileSync } = require("node:child_process");
const https = require("node:https");
const ews = require("ews-javascript-api");
const { XhrApi } = require("@ewsjs/xhr");

const office = JSON.parse(process.env.OFFICE);
const USER1 = "user1@contoso.example";
const USER2 = "user2@contoso.example";
const ADMIN = "administrator@contoso.example";
const VERSIONS = {
  "2016": ews.ExchangeVersion.Exchange2016,
  "2013_SP1": ews.ExchangeVersion.Exchange2013_SP1,
  "2010_SP2": ews.ExchangeVersion.Exchange2010_SP2,
};

// ---- telling --------------------------------------------------------------

function tell(operation, what, why) {
  process.stdout.write(JSON.stringify({ operation, what, why }) + "\n");
}

// The ResponseCode of a failure, by name: of a message's or of a fault's.
function code(failure) {
  return ews.ServiceError[failure.ResponseCode || failure.ErrorCode];
}

// What a failure says: the library throws errors, answers and faults.
function reason(failure) {
  if (failure instanceof Error) return failure.stack;
  if (code(failure) && code(failure) !== "NoError")
    return `${code(failure)}: ${failure.Message || failure.message}`;
  return failure.message || failure.response || JSON.stringify(failure);
}

// The library waits for ever where it does not understand an answer.
const CHECK_SECONDS = 30;

function inTime(promise) {
  let timer;
  const late = new Promise((_, reject) => {
    timer = setTimeout(() => reject(new Error("no end to it")),
      CHECK_SECONDS * 1000);
  });
  return Promise.race([promise, late]).finally(() => clearTimeout(timer));
}

// One check: what is inside must not fail.
async function check(operation, what, inside) {
  try {
    await inTime(inside());
    tell(operation, what, "");
  } catch (failure) {
    tell(operation, what, String(reason(failure)) || "failed");
  }
}

// Steps by name, each of several checks; one that fails outside of a check is one failed check.
async function steps(named) {
  const chosen = process.argv.slice(2);
  for (const [name, step] of Object.entries(named)) {
    if (chosen.length && !chosen.includes(name)) continue;
    try {
      await step();
    } catch (failure) {
      tell(name, "runs to its end", String(reason(failure)) || "failed");
    }
  }
}

// What is inside is refused with that code; null: somehow.
async function refused(wanted, inside) {
  let got;
  try {
    got = await inside();
  } catch (failure) {
    if (wanted !== null) assert.match(String(code(failure)), wanted);
    return failure;
  }
  return assert.fail(`not refused: ${got}`);
}

// ---- the office -----------------------------------------------------------

function digest(mailbox = USER1) {
  const out = execFileSync(office.lab, ["digest", office.state, mailbox]);
  return out.toString().split("\n").filter(Boolean)
    .map((line) => line.split("\t").slice(1));
}

// How many items of each class the store has in a folder.
function classes(path, mailbox = USER1) {
  const count = {};
  for (const [where, kind] of digest(mailbox))
    if (where === path) count[kind] = (count[kind] || 0) + 1;
  return count;
}

function control(method, path, body) {
  return new Promise((resolve, reject) => {
    const request = https.request(office.url + path, { method }, (answer) => {
      let text = "";
      answer.on("data", (part) => { text += part; });
      answer.on("end", () => resolve(text));
    });
    request.on("error", reject);
    request.end(body);
  });
}

// [kind, from, recipients, subject] of what would have been sent.
async function tray() {
  return (await control("GET", "/lab/tray")).split("\n").filter(Boolean)
    .map((line) => line.split("\t").slice(1));
}

// ---- sessions -------------------------------------------------------------

// Leads the organisation's names to the lab: the library's own seam for
// whoever sends its requests.
class Names {
  constructor(inner) {
    this.inner = inner;
    this.asked = [];
  }
  get apiName() { return this.inner.apiName; }
  xhr(options, progress) {
    this.asked.push(options.url);
    const url = new URL(options.url);
    if (url.hostname.endsWith("contoso.example") && !url.port) {
      if (url.protocol !== "https:")
        return Promise.reject(Object.assign(new Error("no such host"),
          { status: 0, response: "", responseText: "" }));
      options.url = office.url + url.pathname + url.search;
    }
    return this.inner.xhr(options, progress);
  }
  xhrStream(options, progress) { return this.inner.xhrStream(options, progress); }
  disconnect() { this.inner.disconnect(); }
}

function service(user = USER1, more = {}) {
  const made = new ews.ExchangeService(VERSIONS[office.version]);
  made.Url = new ews.Uri(office.ews);
  const password = more.password || office.passwords[user];
  if (more.token) {
    made.Credentials = new ews.OAuthCredentials(more.token);
  } else {
    made.Credentials = new ews.WebCredentials(user, password);
    if (more.ntlm)
      made.XHRApi = new XhrApi().useNtlmAuthentication(user, password);
  }
  if (more.actingAs)
    made.ImpersonatedUserId = new ews.ImpersonatedUserId(
      ews.ConnectingIdType.SmtpAddress, more.actingAs);
  return made;
}

const wellKnown = (name, mailbox) => mailbox
  ? new ews.FolderId(name, new ews.Mailbox(mailbox))
  : new ews.FolderId(name);

async function makeFolder(at, name, folderClass) {
  const folder = new ews.Folder(at);
  folder.DisplayName = name;
  if (folderClass) folder.FolderClass = folderClass;
  await folder.Save(ews.WellKnownFolderName.MsgFolderRoot);
  return folder;
}

// The library writes texts as they are: whoever uses it escapes them.
const xml = (text) => text.replace(/&/g, "&amp;").replace(/</g, "&lt;");

const utc = (text) => new ews.DateTime(Date.parse(text));
const when = (value) => new Date(value.TotalMilliSeconds).toISOString()
  .replace(".000Z", "Z");

// A PropertySet of everything first class, with more.
function all(...more) {
  return new ews.PropertySet(ews.BasePropertySet.FirstClassProperties, more);
}

const texts = (list) => list.GetEnumerator().map(String);
const addresses = (list) => list.GetEnumerator().map((a) => a.Address);

module.exports = {
  assert, ews, office, USER1, USER2, ADMIN, Names, XhrApi, VERSIONS, check,
  steps, refused, digest, classes, control, service, wellKnown, makeFolder,
  utc, when, all, texts, addresses, tell, xml,
  tray,
};

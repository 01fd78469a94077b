// ews-javascript-api against the lab; prints a JSON line a check.  Started by
// ../client_javascript.py; arguments choose parts.
"use strict";
const { steps } = require("./lib");

steps({
  ...require("./folders"),
  ...require("./items"),
  ...require("./calendar"),
  ...require("./settings"),
}).then(() => process.exit(0));

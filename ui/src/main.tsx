import "./style/tokens.css";
import "./style/base.css";
import "./style/parts.css";
import "./style/shell.css";
import "./style/bigtable.css";
import "./style/portal.css";
import "./style/people.css";
import "./style/start.css";

import { render } from "preact";

import { App } from "./app";

const root = document.getElementById("app");
if (root !== null) render(<App />, root);

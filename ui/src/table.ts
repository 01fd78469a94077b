// All pages: where they are, for whom, and what the navigation calls them.
import type { ComponentType } from "preact";

import { Account } from "./pages/account";
import { Accounts } from "./pages/accounts";
import { Fleet } from "./pages/fleet";
import { HostPage } from "./pages/fleet/host";
import { Home } from "./pages/home";
import { MailboxPage } from "./pages/mailbox";
import { MigrationPage } from "./pages/migration";
import { MigrationAdd } from "./pages/migration_add";
import { Migrations } from "./pages/migrations";
import { RequestPage } from "./pages/request";
import { Requests } from "./pages/requests";
import { Tray } from "./pages/tray";
import { Help } from "./pages/portal/help";
import { PortalRequest } from "./pages/portal/request";
import { NewRequest, Wizard } from "./pages/portal/wizard";
import { Settings } from "./pages/settings";
import { Start } from "./pages/start";
import { isStaff, type Session } from "./use";

export interface PageEntry {
  /** "/requests/:id": a part that begins with a colon is a property. */
  path: string;
  // its properties are the parts of its path
  page: ComponentType<any>;
  /** In the navigation; without it the page is reached from others. */
  title?: string;
  for: (who: Session) => boolean;
}

const anybody = () => true;
const contacts = (who: Session) => !isStaff(who);

/** The first that matches is shown; the navigation has this order. */
export const pages: readonly PageEntry[] = [
  { path: "/", page: Home, title: "Today", for: isStaff },
  { path: "/", page: Home, title: "Your migrations", for: contacts },
  { path: "/migrations", page: Migrations, title: "Migrations", for: isStaff },
  { path: "/migrations", page: Migrations, title: "Figures", for: contacts },
  { path: "/migrations/add", page: MigrationAdd, for: isStaff },
  { path: "/migrations/:id", page: MigrationPage, for: anybody },
  { path: "/mailboxes/:id", page: MailboxPage, for: anybody },
  { path: "/requests", page: Requests, title: "Requests", for: isStaff },
  { path: "/requests/:id", page: RequestPage, for: isStaff },
  { path: "/tray", page: Tray, title: "Tray", for: isStaff },
  { path: "/start", page: Start, for: isStaff },
  { path: "/new", page: NewRequest, for: contacts },
  { path: "/requests/:id", page: PortalRequest, for: contacts },
  { path: "/requests/:id/setup", page: Wizard, for: contacts },
  { path: "/help", page: Help, title: "Help", for: contacts },
  { path: "/fleet", page: Fleet, title: "Fleet", for: isStaff },
  { path: "/hosts/:host", page: HostPage, for: isStaff },
  { path: "/accounts", page: Accounts, title: "Accounts", for: isStaff },
  { path: "/accounts/:id", page: Account, for: isStaff },
  { path: "/settings", page: Settings, title: "Settings", for: isStaff },
];

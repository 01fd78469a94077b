// All pages: where they are, for whom, and what the navigation calls them.
import type { ComponentType } from "preact";

import { Home } from "./pages/home";
import { type Session } from "./use";

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

/** The first that matches is shown; the navigation has this order. */
export const pages: readonly PageEntry[] = [
  { path: "/", page: Home, for: anybody },
];

// The first page leads to what whoever is signed in came for.
import { Page } from "../parts";
import { isStaff, useSession } from "../use";

export function Home() {
  const who = useSession();
  return (
    <Page
      title={isStaff(who) ? "Mailferry" : "Your migrations"}
      hint={`Signed in as ${who.name}.`}
    />
  );
}

import { A, Empty, Page } from "../parts";

export function Missing() {
  return (
    <Page title="Not here" narrow>
      <Empty
        title="There is no such page, or it is not for you to see."
        hint="A link that somebody sent may be to a request of another account."
        action={<A href="/">To the first page</A>}
      />
    </Page>
  );
}

// What signing in once with the administrative credentials has shown.
import { Time } from "../../parts";
import type { SignIn } from "../../types/request";

const words: Record<SignIn["outcome"], string> = {
  "under way": "Signing in at the current Exchange …",
  accepted: "The current Exchange knows this account:",
  refused: "The current Exchange refused it:",
  unknown: "Signing in told nothing of it:",
};

export function SignInFinding(props: { finding: SignIn }) {
  const f = props.finding;
  return (
    <p>
      {words[f.outcome]}
      {f.outcome !== "under way" && (
        <>
          {" "}
          tried <Time at={f.at} />
          {f.detail !== null && `; ${f.detail}`}
          {f.remedy !== null && ` – ${f.remedy}`}.
        </>
      )}
    </p>
  );
}

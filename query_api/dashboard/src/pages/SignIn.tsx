import { useEffect, useState, type FormEvent } from "react";
import { signIn } from "../api/session.ts";

/** For whoever has no session: by the link that `up` prints, or by a token. */
export function SignIn({ why }: { why: string }) {
  const [token, setToken] = useState("");
  const [busy, setBusy] = useState(false);
  useEffect(() => {
    document.title = "Sign in · Runledger";
  }, []);
  async function submit(event: FormEvent) {
    event.preventDefault();
    setBusy(true);
    await signIn({ token: token.trim() });
    setBusy(false);
  }
  return (
    <main className="sign-in">
      <h1>Runledger</h1>
      <p>Workflow runs, on the record.</p>
      {why && <p className="problem" role="alert">{why}</p>}
      <form onSubmit={(event) => void submit(event)}>
        <label htmlFor="token">Token</label>
        <input id="token" type="password" autoComplete="current-password" placeholder="rl_…" required value={token}
          onChange={(event) => setToken(event.target.value)} autoFocus />
        <button type="submit" className="primary" aria-busy={busy}>Sign in</button>
      </form>
      <p className="hint">
        On the machine that runs the stack, <code>runledger-server link</code> prints a link that signs in;{" "}
        <code>runledger-server token create</code> makes a token.
      </p>
    </main>
  );
}

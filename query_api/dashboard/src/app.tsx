import { useEffect } from "react";
import { useSessionState } from "./api/session.ts";
import { pageAt } from "./pages.tsx";
import { SignIn } from "./pages/SignIn.tsx";
import { Empty } from "./parts/Empty.tsx";
import { Frame } from "./parts/Frame.tsx";
import { Link } from "./parts/Link.tsx";
import { Mishap } from "./parts/Mishap.tsx";
import { navigate, to, usePlace } from "./route.ts";

export function App() {
  const session = useSessionState();
  const place = usePlace();
  useEffect(() => {
    if (session.is === "in" && place.path === "/") navigate(to.workflows(), { replace: true });
  }, [session.is, place.path]);

  if (session.is === "asking") return null;
  if (session.is === "away") return <Empty page title="Nobody answers"><p>The service is away. This page asks again each second.</p></Empty>;
  if (session.is === "out") return <SignIn why={session.why} />;
  if (place.path === "/") return null;
  const page = pageAt(place.path);
  if (page !== null) {
    return (
      <Frame area={page.area}>
        <Mishap key={place.path}>{page.shown}</Mishap>
      </Frame>
    );
  }
  return (
    <Frame area="">
      <Empty page title="There is nothing at this address">
        <p><Link href={to.workflows()}>All workflows</Link></p>
      </Empty>
    </Frame>
  );
}

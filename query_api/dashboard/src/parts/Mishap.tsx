import { Component, type ReactNode } from "react";
import { Empty } from "./Empty.tsx";

interface State {
  error: Error | null;
}

/** Where a page of ours breaks: says so, and what can be done, instead of an empty window. */
export class Mishap extends Component<{ children: ReactNode }, State> {
  override state: State = { error: null };

  static getDerivedStateFromError(error: Error): State {
    return { error };
  }

  override render(): ReactNode {
    if (this.state.error === null) return this.props.children;
    return (
      <Empty page title="This page has broken">
        <p>Nothing of your runs is lost: the page alone could not be shown.</p>
        <pre>{this.state.error.message}</pre>
        <button type="button" className="primary" onClick={() => location.reload()}>
          Load it again
        </button>
      </Empty>
    );
  }
}

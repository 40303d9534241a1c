import { createContext, useContext, useState, type ReactNode } from "react";

type Held = [id: string | undefined, set: (id?: string) => void];
const Cursor = createContext<Held | undefined>(undefined);

/** Charts of the same days inside it share a cursor: a day that is pointed at in one, or reached by keys, is shown by all. */
export function SharedCursor({ children }: { children: ReactNode }) {
  return <Cursor value={useState<string>()}>{children}</Cursor>;
}

/** Which of a chart's points the cursor is at (-1 = none), and how to move it. */
export function useCursor(ids: string[]): [at: number, move: (to: number) => void] {
  const own = useState<string>();
  const [id, set] = useContext(Cursor) ?? own;
  return [id === undefined ? -1 : ids.indexOf(id), (to) => set(ids[to])];
}

import type { ReactNode } from "react";
import { w } from "@/words";
import { Page } from "./page";
import { useSession } from "./session";
import { useAt } from "./shell/time-machine";

/** Reports whether something can be changed here and now: the permission is there, and it isn't the past that is looked at. */
export function useCan(permission: string): boolean {
  const { me } = useSession();
  return !useAt() && me.permissions.includes(permission);
}

/** Shows what a permission lets one see; else says which one is missing, and who can give it: as a page where it has a title. */
export function Needs({ permission, title, children }: { permission: string; title?: string; children: ReactNode }) {
  const { me } = useSession();
  if (me.permissions.includes(permission)) return children;
  const said = (
    <div className="flex flex-col gap-2 px-4 py-10 sm:px-6">
      <p className="text-section">{w.states.noPermission}</p>
      <p className="max-w-[60ch] text-text-2">{w.states.missingPermission(permission)}</p>
    </div>
  );
  return title ? <Page title={title}>{said}</Page> : said;
}

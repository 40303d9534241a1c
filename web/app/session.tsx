import { createContext, useContext } from "react";
import type { Me } from "@/api/me";

export type Session = { me: Me; org: string; slug: string; organizationName: string };

export const SessionContext = createContext<Session | undefined>(undefined);

/** Who asks, and for which organisation: within /o/{slug} only. */
export function useSession(): Session {
  const s = useContext(SessionContext);
  if (!s) throw new Error("there is no organisation here");
  return s;
}

/** Reports whether who is signed in has a permission here. The server checks it again, always. */
export function useMay(permission: string): boolean {
  return useSession().me.permissions.includes(permission);
}

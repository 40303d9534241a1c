import { useQuery } from "@tanstack/react-query";
import { useSession } from "@/app/session";
import { useCampaigns, useMailboxes } from "@/app/names";
import { Pill } from "@/ui/chip";
import { w } from "@/words";
import { keyInWords } from "./labels";
import { narrowed, type Filter, type FilterName } from "./model";
import { placesOptions } from "./queries";

const s = w.analytics;

/** What the ids in filters are called: known from the names of campaigns and mailboxes, and of steps by their figures. */
export function useKeyNames(where: Filter | undefined) {
  const { org } = useSession();
  const campaigns = useCampaigns();
  const mailboxes = useMailboxes();
  const ids = [...(where?.step ?? []), ...(where?.variant ?? [])];
  const places = useQuery({ ...placesOptions(org), enabled: ids.length > 0 });
  return (name: string, key: string) => {
    if (name === "campaign") return campaigns.find((c) => c.id === key)?.name ?? key.slice(0, 8);
    if (name === "mailbox") return mailboxes.find((m) => m.id === key)?.address ?? key.slice(0, 8);
    if (name === "step" || name === "variant") return places.data?.get(key) ?? key.slice(0, 8);
    return keyInWords(name, key);
  };
}

/** Filters that are on, each with its way off. The campaign has its own field. */
export function Pills({ where, onChange }: { where: Filter | undefined; onChange: (where: Filter | undefined) => void }) {
  const nameOf = useKeyNames(where);
  const on = Object.entries(where ?? {}).filter(([name, keys]) => !(name === "campaign" && keys.length === 1)) as [FilterName, string[]][];
  if (on.length === 0) return null;
  return (
    <div className="flex flex-wrap gap-2">
      {on.map(([name, keys]) => {
        const words = s.onlyPill(s.dimensions[name] ?? name, keys.map((k) => nameOf(name, k)).join(", "));
        return (
          <Pill key={name} label={s.remove(words)} onRemove={() => onChange(narrowed(where, name, undefined))}>
            {words}
          </Pill>
        );
      })}
    </div>
  );
}

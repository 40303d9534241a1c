import { useQuery } from "@tanstack/react-query";
import { useNavigate } from "@tanstack/react-router";
import { Command } from "cmdk";
import { Dialog } from "radix-ui";
import { useEffect, useState } from "react";
import { useSession } from "@/app/session";
import { showKeys, useAllShortcuts } from "@/keys/registry";
import { w } from "@/words";
import { recentHits, rememberHit, searchOptions, type Hit } from "./search";
import { usePlaces } from "./rail";
import { linkTo } from "@/app/place-link";

/** Every place, every action that can be done here, every object. Places and actions at once, objects from the server. */
export default function Palette({ onClose }: { onClose: () => void }) {
  const { slug, org } = useSession();
  const go = useNavigate();
  const places = usePlaces();
  const actions = useAllShortcuts().filter((s) => s.palette);
  const [text, setText] = useState("");
  const [asked, setAsked] = useState("");
  useEffect(() => {
    const t = setTimeout(() => setAsked(text.replace(/^[>@]\s*/, "").trim()), 120);
    return () => clearTimeout(t);
  }, [text]);
  const only = text[0] === ">" ? "actions" : text[0] === "@" ? "lead" : text[0] === "#" ? "event" : "";
  const found = useQuery({ ...searchOptions(org, asked), enabled: asked.length > 1 && only !== "actions" });
  const open = (path: string) => {
    onClose();
    void go(linkTo(slug, path));
  };
  const openHit = (h: Hit) => {
    rememberHit(org, h);
    open(h.path);
  };
  const hits = asked.length > 1 && text ? (found.data ?? []).filter((h) => !only || h.kind === only) : [];
  const recent = text ? [] : recentHits(org);
  return (
    <Dialog.Root open onOpenChange={(o) => !o && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content aria-describedby={undefined} className="appear fixed top-[12vh] left-1/2 z-50 w-[calc(100vw-2rem)] max-w-xl -translate-x-1/2 overflow-hidden rounded-dialog bg-surface-0 shadow-float">
          <Dialog.Title className="sr-only">{w.shell.search}</Dialog.Title>
          <Command label={w.shell.search} filter={(value, search) => (value.toLowerCase().includes(search.replace(/^[>@#]\s*/, "").toLowerCase()) ? 1 : 0)} loop>
            <Command.Input value={text} onValueChange={setText} placeholder={w.palette.placeholder} className="h-12 w-full border-b bg-transparent px-4 text-section outline-none" />
            <Command.List className="max-h-[50vh] overflow-auto p-2">
              {!found.isFetching && <Command.Empty className="px-3 py-6 text-text-2">{w.palette.nothing}</Command.Empty>}
              {recent.length > 0 && (
                <Command.Group heading={w.palette.recent} className={group}>
                  {recent.map((h) => (
                    <HitItem key={h.kind + h.id} hit={h} value={`recent ${h.kind} ${h.id}`} onSelect={openHit} />
                  ))}
                </Command.Group>
              )}
              {!only && (
                <Command.Group heading={w.shell.places} className={group}>
                  {places.map((p) => (
                    <Command.Item key={p.path} value={"place " + p.label} onSelect={() => open(p.path)} className={item}>
                      <p.icon size={16} aria-hidden /> <span className="flex-1">{p.label}</span>
                      <kbd className="text-meta text-text-3">{showKeys("g " + p.key)}</kbd>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {(!only || only === "actions") && actions.length > 0 && (
                <Command.Group heading={w.palette.actions} className={group}>
                  {actions.map((a) => (
                    <Command.Item
                      key={a.keys + a.label}
                      value={"action " + a.label}
                      onSelect={() => {
                        onClose();
                        a.run();
                      }}
                      className={item}
                    >
                      <span className="flex-1">{a.label}</span>
                      <kbd className="text-meta text-text-3">{showKeys(a.keys)}</kbd>
                    </Command.Item>
                  ))}
                </Command.Group>
              )}
              {hits.length > 0 && (
                <Command.Group heading={w.palette.found} className={group}>
                  {hits.map((h) => (
                    <HitItem key={h.kind + h.id} hit={h} value={`${text} ${h.kind} ${h.id}`} onSelect={openHit} />
                  ))}
                </Command.Group>
              )}
            </Command.List>
          </Command>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function HitItem({ hit, value, onSelect }: { hit: Hit; value: string; onSelect: (h: Hit) => void }) {
  return (
    <Command.Item value={value} onSelect={() => onSelect(hit)} className={item}>
      <span className="min-w-0 flex-1">
        <span className="block truncate">{hit.title}</span>
        {hit.detail && <span className="block truncate text-meta text-text-3">{hit.detail}</span>}
      </span>
      <span className="text-meta text-text-3">{w.palette.kinds[hit.kind] ?? hit.kind}</span>
    </Command.Item>
  );
}

const item = "flex min-h-9 cursor-pointer items-center gap-2.5 rounded-control px-2.5 py-1 data-[selected=true]:bg-surface-2";
const group = "[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:py-1.5 [&_[cmdk-group-heading]]:text-meta [&_[cmdk-group-heading]]:text-text-3";

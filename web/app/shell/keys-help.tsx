import { useState } from "react";
import { setPreferences } from "@/app/preferences";
import { showKeys, singleKeysOff, useAllShortcuts } from "@/keys/registry";
import { CheckField } from "@/ui/field";
import { Modal } from "@/ui/overlay";
import { w } from "@/words";

/** `?`: what keys do here, those of the page first. */
export default function KeysHelp({ onClose }: { onClose: () => void }) {
  const all = useAllShortcuts();
  const [off, setOff] = useState(singleKeysOff());
  const groups = [...new Set(all.map((s) => s.group))].reverse();
  return (
    <Modal open onClose={onClose} title={w.shell.keys}>
      <div className="flex flex-col gap-4">
        {groups.map((g) => (
          <section key={g} aria-label={g}>
            <h3 className="mb-1 text-table font-semibold text-text-2">{g}</h3>
            <dl className="grid grid-cols-[1fr_auto] gap-x-6 gap-y-1">
              {all
                .filter((s) => s.group === g)
                .map((s) => (
                  <div key={s.keys + s.label} className="contents">
                    <dt>{s.label}</dt>
                    <dd>
                      <kbd className="rounded-control border border-control px-1.5 text-meta">{showKeys(s.keys)}</kbd>
                    </dd>
                  </div>
                ))}
            </dl>
          </section>
        ))}
        <CheckField
          label={w.shell.keysToggle}
          checked={!off}
          onChange={(e) => {
            void setPreferences({ shortcuts: e.target.checked });
            setOff(!e.target.checked);
          }}
        />
      </div>
    </Modal>
  );
}

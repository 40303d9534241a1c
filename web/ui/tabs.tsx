import { Tabs as RadixTabs } from "radix-ui";
import type { ReactNode } from "react";

/** Tabs within a page; what is chosen belongs into the URL. */
export function Tabs<T extends string>({ value, onChange, tabs, label, children }: { value: T; onChange: (v: T) => void; tabs: { value: T; label: string; count?: number }[]; label: string; children?: ReactNode }) {
  return (
    <RadixTabs.Root value={value} onValueChange={(v) => onChange(v as T)} className="flex min-h-0 flex-1 flex-col">
      <RadixTabs.List aria-label={label} className="flex gap-1 overflow-x-auto border-b px-4">
        {tabs.map((t) => (
          <RadixTabs.Trigger key={t.value} value={t.value} className="-mb-px h-9 border-b-2 border-transparent px-2 text-body whitespace-nowrap text-text-2 hover:text-text-1 data-[state=active]:border-accent data-[state=active]:font-medium data-[state=active]:text-text-1">
            {t.label}
            {t.count !== undefined && <span className="ml-1.5 text-meta text-text-3">{t.count}</span>}
          </RadixTabs.Trigger>
        ))}
      </RadixTabs.List>
      <RadixTabs.Content value={value} tabIndex={-1} className="min-h-0 flex-1 overflow-auto outline-none">
        {children}
      </RadixTabs.Content>
    </RadixTabs.Root>
  );
}

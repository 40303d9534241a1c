import { DropdownMenu } from "radix-ui";
import type { ReactNode } from "react";

/** A menu that a key can open too; its entries are found by their first letters. */
export function PickMenu({ open, onOpen, label, trigger, entries }: { open: boolean; onOpen: (o: boolean) => void; label: string; trigger: ReactNode; entries: { label: string; hint?: string; onSelect: () => void }[] }) {
  return (
    <DropdownMenu.Root open={open} onOpenChange={onOpen}>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content aria-label={label} align="end" sideOffset={4} className="appear z-50 min-w-56 rounded-panel bg-surface-0 p-1 shadow-float">
          {entries.map((e) => (
            <DropdownMenu.Item key={e.label + e.hint} onSelect={e.onSelect} className="flex min-h-8 cursor-pointer flex-col justify-center rounded-control px-2.5 py-1 outline-none data-highlighted:bg-surface-2">
              {e.label}
              {e.hint && <span className="text-meta text-text-3">{e.hint}</span>}
            </DropdownMenu.Item>
          ))}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

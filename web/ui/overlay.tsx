import { Dialog, DropdownMenu, Popover, Tabs as RadixTabs, Tooltip } from "radix-ui";
import { useState, type ReactNode } from "react";
import { w } from "@/words";
import { cx } from "./cx";

/** A dialog: traps the focus and gives it back. */
export function Modal({ open, onClose, title, about, children, footer, wide }: { open: boolean; onClose: () => void; title: string; about?: string; children?: ReactNode; footer?: ReactNode; wide?: boolean }) {
  return (
    <Dialog.Root open={open} onOpenChange={(o) => !o && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <Dialog.Content
          {...(about ? {} : { "aria-describedby": undefined })}
          className={cx("appear fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-dialog bg-surface-0 shadow-float", wide ? "max-w-3xl" : "max-w-lg")}
        >
          <header className="flex items-start gap-4 px-5 pt-4">
            <div className="flex-1">
              <Dialog.Title className="text-section font-semibold">{title}</Dialog.Title>
              {about && <Dialog.Description className="mt-1 text-text-2">{about}</Dialog.Description>}
            </div>
            <Dialog.Close aria-label={w.shell.close} className="inline-flex size-8 items-center justify-center rounded-control text-text-3 hover:bg-surface-2">
              ×
            </Dialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
          {footer && <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</footer>}
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

export type MenuEntry = { label: string; hint?: string; keys?: string; onSelect: () => void; why?: string } | "line";

/** Actions behind one button. */
export function Menu({ trigger, entries, align = "end" }: { trigger: ReactNode; entries: MenuEntry[]; align?: "start" | "end" }) {
  return (
    <DropdownMenu.Root>
      <DropdownMenu.Trigger asChild>{trigger}</DropdownMenu.Trigger>
      <DropdownMenu.Portal>
        <DropdownMenu.Content align={align} sideOffset={4} className="appear z-50 min-w-48 rounded-panel bg-surface-0 p-1 shadow-float">
          {entries.map((e, i) =>
            e === "line" ? (
              <DropdownMenu.Separator key={i} className="my-1 h-px bg-line" />
            ) : (
              <DropdownMenu.Item
                key={e.label}
                disabled={!!e.why}
                onSelect={e.onSelect}
                title={e.why}
                className="flex min-h-8 cursor-pointer items-center gap-4 rounded-control px-2.5 text-body outline-none data-disabled:opacity-60 data-highlighted:bg-surface-2"
              >
                <span className="flex-1">
                  {e.label}
                  {e.hint && <span className="block text-meta text-text-3">{e.hint}</span>}
                </span>
                {e.keys && <kbd className="text-meta text-text-3">{e.keys}</kbd>}
              </DropdownMenu.Item>
            ),
          )}
        </DropdownMenu.Content>
      </DropdownMenu.Portal>
    </DropdownMenu.Root>
  );
}

export function Pop({ trigger, children, label, align = "end", onOpen }: { trigger: ReactNode; children: ReactNode; label: string; align?: "start" | "end"; onOpen?: () => void }) {
  const [open, setOpen] = useState(false);
  const change = (o: boolean) => {
    setOpen(o);
    if (o) onOpen?.();
  };
  return (
    <Popover.Root open={open} onOpenChange={change}>
      <Popover.Trigger asChild>{trigger}</Popover.Trigger>
      <Popover.Portal>
        <Popover.Content aria-label={label} onClickCapture={(e) => (e.target as Element).closest("a") && setOpen(false)} align={align} sideOffset={6} collisionPadding={8} className="appear z-50 max-h-[70vh] max-w-[calc(100vw-1rem)] overflow-auto rounded-panel bg-surface-0 p-4 shadow-float">
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

/** A word more, for who points at it or comes by keyboard. */
export function Tip({ text, children }: { text: ReactNode; children: ReactNode }) {
  return (
    <Tooltip.Provider delayDuration={300}>
      <Tooltip.Root>
        <Tooltip.Trigger asChild>{children}</Tooltip.Trigger>
        <Tooltip.Portal>
          <Tooltip.Content sideOffset={4} collisionPadding={8} className="appear z-50 max-w-xs rounded-control bg-text-1 px-2.5 py-1.5 text-meta text-surface-0 shadow-float">
            {text}
          </Tooltip.Content>
        </Tooltip.Portal>
      </Tooltip.Root>
    </Tooltip.Provider>
  );
}

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

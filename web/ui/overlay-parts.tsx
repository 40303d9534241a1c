import { Dialog as RadixDialog, Popover } from "radix-ui";
import { DismissableLayer, Menu, Popper } from "radix-ui/internal";
import { useEffect, useMemo, useRef, type ReactNode, type RefObject } from "react";
import { createPortal } from "react-dom";
import { w } from "@/words";
import { cx } from "./cx";
import type { MenuEntry } from "./overlay";

// What overlay.tsx loads: everything here floats, and finds by its anchor the button that it belongs to.

export type ModalProps = { open: boolean; onClose: () => void; title: string; about?: string; children?: ReactNode; footer?: ReactNode; wide?: boolean };

export function Dialog({ open, onClose, title, about, children, footer, wide }: ModalProps) {
  return (
    <RadixDialog.Root open={open} onOpenChange={(o) => !o && onClose()}>
      <RadixDialog.Portal>
        <RadixDialog.Overlay className="fixed inset-0 z-40 bg-black/40" />
        <RadixDialog.Content
          {...(about ? {} : { "aria-describedby": undefined })}
          className={cx("appear fixed top-[12vh] left-1/2 z-50 flex max-h-[76vh] w-[calc(100vw-2rem)] -translate-x-1/2 flex-col rounded-dialog bg-surface-0 shadow-float", wide ? "max-w-3xl" : "max-w-lg")}
        >
          <header className="flex items-start gap-4 px-5 pt-4">
            <div className="flex-1">
              <RadixDialog.Title className="text-section font-semibold">{title}</RadixDialog.Title>
              {about && <RadixDialog.Description className="mt-1 text-text-2">{about}</RadixDialog.Description>}
            </div>
            <RadixDialog.Close aria-label={w.shell.close} className="inline-flex size-8 items-center justify-center rounded-control text-text-3 hover:bg-surface-2">
              ×
            </RadixDialog.Close>
          </header>
          <div className="min-h-0 flex-1 overflow-auto px-5 py-4">{children}</div>
          {footer && <footer className="flex flex-wrap justify-end gap-2 border-t px-5 py-3">{footer}</footer>}
        </RadixDialog.Content>
      </RadixDialog.Portal>
    </RadixDialog.Root>
  );
}

type Floating = { id: string; open: boolean; onOpen: (o: boolean) => void; anchor: RefObject<HTMLElement | null>; align: "start" | "end" };

/** Gives the focus back to the anchor, unless somebody has gone on to something else. */
function useGoBack(anchor: RefObject<HTMLElement | null>) {
  const elsewhere = useRef(false);
  return {
    went: () => (elsewhere.current = true),
    onCloseAutoFocus: (e: Event) => {
      e.preventDefault();
      if (!elsewhere.current) anchor.current?.focus();
      elsewhere.current = false;
    },
  };
}

export function MenuList({ id, labelledBy, open, onOpen, anchor, align, entries }: Floating & { labelledBy: string; entries: MenuEntry[] }) {
  const { went, onCloseAutoFocus } = useGoBack(anchor);
  return (
    <Menu.Root open={open} onOpenChange={onOpen}>
      <Menu.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Menu.Portal>
        <Menu.Content
          id={id}
          aria-labelledby={labelledBy}
          align={align}
          sideOffset={4}
          onCloseAutoFocus={onCloseAutoFocus}
          onInteractOutside={(e) => {
            const by = e.detail.originalEvent;
            if (by instanceof PointerEvent && (by.button === 2 || (by.button === 0 && by.ctrlKey))) went();
          }}
          className="appear z-50 min-w-48 rounded-panel bg-surface-0 p-1 shadow-float"
        >
          {entries.map((e, i) =>
            e === "line" ? (
              <Menu.Separator key={i} className="my-1 h-px bg-line" />
            ) : (
              <Menu.Item
                key={e.label + i}
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
              </Menu.Item>
            ),
          )}
        </Menu.Content>
      </Menu.Portal>
    </Menu.Root>
  );
}

export function Panel({ id, open, onOpen, anchor, align, label, children }: Floating & { label: string; children: ReactNode }) {
  const { went, onCloseAutoFocus } = useGoBack(anchor);
  return (
    <Popover.Root open={open} onOpenChange={onOpen}>
      <Popover.Anchor virtualRef={anchor as RefObject<HTMLElement>} />
      <Popover.Portal>
        <Popover.Content
          id={id}
          aria-label={label}
          onClickCapture={(e) => (e.target as Element).closest("a") && onOpen(false)}
          align={align}
          sideOffset={6}
          collisionPadding={8}
          onCloseAutoFocus={onCloseAutoFocus}
          onInteractOutside={(e) => {
            if (anchor.current?.contains(e.target as Node)) e.preventDefault(); // its click closes
            else went();
          }}
          className="appear z-50 max-h-[70vh] max-w-[calc(100vw-1rem)] overflow-auto rounded-panel bg-surface-0 p-4 shadow-float"
        >
          {children}
        </Popover.Content>
      </Popover.Portal>
    </Popover.Root>
  );
}

export function TipText({ id, at, onHide, onEnter, onLeave, children }: { id: string; at: HTMLElement; onHide: () => void; onEnter: () => void; onLeave: () => void; children: ReactNode }) {
  const anchor = useMemo(() => ({ current: at }), [at]);
  useEffect(() => {
    const scrolled = (e: Event) => void (e.target instanceof Node && e.target.contains(at) && onHide());
    window.addEventListener("scroll", scrolled, { capture: true });
    return () => window.removeEventListener("scroll", scrolled, { capture: true });
  }, [at, onHide]);
  return (
    <Popper.Root>
      <Popper.Anchor virtualRef={anchor} />
      {createPortal(
        <DismissableLayer.Root asChild onDismiss={onHide} onFocusOutside={(e) => e.preventDefault()}>
          <Popper.Content id={id} role="tooltip" side="top" sideOffset={4} collisionPadding={8} onPointerEnter={onEnter} onPointerLeave={onLeave} className="appear z-50 max-w-xs rounded-control bg-text-1 px-2.5 py-1.5 text-meta text-surface-0 shadow-float">
            {children}
          </Popper.Content>
        </DismissableLayer.Root>,
        document.body,
      )}
    </Popper.Root>
  );
}

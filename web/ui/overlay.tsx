import { cloneElement, lazy, Suspense, useEffect, useId, useRef, useState, type HTMLAttributes, type KeyboardEvent, type PointerEvent, type ReactElement, type ReactNode, type RefAttributes } from "react";
import { loadEarly, loadPart } from "./load-part";
import type { ModalProps } from "./overlay-parts";

// What floats is loaded when it is first wanted, or a while after the first page (loadOverlays). The button behind it stands at once, and stays the
// same element, so that what floats finds it and gives the focus back to it.
const parts = () => loadPart(() => import("./overlay-parts"));
const Dialog = lazy(async () => ({ default: (await parts()).Dialog }));
const MenuList = lazy(async () => ({ default: (await parts()).MenuList }));
const Panel = lazy(async () => ({ default: (await parts()).Panel }));
const TipText = lazy(async () => ({ default: (await parts()).TipText }));

/** Loads what the overlays are made of, so that it is there when it is wanted. */
export const loadOverlays = () => loadEarly(() => import("./overlay-parts"));

/** Reports whether something has been so once. */
function useOnce(now: boolean): boolean {
  const was = useRef(now);
  was.current ||= now;
  return was.current;
}

/** A dialog: traps the focus and gives it back. */
export function Modal(props: ModalProps) {
  return useOnce(props.open) ? (
    <Suspense>
      <Dialog {...props} />
    </Suspense>
  ) : null;
}

export type MenuEntry = { label: string; hint?: string; keys?: string; onSelect: () => void; why?: string } | "line";

type Trigger = ReactElement<HTMLAttributes<HTMLElement> & RefAttributes<HTMLElement>>;

/** Actions behind one button. With open and onOpen something else, a key, may open it too. */
export function Menu({ trigger, entries, align = "end", ...by }: { trigger: Trigger; entries: MenuEntry[]; align?: "start" | "end"; open?: boolean; onOpen?: (o: boolean) => void }) {
  const [here, setOwn] = useState(false);
  const open = by.open ?? here;
  const setOpen = by.onOpen ?? setOwn;
  const anchor = useRef<HTMLElement>(null);
  const id = useId();
  const own = trigger.props;
  const button = cloneElement(trigger, {
    ref: anchor,
    id: id + "-b",
    "aria-haspopup": "menu",
    "aria-expanded": open,
    "aria-controls": open ? id : undefined,
    onPointerDown: (e: PointerEvent<HTMLElement>) => {
      own.onPointerDown?.(e);
      if (e.button !== 0 || e.ctrlKey || isOff(e.currentTarget)) return;
      if (!open) e.preventDefault(); // the menu takes the focus
      setOpen(!open);
    },
    onKeyDown: (e: KeyboardEvent<HTMLElement>) => {
      own.onKeyDown?.(e);
      if (!["Enter", " ", "ArrowDown"].includes(e.key) || isOff(e.currentTarget)) return;
      e.preventDefault();
      setOpen(e.key === "ArrowDown" || !open);
    },
  });
  return (
    <>
      {button}
      {useOnce(open) && (
        <Suspense>
          <MenuList id={id} labelledBy={id + "-b"} open={open} onOpen={setOpen} anchor={anchor} entries={entries} align={align} />
        </Suspense>
      )}
    </>
  );
}

const isOff = (e: HTMLElement) => e.getAttribute("aria-disabled") === "true" || (e instanceof HTMLButtonElement && e.disabled);

export function Pop({ trigger, children, label, align = "end", onOpen }: { trigger: Trigger; children: ReactNode | ((close: () => void) => ReactNode); label: string; align?: "start" | "end"; onOpen?: () => void }) {
  const [open, setOpen] = useState(false);
  const anchor = useRef<HTMLElement>(null);
  const id = useId();
  const change = (o: boolean) => {
    setOpen(o);
    if (o) onOpen?.();
  };
  const button = cloneElement(trigger, {
    "aria-haspopup": "dialog",
    "aria-expanded": open,
    "aria-controls": open ? id : undefined,
    onClick: (e) => {
      trigger.props.onClick?.(e);
      if (e.defaultPrevented) return;
      anchor.current = e.currentTarget;
      change(!open);
    },
  });
  return (
    <>
      {button}
      {useOnce(open) && (
        <Suspense>
          <Panel id={id} label={label} open={open} onOpen={change} anchor={anchor} align={align}>
            {typeof children === "function" ? children(() => setOpen(false)) : children}
          </Panel>
        </Suspense>
      )}
    </>
  );
}

const delay = 300; // ms that it is pointed at before a word more is shown
const grace = 150; // ms to get from there to the words
let hideLast: (() => void) | undefined; // at most one is shown

/** A word more, for who points at it or comes by keyboard. */
export function Tip({ text, children }: { text: ReactNode; children: Trigger }) {
  const [at, setAt] = useState<HTMLElement>();
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const pressed = useRef(false);
  const id = useId();
  const hide = useRef(() => {
    clearTimeout(timer.current);
    timer.current = undefined;
    setAt(undefined);
  }).current;
  const hideSoon = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(hide, grace);
  };
  const show = (e: HTMLElement) => {
    if (hideLast !== hide) hideLast?.();
    hideLast = hide;
    clearTimeout(timer.current);
    setAt(e);
  };
  useEffect(() => () => clearTimeout(timer.current), []);
  const own = children.props;
  const shown = cloneElement(children, {
    "aria-describedby": at ? id : own["aria-describedby"],
    onPointerEnter: (e) => {
      own.onPointerEnter?.(e);
      if (e.pointerType === "touch") return;
      const over = e.currentTarget;
      clearTimeout(timer.current);
      if (!at) timer.current = setTimeout(() => show(over), delay);
    },
    onPointerLeave: (e) => {
      own.onPointerLeave?.(e);
      hideSoon();
    },
    onPointerDown: (e) => {
      own.onPointerDown?.(e);
      hide();
      pressed.current = true;
      document.addEventListener("pointerup", () => (pressed.current = false), { once: true });
    },
    onFocus: (e) => {
      own.onFocus?.(e);
      if (!pressed.current) show(e.currentTarget);
    },
    onBlur: (e) => {
      own.onBlur?.(e);
      hide();
    },
    onClick: (e) => {
      own.onClick?.(e);
      hide();
    },
  });
  return (
    <>
      {shown}
      {at && (
        <Suspense>
          <TipText id={id} at={at} onHide={hide} onEnter={() => clearTimeout(timer.current)} onLeave={hideSoon}>
            {text}
          </TipText>
        </Suspense>
      )}
    </>
  );
}

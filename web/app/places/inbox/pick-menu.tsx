import type { ComponentProps } from "react";
import { Menu } from "@/ui/overlay";

type Props = { open: boolean; onOpen: (o: boolean) => void; trigger: ComponentProps<typeof Menu>["trigger"]; entries: { label: string; hint?: string; onSelect: () => void }[] };

/** A menu that a key can open too; its entries are found by their first letters. */
export function PickMenu(props: Props) {
  return <Menu {...props} />;
}

import type { ComponentProps } from "react";
import { cx } from "@/ui/cx";
import { PlaceLink } from "./place-link";

/** A link within the organisation that looks like the text around it: in tables. */
export function Go({ path, className, ...rest }: Omit<ComponentProps<typeof PlaceLink>, "to"> & { path: string }) {
  return <PlaceLink to={path} className={cx("rounded-control underline-offset-2 hover:underline", className)} {...rest} />;
}

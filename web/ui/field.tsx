import { forwardRef, useId, type InputHTMLAttributes, type ReactNode, type SelectHTMLAttributes, type TextareaHTMLAttributes } from "react";
import { cx } from "./cx";

const box =
  "w-full rounded-control border border-control bg-surface-0 px-2.5 text-body text-text-1 disabled:bg-surface-1 disabled:text-text-3 aria-invalid:border-bad pointer-coarse:min-h-11";

type Around = { label: string; hint?: ReactNode; error?: string; hideLabel?: boolean; className?: string };

/** Label above, help below, the error beside the field. */
export function Field({ label, hint, error, hideLabel, className, children }: Around & { children: (ids: { id: string; "aria-describedby"?: string; "aria-invalid"?: true }) => ReactNode }) {
  const id = useId();
  const about = error ? id + "-e" : hint ? id + "-h" : undefined;
  return (
    <div className={cx("flex min-w-0 flex-col gap-1", className)}>
      <label htmlFor={id} className={cx("text-table font-medium text-text-2", hideLabel && "sr-only")}>
        {label}
      </label>
      {children({ id, "aria-describedby": about, "aria-invalid": error ? true : undefined })}
      {error ? (
        <p id={id + "-e"} className="text-meta text-bad">
          {error}
        </p>
      ) : (
        hint && (
          <p id={id + "-h"} className="text-meta text-text-3">
            {hint}
          </p>
        )
      )}
    </div>
  );
}

export const TextField = forwardRef<HTMLInputElement, Around & InputHTMLAttributes<HTMLInputElement>>(function TextField({ label, hint, error, hideLabel, className, ...rest }, ref) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>{(ids) => <input ref={ref} {...rest} {...ids} className={cx(box, "h-8")} />}</Field>
  );
});

export const TextArea = forwardRef<HTMLTextAreaElement, Around & TextareaHTMLAttributes<HTMLTextAreaElement>>(function TextArea({ label, hint, error, hideLabel, className, ...rest }, ref) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>{(ids) => <textarea ref={ref} rows={4} {...rest} {...ids} className={cx(box, "py-1.5")} />}</Field>
  );
});

export const SelectField = forwardRef<HTMLSelectElement, Around & SelectHTMLAttributes<HTMLSelectElement> & { options: { value: string; label: string }[] }>(function SelectField(
  { label, hint, error, hideLabel, className, options, ...rest },
  ref,
) {
  return (
    <Field {...{ label, hint, error, hideLabel, className }}>
      {(ids) => (
        <select ref={ref} {...rest} {...ids} className={cx(box, "h-8")}>
          {options.map((o) => (
            <option key={o.value} value={o.value}>
              {o.label}
            </option>
          ))}
        </select>
      )}
    </Field>
  );
});

export function CheckField({ label, hint, ...rest }: { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>) {
  const id = useId();
  return (
    <div className="flex items-start gap-2">
      <input id={id} type="checkbox" {...rest} className="mt-0.5 size-4 accent-(--accent)" aria-describedby={hint ? id + "-h" : undefined} />
      <div>
        <label htmlFor={id} className="text-body">
          {label}
        </label>
        {hint && (
          <p id={id + "-h"} className="text-meta text-text-3">
            {hint}
          </p>
        )}
      </div>
    </div>
  );
}

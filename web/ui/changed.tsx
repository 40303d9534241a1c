import { Component, createRef, type HTMLAttributes, type Ref } from "react";

type Props = HTMLAttributes<HTMLElement> & { of: unknown; as?: "span" | "td" };

/**
 * A cell that is tinted for a moment when what it says has changed with the data that it is drawn from (`of`). Not when it comes, nor when it only
 * moves, nor when a clock ticks in it: what it said is read just before it is drawn anew, and only when `of` is another.
 */
export class ChangingCell extends Component<Props> {
  private cell = createRef<HTMLElement>();

  override getSnapshotBeforeUpdate(before: Props): string | null {
    return before.of === this.props.of ? null : (this.cell.current?.textContent ?? null);
  }

  override componentDidUpdate(_: Props, __: unknown, said: string | null) {
    const cell = this.cell.current;
    if (said === null || !cell || cell.textContent === said) return;
    cell.classList.remove("changed");
    void cell.offsetWidth; // so that it begins anew when it is tinted already
    cell.classList.add("changed");
  }

  override render() {
    const { of: _, as: Tag = "span", ...rest } = this.props;
    return <Tag ref={this.cell as Ref<never>} onAnimationEnd={(e) => e.animationName === "changed" && e.currentTarget.classList.remove("changed")} {...rest} />;
  }
}

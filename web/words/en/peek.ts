export const peek = {
  width: "Width of the panel",
  wide: (px: number) => (px ? `${px} pixels` : "as at first"),
};

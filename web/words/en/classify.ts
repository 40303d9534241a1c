export const classify = {
  behind: "The history is catching up with this answer; what follows is asked for again by itself.",
};

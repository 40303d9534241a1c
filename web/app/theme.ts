// Light, dark or as the system says; before anything is drawn.
export type Theme = "light" | "dark" | "system";

const key = "outrider.theme";
const dark = window.matchMedia("(prefers-color-scheme: dark)");

export function chosenTheme(): Theme {
  const t = localStorage.getItem(key);
  return t === "light" || t === "dark" ? t : "system";
}

export function chooseTheme(t: Theme) {
  localStorage.setItem(key, t);
  showTheme();
}

function showTheme() {
  const t = chosenTheme();
  document.documentElement.dataset.theme = t === "system" ? (dark.matches ? "dark" : "light") : t;
}

dark.addEventListener("change", showTheme);
showTheme();

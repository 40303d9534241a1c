export const columns = {
  title: "Columns",
  up: (c: string) => `Move ${c} up`,
  down: (c: string) => `Move ${c} down`,
  narrower: (c: string) => `Make ${c} narrower`,
  wider: (c: string) => `Make ${c} wider`,
  reset: "As they were at first",
};

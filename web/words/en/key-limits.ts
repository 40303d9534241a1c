export const keyLimits = {
  menu: "From where and how often…",
  title: (name: string) => `From where and how often ${name} may be used`,
  about: "It holds within two seconds. What the key may do can't be changed: make another one for that.",
  often: "Requests a minute",
  oftenHint: "Empty: all that the plan allows.",
  changed: (name: string) => `${name} is changed`,
};

// The one catalogue of what the dashboard says. A place has its own file in words/en; another language is another folder of the same shape.
export * as w from "./all";

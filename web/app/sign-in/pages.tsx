export { SignIn } from "./sign-in";
export { SignUp } from "./sign-up";
export { Forgot, Reset } from "./reset";
export { Invitation, VerifyEmail, Nowhere } from "./links";
export { Start } from "./start";

export const picture = {
  label: "Picture",
  hint: "A square from its middle. Members of your organisations see it who may see people. Nothing else of the file is kept, such as where a photo was taken.",
  choose: "Choose a picture",
  remove: "Remove",
  none: "No picture",
  of: (name: string) => `Picture of ${name}`,
  yours: "Your picture",
  set: "Your picture is set.",
  removed: "Your picture was removed.",
  noPicture: "This file is no picture that a browser can show.",
};

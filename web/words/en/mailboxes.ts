export const mailboxes = {};

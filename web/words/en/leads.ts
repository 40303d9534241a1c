export const leads = {};

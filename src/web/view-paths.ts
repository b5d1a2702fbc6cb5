/** Addresses that the page answers itself: the server sends them the document. */

const views =
  /^\/(?:setup|design|inbox|projects|settings(?:\/[^/]+)?|projects\/[^/]+(?:\/(?:tasks|settings)\/[^/]+|\/settings)?)?\/?$/;

export const isView = (path: string): boolean => views.test(path);

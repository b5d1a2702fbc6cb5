/** The drawer of one task. */
export const drawer = {
  title: "Title",
  description: "Description",
  column: "Column",
  assignees: "Assigned to",
  nobody: "Nobody",
  save: "Save",
  up: "Move up",
  down: "Move down",
  delete: "Delete task",
  confirmDelete: (title: string) => `Delete “${title}”? Its subtasks go with it.`,
  gone: "This task is no longer on the board.",
  comments: "Comments",
  noComments: "No comments yet.",
  comment: "Write a comment",
  send: "Comment",
  somebody: "Somebody",
};

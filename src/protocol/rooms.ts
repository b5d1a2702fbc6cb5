/** Rooms: who hears an event. Their names on the wire are `project:<id>` and `user:<id>`. */

export type RoomKind = "project" | "user";
export type RoomName = `${RoomKind}:${string}`;

export const projectRoom = (projectId: string): RoomName => `project:${projectId}`;
export const userRoom = (userId: string): RoomName => `user:${userId}`;

/** The id behind a room's name. Ids are unique over both kinds, so a room is stored by its id alone. */
export const roomId = (room: RoomName): string => room.slice(room.indexOf(":") + 1);
export const roomKind = (room: RoomName): RoomKind => (room.startsWith("project:") ? "project" : "user");
export const isRoom = (target: string): target is RoomName =>
  target.startsWith("project:") || target.startsWith("user:");

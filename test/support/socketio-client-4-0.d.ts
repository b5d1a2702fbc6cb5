/** Its own declarations cannot be found by way of its `exports`; what is used of it is as it still is. */
declare module "socket.io-client-4-0" {
  export { io } from "socket.io-client";
}

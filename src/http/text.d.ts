/** Files that are part of the program as text: imported `with { type: "text" }`. */
declare module "*.css" {
  const text: string;
  export default text;
}

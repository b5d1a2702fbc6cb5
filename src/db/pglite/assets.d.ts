/** Files that are embedded in the executable: imported `with { type: "file" }`, they are a path to read from. */
declare module "*.zst" {
  const path: string;
  export default path;
}

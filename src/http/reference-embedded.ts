/** The reference inside the executable. Imported only there: the macro runs when this file is bundled. */
import { packedReference } from "./reference-macro.ts" with { type: "macro" };
import type { ReferenceTexts } from "./reference-texts.ts";

const packed = packedReference();

export const unpackReference = (): ReferenceTexts =>
  JSON.parse(Bun.zstdDecompressSync(Buffer.from(packed, "base64")).toString());

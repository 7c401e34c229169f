/**
 * Files that were written before there were tasks: they are of language models, and say the same things under other names.
 */

import { MODEL_FORMAT } from "../formats/model.ts";
import type { SafetensorsFile } from "../formats/safetensors.ts";

const OLD_MODEL = "rondo language model";

/** A file as it would be written today; one of today as it is. */
export function upgraded(file: SafetensorsFile): SafetensorsFile {
  const { metadata, tensors } = file;
  const isOld =
    metadata.format === OLD_MODEL || (metadata.task === undefined && metadata.architecture !== undefined);
  if (!isOld) return file;
  const { format, version, architecture, vocabulary, ...others } = metadata;
  const isModel = format === OLD_MODEL && version === "1";
  return {
    tensors,
    metadata: {
      ...others,
      ...(isModel ? MODEL_FORMAT : given({ format, version })),
      task: "language-model",
      ...given({ model: architecture, prepared: vocabulary && `{"vocabulary":${vocabulary}}` }),
    },
  };
}

/** Without what is not there. */
function given(metadata: Readonly<Record<string, string | undefined>>): Record<string, string> {
  const entries = Object.entries(metadata).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(entries);
}

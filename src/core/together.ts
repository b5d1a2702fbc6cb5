/** Questions asked one by one and answered together: those that come while an answer is under way share the next. */

interface Asked<Key, Answer> {
  readonly key: Key;
  readonly resolve: (answer: Answer) => void;
  readonly reject: (error: unknown) => void;
}

/**
 * `answer` gets at most `atOnce` keys and answers each in its place; what it rejects with is told to all who share it. A
 * question that comes alone is asked at once and alone.
 */
export function createTogether<Key, Answer>(
  answer: (keys: readonly Key[]) => Promise<readonly Answer[]>,
  atOnce: number,
): (key: Key) => Promise<Answer> {
  let waiting: Asked<Key, Answer>[] = [];
  let asking = false;

  const ask = async (): Promise<void> => {
    while (waiting.length > 0) {
      const batch = waiting.slice(0, atOnce);
      waiting = waiting.slice(atOnce);
      try {
        const answers = await answer(batch.map(({ key }) => key));
        if (answers.length !== batch.length) throw new Error("as many answers as questions are wanted");
        for (const [i, value] of answers.entries()) batch[i]?.resolve(value);
      } catch (error) {
        for (const { reject } of batch) reject(error);
      }
    }
    asking = false;
  };

  return (key) =>
    new Promise<Answer>((resolve, reject) => {
      waiting.push({ key, resolve, reject });
      if (asking) return;
      asking = true;
      void ask();
    });
}

// The parts of a page that a test can run: fenced blocks by what stands after the fence, and notes to the test.
//
//   ```json file=PATH         write the file; PATH is relative to where the reader is
//   ```json                   must be JSON
//   ```json answer            what the command before printed, as JSON; "…" stands for anything
//   ```sh                     run it; it must succeed, or with `exit=N` end with that code
//   ```sh terminal=NAME       run it in a terminal of its own, which stays open
//   ```output                 what the command before printed; … stands for anything within a line
//   ```transcript terminal=NAME   lines of that terminal; what follows "you> " is typed
//   ```LANGUAGE from=FILE     lines of that file of the repository, as they stand there
//   <!-- test: advance 5s -->     move the server's clock
//   <!-- test: ctrl-c NAME -->    what the text tells the reader to press in that terminal
//   <!-- test: ctrl-d NAME -->
//
// Another language is shown and not run, and must say so: ```text, ```cpp and so on with `shown`.

/// [{kind, words, options, text, line}]: `line` is that of the fence, from 1.
export function blocksOf(page) {
  const lines = page.split('\n');
  const blocks = [];
  for (let i = 0; i < lines.length; ++i) {
    const note = lines[i].match(/^<!-- test: (\S+) (.*) -->$/);
    if (note) blocks.push({ kind: 'note', words: [note[1], note[2]], options: {}, text: '', line: i + 1 });
    const fence = lines[i].match(/^```(\S+)(.*)$/);
    if (!fence) continue;
    const start = i;
    while (++i < lines.length && lines[i] !== '```');
    if (i === lines.length) throw new Error(`line ${start + 1}: the block does not end`);
    const words = fence[2].trim().split(/\s+/).filter(Boolean);
    const options = Object.fromEntries(words.filter((w) => w.includes('=')).map((w) => [w.slice(0, w.indexOf('=')), w.slice(w.indexOf('=') + 1)]));
    blocks.push({ kind: fence[1], words, options, text: lines.slice(start + 1, i).join('\n'), line: start + 1 });
  }
  return blocks;
}

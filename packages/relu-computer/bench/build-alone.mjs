// Builds a machine of 16 bits in a process of its own, and prints the seconds of CPU time that it took, all threads together, and the most bytes that the process held.
// Arguments: design, words, and an engine to make as well, if any.
import { buildComputer, createMachine } from '@x/relu-computer';

const [design, words, engine] = process.argv.slice(2);
const before = process.memoryUsage.rss();
const start = process.cpuUsage();
const computer = buildComputer({ design, words: Number(words), bits: 16 });
const machine = engine === undefined ? undefined : createMachine(computer, [], { engine });
const { user, system } = process.cpuUsage(start);
const seconds = (user + system) / 1e6;
const peak = 1024 * process.resourceUsage().maxRSS;
// The machine is named so that it is held until here.
console.log(JSON.stringify({ seconds, grownBy: peak - before, peak, words: (machine?.computer ?? computer).architecture.words }));

// Plain JavaScript that every Node of the last years can read: it has to say that a Node is too old
// to run the TypeScript after it.
const WANTED = [22, 22];

const [major = 0, minor = 0] = process.versions.node.split(".").map(Number);
if (major < WANTED[0] || (major === WANTED[0] && minor < WANTED[1])) {
  console.error(
    `Node ${process.versions.node} runs this, and CepatEdge needs ${WANTED.join(".")} or newer. ` +
      "Run `npm install` (without --ignore-scripts), which brings its own Node for npm's scripts.",
  );
  process.exit(1);
}

/** What only this repository needs (tasks, tools, budgets) stays out of the published manifests. */
const OURS = ['devDependencies', 'scripts', 'size-limit', 'typedocOptions'];

module.exports = {
  hooks: {
    beforePacking(manifest) {
      return Object.fromEntries(Object.entries(manifest).filter(([key]) => !OURS.includes(key)));
    },
  },
};

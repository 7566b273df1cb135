export { type BudgetOptions, type Entry, type Grant, PrivacyBudget } from './budget/budget.ts';
export { zcdpDelta, zcdpRho } from './budget/conversion.ts';
export type { Adjacency, Bounds, Design, DesignOptions } from './design.ts';
export * from './errors.ts';
export { type BuilderOptions, DistanceBuilder, type ReleaseOptions, type StreamOptions } from './oracle/builder.ts';
export { type Answer, DistanceOracle, type Release } from './oracle/oracle.ts';
export { MECHANISMS, type Mechanism, type Plan } from './oracle/plan.ts';
export { addShares, type Share } from './oracle/shares.ts';

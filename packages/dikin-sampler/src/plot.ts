export { marginalPlot, rankPlot, tracePlot } from './plot/plots.ts';

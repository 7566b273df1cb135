import { BadFileError } from '@x/linalg/errors';
import { type SaxesAttributeNS, SaxesParser, type SaxesTagNS } from 'saxes';
import type { Objective, Polytope } from './polytope.ts';
import { parseDecimal } from './readers/number.ts';
import { packRows } from './sparse.ts';

export interface SbmlOptions {
  /** Longest text accepted, in characters. Default 256 Mi. */
  readonly maxLength?: number;
}

/** Elements may nest this deep; notes hold a page of HTML at most. */
const DEEPEST = 256;

interface Reaction {
  readonly id: string;
  readonly line: number;
  readonly columns: Map<string, number>;
  lower: Bound;
  upper: Bound;
  objective: number;
}

/** A number, or the name of a parameter that may stand further down. */
type Bound = number | string | undefined;

/** What was read so far. */
interface Model {
  readonly parameters: Map<string, number>;
  /** Species, and whether they lie on the boundary, where nothing balances. */
  readonly species: Map<string, boolean>;
  readonly reactions: Map<string, Reaction>;
  /** The open reaction, and the sign of the list of its species that is open. */
  reaction: Reaction | undefined;
  side: -1 | 0 | 1;
  /** Objectives by name: sense and coefficients. */
  readonly objectives: Map<string, { readonly sense: 'min' | 'max'; readonly coefficients: Map<string, number> }>;
  active: string | undefined;
  objective: string | undefined;
  seen: boolean;
}

/**
 * Reads a metabolic model in SBML as its flux polytope {v : S v = 0, lower <= v <= upper}: level 3 with flux balance constraints, version 2
 * (bounds by parameters) or 1 (a list of bounds), and level 2 as the COBRA toolbox wrote it (bounds in kinetic laws). Species on the
 * boundary are not balanced; in level 2 those whose names end in _b are there. Where all reactions start with R_ and all species with M_, these prefixes go, as in BiGG's JSON.
 *
 * Document types, entities beyond XML's five, and elements nested deeper than 256 are refused; nothing is ever fetched.
 *
 * @param text - the file's content.
 * @throws BadFileError with the line.
 * Source: Olivier and Bergmann 2018, "SBML level 3 package: flux balance constraints version 2", J. Integr. Bioinform. 15(1).
 */
export function readSbml(text: string, options: SbmlOptions = {}): Polytope {
  const { maxLength = 2 ** 28 } = options;
  if (text.length > maxLength) throw new BadFileError(`readSbml: the text has ${text.length} characters; at most ${maxLength} are read`);
  const model: Model = {
    parameters: new Map(),
    species: new Map(),
    reactions: new Map(),
    reaction: undefined,
    side: 0,
    objectives: new Map(),
    active: undefined,
    objective: undefined,
    seen: false,
  };
  const parser = new SaxesParser<{ xmlns: true }>({ xmlns: true });
  const bad = (what: string) => new BadFileError(`readSbml: line ${parser.line}: ${what}`, parser.line);
  let depth = 0;
  parser.on('error', (error) => {
    // Its message starts with line and column.
    throw bad(error.message.replace(/^\d+:\d+: /, ''));
  });
  parser.on('doctype', () => {
    throw bad('a document type; SBML has none, and entities that one declares are never expanded');
  });
  parser.on('opentag', (tag) => {
    if (++depth > DEEPEST) throw bad(`elements nest deeper than ${DEEPEST}`);
    openElement(model, tag, depth, parser.line, bad);
  });
  parser.on('closetag', (tag) => {
    depth--;
    closeElement(model, tag.local);
  });
  try {
    parser.write(text).close();
  } catch (error) {
    if (error instanceof BadFileError) throw error;
    throw bad(error instanceof Error ? error.message : String(error));
  }
  return finish(model);
}

type Bad = (what: string) => BadFileError;

function openElement(model: Model, tag: SaxesTagNS, depth: number, line: number, bad: Bad): void {
  if (depth === 1) {
    if (tag.local !== 'sbml') throw bad(`the document is <${tag.name}>, not <sbml>`);
    model.seen = true;
  }
  // Elements of other name spaces, such as notes in HTML and annotations, hold nothing of the network.
  if (!tag.uri.startsWith('http://www.sbml.org/sbml/')) return;
  const attribute = (name: string): string | undefined => attributeOf(tag, name);
  const needed = (name: string): string => {
    const value = attribute(name);
    if (value === undefined) throw bad(`<${tag.name}> has no ${name}`);
    return value;
  };
  const number = (name: string, infinite: boolean): number => {
    const value = parseNumber(needed(name));
    if (value === undefined || (!infinite && !Number.isFinite(value)))
      throw bad(`${name} of <${tag.name}> is no ${infinite ? '' : 'finite '}number`);
    return value;
  };
  const { reaction } = model;
  switch (tag.local) {
    case 'species': {
      const id = needed('id');
      const given = attribute('boundaryCondition');
      // The COBRA toolbox's files of level 2 mark the boundary by the name alone.
      const boundary = given === undefined ? tag.uri.includes('/level2') && id.endsWith('_b') : given === 'true' || given === '1';
      define(model.species, id, boundary, 'species', bad);
      break;
    }
    case 'parameter':
    case 'localParameter':
      if (reaction === undefined) {
        if (attribute('value') !== undefined) define(model.parameters, needed('id'), number('value', true), 'parameter', bad);
      } else if (needed('id') === 'LOWER_BOUND') reaction.lower = number('value', true);
      else if (attribute('id') === 'UPPER_BOUND') reaction.upper = number('value', true);
      else if (attribute('id') === 'OBJECTIVE_COEFFICIENT') reaction.objective = number('value', false);
      break;
    case 'reaction': {
      const id = needed('id');
      const opened = { id, line, columns: new Map(), lower: attribute('lowerFluxBound'), upper: attribute('upperFluxBound'), objective: 0 };
      define(model.reactions, id, opened, 'reaction', bad);
      model.reaction = opened;
      break;
    }
    case 'listOfReactants':
      model.side = -1;
      break;
    case 'listOfProducts':
      model.side = 1;
      break;
    case 'speciesReference': {
      if (reaction === undefined || model.side === 0) throw bad('<speciesReference> stands in no list of reactants or products');
      const species = needed('species');
      const known = model.species.get(species);
      if (known === undefined) throw bad(`reaction ${reaction.id} uses species ${species}, which is not listed`);
      const amount = attribute('stoichiometry') === undefined ? 1 : number('stoichiometry', false);
      if (!known) reaction.columns.set(species, (reaction.columns.get(species) ?? 0) + model.side * amount);
      break;
    }
    case 'stoichiometryMath':
      throw bad('a stoichiometry given by a formula; only numbers are read');
    case 'fluxBound':
      boundOf(model, needed('reaction'), needed('operation'), number('value', true), bad);
      break;
    case 'listOfObjectives':
      model.active = attribute('activeObjective');
      break;
    case 'objective':
      model.objective = attribute('id') ?? '';
      define(
        model.objectives,
        model.objective,
        { sense: attribute('type')?.startsWith('min') ? 'min' : 'max', coefficients: new Map() } as const,
        'objective',
        bad,
      );
      break;
    case 'fluxObjective': {
      const target = needed('reaction');
      if (!model.reactions.has(target)) throw bad(`the objective uses reaction ${target}, which is not listed before`);
      model.objectives.get(model.objective ?? '')?.coefficients.set(target, number('coefficient', false));
      break;
    }
  }
}

function closeElement(model: Model, name: string): void {
  if (name === 'reaction') model.reaction = undefined;
  if (name === 'listOfReactants' || name === 'listOfProducts') model.side = 0;
}

/** By local name: bounds carry the prefix that the file gives the package. */
function attributeOf({ attributes }: SaxesTagNS, name: string): string | undefined {
  const own: SaxesAttributeNS | undefined = attributes[name];
  return (own ?? Object.values(attributes).find(({ local }) => local === name))?.value;
}

function define<V>(map: Map<string, V>, id: string, value: V, what: string, bad: Bad): void {
  if (map.has(id)) throw bad(`${what} ${id} comes twice`);
  map.set(id, value);
}

/** XML Schema's double: INF for infinity; and what COBRA's files write for it. */
function parseNumber(text: string): number | undefined {
  const bare = text.trim();
  if (/^[-+]?(?:inf|infinity)$/i.test(bare)) return bare.startsWith('-') ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return parseDecimal(bare);
}

function boundOf(model: Model, id: string, operation: string, value: number, bad: Bad): void {
  const reaction = model.reactions.get(id);
  // Version 1 lists bounds after the reactions or before; files in use have them after.
  if (reaction === undefined) throw bad(`a flux bound of reaction ${id}, which is not listed before`);
  if (operation === 'equal') reaction.lower = reaction.upper = value;
  else if (operation.startsWith('greater')) reaction.lower = value;
  else if (operation.startsWith('less')) reaction.upper = value;
  else throw bad(`flux bound operation ${operation}; it must be equal, greaterEqual or lessEqual`);
}

function finish(model: Model): Polytope {
  const reactions = [...model.reactions.values()];
  const n = reactions.length;
  if (n === 0) throw new BadFileError('readSbml: the model has no reactions');
  const balanced = [...model.species].flatMap(([id, boundary]) => (boundary ? [] : [id]));
  const row = new Map(balanced.map((id, i) => [id, i]));
  const rows = balanced.map(() => ({ columns: [] as number[], entries: [] as number[] }));
  reactions.forEach(({ columns }, j) => {
    for (const [species, amount] of columns) {
      rows[row.get(species)!]!.columns.push(j);
      rows[row.get(species)!]!.entries.push(amount);
    }
  });
  const bound = (reaction: Reaction, side: 'lower' | 'upper'): number => {
    const given = reaction[side];
    const value =
      typeof given === 'string'
        ? model.parameters.get(given)
        : (given ?? (side === 'lower' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY));
    const impossible = side === 'lower' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
    if (value === undefined || value === impossible) {
      const what = value === undefined ? `parameter ${given}, which has no value` : `${value}, which no flux satisfies`;
      throw new BadFileError(`readSbml: line ${reaction.line}: the ${side} bound of reaction ${reaction.id} is ${what}`, reaction.line);
    }
    return value;
  };
  return {
    variables: n,
    rows: packRows(n, rows),
    rowLower: new Float64Array(rows.length),
    rowUpper: new Float64Array(rows.length),
    lower: Float64Array.from(reactions, (reaction) => bound(reaction, 'lower')),
    upper: Float64Array.from(reactions, (reaction) => bound(reaction, 'upper')),
    names: withoutPrefix(
      reactions.map(({ id }) => id),
      'R_',
    ),
    rowNames: withoutPrefix(balanced, 'M_'),
    ...objectiveOf(model, reactions),
    relaxed: [],
  };
}

function withoutPrefix(ids: readonly string[], prefix: string): readonly string[] {
  return ids.every((id) => id.startsWith(prefix)) ? ids.map((id) => id.slice(prefix.length)) : ids;
}

function objectiveOf(model: Model, reactions: readonly Reaction[]): { readonly objective?: Objective } {
  const chosen = model.active === undefined ? [...model.objectives.values()][0] : model.objectives.get(model.active);
  const coefficients = Float64Array.from(reactions, ({ id, objective }) => chosen?.coefficients.get(id) ?? objective);
  if (coefficients.every((c) => c === 0)) return {};
  return { objective: { coefficients, offset: 0, sense: chosen?.sense ?? 'max', name: model.active ?? 'objective' } };
}

import { readInput } from '@x/inputs';
import { describeWithInput } from '@x/inputs/vitest';
import { BadFileError } from '@x/linalg/errors';
import { effort } from '@x/testkit';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { readSbml } from '../src/sbml.ts';
import { rowOf } from '../src/sparse.ts';

const SPECIES = `  <listOfSpecies>
   <species id="M_a"/>
   <species id="M_b" boundaryCondition="false"/>
   <species id="M_out" boundaryCondition="true"/>
  </listOfSpecies>`;

/** a -> 2 b, b -> out, with bounds by parameters. */
const V2 = `<?xml version="1.0" encoding="UTF-8"?>
<sbml xmlns="http://www.sbml.org/sbml/level3/version1/core" xmlns:fbc="http://www.sbml.org/sbml/level3/version1/fbc/version2" level="3" version="1">
 <model id="m" fbc:strict="true">
${SPECIES}
  <listOfParameters><parameter id="lo" value="-1e1" constant="true"/><parameter id="hi" value="INF" constant="true"/></listOfParameters>
  <listOfReactions>
   <reaction id="R_one" fbc:lowerFluxBound="lo" fbc:upperFluxBound="hi">
    <listOfReactants><speciesReference species="M_a" stoichiometry="1"/></listOfReactants>
    <listOfProducts><speciesReference species="M_b" stoichiometry="2"/></listOfProducts>
   </reaction>
   <reaction id="R_two" fbc:lowerFluxBound="lo" fbc:upperFluxBound="hi">
    <listOfReactants><speciesReference species="M_b"/></listOfReactants>
    <listOfProducts><speciesReference species="M_out" stoichiometry="1"/></listOfProducts>
   </reaction>
  </listOfReactions>
  <fbc:listOfObjectives fbc:activeObjective="grow">
   <fbc:objective fbc:id="other" fbc:type="minimize"><fbc:listOfFluxObjectives><fbc:fluxObjective fbc:reaction="R_one" fbc:coefficient="7"/></fbc:listOfFluxObjectives></fbc:objective>
   <fbc:objective fbc:id="grow" fbc:type="maximize"><fbc:listOfFluxObjectives><fbc:fluxObjective fbc:reaction="R_two" fbc:coefficient="1"/></fbc:listOfFluxObjectives></fbc:objective>
  </fbc:listOfObjectives>
 </model>
</sbml>`;

describe('readSbml', () => {
  it('reads level 3 with flux balance constraints version 2', () => {
    const body = readSbml(V2);
    expect(body).toMatchObject({ variables: 2, names: ['one', 'two'], rowNames: ['a', 'b'], objective: { sense: 'max', name: 'grow' } });
    expect([...body.lower, ...body.upper]).toEqual([-10, -10, Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY]);
    expect([...rowOf(body.rows, 0).entries]).toEqual([-1]);
    expect([...rowOf(body.rows, 1).entries]).toEqual([2, -1]);
    expect([...body.objective!.coefficients]).toEqual([0, 1]);
  });

  it('reads version 1, whose bounds are a list', () => {
    const bounds = [
      ['R_one', 'greaterEqual', '-3'],
      ['R_one', 'lessEqual', '4'],
      ['R_two', 'equal', '2'],
    ].map(([r, o, v]) => `<fbc:fluxBound fbc:reaction="${r}" fbc:operation="${o}" fbc:value="${v}"/>`);
    const text = V2.replace('fbc/version2', 'fbc/version1')
      .replaceAll(/ fbc:(?:lower|upper)FluxBound="\w+"/g, '')
      .replace('</listOfReactions>', `</listOfReactions><fbc:listOfFluxBounds>${bounds.join('')}</fbc:listOfFluxBounds>`);
    const body = readSbml(text);
    expect([...body.lower, ...body.upper]).toEqual([-3, 2, 4, 2]);
  });

  it.each<[string, string, RegExp]>([
    [
      'a document type',
      V2.replace('<sbml', '<!DOCTYPE sbml [<!ENTITY a "aaaaaaaa"><!ENTITY b "&a;&a;&a;&a;">]>\n<sbml'),
      /line 2: a document type/,
    ],
    ['an external entity', V2.replace('<sbml', '<!DOCTYPE x SYSTEM "file:///etc/passwd"><sbml'), /line 2: a document type/],
    ['an unknown entity', V2.replace('id="m"', 'id="&lol9;"'), /line 3: .*entity/],
    ['no XML', '{"a": 1}', /line 1/],
    ['another document', '<html></html>', /line 1: the document is <html>/],
    ['a tag that never closes', V2.replace('</listOfProducts>', ''), /line 14: unexpected close tag/],
    ['an end that is missing', V2.slice(0, 900), /line/],
    ['deep nesting', V2.replace('<listOfSpecies>', '<a>'.repeat(1e5)), /line 4: elements nest deeper than 256/],
    [
      'a huge number',
      V2.replace('stoichiometry="2"', 'stoichiometry="1e999"'),
      /line 13: stoichiometry of <speciesReference> is no finite number/,
    ],
    ['a number that is none', V2.replace('stoichiometry="2"', 'stoichiometry="two"'), /line 13/],
    ['a bound that is NaN', V2.replace('-1e1', 'NaN'), /line 9: value of <parameter> is no number/],
    [
      'a bound without a value',
      V2.replace('id="hi"', 'id="ho"'),
      /line 11: the upper bound of reaction R_one is parameter hi, which has no value/,
    ],
    ['an unknown species', V2.replace('species="M_a"', 'species="M_x"'), /line 12: reaction R_one uses species M_x/],
    ['a reaction twice', V2.replace('R_two" fbc', 'R_one" fbc'), /line 15: reaction R_one comes twice/],
    [
      'no reactions',
      V2.replace(/<listOfReactions>[\s\S]*<\/listOfReactions>/, '').replace(/<fbc:listOf[\s\S]*<\/fbc:listOfObjectives>/, ''),
      /no reactions/,
    ],
  ])('refuses %s, with the line', (_, text, message) => {
    expect(() => readSbml(text)).toThrow(BadFileError);
    expect(() => readSbml(text)).toThrow(message);
  });

  it('names are only names', () => {
    const body = readSbml(V2.replaceAll('R_one', '__proto__').replaceAll('M_a', 'constructor'));
    expect(body.names[0]).toBe('__proto__');
    expect(body.rowNames[0]).toBe('constructor');
  });

  it('any damage gives a model or a BadFileError, never anything else', () => {
    fc.assert(
      fc.property(fc.nat(V2.length - 1), fc.nat(40), fc.string({ maxLength: 8 }), (at, length, put) => {
        try {
          readSbml(V2.slice(0, at) + put + V2.slice(at + length));
        } catch (error) {
          expect(error).toBeInstanceOf(BadFileError);
        }
      }),
      { numRuns: effort(300) },
    );
  });
});

describeWithInput('metabolic/bigg_ecoli_core_model.xml.gz', import.meta.url, (path) => {
  it('the core model of E. coli, level 2 as the COBRA toolbox wrote it', () => {
    const body = readSbml(readInput(path).toString('utf8'));
    expect([body.rows.rows, body.variables]).toEqual([72, 95]);
    expect(Math.min(...body.lower)).toBe(-1000);
    expect(body.objective?.coefficients.filter((c) => c !== 0)).toEqual(Float64Array.of(1));
  });
});

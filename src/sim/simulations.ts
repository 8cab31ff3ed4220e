import { sim as access } from '../clauses/access/sim.ts';
import { sim as customerData } from '../clauses/customer-data/sim.ts';
import { sim as people } from '../clauses/people/sim.ts';
import { publicationSimulation } from '../clauses/publication/sim.ts';
import { sim as vulnerabilities } from '../clauses/vulnerabilities/sim.ts';
import type { ClauseSimulation } from '../policy/simulation.ts';

/** What each clause contributes to the company's life, in the order in which people act on a day. */
export const simulations: readonly ClauseSimulation[] = [
  publicationSimulation,
  people,
  access,
  customerData,
  vulnerabilities,
];

import type { Register } from '../../policy/clause.ts';
import { routes } from './routes.ts';

export const tasks: Register = { id: 'tasks', routes };

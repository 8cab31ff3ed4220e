import { roles } from '../../kernel/actor.ts';

/** Roles that people have; customers and programs come in by other ways. */
export const staffRoles = roles.filter((role) => role !== 'customer' && role !== 'service');

import { z } from 'zod';
import { transaction } from '../../db/connect.ts';
import { createApiKey, listApiKeys, revokeApiKey } from '../../tenants/api-keys.ts';
import { type App, actorOf, type RouteContext } from '../app.ts';
import { Problem } from '../problems.ts';
import { keyName } from '../wire.ts';

const apiKey = z.object({
  id: z.string(),
  name: z.string(),
  created_at: z.string(),
  last_used_at: z.string().nullable(),
});

/** Keys for machines: each acts as its owner, with the owner's role and organization of that moment. */
export function apiKeyRoutes(app: App, { pool }: RouteContext): void {
  app.post(
    '/api-keys',
    {
      config: { access: 'user' },
      schema: {
        tags: ['api keys'],
        summary: 'Make a key; it is shown this once',
        body: z.strictObject({ name: keyName }),
        response: { 201: apiKey.extend({ key: z.string() }) },
      },
    },
    async (request, reply) => {
      const made = await transaction(pool, (client) =>
        createApiKey(client, actorOf(request), request.body.name),
      );
      return reply.status(201).send(made);
    },
  );

  app.get(
    '/api-keys',
    {
      config: { access: 'user' },
      schema: { tags: ['api keys'], summary: 'My keys', response: { 200: z.array(apiKey) } },
    },
    async ({ caller }) => listApiKeys(pool, caller.userId),
  );

  app.delete(
    '/api-keys/:id',
    {
      config: { access: 'user' },
      schema: { tags: ['api keys'], summary: 'Revoke a key', params: z.object({ id: z.string() }) },
    },
    async (request, reply) => {
      const { id } = request.params;
      const revoked =
        z.uuid().safeParse(id).success &&
        (await transaction(pool, (client) => revokeApiKey(client, actorOf(request), id)));
      if (!revoked) throw new Problem('not_found', 'You have no such key.');
      return reply.status(204).send();
    },
  );
}

// Creates users at a SCIM endpoint for a while, then changes them for as long, over a few
// connections, and says how many of each a second came. It looks at no more of an answer than its
// status, its id and its length, so as to leave the machine to the server.
import { connect, type Socket } from 'node:net';

const connections = 32;
const [host = '', port = '', base = '', token = '', ms = '', round = ''] = process.argv.slice(2);
const ids: string[] = [];
let made = 0;

function requestOf(method: string, path: string, body: object): string {
  const text = JSON.stringify(body);
  const head = [
    `${method} ${base}${path} HTTP/1.1`,
    `host: ${host}:${port}`,
    `authorization: Bearer ${token}`,
    'content-type: application/scim+json',
    `content-length: ${Buffer.byteLength(text)}`,
  ];
  return `${head.join('\r\n')}\r\n\r\n${text}`;
}

function createRequest(): string {
  const n = `${round}-${made++}`;
  return requestOf('POST', '/Users', {
    schemas: [
      'urn:ietf:params:scim:schemas:core:2.0:User',
      'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User',
    ],
    userName: `user.${n}@example.com`,
    externalId: `directory-${n}`,
    name: { givenName: 'Hanako', familyName: `Example ${n}` },
    displayName: `Hanako Example ${n}`,
    emails: [{ value: `user.${n}@example.com`, type: 'work', primary: true }],
    title: 'Clerk',
    active: true,
    'urn:ietf:params:scim:schemas:extension:enterprise:2.0:User': {
      employeeNumber: n,
      department: 'Accounts',
    },
  });
}

let turn = 0;

function patchRequest(): string {
  const id = ids[turn++ % ids.length] ?? '';
  return requestOf('PATCH', `/Users/${id}`, {
    schemas: ['urn:ietf:params:scim:api:messages:2.0:PatchOp'],
    Operations: [
      { op: 'Replace', path: 'displayName', value: `Hanako Changed ${turn}` },
      { op: 'replace', path: 'title', value: `Clerk ${turn}` },
    ],
  });
}

/** Bytes of the answer whose head is at the beginning; null where the head is not whole yet. */
function lengthOf(bytes: Buffer, status: string): number | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (!head.startsWith(`HTTP/1.1 ${status}`) || length === undefined)
    throw new Error(`unexpected answer: ${bytes.toString().slice(0, 500)}`);
  return end + 4 + Number(length);
}

/** Asks again and again over one connection until the time is over. */
function ask(
  next: () => string,
  status: string,
  onAnswer: (bytes: Buffer) => void,
  until: number,
): Promise<number> {
  return new Promise((resolve, reject) => {
    let answers = 0;
    let held: Buffer = Buffer.alloc(0);
    let wanted: number | null = null;
    const socket: Socket = connect(Number(port), host, () => socket.write(next()));
    socket.setNoDelay(true);
    socket.on('data', (bytes: Buffer) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      wanted ??= lengthOf(held, status);
      if (wanted === null || held.length < wanted) return;
      onAnswer(held);
      held = held.subarray(wanted);
      wanted = null;
      answers += 1;
      if (performance.now() < until) socket.write(next());
      else socket.end();
    });
    socket.on('close', () => resolve(answers));
    socket.on('error', reject);
  });
}

async function rate(
  next: () => string,
  status: string,
  onAnswer: (bytes: Buffer) => void,
): Promise<number> {
  const from = performance.now();
  const until = from + Number(ms);
  const each = Array.from({ length: connections }, () => ask(next, status, onAnswer, until));
  const answers = (await Promise.all(each)).reduce((sum, n) => sum + n, 0);
  return (answers * 1000) / (performance.now() - from);
}

const creates = await rate(createRequest, '201', (bytes) => {
  const id = /"id":"([^"]+)"/.exec(bytes.toString('latin1'))?.[1];
  if (id) ids.push(id);
});
const patches = await rate(patchRequest, '200', () => undefined);
process.stdout.write(JSON.stringify({ creates, patches }));

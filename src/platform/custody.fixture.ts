// Works on a custody without rest until it is killed, saying before and after each act what it does.
import { randomInt, randomUUID } from 'node:crypto';
import { uuidv7 } from '../kernel/id.ts';
import { bytesOf, piecesOf } from './age/testing.ts';
import { openCustody } from './custody.ts';
import { objectName } from './objects/storage.ts';
import { systemRandom } from './random.ts';
import { readSettings } from './settings.ts';

const [folder = ''] = process.argv.slice(2);
const read = readSettings({ KEPT_DATA: folder }, '/');
if (!read.ok) throw new Error('the settings are wrong');
const random = systemRandom();
const { keystore, objects } = await openCustody(read.settings.custody, random);

const customers: string[] = [];
const newId = () => uuidv7(Temporal.Now.instant(), random(10));
const say = (act: string, ...words: readonly string[]) =>
  process.stdout.write(`${[act, ...words].join(' ')}\n`);

async function create(): Promise<void> {
  const customer = newId();
  say('creating', customer);
  const { recipient } = await keystore.create(customer);
  say('created', customer, Buffer.from(recipient.point).toString('hex'));
  customers.push(customer);
}

async function destroy(): Promise<void> {
  const [customer] = customers.splice(randomInt(customers.length), 1);
  if (customer === undefined) return;
  say('destroying', customer);
  await keystore.destroy(customer);
  await objects.removeAll(customer);
  say('destroyed', customer);
}

async function rotate(): Promise<void> {
  await keystore.rotateKek();
  await keystore.rewrap();
  say('rotated');
}

async function store(inParts: boolean): Promise<void> {
  const owner = customers[randomInt(customers.length)] ?? newId();
  const name = objectName(owner, randomUUID());
  const bytes = bytesOf(randomInt(300_000));
  say('storing', name, String(bytes.length));
  if (inParts) {
    const upload = await objects.beginUpload(name);
    const half = Math.floor(bytes.length / 2);
    const halves = [bytes.subarray(0, half), bytes.subarray(half)];
    const receipts = [];
    for (const [number, part] of halves.entries()) {
      receipts.push(await objects.putPart(upload, { number, offset: number * half, bytes: part }));
    }
    await objects.completeUpload(upload, receipts);
  } else await objects.put(name, piecesOf(bytes, [50_000]));
  say('stored', name, String(bytes.length));
}

async function workForEver(): Promise<void> {
  for (let n = 0; ; n++) {
    await create();
    await store(n % 2 === 0);
    if (n % 3 === 2) await destroy();
    if (n % 5 === 4) await rotate();
  }
}

say('ready');
await Promise.all([workForEver(), workForEver()]);

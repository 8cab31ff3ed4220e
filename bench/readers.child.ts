// Reads `/` of a server again and again over a few connections, and says how many answers a second
// came. It looks at no more of an answer than its length, so as to leave the machine to the server.
import { connect } from 'node:net';

const connections = 16;
const [host = '', port = '', ms = ''] = process.argv.slice(2);
const request = `GET / HTTP/1.1\r\nhost: ${host}:${port}\r\naccept-encoding: gzip\r\naccept-language: ja\r\n\r\n`;

let answers = 0;
let stopping = false;

/** Bytes of the answer whose head is at the beginning; null where the head is not whole yet. */
function lengthOf(bytes: Buffer): number | null {
  const end = bytes.indexOf('\r\n\r\n');
  if (end < 0) return null;
  const head = bytes.toString('latin1', 0, end);
  const length = /^content-length: (\d+)/im.exec(head)?.[1];
  if (!head.startsWith('HTTP/1.1 200') || length === undefined)
    throw new Error(`unexpected answer: ${head}`);
  return end + 4 + Number(length);
}

function read(): Promise<void> {
  return new Promise((resolve, reject) => {
    const socket = connect(Number(port), host, () => socket.write(request));
    let held: Buffer = Buffer.alloc(0);
    let wanted: number | null = null;
    socket.on('data', (bytes: Buffer) => {
      held = held.length === 0 ? bytes : Buffer.concat([held, bytes]);
      wanted ??= lengthOf(held);
      if (wanted === null || held.length < wanted) return;
      held = held.subarray(wanted);
      wanted = null;
      answers += 1;
      if (stopping) socket.end();
      else socket.write(request);
    });
    socket.on('close', () => resolve());
    socket.on('error', reject);
  });
}

const from = performance.now();
const readers = Array.from({ length: connections }, read);
setTimeout(() => (stopping = true), Number(ms));
await Promise.all(readers);
process.stdout.write(String((answers * 1000) / (performance.now() - from)));

import { byRoom } from './rooms.ts';

export default byRoom(
  import.meta.glob(
    [
      '../../ui/words.ja.json',
      '../words.ja.json',
      '../../clauses/*/words.ja.json',
      '../../registers/*/words.ja.json',
    ],
    { eager: true, import: 'default' },
  ),
);
